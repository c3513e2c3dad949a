import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { connectAsync } from 'mqtt';
import t from 'tap';
import { CommandId } from '@sconce/protocol/ids';
import { Command } from '@sconce/protocol/messages';
import { topics } from '@sconce/protocol/topics';
import { startMosquitto } from '../../acceptance/src/mosquitto.ts';
import { credentials, initPki, mintDevice } from '../../acceptance/src/pki.ts';
import { freePorts } from '../../acceptance/src/process.ts';
import { until } from '../../acceptance/src/until.ts';
import { createMetrics } from '../src/metrics/metrics.ts';
import { createBus, type DeviceMessage } from '../src/mqtt/bus.ts';

const dir = t.testdir();
const pkiDir = join(dir, 'pki');
const pki = await initPki(pkiDir);
const board = await mintDevice(pkiDir, 'Hall board');
const stranger = await mintDevice(pkiDir, 'Another board');
const elsewhere = await initPki(join(dir, 'another-household'));
const [devicesPort, servicesPort, closedPort] = await freePorts(3) as [number, number, number];
const where = { pkiDir, devicesPort, servicesPort };
const broker = await startMosquitto(where);
t.teardown(() => broker.stop());

type Line = { level: string; text: string };

/** A bus on the real broker, with all that it logs and hears. */
function open(test: { teardown(handler: () => Promise<void>): void }, url = `mqtts://localhost:${servicesPort}`,
  identity = credentials(pki.api)) {
  const lines: Line[] = [];
  const heard: DeviceMessage[] = [];
  const connections: boolean[] = [];
  const note = (level: string) => (_fields: object, text: string) => void lines.push({ level, text });
  const { meter } = createMetrics();
  const bus = createBus({ url, ...identity, meter, log: { info: note('info'), warn: note('warn'), error: note('error') } });
  bus.start({ onMessage: (message) => heard.push(message), onConnection: (connected) => connections.push(connected) });
  test.teardown(() => bus.close());
  return { bus, lines, heard, connections };
}

const soon = (ms = 1000) => new Date(Date.now() + ms);
const command = () => CommandId.parse(randomUUID());

t.test('what keeps the API from its broker is said in words, once', async (t) => {
  const api = credentials(pki.api);
  for (const [why, url, identity, words] of [
    ['nothing listens', `mqtts://localhost:${closedPort}`, api, /Nothing listens at localhost:\d+\. Start the broker, or correct the port in MQTT_URL/],
    ['another name', `mqtts://127.0.0.1:${servicesPort}`, api, /certificate is not for 127\.0\.0\.1.*BROKER_HOST/],
    ['another household’s broker', `mqtts://localhost:${servicesPort}`, { ...api, ca: readFileSync(elsewhere.api.ca) }, /not from the authority that the API trusts/],
    ['another household’s certificate', `mqtts://localhost:${servicesPort}`, { ...credentials(elsewhere.api), ca: api.ca }, /does not trust the authority of the certificate of the API/],
    ['the listener for boards', `mqtts://localhost:${devicesPort}`, api, /does not trust the authority of the certificate of the API/],
  ] as const) {
    const { bus, lines, connections } = open(t, url, identity);
    await until(`${why}: a word`, () => lines.find(({ level }) => level === 'error'));
    t.match(lines[0]?.text, words, why);
    t.same(connections, [], `${why}: it stays outside`);
    await t.rejects(bus.send(board.id, command(), { do: 'identify' }, soon()), { name: 'BusUnreachable' });
    // Long enough for a second attempt.
    await new Promise((resolve) => setTimeout(resolve, 700));
    t.equal(lines.filter(({ level }) => level === 'error').length, 1, `${why}: said once`);
    await bus.close();
  }
});

t.test('a command reaches its board alone, expires with the broker, and is answered', async (t) => {
  const { bus, heard, connections } = open(t);
  await until('the connection', () => connections.includes(true));
  const client = await connectAsync(`mqtts://localhost:${devicesPort}`,
    { ...credentials(board), clientId: board.id, protocolVersion: 5 });
  t.teardown(() => client.endAsync());
  const id = command();
  t.same(await bus.send(board.id, id, { do: 'identify' }, soon()), { outcome: 'offline' },
    'the broker says at once that nobody listens');

  await client.subscribeAsync(topics.command(board.id), { qos: 1 });
  const asked: { command: Command; expiry: number | undefined; retain: boolean }[] = [];
  client.on('message', (_topic, payload, packet) => {
    const read = Command.parse(JSON.parse(payload.toString()));
    asked.push({ command: read, expiry: packet.properties?.messageExpiryInterval, retain: packet.retain });
    if (read.do === 'restart') return;
    const answer = JSON.stringify({ id: read.id, outcome: 'transmitted', ms: 1 });
    const tell = () => {
      client.publish(topics.ack(board.id, read.replyTo), answer, { qos: 1 });
      client.publish(topics.ack(board.id, read.replyTo), 'not JSON', { qos: 1 });
    };
    if (read.do === 'rf.send') setTimeout(tell, 1500);
    else tell();
  });
  const delivery = await bus.send(board.id, command(), { do: 'pin.set', pin: 5, on: true }, soon(4000));
  t.same(delivery, { outcome: 'transmitted' });
  t.match(asked[0], { command: { do: 'pin.set', pin: 5, on: true }, retain: false });
  t.ok((asked[0]?.expiry ?? 0) >= 1 && (asked[0]?.expiry ?? 99) <= 4, 'the broker drops what is late');

  const began = performance.now();
  const silence = await bus.send(board.id, command(), { do: 'restart' }, soon(300));
  t.same(silence, { outcome: 'expired' }, 'silence ends by itself');
  t.ok(performance.now() - began >= 300);

  // Forty repeats of a code that takes 44.8 ms.
  const slow = { do: 'rf.send', code: 1, bits: 24, protocol: 1, pulse: 350, repeat: 40 } as const;
  t.same(await bus.send(board.id, command(), slow, soon(300)), { outcome: 'transmitted' },
    'begun in time, a board is heard when it has sent');

  const status = JSON.stringify({ online: true, since: 1 });
  await client.publishAsync(topics.status(board.id), status, { qos: 1, retain: true });
  await client.publishAsync(topics.info(board.id), '{"firmware":1}', { qos: 1 });
  const frame = JSON.stringify({ code: 1, bits: 24, protocol: 1, pulse: 350 });
  await client.publishAsync(topics.received(board.id), frame, { qos: 1 });
  await until('what the board says', () => heard.find(({ channel }) => channel === 'rf/received'));
  t.same(heard.map(({ channel }) => channel), ['status', 'rf/received'],
    'an unreadable message is dropped, the next one is not');
});

t.test('what is retained is there after a new start, until it is cleared', async (t) => {
  const first = open(t);
  await until('the retained status', () => first.heard.find(({ channel }) => channel === 'status'));
  first.bus.clearRetained(board.id);
  await until('the end of it', async () => {
    const again = open(t);
    await until('the connection', () => again.connections.includes(true));
    await again.bus.send(board.id, command(), { do: 'identify' }, soon(10)).catch(() => undefined);
    return again.heard.length === 0;
  });
});

t.test('only the board that was asked can answer; one that babbles fills no log', async (t) => {
  const { bus, lines, connections } = open(t);
  await until('the connection', () => connections.includes(true));
  const join = (who: typeof board) =>
    connectAsync(`mqtts://localhost:${devicesPort}`, { ...credentials(who), clientId: who.id });
  const [asked, other] = await Promise.all([join(board), join(stranger)]);
  t.teardown(() => Promise.all([asked.endAsync(), other.endAsync()]).then(() => undefined));
  asked.on('message', (_topic, payload) => {
    const { id, replyTo } = Command.parse(JSON.parse(payload.toString()));
    const answer = JSON.stringify({ id, outcome: 'transmitted', ms: 1 });
    for (let i = 0; i < 100; i += 1) other.publish(topics.ack(stranger.id, replyTo), answer, { qos: 1 });
    for (let i = 0; i < 100; i += 1) other.publish(topics.info(stranger.id), 'not JSON', { qos: 1 });
  });
  await asked.subscribeAsync(topics.command(board.id), { qos: 1 });
  t.same(await bus.send(board.id, command(), { do: 'identify' }, soon(500)), { outcome: 'expired' });
  t.strictSame(lines.filter(({ level }) => level === 'warn').map(({ text }) => text).sort(),
    ['an answer that nobody waits for, from a board', 'unreadable message, from a board'], 'each is said once');
});
