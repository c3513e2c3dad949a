import { randomBytes } from 'node:crypto';
import {
  appendFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { startAuthority } from '../authority.ts';
import { startGate } from '../gate.ts';
import { startIssuer } from '../issuer.ts';
import { launchers } from '../launchers.ts';
import { startMosquitto } from '../mosquitto.ts';
import { identityIn, initPki, mintDevice, repository } from '../pki.ts';
import { startProgram, type Running } from '../process.ts';
import { outlets, relayPin, setUpHousehold } from './household.ts';
import { Air } from './room/air.ts';
import { startRoomSite } from './room/site.ts';
import { DemoError, readSettings, type Settings } from './settings.ts';
import { Supervised } from './supervise.ts';
import { startWeb } from './web.ts';
import { DeviceId } from '@sconce/protocol/ids';

const boardName = 'Hall board';
/** The lamp at the board's relay. */
const wiredLamp = outlets.find(({ control }) => control?.kind === 'pin')?.name ?? 'Relay';
const say = (line: string) => console.log(line);

/** Things to undo, last first, when the demo ends or does not come up. */
const undo: (() => Promise<void>)[] = [];
const supervised: Supervised[] = [];
let stopping: Promise<void> | undefined;

function stop(code: number): Promise<void> {
  for (const program of supervised) program.letGo();
  stopping ??= (async () => {
    for (const step of undo.reverse()) await step().catch((error: unknown) => console.error(String(error)));
    process.exit(code);
  })();
  return stopping;
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    if (!stopping) say('\nStopping …');
    void stop(0);
  });
}

async function demo({ dir, ports, board: kind, airtime }: Settings): Promise<void> {
  const started = performance.now();
  const logs = join(dir, 'log');
  mkdirSync(logs, { recursive: true, mode: 0o700 });

  say('Certificates …');
  const pkiDir = join(dir, 'pki');
  const pki = await initPki(pkiDir, { brokerPort: ports.devices });
  const board = await findOrMintBoard(pkiDir, ports.devices);
  const record = join(dir, 'board.jsonl');
  const [command, ...args] = launchers[kind].command({
    identities: [board.dir], broker: { host: 'localhost', port: ports.devices }, record, airtime, pins: [relayPin],
    backoff: { minMs: 500, maxMs: 5000 },
  });

  say('Mosquitto, gate, authority, sign-in service, dashboard …');
  const broker = new Supervised('Mosquitto', () => startMosquitto({
    pkiDir, devicesPort: ports.broker, servicesPort: ports.services, statusFile: join(dir, 'applied'),
    logFile: join(logs, 'mosquitto.log'),
  }), say);
  const gate = new Supervised('The gate', () => startGate({
    pkiDir, port: ports.devices, brokerPort: ports.broker, dir, logFile: join(logs, 'gate.log'),
  }), say);
  // Not in `dir`: a socket's path holds 107 characters.
  const socketDir = mkdtempSync(join(tmpdir(), 'sconce-demo-'));
  undo.push(async () => rmSync(socketDir, { recursive: true, force: true }));
  const socket = join(socketDir, 'authority.sock');
  const refusals = join(dir, 'refusals.json');
  const authority = new Supervised('The authority', () => startAuthority({
    pkiDir, socket, brokerStatus: join(dir, 'applied'), gateRefusals: refusals, logFile: join(logs, 'authority.log'),
  }), say);
  const api = new Supervised('The API', () => startProgram({
    name: 'The API',
    command: process.execPath,
    args: [join(repository, 'services/api/src/main.ts')],
    env: {
      PATH: process.env.PATH ?? '',
      PORT: String(ports.api), PUBLIC_URL: `http://localhost:${ports.web}`, OWNER_EMAIL: 'olive@example.org',
      OIDC_ISSUER: issuer.url, OIDC_CLIENT_ID: issuer.clientId, OIDC_CLIENT_SECRET: issuer.clientSecret,
      SESSION_KEYS: loadOrCreate(join(dir, 'session.key'), () => randomBytes(32).toString('hex')),
      DATA_DIR: join(dir, 'data'),
      MQTT_URL: `mqtts://localhost:${ports.services}`,
      MQTT_CA_FILE: pki.api.ca, MQTT_CERT_FILE: pki.api.cert, MQTT_KEY_FILE: pki.api.key,
      AUTHORITY_SOCKET: socket, GATE_REFUSALS: refusals,
    },
    ready: /Server listening/,
    logFile: join(logs, 'api.log'),
    deadlineMs: 60_000,
  }), say);
  let device: Running | undefined;
  const air = new Air({
    file: join(dir, 'room.json'), logFile: join(logs, 'air.log'), board: boardName, airtime, say,
    wired: { name: wiredLamp, pin: relayPin },
    onHeard: (code) => device?.write(JSON.stringify({ press: code })),
  });
  supervised.push(broker, gate, authority, api, air.program);
  const startBoard = () => startProgram({
    name: 'The board',
    command,
    args,
    env: { PATH: process.env.PATH ?? '' },
    input: true,
    ready: /"event":"connected"/,
    onLine: (line) => air.boardSays(line),
    logFile: join(logs, 'board.log'),
    deadlineMs: 10_000,
  });

  // The provider's library speaks through the console; its words belong in a log, like everybody's.
  console.warn = console.info = (line: unknown) => appendFileSync(join(logs, 'issuer.log'), `${String(line)}\n`);
  const [issuer, web, room] = await Promise.all([
    startIssuer({ port: ports.issuer, dir, redirectUris: [`http://localhost:${ports.web}/auth/callback`] }),
    startWeb(ports.web, ports.api),
    startRoomSite(ports.room, air),
    broker.up(),
    gate.up(),
    authority.up(),
    air.program.up(),
  ]);
  undo.push(() => issuer.stop(), () => web.stop(), () => room.stop(), () => broker.down(), () => gate.down(),
    () => authority.down(), () => air.program.down());
  say(`API, board (${launchers[kind].name}) …`);
  undo.push(() => api.down());
  await api.up();
  device = await startBoard();
  undo.push(async () => device?.stop());

  const known = readJson(join(dir, 'demo.json'))?.token;
  const household = await setUpHousehold(web.url, { id: board.id, name: boardName },
    typeof known === 'string' ? known : undefined);
  const tell = () => writeJson(join(dir, 'demo.json'), {
    url: web.url,
    issuer: issuer.url,
    authority: socket,
    room: room.url,
    ...household,
    mqtt: {
      host: 'localhost', port: ports.devices, servicesPort: ports.services,
      ca: pki.api.ca, cert: pki.api.cert, key: pki.api.key,
    },
    record,
    logs,
    processes: { demo: process.pid, mosquitto: broker.running?.pid, gate: gate.running?.pid,
      authority: authority.running?.pid, api: api.running?.pid, air: air.program.running?.pid, board: device?.pid },
  });
  tell();

  say(`
Sconce runs at   ${web.url}      (ready after ${((performance.now() - started) / 1000).toFixed(1)} s)

  Sign in as Olive, who owns this household, and tap a lamp.
  It lights up in the virtual room:  ${room.url}
  What the board sends:  tail -f ${record}
  For scripts:           ${join(dir, 'demo.json')}

  Type  unplug  or  plug      to take the board's power away and give it back
        press on|off          to press the hall lamp's button on its hand remote
  Ctrl-C stops everything; ${dir} keeps its state.
`);

  const commands: Record<string, () => Promise<void>> = {
    unplug: async () => {
      await device?.kill();
      say('The board has no power.');
    },
    plug: async () => {
      await device?.kill();
      device = await startBoard();
      say('The board is back.');
    },
    'press on': async () => device?.write(press(household.outlets, 'on')),
    'press off': async () => device?.write(press(household.outlets, 'off')),
  };
  createInterface({ input: process.stdin }).on('line', (line) => {
    const command = commands[line.trim()];
    if (!command) return say(`There is: ${Object.keys(commands).join(', ')}`);
    void command().then(tell, (error: unknown) => say(String(error)));
  });
}

/** A line for the board: the button of the first radio outlet. */
function press(outlets: Awaited<ReturnType<typeof setUpHousehold>>['outlets'], button: 'on' | 'off'): string {
  const control = outlets.map((outlet) => outlet.control).find((c) => c?.kind === 'rf');
  return JSON.stringify({ press: control?.kind === 'rf' ? control[button] : {} });
}

/** The board's identity from an earlier start, or a new one. */
async function findOrMintBoard(pkiDir: string, brokerPort: number): Promise<{ id: DeviceId; dir: string }> {
  const folder = join(pkiDir, 'devices');
  const ids = existsSync(folder) ? readdirSync(folder) : [];
  const known = ids.map((id) => DeviceId.safeParse(id)).find((id) => id.success);
  if (known) return { id: known.data, dir: identityIn(join(folder, known.data)).dir };
  return mintDevice(pkiDir, boardName, { brokerPort });
}

function loadOrCreate(path: string, make: () => string): string {
  if (!existsSync(path)) writeFileSync(path, make(), { mode: 0o600, flag: 'wx' });
  return readFileSync(path, 'utf8').trim();
}

function readJson(path: string): Record<string, unknown> | undefined {
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown> : undefined;
}

/** It holds a token: for its owner's eyes, and never half-written. */
function writeJson(path: string, value: unknown): void {
  rmSync(`${path}.new`, { force: true });
  writeFileSync(`${path}.new`, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

try {
  await demo(await readSettings(process.env));
} catch (error) {
  if (error instanceof DemoError) console.error(error.message);
  else console.error(error instanceof Error ? `The demo did not start: ${error.message}` : error);
  await stop(1);
}
