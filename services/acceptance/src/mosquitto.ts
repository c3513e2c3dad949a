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
  /** A file to which its log is appended as well. */
  logFile?: string;
}

/**
 * Starts the real Mosquitto with the shipped configuration, through mosquitto/start; resolves once it listens.
 * Rejects within 5 s with what it said: start's own complaints name the file or the port and the remedy.
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
      },
      ...options.logFile !== undefined && { logFile: options.logFile },
      // 2.0.11 forgets a SIGTERM that comes right behind its "running", before its loop begins.
      stopAgainMs: 300,
      ready: /mosquitto version \S+ running/,
    });
    return { ...broker, ended: broker.ended.then(tidy), stop: () => broker.stop().finally(tidy),
      kill: () => broker.kill().finally(tidy) };
  } catch (error) {
    await tidy();
    throw error;
  }
}
