import { X509Certificate } from 'node:crypto';
import { cpSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { initPki, listPki, mintDevice, revokeDevice, runPki, signRequest, trustVersion } from '../src/pki.ts';
import type { MintedDevice } from '../src/pki.ts';
import { forge, makeKey, makeRequest, openssl, verify } from './openssl.ts';

/* Boards that are kept out, with the root at hand and away. */
const dir = t.testdir();
const store = join(dir, 'store');
const passphrase = join(dir, 'passphrase');
writeFileSync(passphrase, 'four words of mine\n');
const withPassphrase = { env: { PKI_PASSPHRASE_FILE: passphrase } };
const hall = await mintDevice(store, 'Hall');
const attic = await mintDevice(store, 'Attic');

const revoked = /certificate revoked/;
const inTrust = (name: string) => readFileSync(join(store, 'trust', name), 'utf8');

/** A board as it was before there was an issuing authority: the root itself has signed for it. */
function signedByRoot({ id, cert }: MintedDevice): string {
  const { cert: old } = forge(store, join(dir, `root-${id}`), { name: id });
  cpSync(old, cert);
  return cert;
}

t.test('a revoked board is out with all its certificates, and nobody else', async (t) => {
  const { certificate, issuer } = await signRequest(store, hall.id,
    makeRequest(makeKey(join(dir, 'key.pem')), `/CN=${hall.id}`));
  const renewed = join(dir, 'renewed.pem');
  writeFileSync(renewed, [certificate, issuer].map((der) => new X509Certificate(Buffer.from(der, 'base64')).toString()).join(''));
  verify(store, renewed);
  const before = trustVersion(store);
  const { code, stdout, stderr } = await runPki('revoke', ['HALL'], store);
  t.same({ code, stdout, stderr }, { code: 0, stderr: '',
    stdout: `"Hall" (${hall.id}) is revoked, with 2 certificate(s). It never gets in again.\n` });
  for (const cert of [hall.cert, renewed]) t.throws(() => { verify(store, cert); }, revoked);
  verify(store, attic.cert);
  t.not(trustVersion(store), before);
  t.equal(inTrust('revoked'), `${hall.id}\n`);

  const version = trustVersion(store);
  t.same(await revokeDevice(store, hall.id), { id: hall.id, certificates: 0, root: 'done' }, 'once more changes nothing');
  t.equal(trustVersion(store), version);
  const { certificates, revoked: out, crls } = await listPki(store);
  t.same(certificates.filter(({ id }) => id === hall.id).map(({ state }) => state), ['revoked', 'revoked']);
  t.match(out, [{ id: hall.id }]);
  t.ok(Math.abs((out[0]?.at ?? 0) - Date.now()) < 120_000);
  t.same(crls.map(({ name, entries }) => [name, entries]),
    [['devices authority', 0], ['issuing authority', 2], ['services authority', 0]]);
});

t.test('what takes its place may have its name', async (t) => {
  const next = await mintDevice(store, 'Hall');
  verify(store, next.cert);
  t.match(await revokeDevice(store, 'Hall'), { id: next.id, certificates: 1 });
  await t.rejects(mintDevice(store, 'Hall', { id: hall.id }), /exists/, 'but not its id');
});

t.test('says what is wrong', async (t) => {
  for (const [args, words] of [
    [[], /^pki\/revoke: takes one board/], [[''], /^pki\/revoke: takes one board/],
    [['Cellar'], /^pki\/revoke: there is no board "Cellar" in .*; there are: "Attic"/],
    [['f'.repeat(32)], /^pki\/revoke: there is no board/], [['../api'], /^pki\/revoke: there is no board/],
  ] as const) t.match(await runPki('revoke', [...args], store), { code: 1, stdout: '', stderr: words });
  for (const script of ['revoke', 'list', 'refresh', 'rotate', 'sign-request', 'seen', 'lock-root', 'unlock-root']) {
    const args = { 'revoke': ['x'], 'sign-request': [hall.id], 'seen': [hall.id, 'ab'] }[script] ?? [];
    t.match(await runPki(script, args, join(dir, 'none')),
      { code: 1, stdout: '', stderr: new RegExp(`^pki/${script}: there are no certificates in ${dir}/none yet; run make pki`) });
  }
});

t.test('waits for broker and gate, and says how that went', async (t) => {
  const status = { BROKER_STATUS_FILE: join(dir, 'applied'), GATE_REFUSALS: join(dir, 'refusals.json') };
  writeFileSync(status.BROKER_STATUS_FILE, 'trust=none\nat=1\nbeat=1\nfault=\n');
  writeFileSync(status.GATE_REFUSALS, '{"at":1,"trust":"none"}');
  t.match((await runPki('revoke', ['Attic'], store, { env: status })).stdout, /After 5 s, the broker and the gate had not taken/);
  writeFileSync(status.BROKER_STATUS_FILE, `trust=${trustVersion(store)}\nat=1\nbeat=1\nfault=\n`);
  writeFileSync(status.GATE_REFUSALS, JSON.stringify({ at: 1, trust: trustVersion(store) }));
  t.match((await runPki('revoke', ['Attic'], store, { env: status })).stdout, /The broker refuses it, and the gate has cut/);
});

t.test('the root can be locked and carried away; boards go on', async (t) => {
  const folder = join(store, 'authorities/devices');
  const key = readFileSync(join(folder, 'key.pem'), 'utf8');
  const cellar = await mintDevice(store, 'Cellar');
  const shed = await mintDevice(store, 'Shed');
  for (const board of [cellar, shed]) verify(store, signedByRoot(board));
  writeFileSync(join(dir, 'short'), 'too short\n');
  t.match(await runPki('lock-root', [], store, { env: { PKI_PASSPHRASE_FILE: join(dir, 'short') } }), { code: 1, stderr: /12 at least/ });
  t.match(await runPki('lock-root', [], store), { code: 1, stderr: /cannot ask for a passphrase here/ });
  t.match(await runPki('lock-root', [], store, withPassphrase), { code: 0, stderr: '', stdout: /Carry that file away/ });
  t.throws(() => statSync(join(folder, 'key.pem')), /ENOENT/);
  t.match(readFileSync(join(folder, 'key.pem.enc'), 'utf8'), /^-----BEGIN ENCRYPTED PRIVATE KEY-----/);
  t.match(openssl(['asn1parse', '-in', join(folder, 'key.pem.enc')]), /scrypt[\s\S]*aes-256-cbc/);
  t.equal((await listPki(store)).rootKey, 'encrypted');

  const porch = await mintDevice(store, 'Porch');
  verify(store, porch.cert);
  await signRequest(store, porch.id, makeRequest(makeKey(join(dir, 'porch.pem')), `/CN=${porch.id}`));
  t.same(await revokeDevice(store, porch.id), { id: porch.id, certificates: 2, root: 'done' });
  t.match(await runPki('refresh', [], store), { code: 0, stderr: '' });

  // What the root has signed: on the access list at once, on the root's list when its key is back.
  t.match((await runPki('revoke', [cellar.id], store)).stdout, /access list keeps it out.*make pki-unlock, then make pki/s);
  t.same(await revokeDevice(store, cellar.id), { id: cellar.id, certificates: 0, root: 'away' });
  t.ok(inTrust('revoked').includes(cellar.id));
  verify(store, cellar.cert);
  t.match(await runPki('refresh', [], store), { code: 1, stderr: /is revoked, and not on its list.*make pki-unlock/ }, 'nobody forgets it');
  t.match(await runPki('unlock-root', [], store, { env: { PKI_PASSPHRASE_FILE: join(dir, 'short') } }), { code: 1, stderr: /does not open/ });
  t.match(await runPki('revoke', [shed.id], store, withPassphrase), { code: 0, stderr: '' }, 'or with the passphrase at once');
  for (const { cert } of [cellar, shed]) t.throws(() => { verify(store, cert); }, revoked);

  rmSync(join(dir, 'stick'), { force: true });
  cpSync(join(folder, 'key.pem.enc'), join(dir, 'stick'));
  rmSync(join(folder, 'key.pem.enc'));
  t.equal((await listPki(store)).rootKey, 'away');
  await initPki(store);
  t.match(await runPki('unlock-root', [], store, withPassphrase), { code: 1, stderr: /bring the file key.pem.enc back/ });
  cpSync(join(dir, 'stick'), join(folder, 'key.pem.enc'));
  t.match(await runPki('unlock-root', [], store, withPassphrase), { code: 0, stderr: '' });
  t.equal(readFileSync(join(folder, 'key.pem'), 'utf8'), key);
});

t.test('an id is that board’s and nobody else’s', async (t) => {
  // All digits, and different in the last alone: as numbers they would be equal.
  const [one, two] = [`2024${'0'.repeat(27)}1`, `2024${'0'.repeat(27)}2`];
  const left = await mintDevice(store, 'Left', { id: one });
  const right = await mintDevice(store, 'Right', { id: two });
  t.same(await revokeDevice(store, two), { id: two, certificates: 1, root: 'done' });
  verify(store, left.cert);
  t.throws(() => { verify(store, right.cert); }, revoked);
  await t.rejects(mintDevice(store, one.toUpperCase()), /looks like an id/, 'a name cannot stand for another board');
});

t.test('a list that is damaged keeps nobody in: it is made anew from the ledger', async (t) => {
  const shed = await mintDevice(store, 'Shed');
  const crl = join(store, 'authorities/issuing/crl.pem');
  truncateSync(crl, 100);
  t.match(await revokeDevice(store, 'Shed'), { id: shed.id, certificates: 1 });
  t.throws(() => { verify(store, shed.cert); }, revoked);
  t.throws(() => { verify(store, hall.cert); }, revoked, 'with all that was on it');
});
