import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { listPki, mintDevice, revokeDevice, runPki, signRequest } from '../src/pki.ts';
import { makeKey, makeRequest, openssl, profiles } from './openssl.ts';
import { copyStore, isIn, sumsFit } from './stores.ts';

/* Changes of one store by several at once, in the same second, over what was spoiled, and for a time that is none. */
const dir = t.testdir();
const sound = join(dir, 'sound');
const hall = await mintDevice(sound, 'Hall');
const attic = await mintDevice(sound, 'Attic');

t.test('runs at the same time wait for each other', async (t) => {
  const store = copyStore(sound, join(dir, 'busy'));
  const requests = Array.from({ length: 6 }, (_, n) => makeRequest(makeKey(join(dir, `busy${n}.pem`)), `/CN=${attic.id}`));
  const [signed] = await Promise.all([
    Promise.all(requests.map((request) => signRequest(store, attic.id, request))),
    revokeDevice(store, hall.id),
    runPki('refresh', [], store),
    mintDevice(store, 'Landing'),
    listPki(store),
  ]);
  t.equal(new Set(signed.map(({ serial }) => serial)).size, requests.length);
  const { certificates, revoked } = await listPki(store);
  t.equal(certificates.filter(({ id }) => id === attic.id).length, requests.length + 1, 'none got lost');
  t.same(revoked.map(({ id }) => id), [hall.id]);
  t.notOk(isIn(store, hall.id));
  sumsFit(store);
});

t.test('a new list of revoked ones is always from a later second than the one before', async (t) => {
  const store = copyStore(sound, join(dir, 'seconds'));
  const file = join(store, 'authorities/issuing/crl.pem');
  const updated = () => Date.parse(openssl(['crl', '-in', file, '-noout', '-lastupdate']).trim().replace('lastUpdate=', ''));
  const stamp = (ms: number) => `${new Date(ms).toISOString().replace(/[-:T]|\..*/g, '')}Z`;
  // Four seconds ahead, so that no machine is too slow to be in time.
  openssl(['ca', '-gencrl', '-config', profiles, '-crl_lastupdate', stamp(Date.now() + 4000), '-crl_nextupdate',
    stamp(Date.now() + 86_400_000), '-out', file], join(store, 'authorities/issuing'));
  const before = updated();
  await revokeDevice(store, hall.id);
  t.ok(updated() > before);
  t.notOk(isIn(store, hall.id));
  // A clock that was wrong is not waited for.
  openssl(['ca', '-gencrl', '-config', profiles, '-crl_lastupdate', stamp(Date.now() + 3_600_000), '-crl_nextupdate',
    stamp(Date.now() + 86_400_000), '-out', file], join(store, 'authorities/issuing'));
  await revokeDevice(store, attic.id);
  t.ok(Math.abs(updated() - Date.now()) < 120_000);
  t.notOk(isIn(store, attic.id));
});

t.test('what is spoiled of the trust set is made anew', async (t) => {
  const store = copyStore(sound, join(dir, 'spoiled'));
  const files = readdirSync(join(store, 'trust'));
  t.same(files.sort(), ['SHA256SUMS', 'devices.crl.pem', 'devices.pem', 'issuing.pem', 'revoked', 'services.crl.pem', 'services.pem']);
  for (const [n, file] of files.entries()) {
    const path = join(store, 'trust', file);
    const whole = readFileSync(path);
    if (n % 2 === 0) rmSync(path);
    else writeFileSync(path, 'x');
    t.match(await runPki('refresh', [], store), { code: 0, stdout: 'trust: published anew\n', stderr: '' }, file);
    t.same(readFileSync(path), whole, file);
  }
  t.match(await runPki('refresh', [], store), { code: 0, stdout: '', stderr: '' }, 'and when all is well, nothing happens');
});

t.test('lifetimes that are none are refused', async (t) => {
  for (const text of ['0d', '-1d', '1', 'd', '1w', '1.5d', ' 1d', '1d\n', '36526d', '9999999999d']) {
    const { code, stderr } = await runPki('init', [], sound, { boardLifetime: text });
    t.equal(code, 1, text);
    t.match(stderr, /^pki\/init: PKI_BOARD_LIFETIME is "[^"]*"; (write a whole number above 0 and d, h, m or s|a hundred years)/, text);
  }
});
