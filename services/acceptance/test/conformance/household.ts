/** Whom the suite is about: boards in good order, and boards and brokers with something wrong in their certificates. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { identityIn, initPki, mintDevice } from '../../src/pki.ts';
import { forge, revoke } from '../openssl.ts';

const dir = mkdtempSync(join(tmpdir(), 'sconce-conformance-'));
t.teardown(() => rmSync(dir, { recursive: true }));

// Made yesterday: a board whose clock is a little behind is to find the broker's certificate valid.
export const pki = await initPki(join(dir, 'pki'), { daysAgo: 1 });
export const hall = await mintDevice(pki.dir, 'Hall');
export const attic = await mintDevice(pki.dir, 'Attic');
/** Never told the right time: a board keeps a time that a command has confirmed, and then believes none before it. */
export const cellar = await mintDevice(pki.dir, 'Cellar');
const stolen = await mintDevice(pki.dir, 'Stolen');
await revoke(pki.dir, stolen.cert);

/** The attic's folder with one file changed. */
function altered(name: string, file: string, text: string): string {
  const folder = join(dir, name);
  cpSync(attic.dir, folder, { recursive: true });
  rmSync(join(folder, file));
  writeFileSync(join(folder, file), text);
  return folder;
}

const deviceJson = JSON.parse(readFileSync(attic.json, 'utf8')) as { broker: { host: string; port: number } };
const brokerNamed = (host: string) => JSON.stringify({ ...deviceJson, broker: { ...deviceJson.broker, host } });

const past = { start: '20200101000000Z', end: '20200201000000Z' };
const future = { start: '20900101000000Z', end: '20910101000000Z' };

/** A certificate as pki/mint would never make it, for the attic's board. */
function forged(name: string, what: Omit<Parameters<typeof forge>[2], 'name'>): string {
  const { dir: folder } = forge(pki.dir, join(dir, name), { name: attic.id, ...what });
  cpSync(attic.json, join(folder, 'device.json'));
  return folder;
}

/** Folders of boards that must stay outside. */
export const boards = {
  expectsAnotherName: altered('another-name', 'device.json', brokerNamed('lamps.example.org')),
  expectsAnAddress: altered('an-address', 'device.json', brokerNamed('127.0.0.1')),
  trustsAnother: altered('another-authority', 'ca.pem', readFileSync(join(pki.dir, 'trust/devices.pem'), 'utf8')),
  ended: forged('ended', past),
  early: forged('early', future),
  forServers: forged('for-servers', { profile: 'service_server' }),
  ofAnother: forged('of-another', { authority: 'services', profile: 'service_client' }),
  revoked: stolen.dir,
  mixedUp: altered('mixed-up', 'device.json', readFileSync(hall.json, 'utf8')),
};

const service = { name: 'broker', authority: 'services' } as const;
const server = { ...service, profile: 'service_server' };

/** What a broker may show that mosquitto/start would refuse; it can become so while the broker runs. */
export const brokers = {
  ended: forge(pki.dir, join(dir, 'old-broker'), { ...server, ...past }),
  early: forge(pki.dir, join(dir, 'early-broker'), { ...server, ...future }),
  forClients: identityIn(join(pki.dir, 'api')),
};
