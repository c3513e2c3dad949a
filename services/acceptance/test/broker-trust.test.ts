import { connect as tcpConnect } from 'node:net';
import { join } from 'node:path';
import { connect as tlsConnect } from 'node:tls';
import type { ConnectionOptions } from 'node:tls';
import { topics } from '@sconce/protocol/topics';
import t from 'tap';
import { startMosquitto } from '../src/mosquitto.ts';
import { credentials, identityIn, initPki, mintDevice } from '../src/pki.ts';
import type { Identity } from '../src/pki.ts';
import { freePorts } from '../src/process.ts';
import { connect, versions } from './clients.ts';
import { forge, revoke } from './openssl.ts';

/* Who gets in at all, on a real Mosquitto with the shipped configuration. */
const dir = t.testdir();
const pkiDir = join(dir, 'store');
const { api, metrics } = await initPki(pkiDir);
const device = await mintDevice(pkiDir, 'Hall');
const stolen = await mintDevice(pkiDir, 'Stolen');
const [devicesPort = 0, servicesPort = 0] = await freePorts(2);
let broker = await startMosquitto({ pkiDir, devicesPort, servicesPort });
t.teardown(() => broker.kill());

const stranger = await initPki(join(dir, 'stranger'));
const impostor = await mintDevice(stranger.dir, 'Hall', { id: device.id });
const past = { start: '20200101000000Z', end: '20210101000000Z' };
const future = { start: '20900101000000Z', end: '20910101000000Z' };
const make = (as: string, what: Parameters<typeof forge>[2]) => forge(pkiDir, join(dir, as), what);

/** Trusts our broker, shows a stranger's certificate. */
const disguised = (identity: Identity): Identity => ({ ...identity, ca: device.ca });

/** The TLS alert by which the broker refuses; `in` where it lets in. */
type Answer = 'in' | 'UNKNOWN_CA' | 'CERTIFICATE_EXPIRED' | 'BAD_CERTIFICATE' | 'UNSUPPORTED_CERTIFICATE';
const parties: [who: string, identity: Identity, onDevices: Answer, onServices: Answer][] = [
  ['a device', device, 'in', 'UNKNOWN_CA'],
  ['the API', api, 'UNKNOWN_CA', 'in'],
  ['the metrics reader', metrics, 'UNKNOWN_CA', 'in'],
  ['the same device by a stranger’s authority of the same name', disguised(impostor), 'UNKNOWN_CA', 'UNKNOWN_CA'],
  ['an API by a stranger’s authority of the same name', disguised(stranger.api), 'UNKNOWN_CA', 'UNKNOWN_CA'],
  ['a device that calls itself api', make('self-styled', { name: 'api' }), 'in', 'UNKNOWN_CA'],
  ['an ended device', make('ended', { name: 'e'.repeat(32), ...past }), 'CERTIFICATE_EXPIRED', 'UNKNOWN_CA'],
  ['an ended API', make('ended-api', { name: 'api', authority: 'services', profile: 'service_client', ...past }),
    'UNKNOWN_CA', 'CERTIFICATE_EXPIRED'],
  ['a device of the future', make('early', { name: 'f'.repeat(32), ...future }), 'BAD_CERTIFICATE', 'UNKNOWN_CA'],
  ['a device’s certificate for servers', make('server', { name: 'd'.repeat(32), profile: 'service_server' }),
    'UNSUPPORTED_CERTIFICATE', 'UNKNOWN_CA'],
  ['the broker itself', identityIn(join(pkiDir, 'broker')), 'UNKNOWN_CA', 'UNSUPPORTED_CERTIFICATE'],
  ['the devices authority itself', { ...identityIn(join(pkiDir, 'authorities/devices')), ca: device.ca },
    'UNSUPPORTED_CERTIFICATE', 'UNKNOWN_CA'],
];

/** `in`, or the code of the error. */
async function attempt(...how: Parameters<typeof connect>): Promise<string> {
  try {
    await (await connect(...how)).mqtt.endAsync();
    return 'in';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error);
  }
}

/** Matches the code of a refusal. The broker hangs up right behind its alert, which may then be lost on the way. */
const refusal = (alert: string) => new RegExp(`^(ERR_SSL_.*_ALERT_${alert}|ECONNRESET)$`);

for (const [version, name] of versions) {
  t.test(`${name}: each listener lets in its own`, async (t) => {
    for (const [who, identity, onDevices, onServices] of parties) {
      const listeners = [[devicesPort, onDevices, 'devices'], [servicesPort, onServices, 'services']] as const;
      for (const [port, answer, on] of listeners) {
        const outcome = await attempt(port, identity, { protocolVersion: version });
        t.match(outcome, answer === 'in' ? /^in$/ : refusal(answer), `${who}, on the listener for ${on}`);
      }
    }
  });
}

t.test('a device that calls itself api has no rights of the API', async (t) => {
  const [claimant, real, watcher] = [await connect(devicesPort, identityIn(join(dir, 'self-styled'))),
    await connect(devicesPort, device), await connect(servicesPort, api)];
  t.teardown(() => Promise.all([claimant, real, watcher].map(({ mqtt }) => mqtt.endAsync(true))));
  await claimant.mqtt.subscribeAsync('#', { qos: 1 });
  await watcher.mqtt.subscribeAsync('sconce/v1/#', { qos: 1 });
  await real.mqtt.subscribeAsync(topics.command(device.id), { qos: 1 });
  await real.say(topics.status(device.id), 'secret');
  await claimant.say(topics.command(device.id), 'lie');
  await claimant.say('sconce/v1/api/status', 'its own channel');
  await watcher.hears('its own channel');
  await watcher.say('sconce/v1/api/command', 'marker');
  await claimant.hears('marker');
  t.same(claimant.heard.map(({ payload }) => payload), ['marker']);
  await watcher.say(topics.command(device.id), 'marker');
  await real.hears('marker');
  t.same(real.heard.map(({ payload }) => payload), ['marker']);
});

/** Resolves with how a TLS connection went: the version that was agreed on, or the error's code. */
function handshake(port: number, options: ConnectionOptions): Promise<string> {
  return new Promise((resolve) => {
    const socket = tlsConnect({ host: 'localhost', port, timeout: 3000, ...options });
    socket.once('secureConnect', () => {
      resolve(socket.getProtocol() ?? 'none');
      socket.destroy();
    });
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    socket.once('timeout', () => resolve('timeout'));
  });
}

t.test('old TLS and weak suites are refused', async (t) => {
  const weak = 'DEFAULT:@SECLEVEL=0';
  const only = (version: 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3', ciphers?: string) =>
    ({ minVersion: version, maxVersion: version, ...(ciphers !== undefined && { ciphers }) });
  // The codes are alerts from the broker, so it is the broker that refused.
  const cases: [why: string, options: ConnectionOptions, outcome: string][] = [
    ['TLS 1.3', only('TLSv1.3'), 'TLSv1.3'],
    ['TLS 1.2 with AES-GCM', only('TLSv1.2', 'ECDHE-ECDSA-AES128-GCM-SHA256'), 'TLSv1.2'],
    ['TLS 1.2 with ChaCha20', only('TLSv1.2', 'ECDHE-ECDSA-CHACHA20-POLY1305'), 'TLSv1.2'],
    ['TLS 1.1', only('TLSv1.1', weak), 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION'],
    ['TLS 1.0', only('TLSv1', weak), 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION'],
    ['CBC with SHA-1', only('TLSv1.2', 'ECDHE-ECDSA-AES128-SHA'), 'ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE'],
    ['CBC with SHA-256', only('TLSv1.2', 'ECDHE-ECDSA-AES128-SHA256'), 'ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE'],
    ['CBC with SHA-384', only('TLSv1.2', 'ECDHE-ECDSA-AES256-SHA384'), 'ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE'],
  ];
  for (const [why, options, outcome] of cases) {
    t.equal(await handshake(devicesPort, { ...credentials(device), ...options }), outcome, `${why}, devices`);
    t.equal(await handshake(servicesPort, { ...credentials(api), ...options }), outcome, `${why}, services`);
  }
});

t.test('the broker proves that it is the broker', async (t) => {
  const other = { ...credentials(device), ca: credentials(impostor).ca };
  t.match(await handshake(devicesPort, other), /SELF_SIGNED|UNABLE_TO|SIGNATURE_FAILURE/, 'to its own household only');
  t.equal(await handshake(devicesPort, { ...credentials(device), servername: 'evil.example.org' }),
    'ERR_TLS_CERT_ALTNAME_INVALID', 'and under its names only');
});

t.test('without a certificate, and without TLS, there is no way in', async (t) => {
  for (const port of [devicesPort, servicesPort]) {
    for (const [version, name] of versions) {
      const outcome = await attempt(port, { ca: device.ca }, { protocolVersion: version });
      t.match(outcome, refusal('CERTIFICATE_REQUIRED'), name);
    }
    const answer = await new Promise<Buffer>((resolve, reject) => {
      const said: Buffer[] = [];
      const socket = tcpConnect(port, '127.0.0.1', () => {
        // CONNECT of MQTT 3.1.1 with the client id "a".
        socket.write(Buffer.from('100d00044d5154540402000f000161', 'hex'));
      });
      socket.on('data', (data) => said.push(data)).on('close', () => resolve(Buffer.concat(said)));
      socket.on('error', () => undefined).setTimeout(3000, () => reject(new Error('it neither answers nor hangs up')));
    });
    t.not(answer[0], 0x20, 'plain TCP is answered with a TLS alert or nothing, never with CONNACK');
  }
});

t.test('listens where it should and nowhere else', (t) => {
  const ports = [...broker.log().matchAll(/listen socket on port (\d+)/g)].map(([, port]) => Number(port));
  t.same(ports.sort(), [devicesPort, servicesPort].sort(), 'no 1883');
  t.end();
});

t.test('a revoked device is refused, every other one is not', async (t) => {
  t.equal(await attempt(devicesPort, stolen), 'in');
  await revoke(pkiDir, stolen.cert);
  await broker.stop();
  broker = await startMosquitto({ pkiDir, devicesPort, servicesPort });
  for (const [version, name] of versions) {
    t.match(await attempt(devicesPort, stolen, { protocolVersion: version }), refusal('CERTIFICATE_REVOKED'), name);
    t.equal(await attempt(devicesPort, device, { protocolVersion: version }), 'in', name);
  }
});
