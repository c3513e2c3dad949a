import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Device } from '@sconce/protocol/http';
import { DeviceId } from '@sconce/protocol/ids';
import { startAuthority } from './authority.ts';
import { Supervised } from './demo/supervise.ts';
import { startIssuer } from './issuer.ts';
import { startMosquitto } from './mosquitto.ts';
import { identityIn, repository, type Identity } from './pki.ts';
import { prepareDatabase } from './prepared-database.ts';
import { prepareStore } from './prepared-store.ts';
import { freePorts, startProgram, type Running } from './process.ts';
import { until } from './until.ts';
import { Visitor } from './visitor.ts';
import { Watcher } from './watcher.ts';

/** A line of the simulator's record, as far as anybody looks at it here; `atMs` is `at`, milliseconds since 1970. */
export interface Happening { atMs: number; device: DeviceId; event: string; code?: string; serial?: string; message?: string; why?: string }

export type Lifetimes = Record<`PKI_${string}_LIFETIME`, string>;

/**
 * Boards in a fleet: ten, to which a machine that runs other tests meanwhile does justice, or as many as FLEET says: `make
 * test-fleet` has fifty.
 */
export const fleetSize = Number(process.env.FLEET || 10);

/** A household with many boards: real Mosquitto, API (PGlite), authority, and boards that are simulated. */
export class Fleet {
  /** All that is its own; what speaks in it has a log there. Gone at the end. */
  readonly dir: string;
  readonly url: string;
  readonly olive: Visitor;
  readonly pkiDir: string;
  readonly devicesPort: number;
  readonly servicesPort: number;
  readonly boards: readonly (Identity & { id: DeviceId })[];
  /** What all boards have recorded, as it came in. */
  readonly record: Happening[] = [];
  readonly api: () => Running | undefined;
  readonly #undo: (() => Promise<unknown>)[];

  private constructor(made: Pick<Fleet, 'dir' | 'url' | 'olive' | 'pkiDir' | 'devicesPort' | 'servicesPort' | 'boards' | 'api'>, undo: (() => Promise<unknown>)[]) {
    ({ dir: this.dir, url: this.url, olive: this.olive, pkiDir: this.pkiDir, devicesPort: this.devicesPort, servicesPort: this.servicesPort,
      boards: this.boards, api: this.api } = made);
    this.#undo = undo;
  }

  /** @param lifetimes of what the authority makes; what was minted lasts for two years */
  static async start({ count, lifetimes = {} }: { count: number; lifetimes?: Lifetimes }): Promise<Fleet> {
    const undo: (() => Promise<unknown>)[] = [];
    try {
      const dir = await mkdtemp(join(tmpdir(), 'sconce-fleet-'));
      undo.push(() => rm(dir, { recursive: true, force: true }));
      return await Fleet.#start(dir, count, lifetimes, undo);
    } catch (error) {
      for (const step of undo.reverse()) await step();
      throw error;
    }
  }

  static async #start(dir: string, count: number, lifetimes: Lifetimes,
    undo: (() => Promise<unknown>)[]): Promise<Fleet> {
    const [apiPort, issuerPort, devicesPort, servicesPort] = await freePorts(4) as [number, number, number, number];
    const pkiDir = join(dir, 'pki');
    const brokerStatus = join(dir, 'applied');
    const log = (name: string) => join(dir, `${name}.log`);
    await prepareStore(pkiDir, count);
    const devices = join(pkiDir, 'devices');
    const boards = readdirSync(devices).map((id) => ({ ...identityIn(join(devices, id)), id: DeviceId.parse(id) }));

    const say = () => undefined;
    const broker = new Supervised('Mosquitto', () => startMosquitto({
      pkiDir, devicesPort, servicesPort, statusFile: brokerStatus, logFile: log('mosquitto') }), say);
    await broker.up();
    undo.push(() => broker.down());
    const authority = await startAuthority({ pkiDir, lifetimes, brokerStatus, logFile: log('authority') });
    undo.push(() => authority.stop());
    const url = `http://localhost:${apiPort}`;
    const issuer = await startIssuer({ port: issuerPort, dir, redirectUris: [`${url}/auth/callback`] });
    undo.push(() => issuer.stop());
    await prepareDatabase(join(dir, 'data/database'));
    const api = new Supervised('The API', () => startProgram({
      name: 'the API', command: process.execPath, args: [join(repository, 'services/api/src/main.ts')], deadlineMs: 120_000,
      env: {
        PATH: process.env.PATH ?? '', PORT: String(apiPort), PUBLIC_URL: url, OWNER_EMAIL: 'olive@example.org',
        OIDC_ISSUER: issuer.url, OIDC_CLIENT_ID: issuer.clientId, OIDC_CLIENT_SECRET: issuer.clientSecret,
        SESSION_KEYS: 'ab'.repeat(32), DATA_DIR: join(dir, 'data'), MQTT_URL: `mqtts://localhost:${servicesPort}`,
        MQTT_CA_FILE: join(pkiDir, 'api/ca.pem'), MQTT_CERT_FILE: join(pkiDir, 'api/cert.pem'),
        MQTT_KEY_FILE: join(pkiDir, 'api/key.pem'), AUTHORITY_SOCKET: authority.socket,
      },
      ready: /Server listening/, logFile: log('api'),
    }), say);
    await api.up();
    // How it stops is for others to show; here boards may be in the middle of something.
    undo.push(async () => {
      api.letGo();
      await api.running?.kill();
    });
    const olive = new Visitor(url);
    await until('the API', () => olive.signIn('olive').then(() => true), 20_000);
    return new Fleet({ dir, url, olive, pkiDir, devicesPort, servicesPort, boards, api: () => api.running }, undo);
  }

  /** Starts a process that is these boards; what they do is in `record`. Stopped with the fleet, if not before. */
  async startBoards(boards: readonly Identity[]): Promise<Running> {
    const simulator = await startProgram({
      name: 'the simulator', command: process.execPath,
      args: [join(repository, 'services/simulator/src/main.ts'), '--broker', `localhost:${this.devicesPort}`,
        '--backoff', '200,2000', ...boards.flatMap((board) => ['--identity', board.dir])],
      env: { PATH: process.env.PATH ?? '' }, ready: /"connected"/, deadlineMs: 30_000,
      onLine: (line) => {
        const { at, ...said } = JSON.parse(line) as Omit<Happening, 'atMs'> & { at: string };
        this.record.push({ atMs: Date.parse(at), ...said });
      },
    });
    this.#undo.push(() => simulator.stop());
    return simulator;
  }

  events(name: string): Happening[] {
    return this.record.filter(({ event }) => event === name);
  }

  /** Those that the API says are online. */
  async online(): Promise<DeviceId[]> {
    return (await this.olive.json<Device[]>('/api/v1/devices')).filter(({ online }) => online).map(({ id }) => id);
  }

  watch(): Promise<Watcher> {
    return Watcher.open(this.olive);
  }

  /** Runs a pki script on the store, as an owner does. @returns what it printed @throws with its complaint */
  pki(script: string, ...args: string[]): Promise<string> {
    return runPki(this.pkiDir, join(this.dir, 'applied'), script, args);
  }

  async stop(): Promise<void> {
    const failed: unknown[] = [];
    for (const step of this.#undo.splice(0).reverse()) await step().catch((error: unknown) => failed.push(error));
    if (failed.length > 0) throw failed[0];
  }
}

async function runPki(pkiDir: string, brokerStatus: string, script: string, args: string[]): Promise<string> {
  const env = { PATH: process.env.PATH ?? '', PKI_DIR: pkiDir, BROKER_STATUS_FILE: brokerStatus };
  try {
    return (await promisify(execFile)(join(repository, 'pki', script), args, { env })).stdout;
  } catch (error) {
    const { stderr = '', code } = error as { stderr?: string; code?: number };
    throw Object.assign(new Error(stderr.trim() || String(error), { cause: error }), { code });
  }
}
