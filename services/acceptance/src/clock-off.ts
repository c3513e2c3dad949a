import { execFileSync } from 'node:child_process';

let preload: Record<string, string> | undefined;

/**
 * An environment in which a program's clock is wrong by so many seconds, behind if negative, while time passes at its
 * pace: libfaketime, loaded before the C library. The `faketime` command knows where it lies; but it stands between a
 * program and its signals, so that it is only asked. End the program by SIGTERM: killed, it leaves some memory in /dev/shm.
 */
export function clockOff(seconds: number): Record<string, string> {
  preload ??= Object.fromEntries(execFileSync('faketime', ['-f', '+0', 'env'], { encoding: 'utf8' }).split('\n')
    .filter((line) => /^(LD_PRELOAD|DYLD_\w+)=/.test(line))
    .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
  return { ...preload, FAKETIME: `${seconds < 0 ? '' : '+'}${seconds}`, FAKETIME_DONT_FAKE_MONOTONIC: '1' };
}
