import { execFileSync, spawn } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sql } from 'kysely';
import { connectAsync } from 'mqtt';
import t, { type Test } from 'tap';
import type { MadeToken, Outlet } from '@sconce/protocol/http';
import { Command, type Ack } from '@sconce/protocol/messages';
import type { Scene } from '@sconce/protocol/radio-api';
import { topics } from '@sconce/protocol/topics';
import { startIssuer } from '../../acceptance/src/issuer.ts';
import { startMosquitto } from '../../acceptance/src/mosquitto.ts';
import { credentials, initPki, mintDevice } from '../../acceptance/src/pki.ts';
import { startPostgres } from '../../acceptance/src/postgres.ts';
import { freePorts } from '../../acceptance/src/process.ts';
import { until } from '../../acceptance/src/until.ts';
import { Visitor } from '../../acceptance/src/visitor.ts';
import { openDatabase } from '../src/db/database.ts';
import { endOf } from '../src/metrics/end-of.ts';
import { readExposition, type Sample } from './exposition.ts';
import { certificate, ScriptedAuthority } from './scripted-authority.ts';

const dir = t.testdir();
const pkiDir = join(dir, 'pki');
const pki = await initPki(pkiDir);
const board = await mintDevice(pkiDir, 'Hall board');
const [port, metricsPort, devicesPort, servicesPort, issuerPort] = await freePorts(5) as [number, number, number, number, number];
const publicUrl = `http://localhost:${port}`;
const publicDir = join(dir, 'public');
mkdirSync(publicDir);
copyFileSync(join(pkiDir, 'broker/cert.pem'), join(publicDir, 'lamps.example.org.pem'));
copyFileSync(join(pkiDir, 'api/key.pem'), join(publicDir, 'a-key.pem'));
writeFileSync(join(publicDir, 'broken.pem'), '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n');

const server = await startPostgres();
t.teardown(server.stop);
const db = openDatabase({ url: server.url }, () => undefined);
t.teardown(() => db.destroy());
const where = { pkiDir, devicesPort, servicesPort };
let broker = await startMosquitto(where);
t.teardown(() => broker.kill());
const issuer = await startIssuer({ port: issuerPort, dir, redirectUris: [`${publicUrl}/auth/callback`] });
t.teardown(() => issuer.stop());

const socket = join(mkdtempSync(join(tmpdir(), 'sconce-metrics-')), 'authority.sock');
const authority = await ScriptedAuthority.at(socket);
t.teardown(() => authority.close().finally(() => rmSync(dirname(socket), { recursive: true, force: true })));
const root = certificate(20, { kind: 'root', name: 'devices authority' });
authority.inventory = { ...authority.inventory, certificates: [root, certificate(700, { name: 'Hall board', id: board.id })] };

const api = spawn(process.execPath, [fileURLToPath(new URL('../src/main.ts', import.meta.url))], { stdio: ['ignore', 'pipe', 'inherit'], env: {
  PATH: process.env.PATH ?? '', PORT: String(port), PUBLIC_URL: publicUrl, OWNER_EMAIL: 'olive@example.org',
  OIDC_ISSUER: issuer.url, OIDC_CLIENT_ID: issuer.clientId, OIDC_CLIENT_SECRET: issuer.clientSecret,
  SESSION_KEYS: 'ab'.repeat(32), DATABASE_URL: server.url, MQTT_URL: `mqtts://localhost:${servicesPort}`,
  MQTT_CA_FILE: pki.api.ca, MQTT_CERT_FILE: pki.api.cert, MQTT_KEY_FILE: pki.api.key,
  AUTHORITY_SOCKET: socket, METRICS_PORT: String(metricsPort), WATCHED_CERTIFICATES: `${join(pkiDir, 'trust')}, ${publicDir}, ${join(dir, 'nowhere')}`,
} });
let log = '';
api.stdout.on('data', (text) => { log += String(text); });
const ended = once(api, 'close');
t.teardown(() => {
  api.kill('SIGKILL');
});
await until('the API', () => log.includes('connected to the broker') && log.includes('Server listening'), 20_000);

const read = async () => {
  const response = await fetch(`http://127.0.0.1:${metricsPort}/metrics`);
  const type = response.headers.get('content-type');
  if (!type?.startsWith('text/plain; version=0.0.4')) throw new Error(`${response.status} ${type}`);
  return readExposition(await response.text());
};
/** The metrics that something below has moved. */
const moved = new Set<string>();
type Labels = Record<string, string>;
const fits = (labels: Labels) => (one: Sample) => Object.entries(labels).every(([name, value]) => one.labels[name] === value);
/** The sum of what fits; of a histogram, how many. */
async function value(name: string, labels: Labels = {}): Promise<number> {
  const family = (await read()).get(name);
  const samples = family?.samples.filter((one) => !/_(bucket|sum)$/.test(one.name) || family.type !== 'histogram').filter(fits(labels)) ?? [];
  return samples.reduce((sum, one) => sum + one.value, 0);
}
/** Waits until a gauge is so. */
async function becomes(name: string, labels: Labels, right: (value: number) => boolean, why: string): Promise<void> {
  await until(`${why}: ${name}`, async () => right(await value(name, labels)) || undefined);
  moved.add(name);
}
/** Does it, and waits until each of these counters has risen. */
async function raises(test: Test, why: string, deed: () => Promise<unknown>, ...counters: [string, Labels?][]): Promise<void> {
  const before = await Promise.all(counters.map(([name, labels]) => value(name, labels)));
  await deed();
  for (const [i, [name, labels]] of counters.entries()) {
    await until(`${why}: ${name} ${JSON.stringify(labels)}`, async () => await value(name, labels) > (before[i] ?? 0) || undefined);
    moved.add(name);
  }
  test.pass(why);
}

const join_ = () => connectAsync(`mqtts://localhost:${devicesPort}`, { ...credentials(board), clientId: board.id, protocolVersion: 5 });
/** How the board answers; undefined: not at all. */
let outcome: Ack['outcome'] = 'transmitted';
async function plugIn() {
  const client = await join_();
  client.on('error', () => undefined);
  client.on('message', (_topic, payload) => {
    const { id, replyTo } = Command.parse(JSON.parse(payload.toString()));
    client.publish(topics.ack(board.id, replyTo), JSON.stringify({ id, outcome, ms: 1 }), { qos: 1 });
  });
  await client.subscribeAsync(topics.command(board.id), { qos: 1 });
  await client.publishAsync(topics.status(board.id), JSON.stringify({ online: true, since: Date.now() }), { qos: 1, retain: true });
  await client.publishAsync(topics.info(board.id), JSON.stringify({ firmware: '1', hardware: 'test', pins: [5], resetReason: 'power on',
    capabilities: ['rf.send', 'rf.receive', 'rf.learn', 'pin.set', 'identify'], certificateNotAfter: boardEnds }), { qos: 1, retain: true });
  return client;
}
const boardEnds = Date.parse(new X509Certificate(readFileSync(board.cert)).validTo);
let client = await plugIn();
t.teardown(() => client.endAsync(true));

const olive = new Visitor(publicUrl);
const ask = (path: string, body?: unknown, method = body === undefined ? 'GET' : 'POST') =>
  olive.request(path, { method, ...body !== undefined && { body } });
let outlet: Outlet;
const tap = () => ask(`/api/v1/outlets/${outlet.id}/switch`, { on: true });

t.test('people: sign-ins that work and do not, tokens that are none, too many of them', async (t) => {
  await raises(t, 'a sign-in', () => olive.signIn('olive'), ['sconce_sign_ins_total', { result: 'signed_in' }]);
  await raises(t, 'a way back that nobody began', () => ask('/auth/callback?code=a&state=b'),
    ['sconce_sign_ins_total', { result: 'sign_in_expired' }]);
  const stranger = () => fetch(`${publicUrl}/api/v1/outlets`, { headers: { authorization: 'Bearer sct_none' } });
  await raises(t, 'a wrong token', stranger, ['sconce_http_problems_total', { code: 'token_invalid' }],
    ['sconce_http_requests_total', { method: 'GET', route: '/api/v1/outlets', status: '4xx' }]);
  await raises(t, 'too many of them', () => Promise.all(Array.from({ length: 61 }, stranger)),
    ['sconce_rate_limited_total', { limit: 'badToken', by: 'address' }], ['sconce_http_problems_total', { code: 'too_many_requests' }]);
});

t.test('boards: known, adopted, online, and what they say', async (t) => {
  await until('the board', async () => (await olive.json<{ firmware: string }[]>('/api/v1/devices'))[0]?.firmware);
  t.equal(await value('sconce_boards', { state: 'known' }), 1);
  t.equal(await value('sconce_boards', { state: 'adopted' }), 0);
  await olive.json(`/api/v1/devices/${board.id}/adopt`, { method: 'POST', body: { name: 'Hall board' } });
  await becomes('sconce_boards', { state: 'online' }, (count) => count === 1, 'adopted and online');
  await becomes('sconce_board_online', { board: board.id }, (is) => is === 1, 'by its id');
  outlet = await olive.json<Outlet>('/api/v1/outlets', { method: 'POST',
    body: { deviceId: board.id, name: 'Hall lamp', control: { kind: 'pin', pin: 5 } } });
  const say = (channel: string, payload: string) => () => client.publishAsync(channel, payload, { qos: 1 });
  const telemetry = JSON.stringify({ rssi: -60, heapFree: 1, heapLargestBlock: 1, uptime: 1, tlsHandshakeMs: 1 });
  await raises(t, 'telemetry', say(topics.telemetry(board.id), telemetry), ['sconce_mqtt_messages_total', { channel: 'telemetry' }]);
  await raises(t, 'nonsense', say(topics.info(board.id), 'nonsense'),
    ['sconce_mqtt_messages_dropped_total', { channel: 'info', reason: 'unreadable' }]);
  let replyTo = '';
  client.once('message', (_topic, payload) => { ({ replyTo } = Command.parse(JSON.parse(payload.toString()))); });
  await tap();
  await raises(t, 'an answer that nobody waits for', say(topics.ack(board.id, replyTo as never),
    JSON.stringify({ id: '00000000-0000-4000-8000-000000000000', outcome: 'transmitted', ms: 1 })),
  ['sconce_mqtt_messages_dropped_total', { channel: 'ack', reason: 'unasked' }]);
  await raises(t, 'more than can be stored', () => db.transaction().execute(async (tx) => {
    await sql`select 1 from devices for update`.execute(tx);
    for (let i = 0; i < 10; i += 1) await say(topics.telemetry(board.id), telemetry)();
    await until('the last of them', async () => await value('sconce_mqtt_messages_dropped_total', { reason: 'flood' }) > 0 || undefined);
  }), ['sconce_mqtt_messages_dropped_total', { channel: 'telemetry', reason: 'flood' }]);
});

t.test('commands, by how they are asked for and how they end', async (t) => {
  const radio = (await olive.json<Outlet>('/api/v1/outlets', { method: 'POST', body: { deviceId: board.id, name: 'Radio lamp',
    control: { kind: 'rf', on: { code: 1, bits: 24, protocol: 1, pulse: 350 }, off: { code: 2, bits: 24, protocol: 1, pulse: 350 } } } })).id;
  const scene = (await olive.json<Scene>('/api/v1/scenes', { method: 'POST', body: { name: 'Evening', icon: 'lamp',
    steps: [{ outletId: outlet.id, on: true }, { outletId: radio, on: true }] } })).id;
  const transmitted = { outcome: 'transmitted' };
  await raises(t, 'a tap', tap, ['sconce_commands_total', { kind: 'switch', means: 'pin', ...transmitted }],
    ['sconce_command_duration_seconds', { kind: 'switch', means: 'pin' }], ['sconce_mqtt_messages_total', { channel: 'ack' }],
    ['sconce_http_requests_total', { method: 'POST', route: '/api/v1/outlets/:id/switch', status: '2xx' }],
    ['sconce_http_request_duration_seconds', { method: 'POST', route: '/api/v1/outlets/:id/switch' }]);
  for (const [why, path, body, labels] of [
    ['a tap by radio', `/api/v1/outlets/${radio}/switch`, { on: true }, { kind: 'switch', means: 'radio' }],
    ['a scene', `/api/v1/scenes/${scene}/run`, {}, { kind: 'scene_step', means: 'radio' }],
    ['the same scene', `/api/v1/scenes/${scene}/run`, {}, { kind: 'scene_step', means: 'pin' }],
    ['identify', `/api/v1/devices/${board.id}/identify`, {}, { kind: 'identify', means: 'board' }],
    ['learn', `/api/v1/devices/${board.id}/learn`, {}, { kind: 'learn', means: 'board' }],
    ['transmit', `/api/v1/devices/${board.id}/transmit`, { code: 1, bits: 24, protocol: 1, pulse: 350 }, { kind: 'transmit', means: 'radio' }],
  ] as const) {
    await raises(t, why, () => ask(path, body), ['sconce_commands_total', { ...labels, ...transmitted }]);
  }
  outcome = 'refused';
  const taken = await value('sconce_command_duration_seconds');
  await raises(t, 'a board that refuses', tap, ['sconce_commands_total', { kind: 'switch', means: 'pin', outcome: 'refused' }],
    ['sconce_http_problems_total', { code: 'command_refused' }], ['sconce_http_requests_total', { status: '5xx' }]);
  t.equal(await value('sconce_command_duration_seconds'), taken, 'its time is none of a lamp’s');
  outcome = 'transmitted';
});

t.test('streams, the audit log, the database', async (t) => {
  const { token } = await olive.json<MadeToken>('/api/v1/tokens', { method: 'POST', body: { name: 'script', scopes: ['read'] } });
  const leave = new AbortController();
  await fetch(`${publicUrl}/api/v1/events`, { signal: leave.signal, headers: { authorization: `Bearer ${token}`, accept: 'text/event-stream' } });
  await becomes('sconce_event_streams_open', {}, (count) => count === 1, 'a stream that is open');
  leave.abort();
  await becomes('sconce_event_streams_open', {}, (count) => count === 0, 'and one that is not any more');
  await db.transaction().execute(async (tx) => {
    await sql`select pg_advisory_xact_lock(5366004)`.execute(tx);
    await tap();
    await becomes('sconce_audit_entries_waiting', {}, (count) => count > 0, 'while somebody else writes to the log');
  });
  await becomes('sconce_audit_entries_waiting', {}, (count) => count === 0, 'when they have ended');
  await becomes('sconce_database_connections', { state: 'idle' }, (count) => count > 0, 'connections are kept');
  t.equal(await value('sconce_database_up'), 1);
  await db.transaction().execute(async (tx) => {
    await sql`lock table devices in access exclusive mode`.execute(tx);
    await becomes('sconce_database_up', {}, (is) => is === 0, 'there, but it does not answer');
  });
  await becomes('sconce_database_up', {}, (is) => is === 1, 'it does again');
  await server.away();
  await becomes('sconce_database_up', {}, (is) => is === 0, 'away');
  await server.back();
  await becomes('sconce_database_up', {}, (is) => is === 1, 'back');
});

const crlsIn = (path: string) => readFileSync(path, 'utf8').match(/-----BEGIN X509 CRL-----[^]*?-----END X509 CRL-----\n/g) ?? [];

t.test('certificates: seconds until each ends, and each list must have been renewed', async (t) => {
  const near = async (kind: string, name: string, end: number) => {
    const left = await value('sconce_certificate_remaining_seconds', { kind, name });
    t.ok(Math.abs(left - (end - Date.now()) / 1000) < 30, `${kind} ${name}: ${left}`);
  };
  const ends = (path: string) => Date.parse(new X509Certificate(readFileSync(path)).validTo);
  await near('api', 'api', ends(pki.api.cert));
  await near('broker', 'localhost', ends(join(pkiDir, 'broker/cert.pem')));
  await near('board', board.id, boardEnds);
  await near('file', join(publicDir, 'lamps.example.org.pem'), ends(join(pkiDir, 'broker/cert.pem')));
  for (const name of ['devices', 'services']) {
    await near('file', join(pkiDir, `trust/${name}.pem`), ends(join(pkiDir, `trust/${name}.pem`)));
    const crl = join(pkiDir, `trust/${name}.crl.pem`);
    // The devices' has two, the root's and the issuing authority's: the first to end counts.
    const said = crlsIn(crl).map((input) => execFileSync('openssl', ['crl', '-noout', '-nextupdate'], { encoding: 'utf8', input }));
    await near('crl', crl, Math.min(...said.map((one) => Date.parse(one.replace('nextUpdate=', '')))));
  }
  moved.add('sconce_certificate_remaining_seconds');
  await becomes('sconce_certificate_warning', { level: '30' }, (count) => count === 1, 'one that ends within thirty days');
  t.equal(await value('sconce_certificate_warning'), 1, 'and is counted once');
  await near('authority', 'devices authority', root.notAfter);
  t.equal(await value('sconce_certificate_files_unreadable'), 2, 'one that is broken, and a folder that is not there');
  writeFileSync(join(publicDir, 'broken.pem'), 'nothing');
  await becomes('sconce_certificate_files_unreadable', {}, (count) => count === 1, 'mended');
  const text = JSON.stringify([...(await read()).values()]);
  t.notMatch(text, /a-key|Hall|Olive|olive@/, 'no key is looked at, no name is told');
});

t.test('the broker goes away and comes back', async (t) => {
  await becomes('sconce_mqtt_connected', {}, (is) => is === 1, 'there');
  await client.publishAsync(topics.status(board.id), JSON.stringify({ online: false, since: 0 }), { qos: 1, retain: true });
  await client.endAsync();
  await becomes('sconce_boards', { state: 'online' }, (count) => count === 0, 'a board that is gone');
  await raises(t, 'a tap on it', tap, ['sconce_commands_total', { outcome: 'offline' }]);
  await raises(t, 'the broker is killed', () => broker.kill(), ['sconce_mqtt_connections_lost_total']);
  await becomes('sconce_mqtt_connected', {}, (is) => is === 0, 'away');
  await raises(t, 'a tap without a broker', tap, ['sconce_commands_total', { outcome: 'failed' }]);
  await raises(t, 'it comes back', async () => { broker = await startMosquitto(where); }, ['sconce_mqtt_connections_total']);
  client = await plugIn();
  await becomes('sconce_boards', { state: 'online' }, (count) => count === 1, 'and the board with it');
});

t.test('the metrics are nobody else’s, and are bounded', async (t) => {
  t.equal((await fetch(`${publicUrl}/metrics`)).status, 404, 'not on the public port');
  t.equal((await fetch(`http://127.0.0.1:${metricsPort}/`)).status, 404);
  const families = await read();
  const samples = [...families.values()].reduce((sum, { samples }) => sum + samples.length, 0);
  for (let i = 0; i < 50; i += 1) await fetch(`${publicUrl}/api/v1/outlets/${i}?x=${i}`, { method: i % 2 ? 'GET' : 'PURGE' });
  const after = [...(await read()).values()].reduce((sum, { samples }) => sum + samples.length, 0);
  t.ok(after - samples <= 60, `${after - samples} more after 50 addresses that are not there`);
  t.ok(families.has('process_resident_memory_bytes') && families.has('nodejs_eventloop_lag_seconds'), 'and the process’ own');
  const ours = [...families.keys()].filter((name) => name.startsWith('sconce_'));
  // What this cannot cause: a broker that takes a message and says no.
  const unmoved = ours.filter((name) => !moved.has(name) && name !== 'sconce_mqtt_commands_refused_total');
  t.same(unmoved, [], 'each moves when what it tells of happens');
  api.kill('SIGTERM');
  t.match(await ended, [0]);
});

t.test('lists and certificates that cannot be read are refused', async (t) => {
  const pem = (what: string, base64: string) => `-----BEGIN ${what}-----\n${base64}\n-----END ${what}-----\n`;
  const [crl = ''] = crlsIn(join(pkiDir, 'trust/services.crl.pem'));
  const body = crl.replace(/-----.*-----/g, '').replaceAll('\n', '');
  t.equal(endOf(readFileSync(pki.api.key, 'utf8')), undefined, 'a key is no certificate');
  t.match(endOf(readFileSync(pki.api.cert, 'utf8') + crl), { kind: 'crl' }, 'the first to end counts');
  for (let length = 0; length < body.length - 4; length += 4) {
    const cut = pem('X509 CRL', body.slice(0, length) || '====');
    t.throws(() => endOf(cut), `cut after ${length}`);
  }
});
