import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Refusals, type Refusal } from '@sconce/protocol/gate';
import { repository } from './pki.ts';
import { startProgram, type Running } from './process.ts';
import { until } from './until.ts';

export interface GateOptions {
  /** A store that pki/init made. */
  pkiDir: string;
  /** Where boards connect. */
  port: number;
  /** Mosquitto's listener for boards. */
  brokerPort: number;
  /** A folder for refusals.json. */
  dir: string;
  /** Address to listen on; 127.0.0.1 unless told. */
  bind?: string;
  /** Milliseconds for a handshake; unless told as on a server. */
  handshakeMs?: number;
  /** As GATE_CONNECTIONS, GATE_RATE, GATE_BURST; unless told as on a server. */
  bounds?: { connections?: number; rate?: number; burst?: number };
  /** A file to which its log is appended as well. */
  logFile?: string;
}

export interface Gate extends Running {
  /** Path of refusals.json. */
  file: string;
  /** What it says at this moment. */
  refusals(): Refusals;
  /** Waits for a refusal, 10 s at most. */
  refusal(what: string, isIt: (refusal: Refusal) => boolean): Promise<Refusal>;
}

/** Starts the gate before a broker; resolves once it listens. The broker may be down. */
export async function startGate(options: GateOptions): Promise<Gate> {
  const { pkiDir, port, brokerPort, dir, bind = '127.0.0.1', handshakeMs, bounds = {}, logFile } = options;
  const file = join(dir, 'refusals.json');
  const set = (name: string, value: number | undefined) => value === undefined ? {} : { [name]: String(value) };
  const gate = await startProgram({
    name: 'The gate',
    command: process.execPath,
    args: [join(repository, 'services/gate/src/main.ts')],
    env: {
      PATH: process.env.PATH ?? '',
      GATE_HOST: bind, GATE_PORT: String(port), GATE_BROKER: `127.0.0.1:${brokerPort}`,
      GATE_TRUST_DIR: join(pkiDir, 'trust'), GATE_REFUSALS: file,
      ...set('GATE_HANDSHAKE_MS', handshakeMs), ...set('GATE_CONNECTIONS', bounds.connections),
      ...set('GATE_RATE', bounds.rate), ...set('GATE_BURST', bounds.burst),
    },
    ready: /"msg":"open"/,
    ...logFile !== undefined && { logFile },
    deadlineMs: 30_000,
  });
  const refusals = () => Refusals.parse(JSON.parse(readFileSync(file, 'utf8')));
  return {
    ...gate, file, refusals,
    refusal: (what, isIt) => until(`the refusal: ${what}`, () => refusals().refusals.find(isIt)),
  };
}
