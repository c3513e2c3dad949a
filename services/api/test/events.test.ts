import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import t from 'tap';
import type { Event } from '@sconce/protocol/events';
import type { MadeToken } from '@sconce/protocol/http';
import type { DeviceId } from '@sconce/protocol/ids';
import { until } from '../../acceptance/src/until.ts';
import { nameDevice } from '../src/db/devices.ts';
import { setPerson } from '../src/db/people.ts';
import { meView } from '../src/usecases/views.ts';
import { board, databases, Household } from './household.ts';

const { db, stop } = await databases.PGlite!();
const household = await Household.on(db);
t.teardown(async () => {
  await household.close();
  await stop();
});
const { context, app, bus } = household;
const olive = await household.person('olive');
const outlet = await household.withOutlet(olive.client);
await app.listen({ host: '127.0.0.1', port: 0 });
const { port } = app.server.address() as AddressInfo;
const url = `http://127.0.0.1:${port}`;

const streams = new Set<AbortController>();
t.afterEach(async () => {
  for (const leave of streams) leave.abort();
  await until('all streams to be forgotten', () => listeners === 0);
});

/** An open stream; `seen` has what it told. */
async function watch(headers: Record<string, string>) {
  const leave = new AbortController();
  streams.add(leave);
  const response = await fetch(`${url}/api/v1/events`, { headers, signal: leave.signal });
  const seen: { id: string | undefined; event: Event }[] = [];
  let text = '';
  const read = async () => {
    for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      text += chunk;
      const blocks = text.split('\n\n');
      text = blocks.pop() ?? '';
      for (const block of blocks) {
        const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1];
        seen.push({ id: field('id'), event: JSON.parse(field('data') ?? 'null') as Event });
      }
    }
  };
  const ended = read().catch(() => undefined);
  const event = (type: Event['type']) => until(`an event ${type}`, () => seen.find((one) => one.event.type === type));
  return { seen, ended, event };
}

/** How many are told of what happens. */
let listeners = 0;
const { feed } = context;
const subscribe = feed.subscribe.bind(feed);
feed.subscribe = (listener) => {
  listeners += 1;
  const unsubscribe = subscribe(listener);
  return () => {
    listeners -= 1;
    unsubscribe();
  };
};

const tap = (on: boolean) => olive.client('POST', `/api/v1/outlets/${outlet.id}/switch`, { on });
const bearer = async (...scopes: string[]) => {
  const made = (await olive.client('POST', '/api/v1/tokens', { name: 'script', scopes })).json<MadeToken>();
  return { authorization: `Bearer ${made.token}` };
};
const frame = { bits: 24, protocol: 1, pulse: 350 };
const telemetry = { rssi: -60, heapFree: 1, heapLargestBlock: 1, uptime: 1, tlsHandshakeMs: 1 };

t.test('a token sees on the stream what it may see elsewhere, and no more', async (t) => {
  const refused = await fetch(`${url}/api/v1/events`, { headers: await bearer('switch') });
  t.match(await refused.json(), { code: 'scope_missing' });
  const reader = await watch(await bearer('read'));
  const manager = await watch(await bearer('read', 'manage'));
  await manager.event('reset');
  await reader.event('reset');
  await household.boardSays({ channel: 'telemetry', value: telemetry });
  await tap(true);
  await manager.event('outlet');
  const { event } = await reader.event('outlet');
  t.notOk(event.type === 'outlet' && 'control' in event.outlet, 'radio codes are for those who manage');
  t.ok(manager.seen.some((one) => one.event.type === 'outlet' && one.event.outlet.control));
  t.ok(manager.seen.some((one) => one.event.type === 'device'));
  t.notOk(reader.seen.some((one) => one.event.type === 'device'), 'boards are, too');
  const [seen] = (await household.as(await bearer('read'))('GET', '/api/v1/outlets')).json<object[]>();
  t.notOk(seen && 'control' in seen, 'the list says the same');
});

t.test('who comes back gets what they missed; who was away too long, or over a restart, a reset', async (t) => {
  const first = await watch({ cookie: olive.cookie });
  await first.event('reset');
  await tap(true);
  const { id = '' } = await first.event('outlet');
  await tap(false);
  const again = await watch({ cookie: olive.cookie, 'last-event-id': id });
  await again.event('bus');
  t.equal(again.seen[0]?.event.type, 'outlet');
  t.notOk(again.seen.some(({ event }) => event.type === 'reset'));
  for (const [why, last] of [
    ['an id of another process', 'before-7'], ['one that was never given', 'test-999999'], ['nonsense', '\u00ff'],
  ] as const) {
    const stream = await watch({ cookie: olive.cookie, 'last-event-id': last });
    await stream.event('bus');
    t.equal(stream.seen[0]?.event.type, 'reset', why);
  }
  for (let i = 0; i < 600; i += 1) {
    feed.publish({ type: 'bus', connected: true }, { to: 'person', id: 'nobody' as never });
  }
  const late = await watch({ cookie: olive.cookie, 'last-event-id': id });
  await late.event('bus');
  t.equal(late.seen[0]?.event.type, 'reset', 'the memory is short');
});

t.test('somebody who is deactivated: their stream ends, and nothing else does', async (t) => {
  const { person, cookie } = await household.person('mona');
  const active = await setPerson(db, person.id, { state: 'active' });
  const stream = await watch({ cookie });
  await stream.event('reset');
  const gone = await setPerson(db, person.id, { state: 'deactivated' });
  feed.publish({ type: 'me', me: meView(gone) }, { to: 'person', id: person.id });
  feed.publish({ type: 'me', me: meView(active) }, { to: 'person', id: person.id });
  await stream.ended;
  t.match(stream.seen.at(-1)?.event, { type: 'me', me: { state: 'deactivated' } });
  const again = await fetch(`${url}/api/v1/events`, { headers: { cookie } });
  t.match(await again.json(), { status: 403, code: 'deactivated' }, 'and there is no other');
  t.equal((await fetch(`${url}/healthz`)).status, 200, 'the process lives');
});

t.test('somebody who is deactivated after they were looked up and before anybody listened for them', async () => {
  const { person, cookie } = await household.person('lena');
  await setPerson(db, person.id, { state: 'active' });
  const counting = feed.subscribe;
  let change: Promise<unknown> = Promise.resolve();
  feed.subscribe = (listener) => {
    // One connection serves this database: what is asked first is done first.
    change = setPerson(db, person.id, { state: 'deactivated' });
    return counting(listener);
  };
  const stream = await watch({ cookie });
  feed.subscribe = counting;
  await change;
  await until('the stream to be ended', () => listeners === 0, 2000);
  await stream.ended;
});

/** Asks for a stream and reads nothing. */
function deaf(cookie: string): Socket {
  const socket = connect(port, '127.0.0.1');
  socket.pause();
  socket.on('error', () => undefined);
  socket.write(`GET /api/v1/events HTTP/1.1\r\nhost: x\r\ncookie: ${cookie}\r\n\r\n`);
  return socket;
}

t.test('somebody who does not read is dropped', async (t) => {
  const socket = deaf(olive.cookie);
  await until('the stream', () => listeners === 1);
  const [large] = (await olive.client('GET', '/api/v1/devices')).json<Extract<Event, { type: 'device' }>['device'][]>();
  let told = 0;
  await until('the end of it', () => {
    for (let i = 0; i < 2000; i += 1) feed.publish({ type: 'device', device: large! }, { to: 'admins' });
    told += 2000;
    return listeners === 0;
  });
  t.ok(told < 200_000, `after ${told} events`);
  const closed = once(socket, 'close');
  socket.resume();
  await closed;
});

t.test('somebody who leaves while they are being looked up leaves nothing behind', async () => {
  const hold = await db.startTransaction().execute();
  const gone: Promise<unknown>[] = [];
  const count = (request: IncomingMessage) => void gone.push(once(request.socket, 'close'));
  app.server.on('request', count);
  const leaving = Array.from({ length: 20 }, () => deaf(olive.cookie));
  await until('the requests', () => gone.length === leaving.length);
  app.server.off('request', count);
  for (const one of leaving) one.destroy();
  await Promise.all(gone);
  await hold.commit().execute();
  await olive.client('GET', '/api/v1/me');
  await until('all of them to be forgotten', () => listeners === 0);
});

t.test('a board that floods: bounded, the least important is dropped, and it is said once', async (t) => {
  const lines: object[] = [];
  const { warn } = context.log;
  context.log.warn = (fields) => void lines.push(fields);
  // What a board has just sent is no press.
  household.later(2000);
  for (let uptime = 1; uptime <= 5000; uptime += 1) {
    bus.listener?.onMessage({ device: board, channel: 'telemetry', value: { ...telemetry, uptime } });
    bus.listener?.onMessage({ device: board, channel: 'rf/received', value: { ...frame, code: uptime } });
    if (uptime !== 2500) continue;
    bus.listener?.onMessage({ device: board, channel: 'status', value: { online: false, since: 0 } });
  }
  bus.listener?.onMessage({ device: board, channel: 'rf/received', value: { ...frame, code: 5393 } });
  const began = performance.now();
  await household.settled();
  t.ok(performance.now() - began < 2000, `${Math.round(performance.now() - began)} ms for 10,000 messages`);
  t.match((await olive.client('GET', '/api/v1/devices')).json(), [{ online: false, uptime: 5000 }]);
  t.match((await olive.client('GET', '/api/v1/outlets')).json(), [{ state: { on: true, source: 'remote' } }],
    'the last press counts');
  t.equal(lines.length, 1, 'said once');
  context.log.warn = warn;
});

t.test('a connection that is lost and comes back: what was said before does not count', async (t) => {
  const online = { device: board, channel: 'status', value: { online: true, since: Date.now() } } as const;
  bus.listener?.onMessage(online);
  bus.listener?.onConnection(false);
  await household.settled();
  t.match((await olive.client('GET', '/api/v1/devices')).json(), [{ online: false }],
    'a status that waited to be stored');
  bus.listener?.onConnection(false);
  bus.listener?.onConnection(true);
  bus.listener?.onMessage(online);
  await household.settled();
  t.match((await olive.client('GET', '/api/v1/devices')).json(), [{ online: true, since: String }],
    'the loss does not overtake what follows it');
});

t.test('after a connection, who does not show up is gone', async (t) => {
  bus.listener?.onMessage({ device: board, channel: 'status', value: { online: true, since: Date.now() } });
  await household.settled();
  bus.listener?.onConnection(false);
  bus.listener?.onConnection(true);
  await until('the board to be given up', async () =>
    (await db.selectFrom('devices').select('online').executeTakeFirstOrThrow()).online === false);
  t.match((await olive.client('GET', '/api/v1/devices')).json(), [{ online: false, since: String }]);
});

t.test('boards that say strange things do not break the page on which they are shown', async (t) => {
  const info = {
    firmware: '1', hardware: '1', capabilities: ['rf.send'], pins: [], resetReason: '', certificateNotAfter: 0,
  };
  for (const [why, change, shown] of [
    ['a certificate that ends after all time', { certificateNotAfter: Number.MAX_SAFE_INTEGER }, null],
    ['in the year 10000', { certificateNotAfter: Date.UTC(10_000, 0) }, null],
    ['in the year 9999', { certificateNotAfter: Date.UTC(9999, 0) }, '9999-01-01T00:00:00.000Z'],
    ['a text that cannot be stored', { firmware: 'a\u0000b' }, '9999-01-01T00:00:00.000Z'],
    ['half a character', { firmware: '\ud800', certificateNotAfter: 0 }, String],
  ] as const) {
    await household.boardSays({ channel: 'info', value: { ...info, ...change } });
    const answer = await olive.client('GET', '/api/v1/devices');
    t.equal(answer.statusCode, 200, why);
    t.match(answer.json(), [{ certificateNotAfter: shown }], why);
  }
  const stranger = 'f'.repeat(32);
  bus.listener?.onMessage({ device: stranger as never, channel: 'rf/received', value: { ...frame, code: 5396 } });
  await household.settled();
  t.match((await olive.client('GET', '/api/v1/outlets')).json(), [{ state: { on: true } }],
    'a board that nobody adopted switches nothing');
});

t.test('two admins adopt one board', async (t) => {
  const id = 'f'.repeat(32);
  const both = await Promise.all(['East board', 'West board'].map((name) =>
    olive.client('POST', `/api/v1/devices/${id}/adopt`, { name })));
  t.strictSame(both.map(({ statusCode }) => statusCode).sort(), [200, 409], 'one of them adopts it');
  t.match(both.find(({ statusCode }) => statusCode === 409)?.json(), { code: 'device_adopted_already' });
  const late = await nameDevice(db, id as DeviceId, 'North board', new Date());
  t.equal(late, false, 'even if both looked before either did it');
});

t.test('a character that PostgreSQL cannot keep is the request’s fault', async (t) => {
  const nul = await olive.client('PATCH', `/api/v1/outlets/${outlet.id}`, { name: 'a\u0000b' });
  t.match(nul.json(), { status: 400, code: 'invalid_request' });
});

t.test('identify says what came of it', async (t) => {
  bus.listener?.onMessage({ device: board, channel: 'status', value: { online: true, since: Date.now() } });
  await household.settled();
  for (const [answer, code] of [
    ['expired', 'command_expired'], ['refused', 'command_refused'], ['failed', 'command_failed'], ['offline', 'device_offline'],
  ] as const) {
    bus.answer = async () => ({ outcome: answer });
    t.match((await olive.client('POST', `/api/v1/devices/${board}/identify`)).json(), { code });
  }
  bus.answer = async () => ({ outcome: 'transmitted' });
  t.equal((await olive.client('POST', `/api/v1/devices/${board}/identify`)).statusCode, 204);
});

t.test('a server that closes ends its streams, the stuck ones too, and those that are about to begin', async (t) => {
  const stream = await watch({ cookie: olive.cookie });
  await stream.event('reset');
  const socket = deaf(olive.cookie);
  await until('the stream', () => listeners === 2);
  const hold = await db.startTransaction().execute();
  const asked = once(app.server, 'request');
  const late = fetch(`${url}/api/v1/events`, { headers: { cookie: olive.cookie } }).then((answer) => answer.text());
  await asked;
  const began = performance.now();
  const closed = app.close();
  await stream.ended;
  await hold.commit().execute();
  await closed;
  t.ok(performance.now() - began < 2000, `${Math.round(performance.now() - began)} ms`);
  await late;
  t.equal(listeners, 0);
  socket.destroy();
});
