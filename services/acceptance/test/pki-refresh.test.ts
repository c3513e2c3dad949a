import { X509Certificate } from 'node:crypto';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { initPki, listPki, mintDevice, runPki } from '../src/pki.ts';
import { openssl } from './openssl.ts';

/* What is made anew in time, and what people are told of it. */
const dir = t.testdir();

t.test('lists and certificates are made anew in time, and only then', async (t) => {
  const old = join(dir, 'old');
  await initPki(old, { crlLifetime: '30d', serviceLifetime: '15d', daysAgo: 11 });
  const made = await runPki('refresh', [], old);
  t.match(made, { code: 0, stderr: '' });
  t.same(made.stdout.split('\n').map((line) => line.split(',')[0]),
    ['revoked by issuing: a new list', 'revoked by services: a new list', 'trust: published anew',
      'broker: new certificate and key', 'api: new certificate and key', 'metrics: new certificate and key', '']);
  t.match(await runPki('refresh', [], old), { code: 0, stdout: '', stderr: '' });
  const crl = openssl(['crl', '-in', join(old, 'authorities/devices/crl.pem'), '-noout', '-nextupdate']).trim().split('=')[1] ?? '';
  const root = new X509Certificate(readFileSync(join(old, 'trust/devices.pem')));
  t.ok(Math.abs(Date.parse(crl) - root.validToDate.getTime()) < 60_000, 'the root\'s own lives as long as the root');
  t.match(await runPki('refresh', ['cellar'], old), { code: 1, stderr: /takes nothing, or one of broker, api and metrics/ });
});

t.test('what cannot be made anew is said, and the rest is done', async (t) => {
  const old = join(dir, 'part');
  await initPki(old, { crlLifetime: '1d', daysAgo: 2 });
  rmSync(join(old, 'api/cert.pem'));
  writeFileSync(join(old, 'metrics/cert.pem'), 'x');
  const { code, stdout, stderr } = await runPki('refresh', [], old);
  t.equal(code, 1);
  t.match(stdout, /^revoked by issuing: [^\n]*\nrevoked by services: [^\n]*\ntrust: published anew\n$/);
  t.same(stderr.trim().split('\n'), [
    `pki/refresh: ${old}/api/cert.pem is missing; restore it from a backup, or move the folder away`,
    `pki/refresh: ${old}/metrics/cert.pem is damaged; restore it from a backup`,
  ]);
  const ended = join(dir, 'ended');
  await initPki(ended, { rootLifetime: '1d', daysAgo: 2 });
  const { stderr: words } = await runPki('refresh', [], ended);
  for (const name of ['devices', 'issuing', 'services']) {
    t.match(words, new RegExp(`^pki/refresh: the ${name} authority ended on .* make pki-rotate AUTHORITY=${name === 'services' ? name : 'devices'}$`, 'm'));
  }
});

t.test('without one of its authorities, nothing is published', async (t) => {
  const whole = join(dir, 'whole');
  await mintDevice(whole, 'Hall');
  const trustOf = (store: string) => readdirSync(join(store, 'trust')).map((name) => readFileSync(join(store, 'trust', name), 'utf8'));
  for (const gone of ['devices', 'issuing', 'services', 'services/cert.pem']) {
    const store = join(dir, `without-${gone.replace('/', '-')}`);
    cpSync(whole, store, { recursive: true });
    rmSync(join(store, 'authorities', gone), { recursive: true });
    const runs: [script: string, ...args: string[]][] = [['refresh'], ['rotate'], ['rotate', 'services'], ['revoke', 'Hall'], ['init']];
    for (const [script, ...args] of runs) {
      const { code, stderr } = await runPki(script, args, store);
      t.equal(code, 1, `${script} without ${gone}`);
      t.match(stderr, `${store}/authorities/${gone} is missing; restore it from a backup`);
      t.notMatch(stderr, 'make pki-rotate');
      t.same(trustOf(store), trustOf(whole));
    }
    t.notOk(readdirSync(join(store, 'authorities')).some((name) => name.endsWith('.new')), 'nor begun');
  }
});

t.test('the table says it to people', async (t) => {
  const house = join(dir, 'house');
  await mintDevice(house, 'Tom\'s "old" \\ board', { boardLifetime: '90m' });
  const ended = await mintDevice(house, 'Gone', { boardLifetime: '1d', daysAgo: 2 });
  const { code, stdout } = await runPki('list', [], house);
  t.equal(code, 0);
  t.match(stdout, /^devices authority +\d{4}-\d\d-\d\d +72\d\d days/m);
  t.match(stdout, /^Tom's "old" \\ board +\d{4}-\d\d-\d\d +(8\d|90) min *$/m);
  t.match(stdout, /^Gone +\d{4}-\d\d-\d\d +none +expired$/m);
  t.match(stdout, /^revoked by issuing +\d{4}-\d\d-\d\d +(29|30) days +0 revoked$/m);
  t.equal((await listPki(house)).certificates.find(({ id }) => id === ended.id)?.state, 'expired');
  mkdirSync(join(dir, 'empty'));
  t.match(await runPki('list', [], join(dir, 'empty')), { code: 1, stderr: /run make pki/ });
});
