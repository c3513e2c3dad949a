import { join } from 'node:path';
import { repository } from '../pki.ts';

/** What a device under test is started with. */
export interface LaunchOptions {
  /**
   * Identity folders, as pki/mint makes them: one for each board in the process, and more than one only if it may be
   * many.
   */
  identities: string[];
  broker: { host: string; port: number };
  /** File that it appends its record to. */
  record: string;
  /** 1: a code takes as long as on the radio; 0: no time at all. */
  airtime: number;
  /** GPIO numbers that have a relay. */
  pins: number[];
  /** Bounds in ms of the wait before connecting again. */
  backoff: { minMs: number; maxMs: number };
}

/**
 * A kind of device, run as a process of its own. For each thing that happens it must append a JSON line to the record
 * (what the suite reads of it: Happening, in device.ts), before it answers the command that brought it about, and write
 * something to stdout after. It must obey `{"press":{...}}` lines on stdin, and stop on SIGTERM.
 */
export interface Launcher {
  name: string;
  /** Whether one process may be several boards. */
  many: boolean;
  command(options: LaunchOptions): [file: string, ...args: string[]];
}

const simulator: Launcher = {
  name: 'simulator',
  many: true,
  command: ({ identities, broker, record, airtime, pins, backoff }) => [
    process.execPath, join(repository, 'services/simulator/src/main.ts'),
    ...identities.flatMap((folder) => ['--identity', folder]),
    '--broker', `${broker.host}:${broker.port}`,
    '--record', record,
    '--airtime', String(airtime),
    '--pins', pins.join(','),
    '--backoff', `${backoff.minMs},${backoff.maxMs}`,
  ],
};

/** The firmware's own code, built by `make -C firmware board`. */
const board: Launcher = {
  name: 'sconce-board',
  many: false,
  command: ({ identities: [folder, ...others], broker, record, airtime, pins, backoff }) => {
    if (folder === undefined || others.length > 0) throw new Error('sconce-board is one board');
    return [
      join(repository, 'firmware/.build/sconce-board'),
      '--identity', folder,
      '--broker', `${broker.host}:${broker.port}`,
      '--record', record,
      '--airtime', String(airtime),
      '--pins', pins.join(','),
      '--backoff', `${backoff.minMs},${backoff.maxMs}`,
    ];
  },
};

/** Every kind of device goes through the same suite. */
export const launchers: readonly Launcher[] = [simulator, board];
