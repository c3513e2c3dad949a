import { execFileSync, spawn } from 'node:child_process';
import { appendFileSync, copyFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { basename, join } from 'node:path';
import t, { type Test } from 'tap';
import type { Outlet } from '@sconce/protocol/http';
import { startDevice, type RunningDevice } from '../src/conformance/device.ts';
import { outlets as household } from '../src/demo/household.ts';
import { launchers } from '../src/launchers.ts';
import { repository } from '../src/pki.ts';
import { Server } from '../src/server.ts';
import { until } from '../src/until.ts';
import { Visitor } from '../src/visitor.ts';
import { World } from './world.ts';

/*
 * Years with a server, on a Docker engine: it is backed up, its machine is lost, an empty one brings it back; it is
 * upgraded, to versions that are good and that are broken in every way. All by make, as its owner does it. The board, the
 * browser with its session, and the file with the identity are what survives. Run by `make test-compose`, as root.
 */
const stepMs = 600_000;
t.setTimeout(6 * stepMs);
const step = (name: string, work: (t: Test) => Promise<void>) => t.test(name, { timeout: stepMs, bail: true }, work);

const dir = t.testdir({ origin: {}, saved: {}, flash: {} });
const world = await World.around({ dir, domain: 'lamps.sconce.test', validSeconds: 86_400 });
const servers: Server[] = [];
let board: RunningDevice | undefined;
t.teardown(async () => {
  await board?.kill();
  for (const server of servers) await server.remove();
  await world.end();
});

/** The repository that servers follow; a version is a commit that somebody pushes there. */
const origin = join(dir, 'origin/sconce.git');
execFileSync('git', ['clone', '--quiet', '--bare', repository, origin]);

/** A machine with a fresh clone, and nothing else. */
async function machine(env: Record<string, string>): Promise<Server> {
  const server = await Server.clone(env);
  servers.push(server);
  await server.run('git', 'remote', 'set-url', 'origin', origin);
  world.adapt(server.dir);
  return server;
}

const olive = new Visitor(world.url);
let lamp: Outlet;
let on = false;

/** Olive, signed in since the first day, taps her lamp, and the same board sends its code. */
async function tap(): Promise<void> {
  on = !on;
  const sent = () => board?.events('transmitted').length ?? 0;
  const before = sent();
  const { outcome } = await olive.json<{ outcome: string }>(`/api/v1/outlets/${lamp.id}/switch`, { method: 'POST', body: { on } });
  if (outcome !== 'transmitted' || sent() !== before + 1) throw new Error(`the tap was ${outcome}`);
}
/** Resolves when it answers from outside: nginx finds a new container of the API within a second or two. */
const answers = () => until('an answer', async () => (await olive.request('/api/v1/me')).ok, 10_000);
const tapWorks = () => until('a tap', () => tap().then(() => true), 60_000);

/** Files of a version that differ from the one that runs. */
async function release(server: Server, name: string, change: (clone: string) => void): Promise<string> {
  const clone = join(dir, 'origin', name.replaceAll(' ', '-'));
  const git = (...args: string[]) => execFileSync('git', ['-C', clone, '-c', 'user.name=Olive', '-c', 'user.email=olive@example.org', ...args],
    { encoding: 'utf8' }).trim();
  execFileSync('git', ['clone', '--quiet', server.dir, clone]);
  change(clone);
  git('add', '--all');
  git('commit', '--quiet', '--message', name);
  // A version that turned out to be broken is taken back by its makers.
  git('push', '--quiet', '--force', origin, 'HEAD');
  return git('rev-parse', 'HEAD');
}
const head = async (server: Server) => (await server.run('git', 'rev-parse', 'HEAD')).trim();

/** Adds a line to the front of a file. */
function prepend(path: string, line: string): void {
  writeFileSync(path, `${line}\n${readFileSync(path, 'utf8')}`);
}

/** Adds a migration behind the last. */
function migration(clone: string, statement: string, end = ''): void {
  const db = join(clone, 'services/api/src/db');
  writeFileSync(join(db, 'migrations/9000-new.ts'), `import { sql, type Kysely } from 'kysely';
export async function up(db: Kysely<never>): Promise<void> {
  await sql\`${statement}\`.execute(db);
  ${end}
}\n`);
  const path = join(db, 'database.ts');
  const text = readFileSync(path, 'utf8').replace(/(const migrations = \{[^}]*),?\n\}/, "$1\n  '9000-new': added,\n}");
  writeFileSync(path, `import * as added from './migrations/9000-new.ts';\n${text}`);
}
const main = 'services/api/src/main.ts';

let saved = '';
await step('a server with a person, a board and a lamp; a backup while it runs', async (t) => {
  const server = await machine(world.answers);
  await server.run('make', 'init');
  await server.compose('up', '--detach', '--build', '--wait');
  await world.hasCertificates();
  await olive.signIn('olive');
  const folder = /^Minted .* in (.*)$/m.exec(await server.run('make', 'pki', 'DEVICE=Hall board'))?.[1] ?? '';
  for (const name of readdirSync(folder)) copyFileSync(join(folder, name), join(dir, 'flash', name));
  board = startDevice(launchers.simulator, {
    identities: [join(dir, 'flash')], broker: { host: '127.0.0.1', port: world.devicesPort }, airtime: 0, pins: [5],
    backoff: { minMs: 200, maxMs: 2000 },
  });
  await board.connected();
  const { id } = JSON.parse(readFileSync(join(dir, 'flash/device.json'), 'utf8')) as { id: string };
  await until('the board to be known', async () => (await olive.json<unknown[]>('/api/v1/devices')).length > 0);
  await olive.json(`/api/v1/devices/${id}/adopt`, { method: 'POST', body: { name: 'Hall board' } });
  lamp = await olive.json<Outlet>('/api/v1/outlets', { method: 'POST', body: { deviceId: id, ...household[0] } });
  await tap();

  const status = await server.run('services/deploy/status').catch(String);
  t.match(status, /ok +api +healthy/);
  t.match(status, /ok +lamps\.sconce\.test +\d+ hours left/);
  t.match(status, /ok +boards +1 of 1 online/);
  t.match(status, /ok +backups +the last .* kept, whole/);
  t.match(status, /look +backup-identity +opens every backup/);

  const said = await server.run('make', 'backup');
  const file = /^(\/.*\.tar\.age), /m.exec(said)?.[1] ?? '';
  saved = join(dir, 'saved', basename(file));
  copyFileSync(file, saved);
  copyFileSync(join(server.dir, 'backup-identity'), join(dir, 'saved/identity'));
  t.match(said, '1 people, 1 boards, 1 outlets');
  await server.remove();
});

let server: Server;
await step('on an empty machine: what is wrong is refused, then all is back', async (t) => {
  // The one thing that a machine here must be told: there is no registry.
  const images = Object.fromEntries(Object.entries(world.answers).filter(([name]) => name.endsWith('_IMAGE')));
  server = await machine(images);
  const restore = (...given: string[]) => server.run('make', 'restore', ...given);
  const damaged = join(dir, 'saved/damaged.tar.age');
  const bytes = readFileSync(saved);
  writeFileSync(damaged, bytes.subarray(0, bytes.length - 100));
  await t.rejects(restore(`FILE=${damaged}`, `IDENTITY=${dir}/saved/identity`), /it is damaged or cut short\. Nothing was changed/);
  await t.rejects(restore(`FILE=${saved}`, `IDENTITY=${saved}`), /is no identity of age/);
  t.notOk(readdirSync(server.dir).some((name) => ['.env', 'secrets', '.restoring', 'state'].includes(name)), 'nothing was changed');

  const said = await restore(`FILE=${saved}`, `IDENTITY=${dir}/saved/identity`);
  t.match(said, /Sconce is back, as it was at .*, and answers/);
  t.notMatch(said, 'AGE-SECRET-KEY');
  await answers();
  t.match(await olive.json('/api/v1/me'), { name: 'Olive Owner', role: 'admin' }, 'the session of before');
  await tapWorks();
  await server.run('make', 'backup');
});

await step('over a living system only by force, which keeps what was there', async (t) => {
  const restore = (...given: string[]) => server.run('make', 'restore', `FILE=${saved}`, `IDENTITY=${dir}/saved/identity`, ...given);
  await olive.json(`/api/v1/outlets/${lamp.id}`, { method: 'PATCH', body: { name: 'Renamed since' } });
  await t.rejects(restore(), /Sconce lives here already \(\.env, secrets, pki\/store, its database\)/);
  t.match(await restore('FORCE=yes'), /What was here is in backups\/before-restore-/);
  await answers();
  t.match(await olive.json<Outlet[]>('/api/v1/outlets'), [{ name: lamp.name }], 'as it was when the backup was taken');
  await tapWorks();
});

await step('upgrade: nothing newer, and files that were changed here', async (t) => {
  t.match(await server.run('make', 'upgrade'), 'This is the newest already');
  appendFileSync(join(server.dir, 'README.md'), 'mine\n');
  await t.rejects(server.run('make', 'upgrade'), /Files of the repository were changed here[^]* M README\.md/);
  await server.run('git', 'checkout', '--quiet', 'README.md');
  await t.rejects(server.run('make', 'upgrade', 'VERSION=v99'), /There is no version v99/);
});

await step('upgrade to a good version, with a migration', async (t) => {
  const wanted = await release(server, 'Keep notes', (clone) => migration(clone, 'create table notes (id int)'));
  const said = await server.run('make', 'upgrade');
  t.match(said, /From \S+ to \S+, 1 change:\n {2}- Keep notes\nIt changes the database: 9000-new/);
  t.comment(said);
  t.equal(await head(server), wanted);
  await tapWorks();
});

/** Versions that must not stay: what they are, what is said of them. */
const broken: [name: string, change: (clone: string) => void, words: RegExp][] = [
  ['its image cannot be built', (clone) => appendFileSync(join(clone, 'services/deploy/backups/Dockerfile'), 'RUN false\n'),
    /The new version cannot be built/],
  ['the API ends', (clone) => prepend(join(clone, main), 'if (process.argv[2] === undefined) process.exit(3);'), /The new version does not come up/],
  ['its migration fails', (clone) => prepend(join(clone, main), 'if (process.argv[2] === "migrate") process.exit(3);'), /The new version does not come up/],
  ['it loses data, and never gets healthy', (clone) => {
    const path = join(clone, 'services/api/src/db/migrations/9000-new.ts');
    writeFileSync(path.replace('9000-new', '9001-worse'), readFileSync(path, 'utf8').replace('create table notes (id int)', 'delete from outlets'));
    const database = join(clone, 'services/api/src/db/database.ts');
    writeFileSync(database, `import * as worse from './migrations/9001-worse.ts';\n${
      readFileSync(database, 'utf8').replace("'9000-new': added,", "'9000-new': added, '9001-worse': worse,")}`);
    prepend(join(clone, 'services/api/src/healthy.ts'), 'process.exit(1);');
  }, /The new version does not come up/],
  ['it comes up, and falls over a little later', (clone) => prepend(join(clone, main),
    'if (process.argv[2] === undefined) setTimeout(() => process.exit(3), 25_000);'), /The new version does not stay up: api is/],
];
for (const [name, change, words] of broken) {
  await step(`upgrade to a version that is broken: ${name}; it goes back by itself`, async (t) => {
    const before = await head(server);
    await release(server, name, change);
    const failed = server.run('make', 'upgrade', 'UPGRADE_WAIT_SECONDS=60', 'UPGRADE_WATCH_SECONDS=30');
    await t.rejects(failed, words);
    await t.rejects(failed, /Sconce is at \S+ again and answers; nothing is lost/);
    t.equal(await head(server), before);
    await answers();
    t.match(await olive.json<Outlet[]>('/api/v1/outlets'), [{ name: lamp.name }]);
    await tapWorks();
  });
}

await step('the power fails in the middle of an upgrade: the next run goes back first', async (t) => {
  const before = await head(server);
  const wanted = await release(server, 'Lose the outlets', (clone) => appendFileSync(join(clone, main), '\n'));
  const child = spawn('setsid', ['services/deploy/upgrade'], { cwd: server.dir, env: server.env, stdio: ['ignore', 'pipe', 'ignore'] });
  for await (const text of child.stdout) if (/Starting the new version/.test(String(text))) break;
  process.kill(-(child.pid ?? 0), 'SIGKILL');
  if (child.exitCode === null && child.signalCode === null) await once(child, 'close');
  t.match(await server.run('services/deploy/status').catch(String), /BAD +upgrade +one was interrupted/);
  await t.rejects(server.run('make', 'upgrade'), /Everything is at \S+ again\. To try once more: make upgrade/);
  t.equal(await head(server), before);
  await tapWorks();
  await server.run('make', 'upgrade');
  t.equal(await head(server), wanted);
  await tapWorks();
});
