/**
 * The official client of Improv via Serial, the one behind the button on web pages that flash boards, sets a board up.
 * Its port is a Unix socket in place of the browser's USB; the networks in the air are a list.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Duplex } from 'node:stream';
import t, { type Test } from 'tap';
import { startDevice } from '../src/conformance/device.ts';
import { launchers } from '../src/launchers.ts';
import { startMosquitto } from '../src/mosquitto.ts';
import { initPki, mintDevice } from '../src/pki.ts';
import { freePorts } from '../src/process.ts';
import { until } from '../src/until.ts';

// It is written for bundlers, which add what Node wants to be told: where a file's name ends.
registerHooks({
  resolve: (specifier, context, next) => next(
    specifier.startsWith('.') && !specifier.endsWith('.js') && context.parentURL?.includes('/improv-wifi-serial-sdk/')
      ? `${specifier}.js` : specifier, context),
});
const { ImprovSerial } = await import('improv-wifi-serial-sdk/dist/serial.js');
/** As the client numbers them. */
const [ready, provisioning, provisioned] = [2, 3, 4];

const dir = mkdtempSync(join(tmpdir(), 'sconce-improv-'));
const pki = await initPki(join(dir, 'pki'));
const hall = await mintDevice(pki.dir, 'Hall');
const [devicesPort, servicesPort] = await freePorts(2) as [number, number];
const broker = await startMosquitto({ pkiDir: pki.dir, devicesPort, servicesPort });
t.teardown(async () => {
  await broker.kill();
  rmSync(dir, { recursive: true });
});

const socket = join(dir, 'usb');
const wifiFile = join(hall.dir, 'wifi.txt');
const networksFile = join(dir, 'networks');
const home = { name: 'Zuhäuse', password: 'correct horse: battery, staple' };
const stored = `${home.name}\n${home.password}\n`;
writeFileSync(networksFile, [
  `-80\t${home.name}\t${home.password}`, '-71\tGuests', `-55\t${home.name}\t${home.password}`, '-40\t\thidden password',
  '-90\tNext door\tnot our business',
].join('\n'));

function startBoard(t: Test) {
  const board = launchers.cpp;
  const device = startDevice(
    { ...board, command: (options) => [...board.command(options), '--serial', socket, '--networks', networksFile] },
    { identities: [hall.dir], broker: { host: '127.0.0.1', port: devicesPort }, airtime: 0, pins: [],
      backoff: { minMs: 100, maxMs: 400 } });
  t.teardown(() => device.kill());
  return device;
}

/** A board that was killed leaves its socket behind: whether it is there says nothing. */
function listening(): Promise<string> {
  return new Promise((resolve, reject) => {
    const probe = connect(socket, () => probe.end(() => { resolve(socket); })).once('error', reject);
  });
}

/** What the client rejects with: a word. */
const refusal = (asked: Promise<unknown>) => asked.then(() => 'no error', (error: unknown) => error);

/** Plugs a cable in, and the client at its end. */
async function plugIn(t: Test) {
  const cable = connect(await until('the serial line', listening));
  const complaints: unknown[] = [];
  const client = new ImprovSerial(Duplex.toWeb(cable) as never,
    { log: () => undefined, debug: () => undefined, error: (...words) => { complaints.push(words); } });
  const states: (number | undefined)[] = [];
  client.addEventListener('state-changed', () => { states.push(client.state); });
  t.teardown(() => { cable.destroy(); });
  return { client, states, complaints };
}

t.test('a new board is set up', async (t) => {
  const device = startBoard(t);
  const { client, states, complaints } = await plugIn(t);
  t.match(await client.initialize(), { firmware: 'Sconce', version: /^\d/, chipFamily: 'sconce-board', name: hall.id });
  t.equal(client.state, ready, 'it has no network yet');
  t.same(await client.scan(), [
    { name: 'Guests', rssi: -71, secured: false }, { name: 'Next door', rssi: -90, secured: true },
    { name: home.name, rssi: -55, secured: true },
  ], 'each network once, the louder of two, and none without a name');

  for (const [why, name, password, error] of [
    ['a wrong password', home.name, 'incorrect horse', 'UNABLE_TO_CONNECT'],
    ['a network that is not in the air', 'Nowhere', home.password, 'UNABLE_TO_CONNECT'],
    ['a password shorter than any', home.name, 'short', 'INVALID_RPC_PACKET'],
  ] as const) {
    t.equal(await refusal(client.provision(name, password)), error, why);
    t.notOk(existsSync(wifiFile), `${why}: nothing is stored`);
  }
  t.equal(await refusal(client.setHostname('lamp')), 'UNKNOWN_RPC_COMMAND', 'it has no host name');
  t.same(device.events('connected', 'error'), [], 'without a network it does not try to reach the broker');

  states.length = 0;
  await client.provision(home.name, home.password);
  t.same(states, [provisioning, provisioned]);
  t.equal(readFileSync(wifiFile, 'utf8'), stored, 'the settings are stored');
  t.equal(statSync(wifiFile).mode & 0o777, 0o600, 'for nobody else to read');
  await device.connected();
  t.same(complaints, [], 'the client found every packet in order');
  t.notMatch(JSON.stringify(device.record.all), home.password, 'the password is not in the record');
});

t.test('a board that works outlives a mistyped password', async (t) => {
  const device = startBoard(t);
  const { client, states, complaints } = await plugIn(t);
  await device.connected();
  await client.initialize();
  t.equal(client.state, provisioned, 'after a restart it joins what is stored');

  states.length = 0;
  t.equal(await refusal(client.provision(home.name, 'incorrect horse')), 'UNABLE_TO_CONNECT');
  await until('the network as before', () => client.state === provisioned);
  t.same(states, [provisioning, ready, provisioned], 'it tries, says that it failed, and comes back');
  t.equal(readFileSync(wifiFile, 'utf8'), stored);
  t.same(complaints, []);
  await client.close();

  const again = await plugIn(t);
  await again.client.initialize();
  t.equal(again.client.state, provisioned, 'unplugged and plugged in again');
});
