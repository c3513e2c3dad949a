import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request, type IncomingMessage } from 'node:http';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { connectAsync } from 'mqtt';
import t from 'tap';
import { Event } from '@sconce/protocol/events';
import type { MadeToken, Outlet } from '@sconce/protocol/http';
import { Command } from '@sconce/protocol/messages';
import { topics } from '@sconce/protocol/topics';
import { startIssuer } from '../../acceptance/src/issuer.ts';
import { startMosquitto } from '../../acceptance/src/mosquitto.ts';
import { credentials, initPki, mintDevice, type MintedDevice } from '../../acceptance/src/pki.ts';
import { startPostgres } from '../../acceptance/src/postgres.ts';
import { freePorts } from '../../acceptance/src/process.ts';
import { until } from '../../acceptance/src/until.ts';
import { Visitor } from '../../acceptance/src/visitor.ts';
import { openDatabase } from '../src/db/database.ts';
import { readExposition } from './exposition.ts';

const dir = t.testdir();
const pkiDir = join(dir, 'pki');
const pki = await initPki(pkiDir);
const hall = await mintDevice(pkiDir, 'Hall board');
const attic = await mintDevice(pkiDir, 'Attic board');
const [port, metricsPort, devicesPort, servicesPort, issuerPort] = await freePorts(5) as [number, number, number, number, number];
const publicUrl = `http://localhost:${port}`;
const server = await startPostgres();
t.teardown(server.stop);
const db = openDatabase({ url: server.url }, () => undefined);
t.teardown(() => db.destroy());
const broker = await startMosquitto({ pkiDir, devicesPort, servicesPort });
t.teardown(() => broker.kill());
const issuer = await startIssuer({ port: issuerPort, dir, redirectUris: [`${publicUrl}/auth/callback`] });
t.teardown(() => issuer.stop());
const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const env = {
  PATH: process.env.PATH ?? '', PORT: String(port), PUBLIC_URL: publicUrl, OWNER_EMAIL: 'olive@example.org', WORKERS: '2',
  OIDC_ISSUER: issuer.url, OIDC_CLIENT_ID: issuer.clientId, OIDC_CLIENT_SECRET: issuer.clientSecret,
  SESSION_KEYS: 'ab'.repeat(32), DATABASE_URL: server.url, MQTT_URL: `mqtts://localhost:${servicesPort}`,
  MQTT_CA_FILE: pki.api.ca, MQTT_CERT_FILE: pki.api.cert, MQTT_KEY_FILE: pki.api.key, METRICS_PORT: String(metricsPort),
};

const api = spawn(process.execPath, [main], { stdio: ['ignore', 'pipe', 'inherit'], env });
const lines: { pid: number; msg: string; requestId?: string }[] = [];
let rest = '';
api.stdout.on('data', (text) => {
  const pieces = (rest + String(text)).split('\n');
  rest = pieces.pop() ?? '';
  for (const one of pieces) lines.push(JSON.parse(one) as (typeof lines)[number]);
});
const ended = once(api, 'close');
t.teardown(() => {
  // Those that serve end with it.
  api.kill('SIGKILL');
});
const metric = async (name: string) => {
  const text = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
  return readExposition(text).get(name)?.samples.reduce((sum, { value }) => sum + value, 0);
};
/** Milliseconds; the machine may have other things to do. */
const started = performance.now();
const both = () => until('two processes', async () => await metric('sconce_workers') === 2 || undefined, 60_000);
await both();
const startMs = performance.now() - started;

/** A connection that is kept: all that is asked by it, one after the other, is answered by one process. */
class Line {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  pid = 0;
  headers: Record<string, string> = {};

  static async open(): Promise<Line> {
    const line = new Line();
    const { id } = await line.ask('GET', '/healthz');
    line.pid = await until('its line in the log', () => lines.find(({ requestId }) => requestId === id)?.pid);
    return line;
  }

  async send(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<IncomingMessage> {
    const asking = request({ agent: this.#agent, host: '127.0.0.1', port, method, path, headers: {
      ...this.headers, ...headers, ...body !== undefined && { 'content-type': 'application/json' } } });
    asking.end(body === undefined ? undefined : JSON.stringify(body));
    const [response] = await once(asking, 'response') as [IncomingMessage];
    return response;
  }

  async ask<T>(method: string, path: string, body?: unknown, headers?: Record<string, string>) {
    const response = await this.send(method, path, body, headers);
    let text = '';
    for await (const piece of response) text += String(piece);
    return { status: response.statusCode, id: String(response.headers['x-request-id']), body: (text ? JSON.parse(text) : undefined) as T };
  }

  close(): void {
    this.#agent.destroy();
  }
}

/** A line to each process. */
async function toEach(headers: Record<string, string>): Promise<[Line, Line]> {
  const found = new Map<number, Line>();
  return until('a line to each', async () => {
    const line = await Line.open();
    if (found.has(line.pid)) line.close();
    else found.set(line.pid, line);
    line.headers = headers;
    const [one, other] = [...found.values()];
    return one && other && [one, other];
  });
}

/** A stream of events by this line, which is not for anything else from now on. */
async function watch(line: Line, headers: Record<string, string> = {}) {
  const response = await line.send('GET', '/api/v1/events', undefined, { accept: 'text/event-stream', ...headers });
  const seen: { id: string | undefined; event: Event }[] = [];
  let text = '';
  let closed = false;
  response.setEncoding('utf8').on('data', (piece: string) => {
    const blocks = (text + piece).split('\n\n');
    text = blocks.pop() ?? '';
    for (const block of blocks) {
      const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1];
      if (field('data')) seen.push({ id: field('id'), event: Event.parse(JSON.parse(field('data') ?? '')) });
    }
  });
  response.on('close', () => { closed = true; }).on('error', () => undefined);
  await until('its first events', () => seen.some(({ event }) => event.type === 'bus'));
  return {
    seen, pid: line.pid,
    forget: () => void seen.splice(0),
    outlet: (what: string, on: boolean) => until(`on the stream of ${line.pid}: ${what}`, () =>
      seen.find(({ event }) => event.type === 'outlet' && event.outlet.state.on === on)),
    closed: () => until('the stream to close', () => closed || undefined, 5000),
  };
}

/**
 * Milliseconds that a board takes to send: two frames of 44.8 ms, before which nobody hears it. And what was asked of any
 * of them so far.
 */
const twoFramesMs = 100;
let sendingMs = twoFramesMs;
const onAir: { board: string; beganAt: number }[] = [];

/** A board that transmits whatever it is asked. @param onCommand is told when it has */
async function plugIn(board: MintedDevice, onSent: (command: Command) => void = () => undefined) {
  const client = await connectAsync(`mqtts://localhost:${devicesPort}`, { ...credentials(board), clientId: board.id, protocolVersion: 5,
    will: { topic: topics.status(board.id), payload: Buffer.from('{"online":false,"since":0}'), qos: 1, retain: true } });
  client.on('error', () => undefined);
  client.on('message', (_topic, payload) => {
    const command = Command.parse(JSON.parse(payload.toString()));
    onAir.push({ board: board.id, beganAt: performance.now() });
    setTimeout(() => {
      onSent(command);
      client.publish(topics.ack(board.id, command.replyTo), JSON.stringify({ id: command.id, outcome: 'transmitted', ms: 1 }), { qos: 1 });
    }, sendingMs);
  });
  await client.subscribeAsync(topics.command(board.id), { qos: 1 });
  await client.publishAsync(topics.status(board.id), JSON.stringify({ online: true, since: Date.now() }), { qos: 1, retain: true });
  await client.publishAsync(topics.info(board.id), JSON.stringify({ firmware: '1', hardware: 'test', pins: [], resetReason: 'power on',
    capabilities: ['rf.send', 'rf.receive'], certificateNotAfter: Date.now() + 1e10 }), { qos: 1, retain: true });
  return client;
}
const frame = (code: number) => JSON.stringify({ code, bits: 24, protocol: 1, pulse: 350 });
const code = (value: number) => ({ code: value, bits: 24, protocol: 1, pulse: 350 });
let ears = await plugIn(attic);
const hallClient = await plugIn(hall, (command) => {
  // The other board hears what this one sends.
  if (command.do === 'rf.send') ears.publish(topics.received(attic.id), frame(command.code));
});
t.teardown(() => Promise.all([hallClient.endAsync(true), ears.endAsync(true)]).then(() => undefined));

const olive = new Visitor(publicUrl);
await olive.signIn('olive');
await until('both boards', async () => (await olive.json<{ firmware: string | null }[]>('/api/v1/devices')).filter((one) => one.firmware).length === 2);
for (const [board, name] of [[hall, 'Hall board'], [attic, 'Attic board']] as const) {
  await olive.json(`/api/v1/devices/${board.id}/adopt`, { method: 'POST', body: { name } });
}
const outlet = await olive.json<Outlet>('/api/v1/outlets', { method: 'POST',
  body: { deviceId: hall.id, name: 'Hall lamp', control: { kind: 'rf', on: code(1), off: code(2), repeat: 1 } } });
const { token } = await olive.json<MadeToken>('/api/v1/tokens', { method: 'POST', body: { name: 'script', scopes: ['read', 'switch', 'manage'] } });
const bearer = { authorization: `Bearer ${token}` };
const tap = (line: Line, on: boolean) => line.ask<{ outcome?: string; code?: string }>('POST', `/api/v1/outlets/${outlet.id}/switch`, { on });

/** Presses of a remote that were counted, as the audit log has them. */
async function presses(): Promise<number> {
  const rows = await db.selectFrom('audit').select('id').where('actor_kind', '=', 'remote').execute();
  return rows.length;
}
/** Presses the remote, out of the time in which it could be an echo, and waits until it has been counted. */
async function press(value: number): Promise<void> {
  // An echo may come for a quarter of a second.
  await new Promise((resolve) => setTimeout(resolve, 600));
  await ears.publishAsync(topics.received(attic.id), frame(value), { qos: 1 });
}

t.test('what is tapped by one process shows on the streams of both, by one id, and either can go on where the other was', async (t) => {
  const [a, b] = await toEach(bearer);
  const [c, d] = await toEach(bearer);
  const streams = [await watch(c), await watch(d)];
  t.equal(new Set(streams.map(({ pid }) => pid)).size, 2);
  for (const [line, on] of [[a, true], [b, false], [a, true], [b, false]] as const) {
    t.match(await tap(line, on), { status: 200, body: { outcome: 'transmitted' } });
    const [one, other] = await Promise.all(streams.map((stream) => stream.outlet('the tap', on)));
    t.ok(one?.id !== undefined && one.id === other?.id, `${one?.id}`);
    await until('the rest of it', () => streams.every(({ seen }) => seen.filter(({ event }) => event.type === 'audit').length > 0));
    for (const stream of streams) stream.forget();
  }
  t.match(await tap(a, true), { status: 200 });
  const last = (await streams[0]!.outlet('one more', true)).id ?? '';
  t.match(await tap(b, false), { status: 200 });
  for (const line of await toEach(bearer)) {
    const again = await watch(line, { 'last-event-id': last });
    t.notOk(again.seen.some(({ event }) => event.type === 'reset'), `${line.pid} knows ${last}`);
    await again.outlet('what was missed', false);
    line.close();
  }
  for (const line of [a, b, c, d]) line.close();
});

t.test('a session that is ended by one process closes its stream at the other, at once', async (t) => {
  for (const which of [0, 1]) {
    const guest = new Visitor(publicUrl);
    await guest.signIn('olive');
    const cookie = [...guest.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const pair = await toEach({ cookie, origin: publicUrl, 'sec-fetch-site': 'same-origin' });
    const stream = await watch(pair[which]!);
    const began = performance.now();
    t.equal((await pair[1 - which]!.ask('POST', '/auth/logout')).status, 204);
    await stream.closed();
    t.ok(performance.now() - began < 2000, `${Math.round(performance.now() - began)} ms`);
    for (const line of pair) line.close();
  }
});

t.test('a press of the remote counts once; what either process sends is no press', async (t) => {
  const pair = await toEach(bearer);
  const before = await presses();
  for (const line of pair) for (const on of [true, false]) t.match(await tap(line, on), { status: 200 });
  await press(1);
  await until('the press', async () => (await pair[0].ask<Outlet[]>('GET', '/api/v1/outlets')).body[0]?.state.source === 'remote');
  await until('its entry', async () => await presses() > before);
  t.equal(await presses(), before + 1, 'the one press, and none of the four commands');
  for (const line of pair) {
    t.match((await line.ask<Outlet[]>('GET', '/api/v1/outlets')).body, [{ state: { on: true, source: 'remote' }, device: { online: true } }]);
    line.close();
  }
});

t.test('two boards that are asked by two processes at the same time send one after the other', async (t) => {
  const pair = await toEach(bearer);
  const control = { kind: 'rf', on: code(3), off: code(4), repeat: 3 };
  const { body: other } = await pair[0].ask<Outlet>('POST', '/api/v1/outlets', { deviceId: attic.id, name: 'Attic lamp', control });
  onAir.splice(0);
  sendingMs = 300;
  const answers = await Promise.all([tap(pair[0], true), pair[1].ask('POST', `/api/v1/outlets/${other.id}/switch`, { on: true })]);
  sendingMs = twoFramesMs;
  t.match(answers, [{ status: 200 }, { status: 200 }]);
  const [first, second, ...more] = onAir;
  t.same(more, []);
  t.not(first?.board, second?.board);
  const gapMs = (second?.beganAt ?? 0) - (first?.beganAt ?? 0);
  t.ok(gapMs >= 290, `the second began ${Math.round(gapMs)} ms after the first, which took 300`);
  t.match(await pair[0].ask('DELETE', `/api/v1/outlets/${other.id}`), { status: 204 });
  for (const line of pair) line.close();
});

t.test('what boards say is counted once, though both hear it; answers each counts for itself', async (t) => {
  const pair = await toEach(bearer);
  const before = await metric('sconce_mqtt_messages_total') ?? 0;
  const telemetry = JSON.stringify({ rssi: -60, heapFree: 1, heapLargestBlock: 1, uptime: 1, tlsHandshakeMs: 1 });
  for (let i = 0; i < 3; i += 1) await hallClient.publishAsync(topics.telemetry(hall.id), telemetry, { qos: 1 });
  // What these two are answered comes after it, to both; the other board hears each of them.
  for (const line of pair) t.match(await tap(line, true), { status: 200 });
  await until('all of it', async () => (await metric('sconce_mqtt_messages_total') ?? 0) >= before + 3 + 2 * 2 || undefined);
  t.equal(await metric('sconce_mqtt_messages_total'), before + 3 + 2 * 2);
  for (const line of pair) line.close();
});

t.test('they count requests together', async (t) => {
  const pair = await toEach({ authorization: 'Bearer sct_none' });
  let passed = 0;
  while ((await pair[passed % 2]!.ask('GET', '/api/v1/me')).status === 401) passed += 1;
  t.equal(passed, 60);
  for (const line of pair) line.close();
});

t.test('each is killed in turn: the other serves, its streams go on, presses count once, and it is back', async (t) => {
  for (const round of [1, 2]) {
    const pair = await toEach(bearer);
    const [first, second] = [...pair].sort((a, b) => a.pid - b.pid) as [Line, Line];
    // The older one leads, at first.
    const [victim, survivor] = [first, second];
    const stream = await watch((await toEach(bearer)).find(({ pid }) => pid === survivor.pid)!);
    const counted = await presses();
    const served = await metric('sconce_http_requests_total') ?? 0;
    const began = performance.now();
    process.kill(victim.pid, 'SIGKILL');
    t.match(await tap(survivor, true), { status: 200, body: { outcome: 'transmitted' } }, `${round}: the other serves`);
    await stream.outlet('a tap after the death', true);
    // While nobody may be leading: a board goes.
    await ears.endAsync(true);
    ears = await plugIn(attic);
    t.ok((await metric('sconce_http_requests_total') ?? 0) >= served, `${round}: no counter falls`);
    await both();
    const tookMs = performance.now() - began;
    t.ok(tookMs < startMs + 2000, `${round}: back after ${Math.round(tookMs)} ms; all began within ${Math.round(startMs)}`);
    await press(2);
    await stream.outlet('a press after the death', false);
    await until('its entry', async () => await presses() > counted);
    t.equal(await presses(), counted + 1, `${round}: counted once`);
    for (const line of await toEach(bearer)) {
      const devices = (await line.ask<{ online: boolean }[]>('GET', '/api/v1/devices')).body;
      t.same(devices.map(({ online }) => online), [true, true], `${line.pid} knows who is there`);
      t.match(await tap(line, true), { status: 200 });
      line.close();
    }
    for (const line of pair) line.close();
  }
  t.equal(await metric('sconce_worker_deaths_total'), 2);
  t.equal(lines.filter(({ msg }) => msg === 'a process of the API has died; another takes its place').length, 2, 'it is told in words');
});

t.test('asked to stop, all of them do, even while they begin; without a port, none begins', async (t) => {
  const pids = [...new Set(lines.map(({ pid }) => pid))];
  api.kill('SIGTERM');
  t.match(await ended, [0]);
  for (const pid of pids) t.throws(() => process.kill(pid, 0), `${pid} is gone`);
  const young = spawn(process.execPath, [main], { stdio: ['ignore', 'pipe', 'inherit'], env });
  t.teardown(() => {
    young.kill('SIGKILL');
  });
  const youngEnded = once(young, 'close');
  let words = '';
  young.stdout.on('data', (text) => { words += String(text); });
  // The first process answers before the others have begun.
  await until('the first process', () => fetch(`http://127.0.0.1:${metricsPort}/metrics`).then(({ ok }) => ok || undefined, () => undefined), 20_000);
  young.kill('SIGTERM');
  t.match(await youngEnded, [0]);
  t.notMatch(words, /killed by timeout|Cannot listen/);

  const blocker = createServer().listen(port, '127.0.0.1');
  await once(blocker, 'listening');
  const late = spawn(process.execPath, [main], { stdio: ['ignore', 'pipe', 'inherit'], env });
  let said = '';
  late.stdout.on('data', (text) => { said += String(text); });
  t.match(await once(late, 'close'), [1]);
  t.match(said, `Cannot listen on 127.0.0.1:${port}. Is another program using that port?`);
  blocker.close();
});
