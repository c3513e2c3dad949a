import { X509Certificate } from 'node:crypto';
import { chmodSync, chownSync, copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { selfSign } from '../../src/nginx.ts';
import { identityIn, initPki, runPki, type Identity } from '../../src/pki.ts';
import { until } from '../../src/until.ts';
import { shownTo } from '../ask.ts';
import { forge, makeCrl, openssl, profiles } from '../openssl.ts';
import { future, keep, past, rewrite, type Fault, type Undo } from './fault.ts';
import type { World } from './world.ts';

type Forged = Parameters<typeof forge>[2];
const anew = (folder: string) => `mv pki/store/${folder} pki/store/${folder}.broken && make pki`;

/** Puts another certificate, with its key, in the place of a service's. @returns what puts it back */
function replace(world: World, service: 'api' | 'broker', from: (as: string) => Identity): Undo {
  const to = identityIn(join(world.pki.dir, service));
  const undo = keep(world, to.dir);
  const as = join(world.dir, `forged-${service}`);
  const made = from(as);
  copyFileSync(made.key, `${to.key}.new`);
  chmodSync(to.key, 0o600);
  copyFileSync(`${to.key}.new`, to.key);
  chmodSync(to.key, 0o400);
  rmSync(`${to.key}.new`);
  copyFileSync(made.cert, to.cert);
  rmSync(as, { recursive: true, force: true });
  return undo;
}

const forged = (world: World, service: 'api' | 'broker', what: Omit<Forged, 'name'>) =>
  replace(world, service, (as) => forge(world.pki.dir, as, { name: service, authority: 'services', profile: service === 'api' ? 'service_client' : 'service_server', ...what }));

const trust = (world: World, name: string) => join(world.pki.dir, 'trust', name);
/** The remedy is what it says that it is. */
const makePki = (world: World) => initPki(world.pki.dir);

/** Has nginx show another certificate for localhost. @returns what has it show its own again */
async function showWeb(world: World, cert: string, key: string): Promise<Undo> {
  const folder = join(world.state, 'certificates/localhost');
  const undo = keep(world, folder);
  const shows = async () => {
    const serial = new X509Certificate(readFileSync(join(folder, 'fullchain.pem'))).serialNumber;
    await until('nginx to show another certificate', async () => (await shownTo('localhost', world.ports.https)).certificate.serialNumber === serial);
  };
  copyFileSync(key, join(folder, 'privkey.pem'));
  copyFileSync(cert, join(folder, 'fullchain.pem'));
  await shows();
  return async () => {
    undo();
    await shows();
  };
}

/** A certificate for localhost as the web's authorities make them: a root, one between, and what is shown. */
function webChain(world: World, dates: { start?: string; end?: string } = {}): { root: string; leaf: string; cert: string; key: string } {
  const { pki, dir } = world;
  const made = forge(pki.dir, mkdtempSync(join(dir, 'web-')), { name: 'localhost', authority: 'issuing', profile: 'service_server', ...dates });
  const cert = join(made.dir, 'fullchain.pem');
  writeFileSync(cert, readFileSync(made.cert, 'utf8') + readFileSync(trust(world, 'issuing.pem'), 'utf8'));
  return { root: trust(world, 'devices.pem'), leaf: made.cert, cert, key: made.key };
}

/** Certificates, keys and revocation lists of the store, and the web's. */
export const files: Fault[] = [
  {
    name: "the broker's certificate has ended",
    break: (world) => ({ undo: forged(world, 'broker', past) }),
    finds: () => ({ code: 'certificate_expired', subject: 'pki/store/broker/cert.pem', do: 'make pki' }),
  },
  {
    name: "the broker's certificate is for another host",
    break: (world) => ({ undo: forged(world, 'broker', { san: 'DNS:mosquitto,DNS:lamps.test' }) }),
    finds: () => ({ code: 'certificate_wrong_host', subject: 'pki/store/broker/cert.pem', do: 'make pki BROKER_HOST=localhost' }),
  },
  {
    name: "the broker's certificate is made for a client",
    break: (world) => ({ undo: forged(world, 'broker', { profile: 'service_client' }) }),
    finds: () => ({ code: 'certificate_wrong_use', subject: 'pki/store/broker/cert.pem', do: anew('broker') }),
  },
  {
    name: "the broker's certificate file is cut short",
    break: (world) => ({ undo: rewrite(world, join(world.pki.dir, 'broker/cert.pem'), (text) => text.slice(0, 300)) }),
    finds: () => ({ code: 'file_damaged', subject: 'pki/store/broker/cert.pem', do: anew('broker') }),
  },
  {
    name: "the API's certificate has ended",
    break: (world) => ({ undo: forged(world, 'api', past) }),
    finds: () => ({ code: 'certificate_expired', subject: 'pki/store/api/cert.pem', do: 'make pki' }),
  },
  {
    name: "the API's certificate is not yet valid",
    break: (world) => ({ undo: forged(world, 'api', future) }),
    finds: () => ({ code: 'certificate_not_yet_valid', subject: 'pki/store/api/cert.pem', do: `timedatectl; if the clock is right, ${anew('api')}` }),
  },
  {
    name: "the API's certificate is a board's",
    break: (world) => ({ undo: forged(world, 'api', { authority: 'issuing', profile: 'device' }) }),
    finds: () => ({ code: 'certificate_wrong_authority', subject: 'pki/store/api/cert.pem', do: anew('api') }),
  },
  {
    name: "the API's certificate is of another household",
    break: async (world) => {
      const stranger = await initPki(join(world.dir, 'stranger'));
      return { undo: replace(world, 'api', () => stranger.api) };
    },
    finds: () => ({ code: 'certificate_wrong_authority', subject: 'pki/store/api/cert.pem', do: anew('api') }),
  },
  {
    name: "the API's certificate is revoked",
    break: async (world) => {
      const undo = forged(world, 'api', {});
      openssl(['ca', '-config', profiles, '-revoke', world.pki.api.cert], join(world.pki.dir, 'authorities/services'));
      const { code, stderr } = await runPki('refresh', [], world.pki.dir);
      if (code !== 0) throw new Error(stderr);
      return { undo };
    },
    finds: () => ({ code: 'certificate_revoked', subject: 'pki/store/api/cert.pem', do: anew('api') }),
  },
  {
    name: "the API's key is not that of its certificate",
    break: (world) => {
      const undo = keep(world, world.pki.api.dir);
      rmSync(world.pki.api.key);
      copyFileSync(world.pki.metrics.key, world.pki.api.key);
      return { undo };
    },
    finds: () => ({ code: 'key_mismatch', subject: 'pki/store/api/cert.pem', do: anew('api') }),
  },
  {
    name: "the API's key cannot be read",
    break: (world) => {
      const { key } = world.pki.api;
      chownSync(key, 65_534, 65_534);
      return { powerless: true, undo: () => { chownSync(key, 0, 0); } };
    },
    finds: () => ({ code: 'file_unreadable', subject: 'pki/store/api/key.pem', do: 'sudo chown --reference=pki/store/api pki/store/api/key.pem' }),
  },
  {
    name: "others can read the API's key",
    break: (world) => {
      chmodSync(world.pki.api.key, 0o644);
      return { undo: () => { chmodSync(world.pki.api.key, 0o400); } };
    },
    finds: () => ({ code: 'key_too_open', subject: 'pki/store/api/key.pem', do: 'chmod 400 pki/store/api/key.pem' }),
  },
  {
    name: "the API's key is missing",
    break: (world) => {
      const undo = keep(world, world.pki.api.dir);
      rmSync(world.pki.api.key);
      return { undo };
    },
    finds: () => ({ code: 'file_missing', subject: 'pki/store/api/key.pem', do: anew('api') }),
  },
  {
    name: 'the revocation list is stale',
    break: (world) => {
      makeCrl(world.pki.dir, ['-crl_lastupdate', past.start, '-crl_nextupdate', past.end]);
      return { undo: () => makePki(world) };
    },
    finds: () => ({ code: 'crl_stale', subject: 'pki/store/trust/devices.crl.pem', do: 'make pki' }),
  },
  {
    name: 'the revocation list is cut short',
    break: (world) => {
      rewrite(world, trust(world, 'devices.crl.pem'), (text) => text.slice(0, -100));
      return { undo: () => makePki(world) };
    },
    finds: () => ({ code: 'crl_damaged', subject: 'pki/store/trust/devices.crl.pem', do: 'make pki' }),
  },
  {
    name: 'the revocation list is of another household',
    break: async (world) => {
      const stranger = await initPki(join(world.dir, 'stranger'));
      copyFileSync(join(stranger.dir, 'trust/devices.crl.pem'), trust(world, 'devices.crl.pem'));
      return { undo: () => makePki(world) };
    },
    finds: () => ({ code: 'crl_wrong_issuer', subject: 'pki/store/trust/devices.crl.pem', do: 'make pki' }),
  },
  {
    name: 'what the broker trusts was changed by hand',
    break: (world) => {
      rewrite(world, trust(world, 'services.pem'), (text) => `${text}\n`);
      return { undo: () => makePki(world) };
    },
    finds: () => ({ code: 'sums_mismatch', subject: 'pki/store/trust/services.pem', do: 'make pki' }),
  },
  {
    name: "the web's certificate is for another host",
    break: async (world) => {
      const other = join(world.dir, 'other-web');
      selfSign(other, 'lamps.test', 90);
      const cert = join(other, 'certificates/lamps.test/fullchain.pem');
      return { env: { NODE_EXTRA_CA_CERTS: cert }, undo: await showWeb(world, cert, join(other, 'certificates/lamps.test/privkey.pem')) };
    },
    finds: () => ({ code: 'web_certificate_wrong_host', subject: 'localhost', do: 'make certificates; if it stays so: make logs SERVICE=acme' }),
  },
  {
    name: "the web's certificate has ended",
    break: async (world) => {
      const { cert, key, root } = webChain(world, past);
      return { env: { NODE_EXTRA_CA_CERTS: root }, undo: await showWeb(world, cert, key) };
    },
    finds: () => ({ code: 'web_certificate_expired', subject: 'localhost', do: 'make certificates; if it stays so: make logs SERVICE=acme' }),
  },
  {
    name: "the web's certificate comes without the one between",
    break: async (world) => {
      const { leaf, key, root } = webChain(world);
      return { env: { NODE_EXTRA_CA_CERTS: root }, undo: await showWeb(world, leaf, key) };
    },
    finds: () => ({ code: 'web_chain_incomplete', subject: 'localhost', do: 'make certificates; if it stays so: make logs SERVICE=acme' }),
  },
  {
    name: "no browser knows who signed the web's certificate",
    break: () => ({ env: { NODE_EXTRA_CA_CERTS: '' } }),
    finds: () => ({ code: 'web_certificate_wrong_authority', subject: 'localhost', do: 'make certificates; if it stays so: make logs SERVICE=acme' }),
  },
];
