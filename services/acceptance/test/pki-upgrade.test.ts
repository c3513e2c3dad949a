import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { initPki, listPki, mintDevice, runPki, signRequest } from '../src/pki.ts';
import { forge, makeCrl, makeKey, makeRequest, openssl, profiles, verify } from './openssl.ts';

/* Stores of before are taken along. */
const dir = t.testdir();

t.test('a store from before there was an issuing authority is taken along', async (t) => {
  const old = join(dir, 'old');
  await initPki(old);
  const [board, stolen] = [await mintDevice(old, 'Old'), await mintDevice(old, 'Stolen')];
  for (const { id, cert } of [board, stolen]) cpSync(forge(old, join(dir, `old-${id}`), { name: id }).cert, cert);
  openssl(['ca', '-config', profiles, '-revoke', stolen.cert], join(old, 'authorities/devices'));
  makeCrl(old, ['-crldays', '7000']);
  // Its one list is the first of the two.
  const crl = readFileSync(join(old, 'trust/devices.crl.pem'), 'utf8').split(/(?=-----BEGIN)/)[0] ?? '';
  writeFileSync(join(old, 'trust/devices.crl.pem'), crl);
  for (const name of ['authorities/issuing', 'authorities/keys', 'authorities/revoked', 'authorities/devices/crl.pem',
    'authorities/services/crl.pem', 'trust/issuing.pem', 'trust/revoked', 'trust/SHA256SUMS', 'seen']) {
    rmSync(join(old, name), { recursive: true, force: true });
  }
  // The issuing authority of this test's making: the old root never signed one.
  const index = join(old, 'authorities/devices/index.txt');
  writeFileSync(index, readFileSync(index, 'utf8').split('\n').filter((line) => !line.includes('issuing')).join('\n'));

  const words = `${old} is from before there was an issuing authority; run make pki once\n`;
  for (const [script, args] of [['list', []], ['refresh', []], ['revoke', ['Old']], ['rotate', []]] as const) {
    t.same(await runPki(script, [...args], old), { code: 1, stdout: '', stderr: `pki/${script}: ${words}` });
  }
  const { said } = await initPki(old);
  t.match(said, /^issuing authority .* made$/m);
  t.match(said, /^devices CRL .* found$/m);
  verify(old, board.cert);
  t.throws(() => { verify(old, stolen.cert); }, /certificate revoked/);
  const { certificates, revoked } = await listPki(old);
  t.same(certificates.filter(({ kind }) => kind === 'board').map(({ name, issuer, state }) => [name, issuer, state]),
    [['Old', 'devices authority', 'valid'], ['Stolen', 'devices authority', 'revoked']]);
  t.same(revoked.map(({ id }) => id), [stolen.id], 'who was kept out by hand stays out');
  const forgedKey = join(dir, `old-${board.id}`, 'key.pem');
  const mine = await runPki('sign-request', [board.id], old, { input: makeRequest(forgedKey, `/CN=${board.id}`) });
  t.match(mine, { code: 3, stderr: /^wrong_key/ }, 'the keys of then are known');
  const next = await signRequest(old, board.id, makeRequest(makeKey(join(dir, 'next.pem')), `/CN=${board.id}`));
  t.match((await listPki(old)).certificates.find(({ serial }) => serial === next.serial), { issuer: 'issuing authority' });
  t.match(await runPki('sign-request', [stolen.id], old, { input: makeRequest(join(dir, 'next.pem'), `/CN=${stolen.id}`) }),
    { code: 3, stderr: /^revoked/ });
  t.ok(existsSync(join(old, 'trust/SHA256SUMS')));
});
