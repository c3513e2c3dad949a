import { execFile, execFileSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { repository } from '../src/pki.ts';
import { ageIdentity, scripts } from './backup/home.ts';

/*
 * What `make restore` does with files that it refuses. The command docker is a stand-in, which opens the file with Debian's
 * age; the whole of it, with an engine, is in ../engine.
 */
const { identity, recipient } = ageIdentity();

/** A machine with a clone on it, beside which lies something of the owner's. */
function machine(dir: string): string {
  const root = join(dir, 'sconce');
  for (const folder of ['services/deploy', 'services/api/src/db/migrations']) {
    cpSync(join(repository, folder), join(root, folder), { recursive: true });
  }
  mkdirSync(join(dir, 'bin'));
  writeFileSync(join(dir, 'bin/docker'), `#!/bin/bash
case "$*" in
  *" open") exec '${scripts}/open' ;;
  *"config --images"*) echo sconce-backup:current ;;
  *config*) echo 'name: sconce' ;;
esac
`);
  chmodSync(join(dir, 'bin/docker'), 0o755);
  return root;
}

function restore(dir: string, file: string) {
  return new Promise<{ code: number | null; said: string }>((resolve) => {
    const child = execFile(join(dir, 'sconce/services/deploy/restore'), [], {
      env: { PATH: `${join(dir, 'bin')}:${process.env.PATH ?? ''}`, FILE: file, IDENTITY: join(dir, 'identity') },
    }, (_, stdout, stderr) => resolve({ code: child.exitCode, said: stdout + stderr }));
  });
}

t.test('a file that would have something undone which nobody did is refused, and nothing is touched', async (t) => {
  for (const name of ['changing', 'journal', '.restoring.journal', '../.restoring.journal']) {
    const dir = t.testdir({ identity, mine: { file: 'precious' }, made: {} });
    const root = machine(dir);
    const before = readdirSync(root);
    const journal = join(dir, 'made/journal.tmp');
    writeFileSync(journal, 'aside=\nvolume=\ncopy=\nplaced=../mine\n');
    writeFileSync(join(dir, 'made/manifest'), 'format=1\n');
    execFileSync('bash', ['-o', 'pipefail', '-c', 'tar -cPC "$0" --transform "s|^journal.tmp$|$1|" manifest journal.tmp | age -r "$2" >"$3"',
      join(dir, 'made'), name, recipient, join(dir, 'odd.tar.age')]);
    const { code, said } = await restore(dir, join(dir, 'odd.tar.age'));
    t.equal(code, 1);
    t.match(said, /odd\.tar\.age: .*\. Nothing was changed\.\n$/, name);
    t.notMatch(said, 'Undoing', name);
    t.equal(readFileSync(join(dir, 'mine/file'), 'utf8'), 'precious', name);
    t.strictSame(readdirSync(root), before, name);
  }
});

t.test('one restore at a time', async (t) => {
  const dir = t.testdir({ identity });
  const root = machine(dir);
  const said = execFileSync('flock', [root, 'bash', '-c', '"$0" 2>&1 || true', join(root, 'services/deploy/restore')],
    { encoding: 'utf8', env: { PATH: `${join(dir, 'bin')}:${process.env.PATH ?? ''}` } });
  t.equal(said, 'An upgrade or a restore is running here already; wait for it to end.\n');
});
