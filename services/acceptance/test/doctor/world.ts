import { execFile } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Device } from '@sconce/protocol/http';
import { DoctorReport, type Finding } from '@sconce/protocol/doctor';
import { startGate, type Gate } from '../../src/gate.ts';
import { startIssuer, type Issuer } from '../../src/issuer.ts';
import { readBrokerStatus, startMosquitto } from '../../src/mosquitto.ts';
import { makeStateDir, selfSign, startNginx } from '../../src/nginx.ts';
import { identityIn, initPki, mintDevice, repository, trustVersion, type MintedDevice, type Pki } from '../../src/pki.ts';
import { startPostgres } from '../../src/postgres.ts';
import { freePorts, startProgram, type Running } from '../../src/process.ts';
import { until } from '../../src/until.ts';
import { Visitor } from '../../src/visitor.ts';

const main = (service: string) => join(repository, 'services', service, 'src/main.ts');

export type Ports = Record<'devices' | 'services' | 'gate' | 'issuer' | 'api' | 'http' | 'https' | 'nobody', number>;

/** `powerless`: as root without the right to read what belongs to others. */
export type Asked = { board?: string; env?: Record<string, string>; powerless?: boolean };
export type Examined = { code: number; report: DoctorReport; said: string };

/** The whole of Sconce on this machine, each part as it ships, and one board that is online. */
export class World {
  /** Others can reach it: the broker, PostgreSQL and nginx are other users where this runs as root. */
  readonly dir: string;
  readonly ports: Ports;
  readonly pki: Pki;
  /** The one that is online. */
  readonly hall: MintedDevice;
  readonly porch: MintedDevice;
  readonly attic: MintedDevice;
  readonly cellar: MintedDevice;
  readonly loft: MintedDevice;
  readonly state: string;
  readonly webCertificate: string;
  broker!: Running;
  gate!: Gate;
  authority!: Running;
  issuer!: Issuer;
  api!: Running;
  nginx!: Running;
  board!: Running;
  database!: Awaited<ReturnType<typeof startPostgres>>;

  private constructor(dir: string, ports: Ports, pki: Pki, { hall, porch, attic, cellar, loft }: Record<'hall' | 'porch' | 'attic' | 'cellar' | 'loft', MintedDevice>) {
    this.dir = dir;
    this.ports = ports;
    this.pki = pki;
    this.hall = hall;
    this.porch = porch;
    this.attic = attic;
    this.cellar = cellar;
    this.loft = loft;
    this.state = join(dir, 'state');
    for (const name of ['broker', 'gate', 'authority', 'certificates', 'public', 'sites', 'webroot', 'acme']) mkdirSync(join(this.state, name), { recursive: true });
    for (const folder of [this.state, join(this.state, 'webroot')]) chmodSync(folder, 0o755);
    mkdirSync(join(this.dir, 'dashboard'));
    writeFileSync(join(this.dir, 'dashboard/index.html'), '<!doctype html><title>Sconce</title>');
    chmodSync(join(this.dir, 'dashboard'), 0o755);
    this.webCertificate = selfSign(this.state, 'localhost', 90);
  }

  static async start(): Promise<World> {
    const dir = makeStateDir();
    const [devices, services, gate, issuer, api, http, https, nobody] = await freePorts(8) as [number, number, number, number, number, number, number, number];
    const pki = await initPki(join(dir, 'pki'));
    const mint = (name: string) => mintDevice(pki.dir, `${name} board`, { brokerPort: gate });
    const boards = { hall: await mint('Hall'), porch: await mint('Porch'), attic: await mint('Attic'), cellar: await mint('Cellar'), loft: await mint('Loft') };
    const world = new World(dir, { devices, services, gate, issuer, api, http, https, nobody }, pki, boards);
    try {
      [world.database] = await Promise.all([startPostgres(), world.startBroker(), world.startIssuer()]);
      await Promise.all([world.startGate(), world.startAuthority(), world.startApi()]);
      await Promise.all([world.startNginx(), world.startBoard()]);
      await world.adopt();
      return world;
    } catch (error) {
      await world.stop();
      throw error;
    }
  }

  get url() {
    return `http://localhost:${this.ports.api}`;
  }

  async startBroker() {
    const { devices: devicesPort, services: servicesPort } = this.ports;
    this.broker = await startMosquitto({ pkiDir: this.pki.dir, devicesPort, servicesPort, statusFile: join(this.state, 'broker/applied') });
  }

  async startGate() {
    this.gate = await startGate({ pkiDir: this.pki.dir, port: this.ports.gate, brokerPort: this.ports.devices, dir: join(this.state, 'gate') });
  }

  async startIssuer() {
    this.issuer = await startIssuer({ port: this.ports.issuer, dir: this.dir, redirectUris: [`${this.url}/auth/callback`] });
  }

  async startAuthority() {
    this.authority = await startProgram({
      name: 'the authority', command: process.execPath, args: [main('authority')], deadlineMs: 30_000, ready: /listening/i,
      env: { PATH: process.env.PATH ?? '', PKI_DIR: this.pki.dir, AUTHORITY_SOCKET: this.socket, BROKER_STATUS_FILE: join(this.state, 'broker/applied'), GATE_REFUSALS: this.refusals },
    });
  }

  async startApi() {
    // Copies, which stay as they are when those in the store are spoiled.
    const api = identityIn(join(this.dir, 'api'));
    cpSync(this.pki.api.dir, api.dir, { recursive: true });
    this.api = await startProgram({
      name: 'the API', command: process.execPath, args: [main('api')], deadlineMs: 60_000, ready: /Server listening/,
      env: {
        PATH: process.env.PATH ?? '', PORT: String(this.ports.api), PUBLIC_URL: this.url, OWNER_EMAIL: 'olive@example.org',
        OIDC_ISSUER: this.issuer.url, OIDC_CLIENT_ID: this.issuer.clientId, OIDC_CLIENT_SECRET: this.issuer.clientSecret,
        SESSION_KEYS: 'ab'.repeat(32), DATABASE_URL: this.database.url, MQTT_URL: `mqtts://localhost:${this.ports.services}`,
        MQTT_CA_FILE: api.ca, MQTT_CERT_FILE: api.cert, MQTT_KEY_FILE: api.key, AUTHORITY_SOCKET: this.socket, GATE_REFUSALS: this.refusals,
      },
    });
  }

  async startNginx() {
    const { http: httpPort, https: httpsPort, api: apiPort } = this.ports;
    this.nginx = await startNginx({ stateDir: this.state, httpPort, httpsPort, apiPort, dashboardDir: join(this.dir, 'dashboard') });
  }

  async startBoard() {
    this.board = await startProgram({
      name: 'the board', command: process.execPath, deadlineMs: 30_000, ready: /"event":"connected"/,
      args: [main('simulator'), '--identity', this.hall.dir, '--broker', `localhost:${this.ports.gate}`, '--backoff', '200,1000'], env: { PATH: process.env.PATH ?? '' },
    });
  }

  /** The board is Olive's, and online as far as the API knows. */
  private async adopt() {
    const olive = new Visitor(this.url);
    await olive.signIn('olive');
    await until('the board', () => this.isOnline(olive), 30_000);
    await olive.json(`/api/v1/devices/${this.hall.id}/adopt`, { method: 'POST', body: { name: 'Hall board' } });
    this.olive = olive;
  }

  olive!: Visitor;
  private async isOnline(olive: Visitor): Promise<boolean> {
    return (await olive.json<Device[]>('/api/v1/devices')).some(({ id, online }) => id === this.hall.id && online);
  }

  /** Resolves when the board is back after something that has thrown it off. */
  async boardOnline() {
    await until('the board to be online again', () => this.isOnline(this.olive), 30_000);
  }

  /** Resolves when broker and gate go by what is in the store, and nobody finds fault with it. */
  async settled() {
    await until('broker and gate to go by the newest set', () => {
      const newest = trustVersion(this.pki.dir);
      const { trust, fault } = readBrokerStatus(join(this.state, 'broker/applied'));
      return fault === '' && trust === newest && this.gate.refusals().trust === newest;
    }, 30_000);
  }

  get socket() {
    return join(this.state, 'authority/authority.sock');
  }

  get refusals() {
    return join(this.state, 'gate/refusals.json');
  }

  /** What the doctor is told in Compose, with what differs here. */
  get environment(): Record<string, string> {
    const { api, dir } = this.pki;
    const { services, gate, https } = this.ports;
    return {
      PATH: process.env.PATH ?? '', DOMAIN: 'localhost', PUBLIC_URL: this.url, PKI_DIR: dir, DOCTOR_PKI_PATH: 'pki/store', STATE_DIR: this.state,
      MQTT_URL: `mqtts://localhost:${services}`, MQTT_CA_FILE: api.ca, MQTT_CERT_FILE: api.cert, MQTT_KEY_FILE: api.key,
      DEVICES_HOST: 'localhost', DEVICES_PORT: String(gate), DEVICES_PUBLIC_PORT: String(gate), WEB_HOST: 'localhost', WEB_PORT: String(https),
      DATABASE_URL: this.database.url, OIDC_ISSUER: this.issuer.url, OIDC_CLIENT_ID: 'sconce',
      AUTHORITY_SOCKET: this.socket, BROKER_STATUS_FILE: join(this.state, 'broker/applied'), GATE_REFUSALS: this.refusals,
      NODE_EXTRA_CA_CERTS: this.webCertificate,
    };
  }

  /** Runs the doctor as people do, and reads what it prints for programs. */
  examine({ board, env = {}, powerless = false }: Asked = {}): Promise<Examined> {
    const doctor = [process.execPath, main('doctor'), '--json', ...board === undefined ? [] : ['--board', board]];
    const [command = '', ...args] = powerless ? ['setpriv', '--bounding-set=-dac_override,-dac_read_search', ...doctor] : doctor;
    return new Promise((resolve, reject) => {
      execFile(command, args, { env: { ...this.environment, ...env }, timeout: 60_000, maxBuffer: 1e7 }, (error, stdout, stderr) => {
        const code = error === null ? 0 : Number(error.code);
        try {
          resolve({ code, report: DoctorReport.parse(JSON.parse(stdout)), said: stdout + stderr });
        } catch (unread) {
          reject(new Error(`the doctor printed no report (${code}): ${stdout}${stderr}`, { cause: unread }));
        }
      });
    });
  }

  async stop() {
    // nginx is more than one process, of which only its own start script ends all.
    await (this.nginx as Running | undefined)?.stop();
    for (const part of [this.board, this.api, this.authority, this.gate, this.broker] as (Running | undefined)[]) await part?.kill();
    await (this.issuer as Issuer | undefined)?.stop();
    await (this.database as World['database'] | undefined)?.stop();
    rmSync(this.dir, { recursive: true, force: true });
  }
}

/** Those that are not well, the gravest first. */
export const faults = ({ findings }: DoctorReport): Finding[] => findings.filter(({ severity }) => severity === 'problem' || severity === 'warning');
