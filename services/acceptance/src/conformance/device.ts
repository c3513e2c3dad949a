import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Heard } from './heard.ts';
import type { Launcher, LaunchOptions } from '../launchers.ts';

/** A line of a device's record, as far as the suite looks at it. */
export interface Happening {
  at: string;
  device: string;
  event: string;
  id?: string;
  code?: number;
  /** Of `transmitted`: when the first frame began. */
  began?: string;
  pin?: number;
  on?: boolean;
  /** Of `refused`: what was wrong, in words. */
  why?: string;
  /** Of `error`: the fault in words, with its remedy; `code` is a word then. */
  message?: string;
}

export interface RunningDevice {
  /** Its record, up to this moment: what it has answered is in there, for the line comes before the answer. */
  readonly record: Heard<Happening>;
  /** Lines of the record with one of these events. */
  events(...names: string[]): Happening[];
  /** Resolves when it is connected and has subscribed. */
  connected(from?: number): Promise<Happening>;
  /** Somebody presses a hand remote near the boards. */
  press(press: { code: number; bits?: number; protocol?: number; pulse?: number; device?: string }): void;
  signal(signal: NodeJS.Signals): void;
  /** SIGTERM and wait: its exit status, or the signal that ended it, and how long that took. */
  stop(): Promise<{ status: number | string | null; ms: number }>;
  /** SIGKILL, as when the power fails. */
  kill(): Promise<void>;
}

/**
 * Starts a device. Whoever starts it ends it: `t.teardown(() => device.kill())`.
 * @param env what its environment has beside the PATH, as from clockOff
 */
export function startDevice(launcher: Launcher, options: Omit<LaunchOptions, 'record'>,
  env: Record<string, string> = {}): RunningDevice {
  const dir = mkdtempSync(join(tmpdir(), 'sconce-device-'));
  const recordFile = join(dir, 'record.jsonl');
  writeFileSync(recordFile, '');
  const [file, ...args] = launcher.command({ ...options, record: recordFile });
  const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'pipe'], env: { PATH: process.env.PATH ?? '', ...env } });
  const record = new Heard<Happening>();
  let complaints = '';
  // stdout rings the bell; what is true is in the file, where it stands before the device answers on another way.
  let over = false;
  const catchUp = () => {
    if (over) return record;
    const lines = readFileSync(recordFile, 'utf8').split('\n').slice(0, -1);
    for (const line of lines.slice(record.all.length)) record.add(JSON.parse(line) as Happening);
    return record;
  };
  child.stdout.on('data', catchUp);
  child.stderr.setEncoding('utf8').on('data', (text: string) => { complaints += text; });
  child.stdin.on('error', () => { /* it has ended; whoever waits for its answer is told so */ });
  const ended = new Promise<number | string | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status, signal) => {
      catchUp();
      over = true;
      // Whoever waits for something else is shown why it does not come.
      if (status !== 0 && signal !== 'SIGKILL') record.add({ at: '', device: '', event: 'ended', message: complaints });
      rmSync(dir, { recursive: true });
      resolve(status ?? signal);
    });
  });

  return {
    get record() { return catchUp(); },
    events: (...names) => catchUp().all.filter(({ event }) => names.includes(event)),
    connected: (from = 0) =>
      catchUp().first(`${launcher.name}: connected`, ({ event }) => event === 'connected', { from }),
    press: (press) => void child.stdin.write(`${JSON.stringify({ press })}\n`),
    signal: (signal) => void child.kill(signal),
    async stop() {
      const began = performance.now();
      child.kill('SIGTERM');
      return { status: await ended, ms: performance.now() - began };
    },
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
