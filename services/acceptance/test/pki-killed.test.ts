import { execFile, execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { Test } from 'tap';
import { mintDevice, repository, runPki } from '../src/pki.ts';
import { makeKey, makeRequest } from './openssl.ts';
import { copyStore, isIn, isRoot, nobody, sumsFit } from './stores.ts';

/* A change of the store happens as a whole or not at all, whatever becomes of the run that makes it: kill -9 at each step. */
const dir = t.testdir();
const sound = join(dir, 'sound');
const hall = await mintDevice(sound, 'Hall');
const attic = await mintDevice(sound, 'Attic');
const request = makeRequest(makeKey(join(dir, 'key.pem')), `/CN=${hall.id}`);
const state = (store: string) => readFileSync(join(store, 'authorities/rotation'), 'utf8').trim();

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

const rotating = copyStore(sound, join(dir, 'rotating'));
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
      const store = copyStore(from, join(dir, 'killed'));
      const before = what === 'rotate' ? 'devices trusting' : undefined;
      if (!await killedAt(at, store, script, args, input)) break;
      if (isRoot) {
        const others = readdirSync(join(store, 'trust')).filter((name) => statSync(join(store, 'trust', name)).uid !== nobody);
        t.same(others, [], 'the broker may read what is new at once');
      }
      // Whatever runs next puts what was committed in its place.
      t.match(await runPki('seen', [attic.id, 'ab'], store), { code: 0, stderr: '' });
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
