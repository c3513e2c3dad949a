import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { promisify } from 'node:util';
import t from 'tap';
import { readBrokerStatus, startMosquitto } from '../src/mosquitto.ts';
import { credentials, initPki, mintDevice, repository, revokeDevice, runPki, trustVersion } from '../src/pki.ts';
import { freePorts } from '../src/process.ts';
import { until } from '../src/until.ts';
import { connect } from './clients.ts';

/* What mosquitto/watch makes of a store that changes while the broker runs. */
const dir = mkdtempSync(join(tmpdir(), 'sconce-watch-'));
const pkiDir = join(dir, 'store');
const { api } = await initPki(pkiDir);
const hall = await mintDevice(pkiDir, 'Hall');
const [devicesPort = 0, servicesPort = 0] = await freePorts(2);
const statusFile = join(dir, 'applied');
const start = () => startMosquitto({ pkiDir, devicesPort, servicesPort, statusFile });
let broker = await start();
t.teardown(async () => {
  await broker.kill();
  rmSync(dir, { recursive: true, force: true });
});
const status = () => readBrokerStatus(statusFile);
const wellAgain = () => until('all to be well', () => status().fault === '' && status().trust === trustVersion(pkiDir), 30_000);

/** The serial number of the certificate that the broker shows. */
const shown = () => new Promise<string>((resolve, reject) => {
  const socket = connectTls({ host: '127.0.0.1', servername: 'localhost', port: servicesPort, maxVersion: 'TLSv1.2', ...credentials(api) });
  socket.once('error', reject).once('secureConnect', () => {
    resolve(socket.getPeerCertificate().serialNumber);
    socket.destroy();
  });
});

t.test('a new certificate of the broker is shown, and nobody loses a connection', async (t) => {
  const client = await connect(servicesPort, api);
  t.teardown(() => client.mqtt.endAsync(true));
  let closed = false;
  client.mqtt.on('close', () => { closed = true; });
  const before = await shown();
  // A name more gives it a new one.
  await initPki(pkiDir, { brokerHost: 'localhost lamps.example.org' });
  await until('the new one', async () => await shown() !== before, 30_000);
  t.notOk(closed);
  t.match(status(), { fault: '' });
});

t.test('a certificate that is not the broker’s is not taken, and keeps no revocation waiting', async (t) => {
  const shed = await mintDevice(pkiDir, 'Shed');
  await wellAgain();
  const before = await shown();
  const cert = join(pkiDir, 'broker/cert.pem');
  const sound = readFileSync(cert);
  cpSync(api.cert, cert);
  await until('the fault', () => status().fault.includes(cert), 30_000);
  t.equal(await shown(), before);
  await revokeDevice(pkiDir, shed.id);
  await until('the revocation', () => status().trust === trustVersion(pkiDir), 30_000);
  t.match(status().fault, cert);
  writeFileSync(cert, sound);
  await wellAgain();
  t.match(broker.log(), /mosquitto\/watch: the broker goes on with what it had, as what is new is not sound: .*cert\.pem/);
  t.match(broker.log(), /mosquitto\/watch: what is in .* is sound again/);
});

t.test('another authority ends the broker, so that it starts with it', async (t) => {
  const running = broker;
  const { code, stderr } = await runPki('rotate', ['devices'], pkiDir);
  t.equal(code, 0, stderr);
  await running.ended;
  t.match(running.log(), /mosquitto version \S+ terminating/);
  broker = await start();
  t.equal(status().trust, trustVersion(pkiDir));
  const client = await connect(devicesPort, hall, { clientId: hall.id });
  await client.mqtt.endAsync();
});

t.test('a set that changes while Mosquitto starts is not lost, and does not end it', async (t) => {
  for (const name of ['Attic', 'Cellar', 'Porch']) {
    const board = await mintDevice(pkiDir, name);
    await broker.stop();
    const [started] = await Promise.all([start(), revokeDevice(pkiDir, board.id)]);
    broker = started;
    await wellAgain();
    await t.rejects(connect(devicesPort, board, { clientId: board.id }), `${name} is refused`);
  }
});

t.test('the health check asks whether anybody looks', async (t) => {
  // The image has it; whether the broker answers is tried by that program alone.
  const programs = join(dir, 'bin');
  mkdirSync(programs);
  writeFileSync(join(programs, 'mosquitto_sub'), '#!/bin/sh\n', { mode: 0o755 });
  const health = (file: string) => promisify(execFile)(join(repository, 'mosquitto/health'), {
    env: { PATH: `${programs}:${process.env.PATH ?? ''}`, PKI_DIR: pkiDir, MOSQUITTO_SERVICES_PORT: String(servicesPort), MOSQUITTO_STATUS_FILE: file },
  });
  await t.resolves(health(statusFile));
  const old = join(dir, 'old');
  writeFileSync(old, readFileSync(statusFile, 'utf8').replace(/^beat=.*$/m, `beat=${Math.floor(Date.now() / 1000) - 60}`));
  await t.rejects(health(old), /mosquitto\/watch has not looked at the trust set for 30 s; restart the broker/);
  await t.rejects(health(join(dir, 'none')));
});
