import { randomUUID } from 'node:crypto';
import { cpSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import mqtt from 'mqtt';
import t, { type Test } from 'tap';
import type { AuditPage } from '@sconce/protocol/audit';
import type { RefusalView, RevokeResult } from '@sconce/protocol/certificates-api';
import type { Device } from '@sconce/protocol/http';
import { DeviceId, ReplicaId } from '@sconce/protocol/ids';
import type { Ack } from '@sconce/protocol/messages';
import { topics } from '@sconce/protocol/topics';
import { startAuthority } from '../src/authority.ts';
import { Supervised } from '../src/demo/supervise.ts';
import { startGate, type Gate } from '../src/gate.ts';
import { startIssuer } from '../src/issuer.ts';
import { readBrokerStatus, startMosquitto } from '../src/mosquitto.ts';
import { credentials, identityIn, mintDevice, repository, revokeDevice, sumTrust, trustVersion, type Identity } from '../src/pki.ts';
import { prepareDatabase } from '../src/prepared-database.ts';
import { prepareStore } from '../src/prepared-store.ts';
import { freePorts, startProgram } from '../src/process.ts';
import { until } from '../src/until.ts';
import { Visitor } from '../src/visitor.ts';

/*
 * Revoking a board that is connected, while fifty others stay and are busy; on real parts: Mosquitto with the shipped
 * configuration and what watches beside it, the gate, the authority, the API, simulated boards. And: whatever becomes of
 * the files that the broker goes by, nothing opens up.
 */
const others = 50;
/** Milliseconds from the click to the last that is heard of it, or that it hears. */
const lastWithinMs = 5000;
/** Milliseconds for what is not measured: the machine may have other things to do. */
const patienceMs = 60_000;

// Folders that are there until all programs have ended: tap's own go before.
const dir = mkdtempSync(join(tmpdir(), 'sconce-revocation-'));
const runDir = mkdtempSync(join(tmpdir(), 'sconce-revocation-run-'));
const [port, issuerPort, gatePort, devicesPort, servicesPort] = await freePorts(5) as [number, number, number, number, number];
const pkiDir = join(dir, 'pki');
await prepareStore(pkiDir, others);
const ourselves = identityIn(join(pkiDir, 'api'));
type Board = Identity & { id: DeviceId };
const boards: Board[] = readdirSync(join(pkiDir, 'devices'))
  .map((id) => ({ ...identityIn(join(pkiDir, 'devices', id)), id: DeviceId.parse(id) }));
const stolen = await mintDevice(pkiDir, 'Stolen board');
const curious = await mintDevice(pkiDir, 'Curious board');
const lent = await mintDevice(pkiDir, 'Lent board');

const undo: (() => unknown)[] = [() => {
  for (const folder of [dir, runDir]) rmSync(folder, { recursive: true, force: true });
}];
t.teardown(async () => {
  for (const step of undo.reverse()) await step();
});
const statusFile = join(runDir, 'applied');
const broker = new Supervised('Mosquitto', () => startMosquitto({ pkiDir, devicesPort, servicesPort, runDir, statusFile }), () => undefined);
await broker.up();
undo.push(() => broker.down());
const gate: Gate = await startGate({ pkiDir, port: gatePort, brokerPort: devicesPort, dir });
undo.push(() => gate.stop());
const authority = await startAuthority({ pkiDir, brokerStatus: statusFile, gateRefusals: gate.file });
undo.push(() => authority.stop());
const url = `http://localhost:${port}`;
const issuer = await startIssuer({ port: issuerPort, dir, redirectUris: [`${url}/auth/callback`] });
undo.push(() => issuer.stop());
await prepareDatabase(join(dir, 'data/database'));
const api = await startProgram({
  name: 'the API', command: process.execPath, args: [join(repository, 'services/api/src/main.ts')], deadlineMs: 60_000,
  env: {
    PATH: process.env.PATH ?? '', PORT: String(port), PUBLIC_URL: url, OWNER_EMAIL: 'olive@example.org',
    OIDC_ISSUER: issuer.url, OIDC_CLIENT_ID: issuer.clientId, OIDC_CLIENT_SECRET: issuer.clientSecret, SESSION_KEYS: 'ab'.repeat(32),
    DATA_DIR: join(dir, 'data'), MQTT_URL: `mqtts://localhost:${servicesPort}`, MQTT_CA_FILE: ourselves.ca, MQTT_CERT_FILE: ourselves.cert,
    MQTT_KEY_FILE: ourselves.key, AUTHORITY_SOCKET: authority.socket, GATE_REFUSALS: gate.file,
  },
  ready: /Server listening/,
});
undo.push(() => api.stop());
const olive = new Visitor(url);
await until('the API', () => olive.signIn('olive').then(() => true), patienceMs);

/** What the fifty have recorded. */
const record: { device: DeviceId; event: string }[] = [];
const simulator = await startProgram({
  name: 'the simulator', command: process.execPath,
  args: [join(repository, 'services/simulator/src/main.ts'), '--broker', `localhost:${gatePort}`, '--backoff', '200,2000',
    ...boards.flatMap((board) => ['--identity', board.dir])],
  env: { PATH: process.env.PATH ?? '' }, ready: /"connected"/, deadlineMs: 60_000,
  onLine: (line) => void record.push(JSON.parse(line) as (typeof record)[number]),
});
undo.push(() => simulator.stop());

const device = async (id: DeviceId) => (await olive.json<Device[]>('/api/v1/devices')).find((one) => one.id === id);
const online = async () => (await olive.json<Device[]>('/api/v1/devices')).filter((one) => one.online).map(({ id }) => id);
const allOnline = () => until('the fifty', async () => {
  const there = new Set(await online());
  return boards.every(({ id }) => there.has(id));
}, patienceMs);

/** A board that does what its thief wants: it comes again at once, whatever it is told, and says something all the time. */
class Hostile {
  readonly heard: { topic: string; at: number }[] = [];
  connects = 0;
  /** Connections that have ended, those that had not begun among them. */
  closes = 0;
  readonly #id: DeviceId;
  readonly #identity: ReturnType<typeof credentials>;
  readonly #listensTo: string[];
  #client: mqtt.MqttClient | undefined;
  #again: NodeJS.Timeout | undefined;
  readonly #speaking: NodeJS.Timeout;

  constructor(board: Board, listensTo: string[]) {
    this.#id = board.id;
    this.#identity = credentials(board);
    this.#listensTo = listensTo;
    this.#connect();
    this.#speaking = setInterval(() => {
      if (this.#client?.connected) this.#client.publish(topics.telemetry(board.id), telemetry, { qos: 0 });
    }, 20);
    undo.push(() => this.end());
  }

  #connect(): void {
    const id = this.#id;
    // Boards speak no other version; what mqtt.js does not know of, it hands on to tls.connect.
    const tls = { ...this.#identity, maxVersion: 'TLSv1.2' };
    const client = mqtt.connect(`mqtts://localhost:${gatePort}`, { ...tls, clientId: id, reconnectPeriod: 0, connectTimeout: 20_000, protocolVersion: 4,
      will: { topic: topics.status(id), payload: Buffer.from('{"online":false,"since":0}'), qos: 1, retain: true } });
    this.#client = client;
    client.on('error', () => undefined);
    client.on('connect', () => {
      this.connects += 1;
      client.subscribe(this.#listensTo, { qos: 1 });
      client.publish(topics.status(id), JSON.stringify({ online: true, since: Date.now() }), { qos: 1, retain: true });
    });
    client.on('message', (topic, payload) => {
      this.heard.push({ topic, at: performance.now() });
      const said = JSON.parse(payload.toString()) as { id?: string; replyTo?: string };
      if (topic !== topics.command(id) || said.replyTo === undefined) return;
      client.publish(`sconce/v1/${id}/ack/${said.replyTo}`, JSON.stringify({ id: said.id, outcome: 'transmitted', ms: 1 }), { qos: 1 });
    });
    client.on('close', () => {
      this.closes += 1;
      this.#again = setTimeout(() => this.#connect(), 200);
    });
  }

  async end(): Promise<void> {
    clearInterval(this.#speaking);
    const client = this.#client;
    client?.removeAllListeners('close');
    clearTimeout(this.#again);
    await client?.endAsync(true);
  }

  /** Resolves when it has been turned away so many times more: whether it has not come in meanwhile. */
  async staysOut(what: string, times = 2): Promise<boolean> {
    const { connects, closes } = this;
    await until(`${what}: turned away ${times} times`, () => this.closes >= closes + times, patienceMs);
    return this.connects === connects;
  }
}
const telemetry = JSON.stringify({ rssi: -60, heapFree: 1, heapLargestBlock: 1, uptime: 1, tlsHandshakeMs: 1 });

/**
 * Whoever has the API's certificate speaks to all boards, as the API does, and hears all that comes out of the broker: the
 * stolen one all the time; the others each second, by commands that have a minute, so that what is lost is not what a busy
 * machine was late with.
 */
const observer = mqtt.connect(`mqtts://localhost:${servicesPort}`, { ...credentials(ourselves), clientId: 'observer', protocolVersion: 4, reconnectPeriod: 200 });
undo.push(() => observer.endAsync(true));
const replyTo = ReplicaId.parse('0b5e77e7');
const lastSaid = new Map<string, number>();
/** Commands that are not answered yet, and how many were, by the board. */
const waiting = new Map<string, DeviceId>();
const answered = new Map<DeviceId, number>();
const wrong: string[] = [];
let paused = true;
observer.on('connect', () => observer.subscribe('sconce/v1/#', { qos: 1 }));
observer.on('error', () => undefined);
observer.on('message', (topic, payload) => {
  const [, , id = '', channel, to] = topic.split('/');
  if (channel === 'command' || payload.byteLength === 0) return;
  lastSaid.set(id, performance.now());
  if (channel !== 'ack' || to !== replyTo) return;
  const ack = JSON.parse(payload.toString()) as Ack;
  if (!waiting.delete(ack.id) || ack.outcome !== 'transmitted') wrong.push(`${id}: ${payload.toString()}`);
  else answered.set(id as DeviceId, (answered.get(id as DeviceId) ?? 0) + 1);
});
function commandAll(): void {
  if (paused) return;
  for (const { id } of [...boards, curious]) {
    const commandId = randomUUID();
    waiting.set(commandId, id);
    observer.publish(topics.command(id), JSON.stringify({ id: commandId, replyTo, deadline: Date.now() + 55_000, do: 'identify' }), { qos: 1 });
  }
}
const timers = [setInterval(commandAll, 1000), setInterval(() => {
  if (observer.connected) observer.publish(topics.command(stolen.id), '{}', { qos: 0 });
}, 20)];
undo.push(() => timers.forEach(clearInterval));
/** Resolves when every command has been answered, and asks no more. */
async function allAnswered(what: string): Promise<void> {
  paused = true;
  await until(`${what}: ${waiting.size} answers`, () => waiting.size === 0, patienceMs);
}
/** Resolves when each of them has carried out a command more, and whatever was asked of any. */
async function nothingIsLost(test: Test, what: string): Promise<void> {
  const before = new Map(answered);
  paused = false;
  await until(`${what}: a command to each`, () => [...boards, curious].every(({ id }) => (answered.get(id) ?? 0) > (before.get(id) ?? 0)), patienceMs);
  await allAnswered(what);
  test.same(wrong, [], `${what}: every command is answered, ${[...answered.values()].reduce((sum, one) => sum + one, 0)} so far`);
  paused = false;
}
const drops = () => record.filter(({ event }) => event === 'disconnected').length;

await allOnline();
const thief = new Hostile(stolen, [topics.command(stolen.id)]);
const spy = new Hostile(curious, ['#', 'sconce/v1/+/command', topics.command(curious.id)]);
await until('both', async () => {
  const there = await online();
  return there.includes(stolen.id) && there.includes(curious.id);
});
for (const [board, name] of [[stolen, 'Hall board'], [curious, 'Curious board']] as const) {
  await olive.json(`/api/v1/devices/${board.id}/adopt`, { method: 'POST', body: { name } });
}
paused = false;

const foreign = () => spy.heard.filter(({ topic }) => topic !== topics.command(curious.id) && !topic.startsWith(`sconce/v1/${curious.id}/`));
/** The fifty are there and busy, and nobody has got what is not theirs. */
async function nothingHasOpened(test: Test, why: string): Promise<void> {
  test.ok(await thief.staysOut(why), `${why}: the revoked one stays out`);
  await nothingIsLost(test, why);
  test.same(foreign(), [], `${why}: a board gets what is its own alone`);
}

t.test('an admin revokes one that is connected', async (t) => {
  const [connects, dropped] = [spy.connects, drops()];
  await until('it to hear and to be heard', () => thief.heard.length > 10 && lastSaid.has(stolen.id));
  const clicked = performance.now();
  const answer = await olive.json<RevokeResult>(`/api/v1/devices/${stolen.id}/revoke`, { method: 'POST' });
  const answeredMs = performance.now() - clicked;
  t.equal(answer.certificates, 1);
  await until('broker and gate to say that they know', () =>
    readBrokerStatus(statusFile).trust === trustVersion(pkiDir) && gate.refusals().trust === trustVersion(pkiDir), patienceMs);
  t.ok(await thief.staysOut('it comes again and again', 10), 'it does not get in again');
  const [said, heard] = [(lastSaid.get(stolen.id) ?? 0) - clicked, (thief.heard.at(-1)?.at ?? 0) - clicked];
  t.comment(`from the click: ${Math.round(said)} ms to the last that was heard of it, ${Math.round(heard)} ms to the last that it heard, ${Math.round(answeredMs)} ms to the answer`);
  t.ok(said < lastWithinMs && heard < lastWithinMs, `${said} ms, ${heard} ms`);
  await nothingIsLost(t, 'the others');
  t.equal(drops(), dropped, 'none of the fifty has lost its connection');
  t.equal(spy.connects, connects);
  t.match(await device(stolen.id), { online: false, revokedAt: /^20/ });
  t.same(foreign(), []);
});

t.test('the owner reads that it tried, and who it was', async (t) => {
  const found = await until('its refusal', async () => (await olive.json<RefusalView[]>('/api/v1/refusals')).find(({ reason }) => reason === 'revoked'));
  t.match(found, { device: { id: stolen.id, name: 'Hall board' }, genuine: true, what: /The board “Hall board”, at 127\.0\.0\.1, was turned away: its certificate has been revoked\./ });
  const { entries } = await olive.json<AuditPage>('/api/v1/audit?action=device.revoke');
  t.match(entries, [{ actor: { kind: 'person' }, target: { id: stolen.id } }]);
  t.match(await (await olive.request(`/api/v1/devices/${stolen.id}/identify`, { method: 'POST' })).json(), { code: 'device_revoked' });
});

t.test('the same after the broker has been restarted', async (t) => {
  await allAnswered('before');
  const { pid } = broker.running ?? {};
  await broker.running?.kill();
  await until('the broker', () => broker.running !== undefined && broker.running.pid !== pid, patienceMs);
  await allOnline();
  await until('the curious one', async () => (await online()).includes(curious.id), patienceMs);
  await until('the observer', () => observer.connected, patienceMs);
  spy.heard.length = 0;
  await nothingHasOpened(t, 'after a restart');
  t.match(await device(stolen.id), { online: false });
});

t.test('revoked on the server’s command line, it is out as well, and the API writes it down', async (t) => {
  const loan = new Hostile(lent, [topics.command(lent.id)]);
  await until('it', async () => (await online()).includes(lent.id), patienceMs);
  const dropped = drops();
  const began = performance.now();
  await revokeDevice(pkiDir, 'Lent board');
  const entry = await until('the audit', async () => (await olive.json<AuditPage>('/api/v1/audit?action=device.revoke')).entries
    .find(({ target }) => target?.id === lent.id), patienceMs);
  t.comment(`noted ${Math.round(performance.now() - began)} ms after the command was begun`);
  t.match(entry, { actor: { kind: 'system' }, detail: { commandLine: true } });
  t.ok(await loan.staysOut('it'));
  t.match(await device(lent.id), { online: false, revokedAt: /^20/ });
  await nothingIsLost(t, 'the others');
  t.equal(drops(), dropped);
  await loan.end();
});

const trust = (file: string) => join(pkiDir, 'trust', file);
const cut = (file: string, by: number) => truncateSync(file, readFileSync(file).byteLength - by);
const kept = join(dir, 'kept');
const rules = join(runDir, 'devices/rules');
/** Puts the trust set back as it was; the sums last, as whoever writes it does. */
function restore(): void {
  for (const file of ['devices.pem', 'devices.crl.pem', 'services.pem', 'services.crl.pem', 'issuing.pem', 'revoked', 'SHA256SUMS']) {
    cpSync(join(kept, file), `${trust(file)}.new`);
    renameSync(`${trust(file)}.new`, trust(file));
  }
}
/** What is broken in the store, and the words that say so: from what watches the store, and from a broker that is to start. */
const damages: [what: string, damage: () => void, words: RegExp][] = [
  ['a CRL of rubbish', () => { writeFileSync(trust('devices.crl.pem'), 'rubbish\n'); sumTrust(pkiDir); }, /devices\.crl\.pem is damaged or cut short/],
  ['no CRL', () => rmSync(trust('devices.crl.pem')), /devices\.crl\.pem is missing/],
  ['a truncated CRL', () => cut(trust('devices.crl.pem'), 100), /devices\.crl\.pem is damaged, or was being written/],
  ['a truncated list of revoked boards', () => cut(trust('revoked'), 10), /trust\/revoked is damaged, or was being written/],
  ['one that has its sum', () => { cut(trust('revoked'), 10); sumTrust(pkiDir); }, /trust\/revoked has a line that is no board/],
  ['wrong sums', () => writeFileSync(trust('SHA256SUMS'), readFileSync(trust('SHA256SUMS'), 'utf8').replace(/^./, (digit) => digit === '0' ? '1' : '0')),
    /is damaged, or was being written when its writer ended \(SHA256SUMS has another sum\)/],
];

t.test('whatever becomes of the files in the store: nothing opens up', async (t) => {
  cpSync(join(pkiDir, 'trust'), kept, { recursive: true });
  const { trust: before } = readBrokerStatus(statusFile);
  const dropped = drops();
  for (const [what, damage, words] of damages) {
    restore();
    damage();
    const status = await until(`the words: ${what}`, () => {
      const found = readBrokerStatus(statusFile);
      return words.test(found.fault) && found;
    }, patienceMs);
    t.equal(status.trust, before, `${what}: the broker goes on with the set that it had`);
    await nothingHasOpened(t, what);
    const [one = 0, two = 0] = await freePorts(2);
    await t.rejects(startMosquitto({ pkiDir, devicesPort: one, servicesPort: two }), { message: words }, `${what}: and none starts with it`);
  }
  restore();
  await until('all well', () => readBrokerStatus(statusFile).fault === '', patienceMs);
  t.equal(readBrokerStatus(statusFile).trust, before);
  t.equal(drops(), dropped, 'none of the fifty has lost its connection');
});

t.test('no access list to be laid out at a reload: nothing opens up', async (t) => {
  const { trust: before } = readBrokerStatus(statusFile);
  const dropped = drops();
  const had = readFileSync(rules);
  rmSync(rules);
  // Something is to be told: another revocation.
  await revokeDevice(pkiDir, boards[0]!.id);
  const status = await until('the words', () => {
    const found = readBrokerStatus(statusFile);
    return found.fault !== '' && found;
  }, patienceMs);
  t.match(status, { trust: before, fault: /rules/ }, status.fault);
  t.ok(await thief.staysOut('without rules'), 'the revoked one stays out');
  t.same(foreign(), [], 'a board gets what is its own alone');
  t.ok(drops() <= dropped + 1, 'but for the one that the gate cuts');
  writeFileSync(rules, had, { mode: 0o400 });
  await until('the broker to have taken it', () => readBrokerStatus(statusFile).fault === '' && readBrokerStatus(statusFile).trust !== before, patienceMs);
  t.ok(await thief.staysOut('with rules again'));
});
