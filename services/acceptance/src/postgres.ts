import { execFileSync } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts, startProgram } from './process.ts';

/** Debian keeps each version's server programs in a folder of its own, off the PATH. */
const debianVersions = '/usr/lib/postgresql';

/**
 * Starts a real PostgreSQL with an empty database in a temporary folder, on loopback; about 1 s. As root it runs as the
 * user `postgres`, since it refuses to run as root.
 * @returns its address; `away` ends it as when the power fails, `back` starts it again at the same address with the
 *   same data; `stop` ends it and removes the folder; `log`: what it has said since it last started
 */
export async function startPostgres():
  Promise<{ url: string; away(): Promise<void>; back(): Promise<void>; stop(): Promise<void>; log(): string }> {
  const bin = programs();
  const user = process.getuid?.() === 0 ? { uid: idOf('-u'), gid: idOf('-g') } : undefined;
  const dir = mkdtempSync(join(tmpdir(), 'sconce-postgres-'));
  if (user) chownSync(dir, user.uid, user.gid);
  const env = { PATH: process.env.PATH ?? '', LC_ALL: 'C.UTF-8' };
  execFileSync(join(bin, 'initdb'), ['--auth=trust', '--username=sconce', '--no-sync', '-D', dir],
    { env, stdio: 'pipe', ...user });
  const [port] = await freePorts(1);
  const start = () => startProgram({
    name: 'PostgreSQL',
    command: join(bin, 'postgres'),
    args: ['-D', dir, '-p', String(port), '-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories=',
      '-c', 'fsync=off'],
    env,
    ...user && { user },
    ready: /ready to accept connections/,
    deadlineMs: 15_000,
  });
  let server = await start();
  return {
    url: `postgres://sconce@127.0.0.1:${port}/postgres`,
    log: () => server.log(),
    away: () => server.kill(),
    async back() {
      server = await start();
    },
    async stop() {
      // SIGTERM waits for clients to leave; the tests' pools may still be open when one has failed.
      await server.kill();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

function programs(): string {
  const versions = existsSync(debianVersions) ? readdirSync(debianVersions).sort((a, b) => Number(b) - Number(a)) : [];
  const found = versions.map((version) => join(debianVersions, version, 'bin'))
    .find((dir) => existsSync(join(dir, 'initdb')));
  const elsewhere = (process.env.PATH ?? '').split(':').find((dir) => existsSync(join(dir, 'initdb')));
  const dir = found ?? elsewhere;
  if (dir === undefined) throw new Error('PostgreSQL is not installed. On Debian: apt-get install postgresql');
  return dir;
}

const idOf = (which: '-u' | '-g') => Number(execFileSync('id', [which, 'postgres'], { encoding: 'utf8' }));
