import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync, cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync, symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { AuditPage } from '@sconce/protocol/audit';
import type { Outlet } from '@sconce/protocol/http';
import t from 'tap';
import { launchers } from '../src/launchers.ts';
import { mintDevice } from '../src/pki.ts';
import { startProgram } from '../src/process.ts';
import { until } from '../src/until.ts';
import { Visitor } from '../src/visitor.ts';
import { address, ageIdentity, Machine, script, scripts, tapWhenOnline } from './backup/home.ts';

/**
 * A household writes data, is backed up while it runs, and dies with its machine; another machine, empty, is given the
 * file. The scripts are those of the container `backup`; broker, API, database and board are the real ones.
 */
const home = t.testdir({ issuer: {}, first: {}, second: {}, scratch: {}, staging: {} });
const where = await address(t, join(home, 'issuer'));
const { identity, recipient } = ageIdentity();
const first = await Machine.empty(t, where, join(home, 'first'));
await first.settle(recipient);
const store = join(first.dir, 'pki/store');
const board = await mintDevice(store, 'Hall board', { brokerPort: where.devicesPort });
// The board's own copy, as on its flash.
cpSync(board.dir, join(home, 'flash'), { recursive: true });
await first.start();
const [file, ...args] = launchers.simulator.command({
  identities: [join(home, 'flash')], broker: { host: 'localhost', port: where.devicesPort },
  record: join(home, 'record'), airtime: 0, pins: [5], backoff: { minMs: 100, maxMs: 400 },
});
const simulator = await startProgram({
  name: 'the board', command: file, args, env: { PATH: process.env.PATH ?? '' }, ready: /./, deadlineMs: 20_000,
});
t.teardown(() => simulator.kill());

const olive = new Visitor(`http://localhost:${where.port}`);
await olive.signIn('olive');
await new Visitor(olive.url).signIn('ned');
await until('the board', async () => (await olive.json<{ online: boolean }[]>('/api/v1/devices'))[0]?.online, 20_000);
await olive.json(`/api/v1/devices/${board.id}/adopt`, { method: 'POST', body: { name: 'Hall board' } });
const lamp = await olive.json<Outlet>('/api/v1/outlets', { method: 'POST',
  body: { deviceId: board.id, name: 'Hall lamp', control: { kind: 'pin', pin: 5 } } });
t.equal(await tapWhenOnline(olive, lamp.id, true), 'transmitted');

const backups = join(first.dir, 'backups');
const names = () => readdirSync(backups).filter((name) => name.endsWith('.age'));
const scratch = join(home, 'scratch');
const take = (env: Record<string, string> = {}) => script('take', [], { ...first.env, TMPDIR: scratch, ...env });

/** Examines a backup as `make restore` does. @returns what it says, and the folder it was laid out in */
async function examine(path: string, { key = identity, schema = '0006-scenes' } = {}) {
  const dir = mkdtempSync(join(home, 'staging/'));
  return { dir, ...await script('examine', [path, dir, schema, 'env'], {}, key) };
}
/** The last migration of this version. */
const newest = readdirSync(new URL('../../api/src/db/migrations', import.meta.url)).sort().at(-1)?.replace('.ts', '') ?? '';

let backup = '';
t.test('one file, encrypted, named when it is whole; says what is in it', async (t) => {
  const { code, stdout, stderr } = await take();
  t.equal(code, 0, stderr);
  const [name = ''] = names();
  t.match(name, /^sconce-\d{8}-\d{6}\.tar\.age$/);
  backup = join(backups, name);
  t.match(stdout, new RegExp(`^${name}, [\\d.]+ kB, in \\d+ seconds?$`, 'm'));
  t.match(stdout, new RegExp(`the database: 2 people, 1 boards, 1 outlets; schema ${newest}, PostgreSQL`));
  t.match(stdout, 'the certificates: the authorities (the root\'s key too), the services, 1 boards');
  t.equal(statSync(backup).mode & 0o777, 0o600);
  t.strictSame(readdirSync(scratch), [], 'nothing in the clear is left behind');
  const bytes = readFileSync(backup);
  for (const secret of ['ab'.repeat(32), where.issuer.clientSecret, 'PRIVATE KEY', 'Olive Owner']) {
    t.notOk(bytes.includes(secret), 'no secret shows');
    t.notMatch(stdout + stderr, secret);
  }
  execFileSync('sha256sum', ['--check', '--quiet', 'SHA256SUMS'], { cwd: backups });
});

t.test('age and tar alone open it', async (t) => {
  const dir = t.testdir({ key: identity, out: {} });
  const key = join(dir, 'key');
  const out = join(dir, 'out');
  execFileSync('bash', ['-o', 'pipefail', '-c', `age -d -i '${key}' '${backup}' | tar -xC '${out}'`]);
  execFileSync('sha256sum', ['--check', '--quiet', 'SHA256SUMS'], { cwd: out });
  t.match(readFileSync(join(out, 'manifest'), 'utf8'), /^format=1\n[^]*^domain=lamps\.example\.org$[^]*^people=2$/m);
  t.match(execFileSync('bash', ['-c', 'cat database/* | pg_restore --list'], { cwd: out, encoding: 'utf8' }), 'TABLE DATA public outlets');
  t.notOk(existsSync(join(out, 'state/acme/logs')), 'without logs');
});

t.test('a file that is not what it was is refused, in words, before anything is changed', async (t) => {
  const stranger = ageIdentity();
  const whole = readFileSync(backup);
  const header = whole.indexOf('\n---') + '\n--- '.length + 43 + 1;
  const changed = (at: number) => {
    const bytes = Buffer.from(whole);
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    return bytes;
  };
  const damaged = 'it is damaged or cut short';
  const cases: [why: string, bytes: Buffer | undefined, key: string, words: string][] = [
    ['no file', undefined, identity, 'it cannot be read; give the path of a backup, sconce-….tar.age'],
    ['empty', Buffer.alloc(0), identity, 'it is empty; take another backup'],
    ['something else', Buffer.from('-----BEGIN CERTIFICATE-----'), identity, 'it is no backup: age did not encrypt it, or its beginning is damaged'],
    ['the first byte changed', changed(0), identity, 'it is no backup: age did not encrypt it, or its beginning is damaged'],
    ['cut in its header', whole.subarray(0, 100), identity, 'its beginning is damaged'],
    ['cut after its header', whole.subarray(0, header), identity, damaged],
    ['half of it', whole.subarray(0, whole.length / 2), identity, damaged],
    ['a last byte missing', whole.subarray(0, -1), identity, damaged],
    ['a byte more', Buffer.concat([whole, Buffer.from('x')]), identity, damaged],
    ['a byte of the header\'s tag changed', changed(header - 10), identity, 'its beginning is damaged'],
    ['a byte in the middle changed', changed(Math.floor(whole.length / 2)), identity, damaged],
    ['the last byte changed', changed(whole.length - 1), identity, damaged],
    ['another identity', whole, stranger.identity, 'this identity does not open it; it is for another one, or its beginning is damaged'],
    ['an identity with a typing mistake', whole, `${identity.trim().slice(0, -1)}${identity.trim().endsWith('Q') ? 'P' : 'Q'}\n`,
      'the identity has a typing mistake; copy all of it'],
    ['the public key', whole, recipient, 'what was given to open it is no identity of age: that is one line, AGE-SECRET-KEY-1 and 58 letters and digits'],
    ['no identity', whole, '', 'what was given to open it is no identity of age: that is one line, AGE-SECRET-KEY-1 and 58 letters and digits'],
  ];
  for (const [why, bytes, key, words] of cases) {
    const path = join(t.testdir(bytes && { 'damaged.tar.age': bytes }), 'damaged.tar.age');
    const { code, stdout, stderr } = await examine(path, { key });
    t.match({ code, stdout, stderr }, { code: 1, stdout: '', stderr: `${path}: ${words}. Nothing was changed.\n` }, why);
  }
  const older = await examine(backup, { schema: '0000-before' });
  t.match(older.stderr, `it is from a newer version of Sconce (its database has ${newest}, this version knows up to 0000-before)`);
});

t.test('a file that is not made as ours are, be it with the right public key, is refused', async (t) => {
  const cases: [why: string, change: (dir: string) => void, words: RegExp][] = [
    ['a file beside ours', (dir) => writeFileSync(join(dir, 'Makefile'), 'x'), /holds something that no backup of ours has: Makefile/],
    ['a link beside ours', (dir) => symlinkSync('manifest', join(dir, 'Makefile')), /holds something that no backup of ours has: Makefile/],
    ['a program that becomes root', (dir) => chmodSync(join(dir, 'secrets/session_keys'), 0o4755), /holds something that no backup/],
    ['a pipe', (dir) => execFileSync('mkfifo', [join(dir, 'secrets/pipe')]), /holds something that no backup/],
    ['a link out of it', (dir) => symlinkSync('../../../etc', join(dir, 'state/acme/way-out')), /holds a link that leads out of it/],
    ['an absolute link', (dir) => symlinkSync('/etc/passwd', join(dir, 'secrets/way-out')), /holds a link that leads out of it/],
    ['another secret', (dir) => writeFileSync(join(dir, 'secrets/session_keys'), 'cd'.repeat(32)), /something in it is not what it was: secrets\/session_keys/],
    ['a secret more', (dir) => writeFileSync(join(dir, 'secrets/other'), 'x'), /its list of files and its files differ: .*secrets\/other/],
    ['a secret less', (dir) => rmSync(join(dir, 'secrets/session_keys')), /something in it is not what it was/],
    ['no list', (dir) => rmSync(join(dir, 'SHA256SUMS')), /this is no backup of Sconce, or it is cut short/],
    ['another format', (dir) => writeFileSync(join(dir, 'manifest'), 'format=2\n'), /made by a newer version of Sconce/],
  ];
  for (const [why, change, words] of cases) {
    const dir = t.testdir({ key: identity, opened: {} });
    const key = join(dir, 'key');
    const out = join(dir, 'opened');
    execFileSync('bash', ['-c', `age -d -i '${key}' '${backup}' | tar -xpC '${out}'`]);
    change(out);
    execFileSync('bash', ['-c', `tar -cC '${out}' . | age -r ${recipient} >'${out}.tar.age'`]);
    const { code, stderr } = await examine(`${out}.tar.age`, { schema: newest });
    t.equal(code, 1, why);
    t.match(stderr, words, why);
  }
});

t.test('what cannot be backed up is said in words; the backups of before stay', async (t) => {
  const away = (path: string) => {
    renameSync(join(first.dir, path), join(first.dir, `${path}.away`));
    return () => renameSync(join(first.dir, `${path}.away`), join(first.dir, path));
  };
  const nothing = () => () => undefined;
  const cases: [why: string, env: Record<string, string>, prepare: () => () => void, words: RegExp][] = [
    ['nobody to encrypt it for', { BACKUP_RECIPIENT: '' }, nothing, /There is no BACKUP_RECIPIENT in \.env, so nobody could open it; make init makes one/],
    ['the identity in its place', { BACKUP_RECIPIENT: /AGE-SECRET-KEY-\w+/.exec(identity)?.[0] ?? '' }, nothing, /is an identity, which is secret/],
    ['a recipient with a typing mistake', { BACKUP_RECIPIENT: `${recipient}x` }, nothing, /is no public key of age/],
    ['no database', { PGPORT: '1' }, nothing, /The database does not answer: .*Is PostgreSQL running/],
    ['no such role', { PGUSER: 'nobody' }, nothing, /The database does not answer: .*role "nobody" does not exist/],
    ['no certificates', {}, () => away('pki/store'), /pki\/store is missing, and without it/],
    ['no secrets', {}, () => away('secrets'), /secrets is missing/],
    ['an authority without the key that it works with', {}, () => away('pki/store/authorities/issuing/key.pem'),
      /authorities\/issuing\/key\.pem would be missing in it/],
  ];
  const before = names();
  for (const [why, env, prepare, words] of cases) {
    const undo = prepare();
    const { code, stderr } = await take(env).finally(undo);
    t.equal(code, 1, why);
    t.match(stderr, words, why);
    t.match(stderr, 'No backup was made; those that there are stay.', why);
    t.notMatch(stderr, 'AGE-SECRET-KEY', why);
    t.strictSame(names(), before, why);
    t.strictSame(readdirSync(scratch), [], why);
    t.match((await script('health', [], first.env)).stdout, /^look\tthe last .*; an attempt \d+ seconds? ago failed: /, why);
  }
});

t.test('the root\'s key may be under a passphrase, or away: then it is not in the backup, which says so', async (t) => {
  const key = join(first.dir, 'pki/store/authorities/devices/key.pem');
  const moved = join(first.dir, 'state/key.pem');
  for (const [to, words] of [[`${key}.enc`, 'the root\'s key under its passphrase'], [moved, 'without the root\'s key, which is not on this server']] as const) {
    renameSync(key, to);
    const { code, stdout, stderr } = await take().finally(() => renameSync(to, key));
    t.equal(code, 0, stderr);
    t.match(stdout, `the certificates: the authorities (${words}), the services, 1 boards`);
    rmSync(join(backups, /^(sconce-\S+),/m.exec(stdout)?.[1] ?? ''));
  }
});

t.test('a file that cannot be written to its end never gets a name', async (t) => {
  // A limit on the size of files stands in for the end of the disk.
  const { status, stderr } = spawnSync('bash', ['-c', `trap '' XFSZ; ulimit -f 16; exec '${join(scripts, 'take')}'`],
    { encoding: 'utf8', env: { PATH: process.env.PATH, ...first.env, TMPDIR: scratch } });
  t.equal(status, 1);
  t.match(stderr, 'No backup was made; those that there are stay');
  t.equal(names().length, 1);
  t.notOk(existsSync(join(backups, '.part')));
});

t.test('the copy for an upgrade: kept, gone back to, forgotten', async (t) => {
  const database = (word: string) => script('database', [word], first.env);
  const count = () => first.psql('sconce', 'select count(*) from outlets');
  const databases = () => first.psql('postgres', "select string_agg(datname, ' ' order by datname) from pg_database where datname like 'sconce%'");
  t.match(await database('keep'), { code: 0, stderr: '' });
  t.equal(await databases(), 'sconce sconce_before_upgrade');
  t.match(await database('keep'), { code: 0 }, 'one that an interrupted upgrade left is replaced');
  await first.psql('sconce', 'drop table outlets cascade');
  t.match(await database('back'), { code: 0, stderr: '' });
  t.equal(await count(), '1');
  t.equal(await databases(), 'sconce');
  t.match(await database('back'), { code: 0 }, 'again, and the database is as it is');
  t.equal(await count(), '1');
  await database('keep');
  t.match(await database('forget'), { code: 0 });
  t.equal(await databases(), 'sconce');
  t.match(await database('restore'), { code: 1, stderr: /the database sconce is not empty; it was left as it is/ });
});

t.test('the machine dies; an empty one brings the household back', async (t) => {
  await first.off();
  const second = await Machine.empty(t, where, join(home, 'second'));
  const { code, stderr, dir } = await examine(backup, { schema: newest });
  t.equal(code, 0, stderr);
  for (const part of ['.env', 'secrets', 'state', 'pki']) renameSync(join(dir, part), join(second.dir, part));
  t.equal(statSync(join(second.dir, 'pki/store/authorities/devices/key.pem')).mode & 0o777, 0o400, 'modes are as they were');
  t.equal(statSync(join(second.dir, 'secrets')).mode & 0o777, 0o700);
  t.equal(readFileSync(join(second.dir, 'state/acme/config/live/lamps/fullchain.pem'), 'utf8'), 'a certificate', 'links lead where they led');
  t.match(await script('database', ['restore'], second.env, readFileSync(join(dir, 'dump'))), { code: 0, stderr: '' });
  await second.start();

  t.match(await olive.json('/api/v1/me'), { name: 'Olive Owner', role: 'admin' }, 'the session of before');
  t.equal(await tapWhenOnline(olive, lamp.id, false), 'transmitted', 'the board of before is trusted, and taps work');
  const { entries } = await olive.json<AuditPage>('/api/v1/audit?action=outlet.add');
  t.equal(entries.length, 1, 'what happened before is in the audit log');
  await t.rejects(second.psql('sconce', 'set role sconce_api', 'delete from audit'), /permission denied/, 'and the API cannot change it');
  t.match(await new Visitor(olive.url).signIn('ned'), { state: 'pending' }, 'people are who they were');
  const again = await mintDevice(join(second.dir, 'pki/store'), 'Porch board');
  execFileSync('openssl', ['verify', '-CAfile', join(store, 'trust/devices.pem'), '-untrusted', join(store, 'trust/issuing.pem'), again.cert]);
});
