import { execFile, execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { Test } from 'tap';
import { listPki, mintDevice, repository, revokeDevice, runPki, signRequest } from '../src/pki.ts';
import { makeKey, makeRequest, openssl, verify } from './openssl.ts';

/* A change of the store happens as a whole or not at all, whatever becomes of the run that makes it. */
const dir = t.testdir();
const sound = join(dir, 'sound');
const hall = await mintDevice(sound, 'Hall');
const attic = await mintDevice(sound, 'Attic');
const request = makeRequest(makeKey(join(dir, 'key.pem')), `/CN=${hall.id}`);
const state = (store: string) => readFileSync(join(store, 'authorities/rotation'), 'utf8').trim();

/** A copy of the store. */
function copy(name: string, from = sound): string {
  const store = join(dir, name);
  rmSync(store, { recursive: true, force: true });
  cpSync(from, store, { recursive: true });
  return store;
}

const sumsFit = (store: string) => {
  execFileSync('sha256sum', ['--check', '--quiet', '--strict', 'SHA256SUMS'], { cwd: join(store, 'trust'), stdio: 'pipe' });
};

/** Whether the board is let in; anything but yes and "revoked" is thrown. */
function isIn(store: string, id: string): boolean {
  try {
    verify(store, join(store, 'devices', id, 'cert.pem'));
    return true;
  } catch (error) {
    if (/certificate revoked/.test(String(error))) return false;
    throw error;
  }
}

// Its shell is killed in place of the rename number KILL_AT.
const bin = join(dir, 'bin');
mkdirSync(bin);
const realMv = execFileSync('sh', ['-c', 'command -v mv'], { encoding: 'utf8' }).trim();
writeFileSync(join(bin, 'mv'), `#!/bin/sh
echo >>"$COUNT"
[ "$(wc -l <"$COUNT")" -ne "$KILL_AT" ] || { kill -9 $PPID; exit 1; }
exec ${realMv} "$@"
`, { mode: 0o700 });

/** Runs a script that is killed at its rename number `at`; whether it came that far. */
function killedAt(at: number, store: string, script: string, args: string[], input?: Buffer): Promise<boolean> {
  const count = join(dir, 'count');
  writeFileSync(count, '');
  const env = { PATH: `${bin}:${process.env.PATH}`, PKI_DIR: store, COUNT: count, KILL_AT: String(at) };
  return new Promise((resolve) => {
    const child = execFile(join(repository, 'pki', script), args, { env }, (error) => resolve(error?.signal === 'SIGKILL'));
    child.stdin?.on('error', () => undefined).end(input);
  });
}

const rotating = copy('rotating');
t.match(await runPki('rotate', ['devices'], rotating), { code: 0 });

/** What is killed, on which store; what must hold before and after the next run has looked at it, and once it is done again. */
const changes: [what: string, from: string, script: string, args: string[], input: Buffer | undefined,
  check: (t: Test, store: string) => void, done: (t: Test, store: string) => void][] = [
  ['revoke', sound, 'revoke', [hall.id], undefined,
    (t, store) => {
      const listed = readFileSync(join(store, 'trust/revoked'), 'utf8').includes(hall.id);
      t.equal(isIn(store, hall.id), !listed, `it is ${listed ? 'out' : 'in'} by list and CRL alike`);
      t.ok(isIn(store, attic.id));
    },
    (t, store) => { t.notOk(isIn(store, hall.id)); }],
  ['sign-request', sound, 'sign-request', [hall.id], request,
    (t, store) => {
      const lines = readFileSync(join(store, 'authorities/issuing/index.txt'), 'utf8').trim().split('\n');
      const issued = lines.map((line) => line.split('\t')[3]).every((serial) =>
        existsSync(join(store, 'authorities/issuing/issued', `${serial}.pem`)));
      t.ok(issued, 'the ledger names what there is');
      t.equal(readFileSync(join(store, 'authorities/keys'), 'utf8').trim().split('\n').length, lines.length + 1, 'and its keys');
    },
    (t, store) => {
      const lines = readFileSync(join(store, 'authorities/issuing/index.txt'), 'utf8').trim().split('\n');
      t.equal(lines.filter((line) => line.includes(hall.id)).length, 2, 'the same request brings no third certificate');
    }],
  ['rotate', rotating, 'rotate', [], undefined,
    (t, store) => {
      const moving = state(store) === 'devices moving';
      for (const name of ['devices', 'issuing']) {
        t.equal(existsSync(join(store, 'authorities', `${name}.old`)), moving, `${name}: old`);
        t.equal(existsSync(join(store, 'authorities', `${name}.new`)), !moving, `${name}: new`);
      }
      for (const id of [hall.id, attic.id]) t.ok(isIn(store, id));
    },
    (t, store) => { t.equal(state(store), 'devices moving'); }],
];

for (const [what, from, script, args, input, check, done] of changes) {
  t.test(`${what}, killed at each of its renames`, async (t) => {
    let at = 1;
    for (;; at += 1) {
      const store = copy('killed', from);
      const before = what === 'rotate' ? 'devices trusting' : undefined;
      if (!await killedAt(at, store, script, args, input)) break;
      t.comment(`killed at ${at}`);
      t.match(await runPki('refresh', [], store), { code: 0, stderr: '' });
      sumsFit(store);
      check(t, store);
      t.notOk(existsSync(join(store, '.new')) || existsSync(join(store, '.commit')), 'nothing is left over');
      if (before === undefined || state(store) === before) {
        t.match(await runPki(script, args, store, input && { input }), { code: 0, stderr: '' });
      }
      sumsFit(store);
      done(t, store);
    }
    t.ok(at > 5, `${at - 1} places`);
  });
}

t.test('runs at the same time wait for each other', async (t) => {
  const store = copy('busy');
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

t.test('a new list of revoked ones is never from the same second as the one before', async (t) => {
  const store = copy('seconds');
  const update = () => Date.parse(openssl(['crl', '-in', join(store, 'authorities/issuing/crl.pem'), '-noout', '-lastupdate']).trim()
    .replace('lastUpdate=', ''));
  const times = [update()];
  for (const id of [hall.id, attic.id]) {
    await revokeDevice(store, id);
    times.push(update());
  }
  t.equal(new Set(times).size, 3);
  t.same(times, times.toSorted((a, b) => a - b));
});

t.test('what is spoiled of the trust set is made anew', async (t) => {
  const store = copy('spoiled');
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
