import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ReplicaId } from '@sconce/protocol/ids';
import { limits } from '@sconce/protocol/limits';
import { topics } from '@sconce/protocol/topics';
import type { IClientOptions } from 'mqtt';
import t from 'tap';
import { startMosquitto } from '../src/mosquitto.ts';
import { initPki, mintDevice, repository } from '../src/pki.ts';
import { freePorts } from '../src/process.ts';
import { connect, versions } from './clients.ts';
import type { Client, Version } from './clients.ts';

/*
 * Delivery, on a real Mosquitto with the shipped configuration: Mosquitto answers a forbidden subscription with success
 * and at 3.1.1 acknowledges a forbidden publish, so answers prove nothing. A marker that is sent afterwards on the same
 * way, and arrives, says that whatever was to come has come.
 */
const pkiDir = join(t.testdir(), 'store');
const { api, metrics } = await initPki(pkiDir);
const [a, b] = [await mintDevice(pkiDir, 'A'), await mintDevice(pkiDir, 'B')];
const [devicesPort = 0, servicesPort = 0] = await freePorts(2);
const replica = ReplicaId.parse('0000000a');

// One folder for all its starts: whatever it left there, the next start would find.
const runDir = mkdtempSync(join(tmpdir(), 'sconce-broker-'));
const start = () => startMosquitto({ pkiDir, devicesPort, servicesPort, runDir });
let broker = await start();
t.teardown(async () => {
  await broker.kill();
  rmSync(runDir, { recursive: true, force: true });
});

let marks = 0;
const marker = () => `marker ${++marks}`;

/** The clients of one test; all are closed when it ends. */
function clients(t: { teardown(handler: () => unknown): void }) {
  const open: Client[] = [];
  t.teardown(() => Promise.all(open.map(({ mqtt }) => mqtt.endAsync(true))));
  const keep = (client: Client) => {
    open.push(client);
    return client;
  };
  const device = async (identity: typeof a, version: Version = 5, options: IClientOptions = {}) =>
    keep(await connect(devicesPort, identity, { protocolVersion: version, clientId: identity.id, ...options }));
  const service = async (identity = api) => keep(await connect(servicesPort, identity));
  /** The API, hearing everything. */
  const watcher = async () => {
    const client = await service();
    await client.mqtt.subscribeAsync('sconce/v1/#', { qos: 1 });
    return client;
  };
  return { device, service, watcher };
}

const own = [
  topics.status(a.id), topics.info(a.id), topics.telemetry(a.id), topics.received(a.id), topics.certificate(a.id),
  topics.ack(a.id, replica),
];

for (const [version, name] of versions) {
  t.test(`${name}: a device says on its own topics what the API hears`, async (t) => {
    const { device, watcher } = clients(t);
    const [hears, says] = [await watcher(), await device(a, version)];
    for (const topic of own) {
      await says.say(topic, marker());
      t.equal((await hears.hears(`marker ${marks}`)).topic, topic);
    }
    await says.say(topics.received(a.id), 'received', { qos: 0 });
    await hears.hears('received');
  });

  t.test(`${name}: a device hears its own commands`, async (t) => {
    const { device, service } = clients(t);
    const [hears, says] = [await device(a, version), await service()];
    await hears.mqtt.subscribeAsync(topics.command(a.id), { qos: 1 });
    await says.say(topics.command(a.id), 'x'.repeat(limits.commandBytes));
    t.equal((await hears.hears('x'.repeat(limits.commandBytes))).topic, topics.command(a.id));
  });

  t.test(`${name}: a device hears nothing of anybody else`, async (t) => {
    const { device, service } = clients(t);
    const [eavesdropper, neighbour, says] = [await device(a, version), await device(b), await service()];
    const filters = [
      '#', '+/+/+/command', '+/+/#', 'sconce/v1/+/command', 'sconce/#', 'sconce/v1/#', `sconce/v1/${b.id}/#`,
      topics.command(b.id), topics.status(b.id), topics.ack(b.id, replica), `$share/group/sconce/v1/+/command`,
      '$SYS/#', '$SYS/broker/version', '+/broker/version',
    ];
    await neighbour.say(topics.status(b.id), 'retained before', { retain: true });
    for (const filter of filters) await eavesdropper.mqtt.subscribeAsync(filter, { qos: 1 }).catch(() => undefined);
    const topicsOfB = [topics.status, topics.info, topics.telemetry, topics.received, topics.certificate].map((topic) => topic(b.id));
    for (const topic of [...topicsOfB, topics.ack(b.id, replica)]) await neighbour.say(topic, 'secret');
    await says.say(topics.command(b.id), 'secret');
    await says.say('sconce/v1/household', 'secret');
    await says.say(topics.command(a.id), marker());
    t.equal((await eavesdropper.hears(`marker ${marks}`)).topic, topics.command(a.id));
    // Overlapping filters may deliver its own command more than once; that is all it may hear.
    t.same(new Set(eavesdropper.heard.map(({ topic }) => topic)), new Set([topics.command(a.id)]));
  });

  t.test(`${name}: a device cannot speak for another, nor as the API`, async (t) => {
    const { device, watcher } = clients(t);
    const [liar, victim, hears] = [await device(a, version), await device(b), await watcher()];
    await victim.mqtt.subscribeAsync('#', { qos: 1 });
    await victim.mqtt.subscribeAsync(topics.command(b.id), { qos: 1 });
    const lie = `lie at ${name}`;
    const forbidden = [
      topics.status(b.id), topics.info(b.id), topics.telemetry(b.id), topics.received(b.id), topics.ack(b.id, replica),
      topics.certificate(b.id), topics.command(b.id), topics.command(a.id), `sconce/v1/${a.id}`, `sconce/v1/${a.id}/ack`,
      `sconce/v1/${a.id}/ack/${replica}/more`, `sconce/v1/${a.id}/rf`, `sconce/v1/${a.id}/status/more`, 'sconce/v1/x',
    ];
    for (const topic of forbidden) {
      await liar.say(topic, lie, { retain: true });
      await liar.say(topic, lie, { qos: 0 });
    }
    await liar.say(topics.telemetry(a.id), marker());
    await hears.hears(`marker ${marks}`);
    t.same(hears.heard.filter(({ payload }) => payload === lie), []);
    await hears.say(topics.command(b.id), marker());
    await victim.hears(`marker ${marks}`);
    t.same(victim.heard.filter(({ payload }) => payload === lie), []);
  });

  t.test(`${name}: a last will reaches its own status only`, async (t) => {
    const { device, watcher } = clients(t);
    const hears = await watcher();
    await (await device(b)).say(topics.status(b.id), 'B is well', { retain: true });
    const wills = [[topics.status(b.id), false], [topics.command(b.id), false], [topics.status(a.id), true]] as const;
    for (const [topic, lands] of wills) {
      const payload = `will ${marker()}`;
      const dying = await device(a, version, { will: { topic, payload: Buffer.from(payload), qos: 1, retain: true } })
        .catch(() => undefined);
      dying?.drop();
      // The new connection has the same client id, so the old one and its will are over before it begins.
      await (await device(a, version)).say(topics.telemetry(a.id), marker());
      await hears.hears(`marker ${marks}`);
      t.equal(hears.heard.some((message) => message.payload === payload), lands, `on ${topic}`);
    }
    const late = await watcher();
    t.equal((await late.hears('B is well')).topic, topics.status(b.id), 'the retained status is still its own');
  });

  t.test(`${name}: nobody takes another's client id`, async (t) => {
    const { device, service } = clients(t);
    const [victim, says] = [await device(b), await service()];
    let thrownOff = false;
    victim.mqtt.on('close', () => { thrownOff = true; });
    await victim.mqtt.subscribeAsync(topics.command(b.id), { qos: 1 });
    for (const clientId of [b.id, '', 'api']) {
      const thief = await device(a, version, { clientId, username: b.id, clean: true }).catch(() => undefined);
      for (const { id } of [a, b]) {
        await thief?.mqtt.subscribeAsync(topics.command(id), { qos: 1 }).catch(() => undefined);
      }
      const loot = marker();
      await says.say(topics.command(b.id), loot);
      await victim.hears(loot);
      await says.say(topics.command(a.id), marker());
      await thief?.hears(`marker ${marks}`);
      t.notOk(thief?.heard.some(({ payload }) => payload === loot), `as "${clientId}" it hears nothing of the other`);
    }
    t.notOk(thrownOff, 'it was never thrown off');
  });

  t.test(`${name}: what is larger than a message may be is not taken`, async (t) => {
    const { device, watcher } = clients(t);
    const [hears, says] = [await watcher(), await device(a, version)];
    const largest = 'x'.repeat(limits.deviceMessageBytes);
    await says.say(topics.ack(a.id, replica), largest);
    await hears.hears(largest);
    const closed = new Promise<void>((resolve) => { says.mqtt.once('close', () => resolve()); });
    // mqtt.js keeps to the size that the broker tells it at MQTT 5; written past it, as a stranger's client would.
    writePublish(says, topics.ack(a.id, replica), 'y'.repeat(limits.deviceMessageBytes + 512), version);
    await closed;
    await (await device(a, version)).say(topics.telemetry(a.id), marker());
    await hears.hears(`marker ${marks}`);
    t.notOk(hears.heard.some(({ payload }) => payload.startsWith('y')));
  });
}

/** Writes a PUBLISH at QoS 0 (MQTT 3.1.1, 3.3) straight to the connection. */
function writePublish({ mqtt }: Client, topic: string, payload: string, version: Version) {
  const noProperties = version === 5 ? '\0' : '';
  const body = Buffer.concat([Buffer.from([0, topic.length]), Buffer.from(topic + noProperties + payload)]);
  // The length in seven bits a byte, least first; two bytes hold up to 16,383.
  mqtt.stream.write(Buffer.concat([Buffer.from([0x30, (body.length & 0x7f) | 0x80, body.length >> 7]), body]));
}

t.test('the metrics reader reads $SYS and nothing else', async (t) => {
  const { device, service, watcher } = clients(t);
  const [reader, neighbour, hears] = [await service(metrics), await device(b), await watcher()];
  await neighbour.mqtt.subscribeAsync(topics.command(b.id), { qos: 1 });
  await neighbour.say(topics.status(b.id), 'secret', { retain: true });
  for (const filter of ['$SYS/#', '#', 'sconce/v1/#', topics.status(b.id)]) await reader.mqtt.subscribeAsync(filter);
  await neighbour.say(topics.telemetry(b.id), 'secret');
  const forbidden = [topics.command(b.id), topics.status(b.id), '$SYS/broker/version'];
  for (const topic of forbidden) await reader.say(topic, 'lie');
  reader.heard.length = 0;
  await reader.mqtt.subscribeAsync('$SYS/broker/version');
  const version = /mosquitto (version \S+) starting/.exec(broker.log())?.[1] ?? '';
  await reader.hears(`mosquitto ${version}`);
  t.ok(reader.heard.every(({ topic }) => topic.startsWith('$SYS/')));
  await hears.say(topics.command(b.id), marker());
  await neighbour.hears(`marker ${marks}`);
  t.notOk([...neighbour.heard, ...hears.heard].some(({ payload }) => payload === 'lie'));
});

t.test('acknowledgements wait for an API that is busy, and none is lost', async (t) => {
  const { device, service } = clients(t);
  const [slow, says] = [await service(), await device(a)];
  await slow.mqtt.subscribeAsync(topics.ack(a.id, replica), { qos: 1 });
  let release: () => void = () => undefined;
  const busy = new Promise<void>((resolve) => { release = resolve; });
  slow.mqtt.handleMessage = (_, done) => { void busy.then(() => done()); };
  // Mosquitto's defaults keep 1,020 of them.
  const count = 3000;
  await Promise.all(Array.from({ length: count }, (_, n) => says.say(topics.ack(a.id, replica), `ack ${n}`)));
  release();
  await slow.hears(`ack ${count - 1}`);
  t.equal(new Set(slow.heard.map(({ payload }) => payload)).size, count);
});

t.test('the configured limits are those of the protocol', (t) => {
  const conf = readFileSync(join(repository, 'mosquitto/mosquitto.conf'), 'utf8');
  const setting = (name: string) => Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(conf)?.[1]);
  const longest = Math.max(...own.map((topic) => topic.length));
  // MQTT 5: first byte and length 4, topic length 2, packet id 2, property length 1, message expiry 5.
  const packet = Math.max(limits.deviceMessageBytes, limits.commandBytes) + longest + 14;
  t.ok(setting('max_packet_size') >= packet, `max_packet_size holds ${packet}`);
  t.ok(setting('max_packet_size') < packet + 512, 'and not much more');
  t.ok(setting('max_keepalive') >= limits.keepAliveSeconds);
  t.ok(setting('max_keepalive') <= 60, 'a silent device is noticed within 90 s');
  t.end();
});

t.test('who would be silent for long is told to speak sooner', async (t) => {
  // At MQTT 5 only: 3.1.1 has no way to say it, and Mosquitto then lets the client have its way.
  const { mqtt } = await clients(t).device(a, 5, { keepalive: 600 });
  t.equal(mqtt.keepalive, 60);
});

t.test('nothing that was retained outlives the broker', async (t) => {
  const { device, watcher } = clients(t);
  await (await device(b)).say(topics.status(b.id), 'online', { retain: true });
  t.ok((await (await watcher()).hears('online')).retain);
  await broker.stop();
  broker = await start();
  const hears = await watcher();
  await (await device(a)).say(topics.telemetry(a.id), marker());
  await hears.hears(`marker ${marks}`);
  t.same(hears.heard.filter(({ retain }) => retain), []);
});
