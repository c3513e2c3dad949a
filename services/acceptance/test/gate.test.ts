import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect as connectTcp } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Refusal, RefusalReason } from '@sconce/protocol/gate';
import t from 'tap';
import { startGate, type Gate } from '../src/gate.ts';
import { readBrokerStatus, startMosquitto } from '../src/mosquitto.ts';
import { credentials, initPki, mintDevice, revokeDevice, trustVersion } from '../src/pki.ts';
import { freePorts } from '../src/process.ts';
import { until } from '../src/until.ts';
import { byteByByte, handshake, sClient, sendRaw, startLine } from './gate-clients.ts';
import { forge } from './openssl.ts';

/* The gate before a real Mosquitto with the shipped configuration: who gets through, and why who does not. */
const dir = mkdtempSync(join(tmpdir(), 'sconce-gate-'));
const pkiDir = join(dir, 'store');
const { api } = await initPki(pkiDir);
const [hall, stolen] = [await mintDevice(pkiDir, 'Hall'), await mintDevice(pkiDir, 'Stolen')];
const stranger = await initPki(join(dir, 'stranger'));
const impostor = await mintDevice(stranger.dir, 'Hall', { id: hall.id });
const [port = 0, devicesPort = 0, servicesPort = 0, nobody = 0, port2 = 0, port3 = 0, port4 = 0] = await freePorts(7);
const statusFile = join(dir, 'applied');
const broker = await startMosquitto({ pkiDir, devicesPort, servicesPort, statusFile });
const running: Gate[] = [];
let folders = 0;
async function gateAt(port: number, options: Partial<Parameters<typeof startGate>[0]> = {}): Promise<Gate> {
  const gate = await startGate({ pkiDir, port, brokerPort: devicesPort, dir: mkdtempSync(join(dir, `gate${++folders}-`)), ...options });
  running.push(gate);
  return gate;
}
const gate = await gateAt(port, { bounds: { rate: 1000, burst: 1000 } });
t.teardown(async () => {
  await Promise.all([broker, ...running].map((program) => program.kill()));
  rmSync(dir, { recursive: true, force: true });
});

const ca = readFileSync(hall.ca);
const make = (as: string, what: Parameters<typeof forge>[2]) => ({ ...credentials(forge(pkiDir, join(dir, as), what)), ca });
/** The first certificate in a file. */
const leafOf = (file: string) => /[^]+?-----END CERTIFICATE-----\n/.exec(readFileSync(file, 'utf8'))?.[0] ?? '';
const past = { start: '20200101000000Z', end: '20210101000000Z' };
const future = { start: '20900101000000Z', end: '20910101000000Z' };
const plain = (text: string) => () => sendRaw(port, Buffer.from(text, 'latin1'));
const old = { minVersion: 'TLSv1', ciphers: 'ALL:@SECLEVEL=0' } as const;

/** A client that shows a certificate whose key it does not have: its proof is spoilt on the way. */
async function withoutKey(): Promise<string> {
  const line = await startLine(port, { there: (chunk) => {
    // CertificateVerify (RFC 5246, 7.4.8): type, length, ecdsa_secp256r1_sha256. The last byte is of the signature.
    for (let at = chunk.indexOf(15); at >= 0; at = chunk.indexOf(15, at + 1)) {
      if (chunk[at + 1] !== 0 || chunk[at + 4] !== 4 || chunk[at + 5] !== 3) continue;
      const last = at + 3 + chunk.readUIntBE(at + 1, 3);
      chunk[last] = (chunk[last] ?? 0) ^ 1;
      return [chunk];
    }
    return [chunk];
  } });
  try {
    return await handshake(line.port, credentials(hall));
  } finally {
    line.stop();
  }
}

const id = (n: number) => String(n).padStart(32, '0');
type Case = [why: string, client: () => Promise<unknown>, reason: RefusalReason, more: Partial<Refusal> & { name?: string; genuine?: boolean }];
const byBroker = (number: number) => ({ alert: { number, by: 'broker' } }) as const;
const cases: Case[] = [
  ['a certificate that has ended', () => handshake(port, make('ended', { name: id(1), ...past })), 'expired',
    { ...byBroker(45), name: id(1), genuine: true }],
  ['one that begins in the future', () => handshake(port, make('early', { name: id(2), ...future })), 'not_yet_valid',
    { ...byBroker(42), name: id(2), genuine: true }],
  ['a revoked one', () => handshake(port, credentials(stolen)), 'revoked', { ...byBroker(44), name: stolen.id, genuine: true }],
  ["a stranger's", () => handshake(port, { ...credentials(impostor), ca }), 'unknown_authority',
    { ...byBroker(48), name: hall.id, genuine: false }],
  ['one without the issuing authority beside it', () => handshake(port, { ...credentials(hall), cert: leafOf(hall.cert) }),
    'missing_intermediate', { ...byBroker(48), name: hall.id, genuine: true }],
  ['the API’s own', () => handshake(port, credentials(api)), 'wrong_use', { ...byBroker(48), name: 'api', genuine: true }],
  ['a board’s for servers', () => handshake(port, make('server', { name: id(3), profile: 'service_server' })), 'wrong_use',
    { ...byBroker(43), name: id(3), genuine: true }],
  ['none', () => handshake(port, { ca }), 'no_certificate', byBroker(40)],
  ['another key', withoutKey, 'key_mismatch', { ...byBroker(51), name: hall.id, genuine: true }],
  ['HTTP', plain('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'), 'not_tls', {}],
  ['plain MQTT', plain('\x10\x0d\x00\x04MQTT\x04\x02\x00\x0f\x00\x01a'), 'not_tls', {}],
  ['TLS 1.0 at most', () => handshake(port, { ...credentials(hall), ...old, maxVersion: 'TLSv1' }), 'tls_version', byBroker(70)],
  ['TLS 1.1 at most', () => handshake(port, { ...credentials(hall), ...old, maxVersion: 'TLSv1.1' }), 'tls_version', byBroker(70)],
  ['no suite in common', () => handshake(port, { ...credentials(hall), ciphers: 'ECDHE-ECDSA-AES128-SHA' }), 'tls_ciphers', byBroker(40)],
  ['a client that does not trust the broker', () => sClient(port, ['-tls1_2', '-verify_return_error', '-CAfile', stranger.api.ca]),
    'distrusts_broker', { alert: { number: 48, by: 'board' } }],
  ['the same at TLS 1.3', () => sClient(port, ['-tls1_3', '-verify_return_error', '-CAfile', stranger.api.ca]), 'distrusts_broker', {}],
  ['TLS 1.3 without a certificate', () => handshake(port, { ca, maxVersion: 'TLSv1.3' }), 'bad_certificate', {}],
  ['TLS 1.3 with one that has ended', () => handshake(port, { ...make('ended13', { name: id(4), ...past }), maxVersion: 'TLSv1.3' }),
    'bad_certificate', {}],
  ['a client that leaves in the middle', () => sendRaw(port, Buffer.from('1603010200010001fc0303', 'hex'), 'leave'), 'closed_early', {}],
];

t.before(async () => {
  await revokeDevice(pkiDir, stolen.id);
  await until('the broker to go by the new set', () => readBrokerStatus(statusFile).trust === trustVersion(pkiDir));
});

t.test('why somebody was turned away', async (t) => {
  let named = 0;
  for (const [why, client, reason, { name, genuine, ...expected }] of cases) {
    const since = Date.now();
    t.not(await client(), 'in', `${why}: is not let in`);
    const refusal = await gate.refusal(why, (one) => one.last >= since).catch(() => undefined);
    const ok = t.match(refusal, { reason, address: '127.0.0.1', ...expected, ...name !== undefined && { certificate: { name, genuine } } }, why);
    if (ok) named += 1;
    if (reason === 'not_tls' || reason === 'no_certificate') t.equal(refusal?.certificate, undefined);
  }
  t.comment(`${named} of ${cases.length} named rightly`);
});

t.test('what the network and the broker do', async (t) => {
  const silent = await gateAt(port2, { handshakeMs: 1000 });
  await sendRaw(port2);
  await silent.refusal('silent', ({ reason }) => reason === 'silent');
  // As far as a hello, and no further: a certificate that never comes must not keep the place.
  await sendRaw(port2, Buffer.from('160301', 'hex'));
  await silent.refusal('silent again', ({ reason, count }) => reason === 'silent' && count === 2);

  const alone = await gateAt(port3, { brokerPort: nobody });
  t.not(await handshake(port3, credentials(hall)), 'in');
  t.match(await alone.refusal('no broker', ({ reason }) => reason === 'broker_unreachable'), { address: '127.0.0.1' });
  await until('the connection to be over', () => alone.refusals().open === 0);

  const small = await gateAt(port4, { bounds: { connections: 2, rate: 1, burst: 5 } });
  const sockets = [1, 2].map(() => connectTcp(port4, '127.0.0.1').on('error', () => {}));
  await until('both', () => small.refusals().open === 2);
  t.not(await handshake(port4, credentials(hall)), 'in', 'there is no place');
  await small.refusal('too many', ({ reason }) => reason === 'too_many');
  for (const socket of sockets) socket.destroy();
  await until('places', () => small.refusals().open === 0);
  t.equal(await handshake(port4, credentials(hall)), 'in', 'there is again');
  const answers = await Promise.all(Array.from({ length: 8 }, () => handshake(port4, credentials(hall))));
  t.ok(answers.filter((answer) => answer === 'in').length < 8, 'and no more than so many in a row from one address');
});

t.test('bytes may come one by one, on either side', async (t) => {
  const near = await startLine(port, { there: byteByByte, back: byteByByte });
  const far = await startLine(devicesPort, { there: byteByByte, back: byteByByte });
  t.teardown(() => [near, far].forEach((line) => line.stop()));
  const through = await gateAt(nobody, { brokerPort: far.port });
  for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
    t.equal(await handshake(near.port, { ...credentials(hall), maxVersion }), 'in', `${maxVersion}, before the gate`);
    t.equal(await handshake(nobody, { ...credentials(hall), maxVersion }), 'in', `${maxVersion}, behind it`);
  }
  for (const [at, says] of [[near.port, gate], [nobody, through]] as const) {
    const since = Date.now();
    await handshake(at, { ...credentials(impostor), ca });
    t.match(await says.refusal('by pieces', ({ last }) => last >= since), { reason: 'unknown_authority', certificate: { name: hall.id } });
  }
});

t.test('what is sent to break it does not, and it takes no memory', async (t) => {
  const memory = () => Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${gate.pid}/status`, 'utf8'))?.[1]);
  const record = (type: number, body: Buffer) => Buffer.concat([Buffer.from([type, 3, 3, body.length >> 8, body.length & 255]), body]);
  const message = (type: number, length: number, body: Buffer) =>
    Buffer.concat([Buffer.from([type, length >> 16, (length >> 8) & 255, length & 255]), body]);
  const bomb = Buffer.concat([record(22, message(11, 0xffffff, randomBytes(16_000))), randomBytes(100_000)]);
  const list = Buffer.concat([Buffer.from('001fe9', 'hex'), Buffer.alloc(0x1fe9)]);
  const attacks: [what: string, make: () => Buffer[]][] = [
    ['noise', () => [randomBytes(5000)]],
    ['noise in a record', () => [record(22, randomBytes(16_000))]],
    ['a record that is too long', () => [Buffer.from('160303ffff', 'hex'), randomBytes(70_000)]],
    ['a certificate of 16 MB', () => [bomb]],
    ['as many certificates as may be, all empty', () => [record(22, message(11, list.length, list))]],
    ['a certificate that never ends', () => [record(22, message(11, 8000, Buffer.alloc(100)))]],
    ['empty records', () => [Buffer.concat(Array.from({ length: 5000 }, () => Buffer.from('1603030000', 'hex')))]],
    ['alerts', () => [Buffer.concat(Array.from({ length: 2000 }, () => record(21, Buffer.from([1, 0]))))]],
    ['a lie in a certificate', () => [record(22, message(11, 600, Buffer.concat([Buffer.from('000255000252', 'hex'), randomBytes(594)])))]],
  ];
  const before = memory();
  for (const [what, make] of attacks) {
    for (let round = 0; round < 4; round += 1) {
      await Promise.all(Array.from({ length: 25 }, () => new Promise<void>((resolve) => {
        const socket = connectTcp(port, '127.0.0.1', () => {
          for (const piece of make()) socket.write(piece);
          socket.end();
        });
        socket.on('error', () => {}).on('data', () => {}).on('close', () => resolve());
      })));
    }
    t.equal(await handshake(port, credentials(hall)), 'in', `${what}: a board still gets in`);
  }
  const after = memory();
  t.comment(`${before} kB before, ${after} kB after ${attacks.length * 100} connections`);
  t.ok(after - before < 60_000, `it has grown by ${after - before} kB`);
  const { refusals, open } = gate.refusals();
  t.ok(refusals.length <= 200 && open < 50);
});
