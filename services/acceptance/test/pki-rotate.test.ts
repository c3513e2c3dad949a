import { createHash, createVerify, X509Certificate } from 'node:crypto';
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { listPki, mintDevice, revokeDevice, runPki, signRequest } from '../src/pki.ts';
import type { MintedDevice } from '../src/pki.ts';
import { makeKey, makeRequest, openssl, verify } from './openssl.ts';

/* Authorities that change while everything goes on. */
const dir = t.testdir();
const store = join(dir, 'store');
const hall = await mintDevice(store, 'Hall');
const attic = await mintDevice(store, 'Attic');
const away = await mintDevice(store, 'Away');
const lost = await mintDevice(store, 'Lost');

const rotate = (...args: string[]) => runPki('rotate', args, store);
const rotation = async () => (await listPki(store)).rotation;
const inTrust = (name: string) => readFileSync(join(store, 'trust', name), 'utf8').split('BEGIN').length - 1;

let keys = 0;
/** A board renews; the file with its new certificate and the issuing authority's, as it would send them. */
async function renew({ id }: MintedDevice): Promise<string> {
  const { serial, certificate, issuer } = await signRequest(store, id,
    makeRequest(makeKey(join(dir, `key${(keys += 1)}.pem`)), `/CN=${id}`));
  const file = join(dir, `renewed${keys}.pem`);
  writeFileSync(file, [certificate, issuer].map((der) => new X509Certificate(Buffer.from(der, 'base64')).toString()).join(''));
  t.match(await runPki('seen', [id, serial], store), { code: 0 });
  return file;
}

const says = (board: MintedDevice, ...trusts: string[]) => runPki('seen', [board.id, 'ab', ...trusts], store);

t.test('the devices\' root, with a board that is away for a while', async (t) => {
  t.match(await rotate('--status'), { code: 0, stdout: 'No authority is being changed.\n' });
  const ofBefore = await renew(hall);
  const passphrase = join(dir, 'passphrase');
  writeFileSync(passphrase, 'four words of mine\n');
  // The old root's key is not needed: nothing of the old signs for the new.
  t.match(await runPki('lock-root', [], store, { env: { PKI_PASSPHRASE_FILE: passphrase } }), { code: 0 });
  rmSync(join(store, 'authorities/devices/key.pem.enc'));

  t.match(await rotate(), { code: 0, stderr: '' });
  t.same(await rotation(), { authority: 'devices', step: 'trusting', of: 0, moved: 0, waiting: [] });
  t.same(['devices.pem', 'issuing.pem', 'devices.crl.pem'].map(inTrust), [2, 2, 4]);
  t.match(await rotate('services'), { code: 3, stderr: /the devices authority is being changed; finish that first/ });
  const stillOld = await renew(attic);
  for (const file of [hall.cert, ofBefore, stillOld]) verify(store, file);

  const [roots, crls] = ['devices.pem', 'devices.crl.pem'].map((name) => readFileSync(join(store, 'trust', name), 'utf8'));
  t.match(await rotate(), { code: 0, stderr: '' });
  t.equal(readFileSync(join(store, 'trust/devices.pem'), 'utf8'), roots, 'the broker need not start anew a second time');
  t.equal(readFileSync(join(store, 'trust/devices.crl.pem'), 'utf8'), crls);
  t.match(await rotation(), { step: 'moving', of: 4, moved: 0 });
  for (const file of [hall.cert, ofBefore, stillOld]) verify(store, file);

  const moved = [await renew(hall), await renew(attic)];
  for (const file of moved) verify(store, file);
  const fresh = await mintDevice(store, 'Fresh');
  verify(store, fresh.cert);
  t.match(await rotation(), { of: 5, moved: 3, waiting: [away.id, lost.id].sort() }, 'a board that was minted by the new one has moved');
  const refused = await rotate();
  t.match(refused, { code: 3, stdout: '', stderr: /waiting for "Away" .*pki\/rotate: not yet: 3 of 5 boards have moved\n$/s });
  t.match(refused.stderr, /waiting for "Lost"/);
  verify(store, away.cert);

  // What the old ones have signed can be revoked yet, the root's own list apart.
  t.same(await revokeDevice(store, 'Lost'), { id: lost.id, certificates: 1, root: 'done' });
  t.throws(() => { verify(store, lost.cert); }, /certificate revoked/);
  t.match(await rotate(), { code: 3, stderr: /waiting for "Away"/ });
  t.match(await runPki('refresh', [], store), { code: 0, stderr: '' });

  const returned = await renew(away);
  t.match(await rotation(), { of: 4, moved: 4, waiting: [] });
  t.match(await rotate(), { code: 0, stderr: '', stdout: /no longer trusted/ });
  t.equal(await rotation(), null);
  t.same(['devices.pem', 'issuing.pem', 'devices.crl.pem'].map(inTrust), [1, 1, 2]);
  for (const file of [...moved, returned, fresh.cert]) verify(store, file);
  for (const file of [hall.cert, ofBefore, away.cert]) t.throws(() => { verify(store, file); }, /unable to get (local )?issuer/);
  t.same(readdirSync(join(store, 'authorities')).sort(), ['devices', 'issuing', 'keys', 'retired', 'revoked', 'services']);
  t.match(await runPki('mint', ['Again'], store, { id: lost.id }), { code: 1, stderr: /exists/ }, 'ids of before are remembered');
  const reused = await runPki('sign-request', [hall.id], store, { input: makeRequest(hall.key, `/CN=${hall.id}`) });
  t.match(reused, { code: 3, stderr: /^wrong_key/ }, 'and keys');
  const again = new X509Certificate(readFileSync(join(store, 'authorities/issuing/cert.pem')));
  t.match(again.subject, /authority 2$/, 'two authorities never have one name');
});

t.test('the services\' authority: boards are told, and say so', async (t) => {
  const names = ['broker', 'api', 'metrics'];
  const drawer = await mintDevice(store, 'Drawer');
  const before = new X509Certificate(readFileSync(join(store, 'trust/services.pem')));
  const serials = () => names.map((name) => new X509Certificate(readFileSync(join(store, name, 'cert.pem'))).serialNumber);
  const verifyServices = () => {
    for (const name of names) {
      openssl(['verify', '-crl_check', '-CAfile', join(store, 'trust/services.pem'), '-CRLfile', join(store, 'trust/services.crl.pem'),
        join(store, name, 'cert.pem')]);
      openssl(['verify', '-CAfile', join(store, name, 'ca.pem'), join(store, 'broker/cert.pem')]);
    }
  };
  /** What boards are told is by whom they trust. */
  const notice = async (by: X509Certificate, word: string) => {
    const { trust } = await listPki(store);
    if (trust === null) throw new Error('there is no notice');
    const der = Buffer.from(trust.certificate, 'base64');
    const sha256 = createHash('sha256').update(der).digest('hex');
    t.equal(trust.fingerprint, sha256.slice(0, 16));
    t.equal(trust.alone, word === 'alone');
    const text = `sconce authority v1\n${word}\n${sha256}\n`;
    t.ok(createVerify('sha256').update(text).verify(by.publicKey, Buffer.from(trust.signature, 'base64')), word);
    return { der: new X509Certificate(der), fingerprint: trust.fingerprint };
  };

  const old = serials();
  t.match(await rotate('services'), { code: 0, stderr: '' });
  const { der: next, fingerprint } = await notice(before, 'add');
  t.equal(inTrust('services.pem'), 2);
  t.same(serials(), old, 'the broker does not show the new one yet');
  verifyServices();
  t.match(await rotation(), { authority: 'services', step: 'trusting', of: 5, moved: 0 });
  t.match(await rotate(), { code: 3, stderr: /0 of 5 boards have moved/ });
  const later = await mintDevice(store, 'Later');
  const first = createHash('sha256').update(before.raw).digest('hex').slice(0, 16);
  for (const board of [hall, attic, away]) await says(board, first, fingerprint);
  t.match(await rotate(), { code: 3, stderr: /waiting for "Drawer"/ });
  t.notMatch((await rotate()).stderr, /Later/, 'who was minted since trusts both');
  await says(drawer, fingerprint, first);
  const { waiting = [] } = await rotation() ?? {};
  for (const id of waiting) await runPki('seen', [id, 'ab', first, fingerprint], store);

  t.match(await rotate(), { code: 0, stderr: '' });
  await notice(next, 'alone');
  t.same(readFileSync(hall.ca), readFileSync(join(store, 'trust/services.pem')), 'what it would be flashed with anew');
  t.not(serials()[0], old[0]);
  verifyServices();
  t.match((await runPki('sign-firmware', [later.json], store)).stdout, /^\{"size":/);
  t.match(await rotate(), { code: 3, stderr: /trust the new one alone/ });
  for (const id of (await rotation())?.waiting ?? []) await runPki('seen', [id, 'ab', fingerprint], store);
  t.match(await rotate(), { code: 0, stderr: '' });
  t.equal((await listPki(store)).trust, null);
  t.equal(inTrust('services.pem'), 1);
  t.same(new X509Certificate(readFileSync(join(store, 'trust/services.pem'))).raw, next.raw);
  verifyServices();
  t.same(readFileSync(hall.ca), readFileSync(join(store, 'trust/services.pem')));
  t.match(await runPki('init', [], store), { code: 0, stderr: '' });
  t.match((await rotate('--status')).stdout, /No authority is being changed/);
});

t.test('what cannot be asked', async (t) => {
  for (const args of [['broker'], ['devices', 'services'], ['--help']]) {
    t.match(await rotate(...args), { code: 1, stdout: '', stderr: /^pki\/rotate: takes devices or services, or --status/ });
  }
  const status = { BROKER_STATUS_FILE: join(dir, 'applied') };
  writeFileSync(status.BROKER_STATUS_FILE, 'trust=none\n');
  const busy = join(dir, 'busy');
  cpSync(store, busy, { recursive: true });
  t.match(await runPki('rotate', [], busy), { code: 0 });
  t.match(await runPki('rotate', [], busy, { env: status }), { code: 3, stderr: /the broker does not go by the new trust set/ });
});
