import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { repository } from './pki.ts';

/** What a board's process is started with. */
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
  pins: readonly number[];
  /** Bounds in ms of the wait before connecting again. */
  backoff: { minMs: number; maxMs: number };
}

/**
 * A kind of board, run as a process of its own. For each thing that happens it must append a JSON line to the record
 * (what the suite reads of it: Happening, in conformance/device.ts), before it answers the command that brought it
 * about, and write something to stdout after. It must obey `{"press":{...}}` lines on stdin, and stop on SIGTERM.
 */
export interface Launcher {
  name: string;
  /** Whether one process may be several boards. */
  many: boolean;
  /** @throws saying how to build the program, if it is not there */
  command(options: LaunchOptions): [file: string, ...args: string[]];
}

/** The options that every kind of board takes. */
const options = ({ identities, broker, record, airtime, pins, backoff }: LaunchOptions) => [
  ...identities.flatMap((folder) => ['--identity', folder]),
  '--broker', `${broker.host}:${broker.port}`,
  '--record', record,
  '--airtime', String(airtime),
  '--pins', pins.join(','),
  '--backoff', `${backoff.minMs},${backoff.maxMs}`,
];

const simulator: Launcher = {
  name: 'simulator',
  many: true,
  command: (launch) => [process.execPath, join(repository, 'services/simulator/src/main.ts'), ...options(launch)],
};

/** The firmware's own code. */
const cpp: Launcher = {
  name: 'sconce-board',
  many: false,
  command: (launch) => {
    const program = join(repository, 'firmware/.build/sconce-board');
    if (!existsSync(program)) throw new Error(`${program} is not there. Build it: make -C firmware board`);
    return [program, ...options(launch)];
  },
};

/** Every kind of board, by the name that `make demo BOARD=…` knows. All go through the same suite. */
export const launchers = { simulator, cpp };
export type BoardKind = keyof typeof launchers;
export const boardKinds = Object.keys(launchers) as BoardKind[];
