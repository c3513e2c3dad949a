import { constants } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { topics } from '@sconce/protocol/topics';
import t from 'tap';
import { startGate } from '../src/gate.ts';
import { readBrokerStatus, startMosquitto } from '../src/mosquitto.ts';
import { credentials, initPki, mintDevice, revokeDevice, sumTrust, trustVersion } from '../src/pki.ts';
import { freePorts, within } from '../src/process.ts';
import { until } from '../src/until.ts';
import { connect, type Client } from './clients.ts';
import { connectPacket, handshake } from './gate-clients.ts';
import { forge } from './openssl.ts';

/*
 * A board that is revoked while it is connected, and what becomes of the others; then the same with files that are damaged.
 * Real Mosquitto, real gate; the store's scripts are all that tells them.
 */
const dir = mkdtempSync(join(tmpdir(), 'sconce-cut-'));
const pkiDir = join(dir, 'store');
const { api } = await initPki(pkiDir);
const [stolen, lost] = [await mintDevice(pkiDir, 'Stolen'), await mintDevice(pkiDir, 'Lost')];
const others = [await mintDevice(pkiDir, 'Hall'), await mintDevice(pkiDir, 'Shed'), await mintDevice(pkiDir, 'Attic')] as const;
const [port = 0, devicesPort = 0, servicesPort = 0] = await freePorts(3);
const statusFile = join(dir, 'applied');
const startBroker = () => startMosquitto({ pkiDir, devicesPort, servicesPort, statusFile });
let broker = await startBroker();
let gate = await startGate({ pkiDir, port, brokerPort: devicesPort, dir });
t.teardown(async () => {
  await Promise.all([broker.kill(), gate.kill()]);
  rmSync(dir, { recursive: true, force: true });
});

const in12 = { protocolVersion: 4, minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' } as const;
const board = (identity: typeof stolen, options: object = in12) => connect(port, identity, { clientId: identity.id, ...options });
/** Whether it gets in, or the reason why not. */
const attempt = (identity: typeof stolen, options?: object) => board(identity, options)
  .then(({ mqtt }) => mqtt.endAsync(true).then(() => 'in'), (error: NodeJS.ErrnoException) => `${error.code} ${error.message}`);
/** The broker hangs up right behind its alert, which may then be lost on the way. */
const refused = /certificate revoked|ECONNRESET/i;
const closed = ({ mqtt }: Client) => new Promise<number>((resolve) => { mqtt.once('close', () => resolve(Date.now())); });
/** As boards (BearSSL): the broker keeps their sessions; with tickets, which others take, they keep them themselves. */
const noTicket = { secureOptions: constants.SSL_OP_NO_TICKET };
/** What a client needs to take up its TLS session again, without showing its certificate once more. */
const sessionOf = (secrets: object, at = port) => new Promise<Buffer>((resolve, reject) => {
  const socket = connectTls({ host: '127.0.0.1', servername: 'localhost', port: at, maxVersion: 'TLSv1.2', ...secrets });
  let session: Buffer | undefined;
  socket.once('error', reject).on('session', (one: Buffer) => { session = one; })
    // At TLS 1.3 it comes when the broker has something to answer.
    .once('secureConnect', () => socket.write(connectPacket)).once('data', () => socket.end())
    .once('close', () => session ? resolve(session) : reject(new Error('no session')));
});
const taken = () => until('broker and gate to go by the new set',
  () => readBrokerStatus(statusFile).trust === trustVersion(pkiDir) && gate.refusals().trust === trustVersion(pkiDir));

t.test('a board that is revoked is cut off, and nobody else', async (t) => {
  const session = await sessionOf({ ...credentials(stolen), ...noTicket });
  t.equal(await handshake(port, { ...credentials(stolen), ...noTicket, session }), 'in', 'a session is taken up again, while all is well');
  const hears = await connect(servicesPort, api);
  await hears.mqtt.subscribeAsync('sconce/v1/#', { qos: 1 });
  const [thief, ...rest] = await Promise.all([stolen, ...others].map((identity) => board(identity)));
  const hidden = await board(lost, { protocolVersion: 5, minVersion: 'TLSv1.3' });
  t.teardown(() => Promise.all([hears, ...rest, hidden].map(({ mqtt }) => mqtt.endAsync(true))));
  await until('all', () => gate.refusals().boards === 4 && gate.refusals().open === 5, 30_000);
  let lostSome = 0;
  for (const { mqtt } of rest) mqtt.on('close', () => { lostSome += 1; });

  // All speak, all the time, each message with its number.
  let sent = 0;
  const talk = setInterval(() => {
    sent += 1;
    for (const [n, client] of [thief!, ...rest].entries()) void client.say(topics.telemetry([stolen, ...others][n]!.id), `${n} ${sent}`);
  }, 20);
  t.teardown(() => clearInterval(talk));
  await hears.hears('0 20');

  const cut = [closed(thief!), closed(hidden)];
  const click = Date.now();
  await revokeDevice(pkiDir, stolen.id);
  const revoked = Date.now();
  const [cutAt = Infinity] = await within(20_000, Promise.all(cut)) ?? [];
  await taken();
  t.comment(`the script took ${revoked - click} ms, the cut came ${cutAt - click} ms after it began`);
  t.ok(cutAt - revoked < 5000);
  t.match(await gate.refusal('cut', ({ reason, certificate }) => reason === 'cut' && certificate?.id === stolen.id), { count: 1 });

  clearInterval(talk);
  for (const n of rest.keys()) await hears.hears(`${n + 1} ${sent}`);
  const numbers = (n: number) => hears.heard.map(({ payload }) => payload.split(' ')).filter(([who]) => who === String(n)).map(([, at]) => Number(at));
  t.equal(lostSome, 0, 'no other board of TLS 1.2 has lost its connection');
  for (const n of rest.keys()) t.same(numbers(n + 1), Array.from({ length: sent }, (_, at) => at + 1), 'nor a message');
  t.ok(Math.max(...numbers(0)) < sent, 'it could not say all');

  t.match(await attempt(stolen), refused, 'it does not come back');
  await gate.refusal('revoked', ({ reason, certificate }) => reason === 'revoked' && certificate?.id === stolen.id);
  t.not(await attempt(stolen, { protocolVersion: 5, minVersion: 'TLSv1.3' }), 'in');
  t.not(await handshake(port, { ...credentials(stolen), ...noTicket, session }), 'in', 'nor by taking up its session of before');
  t.equal(await attempt(lost, { protocolVersion: 5, minVersion: 'TLSv1.3' }), 'in', 'who was cut for not showing who it is does');

  await broker.stop();
  broker = await startBroker();
  t.match(await attempt(stolen), refused, 'nor after a restart');
  t.equal(await attempt(others[0]), 'in');
});

t.test('a certificate that has ended does not get in by its session', async (t) => {
  const time = (ms: number) => new Date(ms).toISOString().replace(/[-:T]|\.\d+/g, '');
  const ends = Math.ceil(Date.now() / 1000 + 15) * 1000;
  const brief = forge(pkiDir, join(dir, 'brief'), { name: 'b'.repeat(32), start: '20200101000000Z', end: time(ends) });
  const secrets = { ...credentials(brief), ca: readFileSync(stolen.ca) };
  const session = await sessionOf({ ...secrets, ...noTicket });
  const again = { ...secrets, ...noTicket, session };
  const ticket = { ...secrets, session: await sessionOf(secrets) };
  const in13 = { ...secrets, maxVersion: 'TLSv1.3' as const };
  const ticket13 = { ...in13, session: await sessionOf(in13) };
  t.equal(await handshake(port, again), 'in', 'while it is valid, it does');
  t.ok(Date.now() < ends, 'all this was in time');
  t.not(await handshake(port, ticket), 'in', 'not by a ticket, of which nobody can say whose it is');
  t.not(await handshake(port, ticket13), 'in', 'nor by one of TLS 1.3');
  t.match(await gate.refusal('a ticket', ({ reason, count }) => reason === 'no_certificate' && count === 2), { address: '127.0.0.1' });

  await until('its end', () => Date.now() > ends, 30_000);
  for (const straight of [again, ticket, ticket13]) {
    t.equal(await handshake(devicesPort, straight), 'in', 'the broker does not look again: or nothing is proved here');
  }
  for (const through of [again, ticket, ticket13]) t.not(await handshake(port, through), 'in', 'the gate does');
  t.match(await gate.refusal('the session', ({ reason }) => reason === 'expired'), { certificate: { name: 'b'.repeat(32), genuine: true } });
  t.not(await handshake(devicesPort, again), 'in', 'and the broker has forgotten it');
});

t.test('a board whose session the gate does not know gets in at its second attempt', async (t) => {
  const session = await sessionOf({ ...credentials(others[1]), ...noTicket });
  const again = { ...credentials(others[1]), ...noTicket, session };
  t.equal(await handshake(port, again), 'in');
  await gate.stop();
  gate = await startGate({ pkiDir, port, brokerPort: devicesPort, dir });
  t.not(await handshake(port, again), 'in', 'it does not show who it is');
  // A board keeps the session that did not work, and offers it once more.
  t.equal(await handshake(port, again), 'in', 'the broker has forgotten it, and asks');
});

t.test('a damaged trust set opens nothing, and is said', async (t) => {
  const before = readBrokerStatus(statusFile).trust;
  const damages: [what: string, file: string, spoil: (content: Buffer) => Buffer][] = [
    ['a CRL that is cut short', 'devices.crl.pem', (all) => all.subarray(0, 200)],
    ['an empty CRL', 'devices.crl.pem', () => Buffer.alloc(0)],
    ['a CRL with a byte changed', 'devices.crl.pem', (all) => Buffer.from(all.toString().replace(/[a-y]/, 'z'))],
    ['no authority', 'devices.pem', () => Buffer.alloc(0)],
    ['half of the list of revoked boards', 'revoked', (all) => all.subarray(0, 10)],
    ['a rule in the list of revoked boards', 'revoked', () => Buffer.from('x\ntopic readwrite #\n')],
  ];
  for (const [n, [what, file, spoil]] of damages.entries()) {
    const path = join(pkiDir, 'trust', file);
    const sound = readFileSync(path);
    // With sums that fit, as if the store's own scripts had made it so; the first without, too, as if it came about by itself.
    for (const summed of n === 0 ? [false, true] : [true]) {
      writeFileSync(path, spoil(sound));
      if (summed) sumTrust(pkiDir);
      await until(`the fault to be said: ${what}`, () => readBrokerStatus(statusFile).fault.startsWith(path));
      t.equal(readBrokerStatus(statusFile).trust, before, `${what}${summed ? ', with sums' : ''}: is not taken`);
      t.match(await attempt(stolen), refused, 'the revoked stay out');
      t.equal(await attempt(others[0]), 'in', 'the others do not');
      writeFileSync(path, sound);
      sumTrust(pkiDir);
      await until('all to be well again', () => readBrokerStatus(statusFile).fault === '');
    }
  }
});

t.test('the gate cuts a revoked board that a broker lets in', async (t) => {
  // A broker that has not heard of it yet: one with the trust set of before.
  const before = join(dir, 'before');
  cpSync(pkiDir, before, { recursive: true });
  await revokeDevice(pkiDir, lost.id);
  await taken();
  await broker.stop();
  broker = await startMosquitto({ pkiDir: before, devicesPort, servicesPort, statusFile });
  const inside = await board(lost).catch(() => undefined);
  if (inside?.mqtt.connected) await closed(inside);
  t.match(await gate.refusal('cut', ({ reason, certificate }) => reason === 'cut' && certificate?.id === lost.id), { count: 1 });
});
