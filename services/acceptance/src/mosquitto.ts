import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { repository } from './pki.ts';
import { startProgram } from './process.ts';
import type { Running } from './process.ts';

export interface BrokerOptions {
  /** A store that pki/init made. */
  pkiDir: string;
  devicesPort: number;
  servicesPort: number;
  /**
   * Where mosquitto/start lays copies of keys and configuration. When this runs as root, the user `mosquitto` must be
   * able to reach it. Unless told: a folder of its own under the system's temporary one, removed at the end.
   */
  runDir?: string;
  /** Address to listen on; 127.0.0.1 unless told. */
  bind?: string;
  /** Where it tells which trust set it goes by; `applied` in its run folder unless told. */
  statusFile?: string;
  /** A file to which its log is appended as well. */
  logFile?: string;
}

/** What mosquitto/watch tells of the broker. */
export interface BrokerStatus {
  /** SHA-256 of the SHA256SUMS that it goes by. */
  trust: string;
  /** Seconds since 1970: since when, and when the store was last looked at. */
  at: number;
  beat: number;
  /** What is wrong with the store, so that the broker goes on with what it had; empty if nothing is. */
  fault: string;
}

export function readBrokerStatus(file: string): BrokerStatus {
  const lines = readFileSync(file, 'utf8').trim().split('\n');
  const { trust = '', at, beat, fault = '' } = Object.fromEntries(lines.map((line) => {
    const mark = line.indexOf('=');
    return [line.slice(0, mark), line.slice(mark + 1)];
  })) as Record<string, string | undefined>;
  return { trust, at: Number(at), beat: Number(beat), fault };
}

/**
 * Starts the real Mosquitto with the shipped configuration, through mosquitto/start; resolves once it listens.
 * Rejects within 20 s with what it said: start's own complaints name the file or the port and the remedy.
 * May be called again with the same options after `stop` or `kill`; nothing retained survives that.
 */
export async function startMosquitto(options: BrokerOptions): Promise<Running> {
  const { pkiDir, devicesPort, servicesPort, bind = '127.0.0.1' } = options;
  const ownDir = options.runDir === undefined ? await mkdtemp(join(tmpdir(), 'sconce-mosquitto-')) : undefined;
  const tidy = async () => {
    if (ownDir !== undefined) await rm(ownDir, { recursive: true, force: true });
  };
  try {
    const broker = await startProgram({
      name: 'Mosquitto',
      command: join(repository, 'mosquitto', 'start'),
      env: {
        PATH: process.env.PATH ?? '',
        PKI_DIR: pkiDir,
        MOSQUITTO_RUN_DIR: options.runDir ?? ownDir ?? '',
        MOSQUITTO_DEVICES_PORT: String(devicesPort),
        MOSQUITTO_SERVICES_PORT: String(servicesPort),
        MOSQUITTO_BIND: bind,
        ...options.statusFile !== undefined && { MOSQUITTO_STATUS_FILE: options.statusFile },
      },
      ...options.logFile !== undefined && { logFile: options.logFile },
      // 2.0.11 forgets a SIGTERM that comes right behind its "running", before its loop begins.
      stopAgainMs: 300,
      ready: /mosquitto version \S+ running/,
      deadlineMs: 20_000,
    });
    return { ...broker, ended: broker.ended.then(tidy), stop: () => broker.stop().finally(tidy),
      kill: () => broker.kill().finally(tidy) };
  } catch (error) {
    await tidy();
    throw error;
  }
}
