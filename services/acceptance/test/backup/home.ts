import { execFile, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Outlet } from '@sconce/protocol/http';
import type { Test } from 'tap';
import { startMosquitto } from '../../src/mosquitto.ts';
import { initPki, repository } from '../../src/pki.ts';
import { startPostgres } from '../../src/postgres.ts';
import { freePorts, startProgram, type Running } from '../../src/process.ts';
import { startIssuer, type Issuer } from '../../src/issuer.ts';
import { until } from '../../src/until.ts';
import type { Visitor } from '../../src/visitor.ts';

export const scripts = join(repository, 'services/deploy/backups');
export type Said = { code: number | null; stdout: string; stderr: string };

/** Runs one of the scripts that live in the container `backup`, with Debian's programs instead. */
export async function script(name: string, args: string[], env: Record<string, string>, input: string | Buffer = ''):
  Promise<Said> {
  const child = spawn(join(scripts, name), args, { env: { PATH: `${scripts}:${process.env.PATH ?? ''}`, ...env } });
  const out: Buffer[] = [];
  let stderr = '';
  child.stdout.on('data', (part: Buffer) => void out.push(part));
  child.stderr.on('data', (part) => stderr += String(part));
  // It may not want to hear all of it.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const code = await new Promise<number | null>((resolve) => void child.once('close', resolve));
  return { code, stdout: Buffer.concat(out).toString(), stderr };
}

/** A new identity of age, and the public key that goes with it. */
export function ageIdentity(): { identity: string; recipient: string } {
  const said = execFileSync('age-keygen', { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  const recipient = /public key: (age1\w+)/.exec(said)?.[1];
  if (recipient === undefined) throw new Error(`age-keygen said: ${said}`);
  return { identity: said, recipient };
}

/** The ports and the sign-in of one household: the same on whichever machine it lives. */
export async function address(t: Test, dir: string): Promise<{ port: number; devicesPort: number; servicesPort: number; issuer: Issuer }> {
  const [port, devicesPort, servicesPort, issuerPort] = await freePorts(4) as [number, number, number, number];
  const issuer = await startIssuer({ port: issuerPort, dir, redirectUris: [`http://localhost:${port}/auth/callback`] });
  t.teardown(() => issuer.stop());
  return { port, devicesPort, servicesPort, issuer };
}

/** A machine on which a household may live: a folder laid out as the repository is, and a PostgreSQL of its own. */
export class Machine {
  readonly dir: string;
  readonly #where: Awaited<ReturnType<typeof address>>;
  readonly #server: Awaited<ReturnType<typeof startPostgres>>;
  readonly #running: Running[] = [];

  private constructor(dir: string, where: Awaited<ReturnType<typeof address>>, server: Awaited<ReturnType<typeof startPostgres>>) {
    this.dir = dir;
    this.#where = where;
    this.#server = server;
  }

  /** An empty one, with `dir` for its folder. */
  static async empty(t: Test, where: Awaited<ReturnType<typeof address>>, dir: string): Promise<Machine> {
    const server = await startPostgres();
    const machine = new Machine(dir, where, server);
    t.teardown(() => machine.off());
    await machine.psql('postgres', 'create role sconce_owner superuser login', 'create database sconce owner sconce_owner',
      'create role sconce_api login');
    return machine;
  }

  /** What `make init` leaves. */
  async settle(recipient: string): Promise<void> {
    await initPki(join(this.dir, 'pki/store'));
    for (const folder of ['secrets', 'nginx/sites', 'state/acme/config/live/lamps', 'state/acme/config/archive/lamps', 'state/acme/logs',
      'state/certificates']) mkdirSync(join(this.dir, folder), { recursive: true, mode: 0o700 });
    const write = (path: string, text: string) => writeFileSync(join(this.dir, path), text, { mode: 0o600 });
    write('.env', `DOMAIN=lamps.example.org\nOWNER_EMAIL=olive@example.org\nBACKUP_RECIPIENT=${recipient}\n`);
    write('secrets/session_keys', 'ab'.repeat(32));
    write('secrets/oidc_client_secret', this.#where.issuer.clientSecret);
    write('secrets/postgres_password', 'not-asked-for-here');
    write('nginx/sites/blog.example.org.conf', 'root /srv/blog;\n');
    write('state/acme/config/archive/lamps/fullchain1.pem', 'a certificate');
    write('state/acme/logs/letsencrypt.log', 'many words');
    execFileSync('ln', ['-s', '../../archive/lamps/fullchain1.pem', join(this.dir, 'state/acme/config/live/lamps/fullchain.pem')]);
  }

  /** How libpq finds the database. */
  get pg(): Record<string, string> {
    const { hostname, port } = new URL(this.#server.url);
    return { PGHOST: hostname, PGPORT: port, PGUSER: 'sconce_owner', PGDATABASE: 'sconce' };
  }

  /** The environment of the container `backup`. */
  get env(): Record<string, string> {
    const recipient = /^BACKUP_RECIPIENT=(.*)$/m.exec(readFileSync(join(this.dir, '.env'), 'utf8'))?.[1] ?? '';
    return { ...this.pg, SCONCE_DIR: this.dir, BACKUP_RECIPIENT: recipient };
  }

  async psql(database: string, ...statements: string[]): Promise<string> {
    const { stdout } = await promisify(execFile)('psql', ['-XAtq', '-v', 'ON_ERROR_STOP=1', ...statements.flatMap((one) => ['-c', one])],
      { env: { PATH: process.env.PATH ?? '', ...this.pg, PGUSER: 'sconce', PGDATABASE: database } });
    return stdout.trim();
  }

  /** Starts the real broker and the real API on what lies here. */
  async start(): Promise<void> {
    const { port, devicesPort, servicesPort, issuer } = this.#where;
    const store = join(this.dir, 'pki/store');
    this.#running.push(await startMosquitto({ pkiDir: store, devicesPort, servicesPort }));
    const database = new URL(this.#server.url);
    const as = (role: string) => `postgres://${role}@${database.host}/sconce`;
    this.#running.push(await startProgram({
      name: 'the API', command: process.execPath, args: [join(repository, 'services/api/src/main.ts')], deadlineMs: 60_000,
      env: {
        PATH: process.env.PATH ?? '', PORT: String(port), PUBLIC_URL: `http://localhost:${port}`, OWNER_EMAIL: 'olive@example.org',
        OIDC_ISSUER: issuer.url, OIDC_CLIENT_ID: issuer.clientId,
        OIDC_CLIENT_SECRET_FILE: join(this.dir, 'secrets/oidc_client_secret'),
        SESSION_KEYS_FILE: join(this.dir, 'secrets/session_keys'),
        DATABASE_URL: as('sconce_api'), MIGRATION_DATABASE_URL: as('sconce_owner'),
        MQTT_URL: `mqtts://localhost:${servicesPort}`, MQTT_CA_FILE: join(store, 'api/ca.pem'),
        MQTT_CERT_FILE: join(store, 'api/cert.pem'), MQTT_KEY_FILE: join(store, 'api/key.pem'),
      },
      ready: /Server listening/,
    }));
  }

  /** Everything on it ends, as when the power fails; its disk stays. */
  async off(): Promise<void> {
    for (const running of this.#running.splice(0).reverse()) await running.kill();
    await this.#server.stop();
  }
}

/** A tap on the outlet, once its board is online. @returns what became of it */
export async function tapWhenOnline(person: Visitor, outletId: string, on: boolean): Promise<unknown> {
  await until('the board', async () => (await person.json<Outlet[]>('/api/v1/outlets')).find(({ id }) => id === outletId)?.device.online, 20_000);
  const { outcome } = await person.json<{ outcome: string }>(`/api/v1/outlets/${outletId}/switch`, { method: 'POST', body: { on } });
  return outcome;
}
