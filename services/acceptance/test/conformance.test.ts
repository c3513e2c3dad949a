/**
 * What a device must do, whatever it is made of: every launcher in src/conformance/launchers.ts goes through all of this.
 * The devices are processes, the broker is the real one with the shipped configuration, the other side asks as the API.
 */
import { randomUUID } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer } from 'node:tls';
import { CommandId, ReplicaId } from '@sconce/protocol/ids';
import { limits } from '@sconce/protocol/limits';
import { Info, Received, Status, Telemetry, type Action } from '@sconce/protocol/messages';
import t, { type Test } from 'tap';
import { connectAsker, type Asker, type Message } from '../src/conformance/asker.ts';
import { startDevice, type RunningDevice } from '../src/conformance/device.ts';
import { launchers, type Launcher, type LaunchOptions } from '../src/conformance/launchers.ts';
import { startMosquitto } from '../src/mosquitto.ts';
import { credentials, initPki, mintDevice, type MintedDevice } from '../src/pki.ts';
import { freePorts } from '../src/process.ts';
import { forge, revoke } from './openssl.ts';

const dir = mkdtempSync(join(tmpdir(), 'sconce-conformance-'));
const pki = await initPki(join(dir, 'pki'));
const hall = await mintDevice(pki.dir, 'Hall');
const attic = await mintDevice(pki.dir, 'Attic');
const stolen = await mintDevice(pki.dir, 'Stolen');
revoke(pki.dir, stolen.cert);
const [devicesPort, servicesPort, closedPort] = await freePorts(3) as [number, number, number];
const brokerOptions = { pkiDir: pki.dir, devicesPort, servicesPort };
let broker = await startMosquitto(brokerOptions);
t.teardown(async () => {
  await broker.kill();
  rmSync(dir, { recursive: true });
});

const red = { code: 5393, bits: 24, protocol: 1, pulse: 350 };
const blue = { ...red, code: 5396 };
/** rc-switch: 24 bits at 350 µs take 44.8 ms. */
const frameMs = 44.8;
const send = (repeat: number, code = red.code): Action => ({ do: 'rf.send', ...red, code, repeat });
/** What a device can do that somebody would notice. */
const deeds = ['transmitted', 'pin', 'identify', 'restart'];

for (const launcher of launchers) {
  t.test(launcher.name, async (t) => {
    const bench = await setUp(t, launcher);
    const { start } = bench;

    t.test('presence', (t) => presence(t, start, bench.asker()));
    t.test('what a board says at its end', (t) => endings(t, start, bench.asker()));
    t.test('commands and their answers', (t) => commands(t, start, bench.asker()));
    t.test('the same id twice', (t) => duplicates(t, start, bench.asker()));
    t.test('deadlines', (t) => deadlines(t, start, bench.asker()));
    t.test('what the protocol allows and what it does not', (t) => vectors(t, start, bench.asker()));
    t.test('the radio\'s queue', (t) => queue(t, start, bench.asker()));
    t.test('the hand remote', (t) => remote(t, start, bench.asker()));
    t.test('a broker that dies and comes back', (t) => brokerRestart(t, bench));
    if (launcher.many) t.test('many boards in one process', (t) => many(t, start, bench.asker()));
    t.test('faults of the connection, in words', (t) => faults(t, start));
  });
}

type Start = (t: Test, device?: MintedDevice | string, options?: Partial<LaunchOptions>) => RunningDevice;

async function setUp(t: Test, launcher: Launcher) {
  let asker = await connectAsker(pki, servicesPort);
  t.teardown(() => asker.close());
  const start: Start = (t, device = hall, options = {}) => {
    const running = startDevice(launcher, {
      identities: [typeof device === 'string' ? device : device.dir], broker: { host: '127.0.0.1', port: devicesPort },
      airtime: 1, pins: [4, 5], backoff: { minMs: 100, maxMs: 400 }, ...options,
    });
    t.teardown(() => running.kill());
    return running;
  };
  return { start, asker: () => asker, replaceAsker: async () => { asker = await connectAsker(pki, servicesPort); } };
}

/** A channel's messages from a device, matched by what they say. */
const says = (channel: string, json: object = {}) => (message: Message) => message.channel === channel
  && Object.entries(json).every(([key, value]) => (message.json as Record<string, unknown>)[key] === value);

async function presence(t: Test, start: Start, asker: Asker) {
  const before = Date.now();
  const device = start(t);
  const online = await asker.heard.first('online', says('status', { online: true }));
  const since = Status.parse(online.json).since;
  t.ok(since >= before && since <= Date.now(), 'since when it is connected, by its own clock');
  await asker.heard.first('info', says('info'));

  const late = await connectAsker(pki, servicesPort);
  t.teardown(() => late.close());
  const info = await late.heard.first('info for one who comes later', says('info'));
  const status = await late.heard.first('status for one who comes later', says('status', { online: true, since }));
  t.ok(info.retained && status.retained, 'both are retained');
  const { certificateNotAfter } = JSON.parse(readFileSync(hall.json, 'utf8')) as { certificateNotAfter: number };
  t.match(Info.parse(info.json), { certificateNotAfter, pins: [4, 5], capabilities: ['rf.send', 'rf.receive', 'pin.set', 'identify'] });
  t.notOk('lastError' in (info.json as object), 'no fault yet');

  const telemetry = await asker.heard.first('the first telemetry', says('telemetry'));
  t.ok(Telemetry.safeParse(telemetry.json).success, 'telemetry as the protocol has it');
  for (const { bytes, channel } of asker.heard.all) t.ok(bytes.byteLength <= limits.deviceMessageBytes, `${channel}: ${bytes.byteLength} bytes`);
  const hello = new RegExp(`as ${hall.id} \\((.*), u'${hall.id}'\\)`);
  t.match(await eventually('the broker\'s log of it', () => hello.exec(broker.log())?.[1]),
    new RegExp(`^p[25], c1, k${limits.keepAliveSeconds}$`), 'MQTT 3.1.1 or 5, a clean session, the keep-alive agreed on');
  t.match(device.events('connected', 'disconnected', 'error').map(({ event }) => event), ['connected'], 'at the first try');
}

async function endings(t: Test, start: Start, asker: Asker) {
  for (const [why, end, clean] of [
    ['power lost', (device: RunningDevice) => device.kill(), false],
    ['stopped', async (device: RunningDevice) => {
      const { status, ms } = await device.stop();
      t.equal(status, 0);
      t.ok(ms < 2000, `within 2 s (${Math.round(ms)} ms)`);
    }, true],
  ] as const) {
    const [from, fromLog] = [asker.heard.all.length, broker.log().length];
    const device = start(t);
    const online = await asker.heard.first('online', says('status', { online: true }), { from });
    const fromEnd = asker.heard.all.length;
    await end(device);
    const offline = await asker.heard.first('offline', says('status', { online: false }), { from: fromEnd });
    t.same(Status.parse(offline.json), { online: false, since: Status.parse(online.json).since }, `${why}: offline, since as before`);
    const late = await connectAsker(pki, servicesPort);
    t.ok((await late.heard.first('status', says('status', { online: false }))).retained, `${why}: retained`);
    await late.close();
    const logged = () => new RegExp(`Client ${hall.id}.*(disconnected|closed).*`).exec(broker.log().slice(fromLog))?.[0];
    const line = await eventually(`${why}: the broker's log of it`, logged);
    t.equal(/ disconnected\.$/.test(line), clean, `${why}: the broker was ${clean ? '' : 'not '}told DISCONNECT`);
  }
}

async function commands(t: Test, start: Start, asker: Asker) {
  const device = start(t);
  await device.connected();
  const replyTo = ReplicaId.parse('0badcafe');
  for (const [why, action, record] of [
    ['a radio code', send(3), { event: 'transmitted', ...red, repeat: 3 }],
    ['a pin on', { do: 'pin.set', pin: 5, on: true }, { event: 'pin', pin: 5, on: true }],
    ['a pin off', { do: 'pin.set', pin: 5, on: false }, { event: 'pin', pin: 5, on: false }],
    ['identify', { do: 'identify' }, { event: 'identify' }],
  ] as const) {
    const asked = performance.now();
    const id = await asker.ask(hall.id, action, { replyTo });
    const { outcome, ms } = await asker.answer(id);
    t.equal(outcome, 'transmitted', why);
    t.ok(ms <= performance.now() - asked, `${why}: no longer than it took (${ms} ms)`);
    if (action.do === 'rf.send') t.ok(ms >= 3 * frameMs, `${why}: no shorter than on the air (${ms} ms)`);
    t.match(device.record.all.filter((line) => line.id === id && deeds.includes(line.event)), [record], `${why}: done once`);
  }
  const replicas = asker.heard.all.filter(says('ack')).map(({ replica }) => replica);
  t.same(new Set(replicas), new Set([replyTo]), 'answers go to the one that asked, nowhere else');
  t.equal(replicas.length, 4, 'one for each');

  const refused = await asker.answer(await asker.ask(hall.id, { do: 'pin.set', pin: 16, on: true }));
  t.match(refused, { outcome: 'refused', reason: 'not_capable' }, 'a pin without a relay');

  const from = asker.heard.all.length;
  t.match(await asker.answer(await asker.ask(hall.id, { do: 'restart' })), { outcome: 'transmitted' }, 'a restart is answered first');
  await asker.heard.first('online again', says('status', { online: true }), { from });
  t.match((await asker.heard.first('info', says('info'), { from })).json, { resetReason: /restart/ }, 'and says why it started');
}

async function duplicates(t: Test, start: Start, asker: Asker) {
  const device = start(t);
  await device.connected();
  const done = (id: CommandId) => device.record.all.filter((line) => line.id === id && deeds.includes(line.event)).length;

  const quick = await asker.ask(hall.id, send(3));
  await asker.ask(hall.id, send(3), { id: quick });
  const later = await asker.ask(hall.id, send(1, blue.code));
  await asker.answer(later);
  t.equal(done(quick), 1, 'twice quickly: sent once');
  t.ok(asker.answers(quick).length >= 1, 'and answered');
  t.equal(new Set(asker.answers(quick).map((ack) => JSON.stringify(ack))).size, 1, 'with one and the same outcome');

  const first = await asker.answer(quick);
  const had = asker.answers(quick).length;
  await asker.ask(hall.id, send(3), { id: quick });
  t.same(await asker.answer(quick, { count: had + 1 }), first, 'again after it was done: the first outcome again');
  await asker.ask(hall.id, send(3), { id: quick, redelivered: true });
  t.same(await asker.answer(quick, { count: had + 2 }), first, 'redelivered by MQTT: the same');
  await asker.ask(hall.id, send(3), { id: quick, deadline: Date.now() - 1 });
  t.same(await asker.answer(quick, { count: had + 3 }), first, 'past its deadline: still what was');
  await asker.answer(await asker.ask(hall.id, send(1)));
  t.equal(done(quick), 1, 'sent once in all');
}

async function deadlines(t: Test, start: Start, asker: Asker) {
  const device = start(t);
  await device.connected();
  const outcome = async (id: CommandId) => {
    const { outcome, reason } = await asker.answer(id);
    return reason ? `${outcome} ${reason}` : outcome;
  };

  for (const action of [send(1), { do: 'pin.set', pin: 4, on: true }, { do: 'identify' }, { do: 'restart' }] as const) {
    t.equal(await outcome(await asker.ask(hall.id, action, { deadline: Date.now() - 1 })), 'expired', `past: ${action.do}`);
  }
  t.equal(await outcome(await asker.ask(hall.id, send(1), { deadline: Date.now() + limits.deadlineAheadMaxMs + 5000 })),
    'refused deadline_too_far', 'a sender whose clock is wrong');
  t.same(device.events(...deeds), [], 'none was carried out');

  const late = [await asker.ask(hall.id, send(10)), await asker.ask(hall.id, send(1, 1), { deadline: Date.now() + 300 }),
    await asker.ask(hall.id, send(1, 2))];
  t.same(await Promise.all(late.map(outcome)), ['transmitted', 'expired', 'transmitted'], 'passed while it waited for the radio');
  t.same(device.events('transmitted').map(({ code }) => code), [red.code, 2], 'it was not sent, the one behind it was');

  device.signal('SIGSTOP');
  const deadline = Date.now() + 300;
  const slept = await asker.ask(hall.id, send(1, 3), { deadline });
  await until(deadline);
  device.signal('SIGCONT');
  t.equal(await outcome(slept), 'expired', 'passed while the board hung');
  await outcome(await asker.ask(hall.id, { do: 'identify' }));
  t.equal(device.events('transmitted').length, 2, 'it was not sent');
}

interface Vector { why: string; payload: string; valid: boolean; reason?: 'malformed' | 'unknown_command' | null }

async function vectors(t: Test, start: Start, asker: Asker) {
  const samples = JSON.parse(readFileSync(new URL('../../protocol/vectors/commands.json', import.meta.url), 'utf8')) as Vector[];
  const device = start(t, hall, { airtime: 0, pins: [5, 16] });
  await device.connected();
  const from = asker.heard.all.length;
  const asked: (Vector & { id: CommandId })[] = [];
  const ask = async (sample: Vector) => {
    const id = CommandId.parse(randomUUID());
    // Each its own id, a deadline of today, and answers to us; what the sample does not have stays away.
    await asker.raw(hall.id, sample.payload.replaceAll('0b5b2ad3-6f5e-4b43-9f0e-1c9a5d0e7a11', id)
      .replaceAll('1795000000000', String(Date.now() + limits.commandDeadlineMs)));
    asked.push({ ...sample, id });
  };
  for (const sample of samples) if (!sample.why.startsWith('restart')) await ask(sample);
  // MQTT keeps the order: whatever was to come of the samples has come when this is answered.
  await asker.answer(await asker.ask(hall.id, { do: 'identify' }));

  for (const { why, id, valid, reason, payload } of asked) {
    const answers = asker.answers(id).map(({ outcome, reason }) => reason ? `${outcome} ${reason}` : outcome);
    const expected = valid ? [payload.includes('"deadline":0') ? 'expired' : 'transmitted'] : reason ? [`refused ${reason}`] : [];
    t.same(answers, expected, `${why}: ${expected[0] ?? 'nobody is answered'}`);
    const done = device.record.all.filter((line) => line.id === id && deeds.includes(line.event));
    t.equal(done.length, expected[0] === 'transmitted' ? 1 : 0, `${why}: ${done.length ? 'done' : 'nothing happens'}`);
    if (!valid && reason) {
      t.match(device.record.all.find((line) => line.id === id && line.event === 'refused'), { why: /\w/ }, `${why}: the record says why`);
    }
  }
  const expectedAcks = asked.filter(({ valid, reason }) => valid || reason).length + 1;
  t.equal(asker.heard.all.slice(from).filter(says('ack')).length, expectedAcks, 'and no answer to anything else');

  const deedsBefore = device.events(...deeds).length;
  for (const [why, bytes] of [['one byte too many', limits.commandBytes + 1], ['twice as many', 2 * limits.commandBytes]] as const) {
    const id = CommandId.parse(randomUUID());
    const command = { id, replyTo: asker.replica, deadline: Date.now() + limits.commandDeadlineMs, ...send(1) };
    await asker.raw(hall.id, JSON.stringify(command).padEnd(bytes));
    t.match(await asker.answer(id), { outcome: 'refused', reason: 'too_large' }, why);
  }
  await asker.raw(hall.id, Buffer.alloc(2 * limits.commandBytes, 0xff));
  await asker.raw(hall.id, Buffer.alloc(10, 0));
  await asker.answer(await asker.ask(hall.id, { do: 'identify' }));
  t.equal(device.events(...deeds).length, deedsBefore + 1, 'too large or not text: nothing happens');
  t.same(device.events('disconnected', 'error', 'ended'), [], 'the board has stayed connected through all of it');
}

async function queue(t: Test, start: Start, asker: Asker) {
  const device = start(t);
  await device.connected();
  const deadline = Date.now() + 10_000;
  // 179 ms each: the first is still on the air when the last arrives.
  const codes = Array.from({ length: limits.commandsQueued + 2 }, (_, index) => index + 1);
  const ids = await Promise.all(codes.map((code) => asker.ask(hall.id, send(4, code), { deadline })));
  const answers = await Promise.all(ids.map((id) => asker.answer(id)));
  t.match(answers.at(-1), { outcome: 'refused', reason: 'queue_full' }, 'one on the air and eight waiting: the next is refused');
  t.same(new Set(answers.slice(0, -1).map(({ outcome }) => outcome)), new Set(['transmitted']), 'the others are sent');
  const sent = device.events('transmitted');
  t.same(sent.map(({ code }) => code), codes.slice(0, -1), 'in the order of asking');
  for (const [index, { began, at }] of sent.entries()) {
    const previous = sent[index - 1];
    t.ok(Date.parse(at) - Date.parse(began!) >= Math.floor(4 * frameMs) - 1, `code ${index + 1}: as long as its frames take`);
    if (previous) t.ok(Date.parse(began!) >= Date.parse(previous.at), `code ${index + 1}: not before the one before has ended`);
  }
}

async function remote(t: Test, start: Start, asker: Asker) {
  const device = start(t);
  await device.connected();
  const from = asker.heard.all.length;
  const received = () => asker.heard.all.slice(from).filter(says('rf/received'));

  device.press(red);
  const message = await asker.heard.first('the press', says('rf/received', { code: red.code }), { from });
  t.same(Received.parse(message.json), red, 'a press is reported');
  device.press(red);
  device.press(blue);
  await asker.heard.first('another button', says('rf/received', { code: blue.code }), { from });
  t.equal(received().length, 2, 'further frames of the same press are not');

  const id = await asker.ask(hall.id, send(4, 77));
  await device.record.first('the command', (line) => line.id === id && line.event === 'command');
  device.press({ ...red, code: 78 });
  await asker.answer(id);
  device.press({ ...red, code: 77 });
  device.press({ ...red, code: 79 });
  await asker.heard.first('a third button', says('rf/received', { code: 79 }), { from });
  t.same(received().map(({ json }) => (json as { code: number }).code), [red.code, blue.code, 79],
    'nothing while it sends, and never what it has just sent itself');
  t.equal(device.events('received').length, 3, 'the record says the same');

  // After an exchange the broker's side holds its TCP acknowledgements back, 40 ms: the second press shows who waits for them.
  let fastest = Infinity;
  for (let code = 100; code < 110; code += 2) {
    await asker.answer(await asker.ask(hall.id, { do: 'identify' }));
    device.press({ ...red, code });
    await asker.heard.first('one button', says('rf/received', { code }));
    const pressed = performance.now();
    device.press({ ...red, code: code + 1 });
    await asker.heard.first('another', says('rf/received', { code: code + 1 }));
    fastest = Math.min(fastest, performance.now() - pressed);
  }
  t.ok(fastest < 30, `two presses in a row: the second is heard after ${fastest.toFixed(1)} ms, Nagle's algorithm is off`);
}

async function many(t: Test, start: Start, asker: Asker) {
  const from = asker.heard.all.length;
  const device = start(t, hall, { identities: [hall.dir, attic.dir] });
  for (const { id, name } of [hall, attic]) {
    await asker.heard.first(`${name} online`, (m) => m.device === id && says('status', { online: true })(m), { from });
  }
  const asked = await Promise.all([hall, attic].map(async ({ id }) => ({ id, command: await asker.ask(id, send(1)) })));
  for (const { id, command } of asked) {
    await asker.answer(command);
    t.match(device.record.all.find((line) => line.id === command && line.event === 'transmitted'), { device: id }, 'each does its own');
  }
  device.press({ ...blue, device: attic.id });
  await asker.heard.first('a press near one board', says('rf/received', { code: blue.code }), { from });
  device.press({ ...blue, code: 80 });
  for (const { id } of [hall, attic]) {
    await asker.heard.first('a press near both', (m) => m.device === id && says('rf/received', { code: 80 })(m), { from });
  }
  t.same(asker.heard.all.slice(from).filter(says('rf/received', { code: blue.code })).map(({ device }) => device), [attic.id],
    'a press near one board is heard by that one alone');
}

async function brokerRestart(t: Test, bench: Awaited<ReturnType<typeof setUp>>) {
  const device = bench.start(t);
  await device.connected();
  const before = await bench.asker().ask(hall.id, { do: 'identify' });
  const first = await bench.asker().answer(before);

  const from = device.record.all.length;
  await broker.kill();
  await device.record.first('disconnected', ({ event }) => event === 'disconnected', { from });
  await device.record.first('a vain try', ({ event, message }) => event === 'error' && /Nothing listens/.test(message ?? ''), { from });
  broker = await startMosquitto(brokerOptions);
  await bench.replaceAsker();
  const asker = bench.asker();
  await device.connected(from);
  await asker.heard.first('status', says('status', { online: true }));
  const info = await asker.heard.first('info', says('info'));
  t.match(Info.parse(info.json).lastError, /Nothing listens at 127\.0\.0\.1:\d+/, 'it says what had been wrong');

  t.match(await asker.answer(await asker.ask(hall.id, { do: 'identify' })), { outcome: 'transmitted' }, 'the next command works');
  await asker.ask(hall.id, { do: 'identify' }, { id: before });
  t.same(await asker.answer(before), first, 'an id from before is known: the first outcome again');
  t.equal(device.events('identify').length, 2, 'and nothing done again');
}

async function faults(t: Test, start: Start) {
  const copy = (name: string, change: (folder: string) => void) => {
    const folder = join(dir, name);
    cpSync(attic.dir, folder, { recursive: true });
    change(folder);
    return folder;
  };
  const replace = (folder: string, file: string, text: string) => {
    rmSync(join(folder, file));
    writeFileSync(join(folder, file), text);
  };
  const read = (path: string) => readFileSync(path, 'utf8');
  const long = { start: '20200101000000Z', end: '20200201000000Z' };

  const wrongName = copy('wrong-name', (folder) => replace(folder, 'device.json', JSON.stringify({
    ...JSON.parse(read(attic.json)) as object, broker: { host: 'lamps.example.org', port: devicesPort } })));
  const wrongAuthority = copy('wrong-authority', (folder) => replace(folder, 'ca.pem', read(join(pki.dir, 'trust/devices.pem'))));
  const ended = forge(pki.dir, join(dir, 'ended'), { name: attic.id, ...long });
  const foreign = forge(pki.dir, join(dir, 'foreign'), { name: attic.id, authority: 'services', profile: 'service_client' });
  for (const { dir } of [ended, foreign]) cpSync(attic.json, join(dir, 'device.json'));

  // mosquitto/start refuses a certificate that has ended; one that ends while the broker runs looks like this.
  const old = forge(pki.dir, join(dir, 'old-broker'), { name: 'broker', authority: 'services', profile: 'service_server', ...long });
  const oldBroker = createServer(credentials(old)).listen(0, '127.0.0.1');
  oldBroker.on('tlsClientError', () => { /* the board hangs up, as it should */ });
  t.teardown(() => oldBroker.close());
  await new Promise((resolve) => { oldBroker.once('listening', resolve); });

  const at = (port: number) => ({ broker: { host: '127.0.0.1', port } });
  const cases = ([
    ['the broker\'s name is another', wrongName, {}, /broker's certificate is not for lamps\.example\.org.*BROKER_HOST/],
    ['the broker\'s authority is another', wrongAuthority, {}, /broker's certificate is not from the authority/],
    ['the broker\'s certificate has ended', attic, at((oldBroker.address() as AddressInfo).port), /broker's certificate has expired/],
    ['the board\'s certificate has ended', ended.dir, {}, /certificate of this board ended on 2020-02-01.*mint/],
    ['the board\'s certificate is revoked', stolen, {}, /certificate of this board has been revoked/],
    ['the board is of another household', foreign.dir, {}, /does not trust the authority of the certificate of this board/],
    ['nothing listens', attic, at(closedPort), /Nothing listens at 127\.0\.0\.1:\d+\. Start the broker/],
  ] as const).map(([why, identity, options, words]) => ({ why, words, device: start(t, identity, options) }));
  for (const { why, words, device } of cases) {
    const { message } = await device.record.first(why, ({ event }) => event === 'error');
    t.match(message, words, why);
    t.same(device.events('connected', 'ended'), [], `${why}: it stays outside, and goes on trying`);
  }
}

/** Looks again and again until there is something to see; for a log, which does not ring. */
async function eventually<T>(what: string, look: () => T | undefined): Promise<T> {
  for (const end = Date.now() + 5000; Date.now() < end; await until(Date.now() + 10)) {
    const seen = look();
    if (seen !== undefined) return seen;
  }
  throw new Error(`${what} did not come within 5 s`);
}

const until = (moment: number) => new Promise((resolve) => { setTimeout(resolve, Math.max(0, moment - Date.now()) + 1); });
