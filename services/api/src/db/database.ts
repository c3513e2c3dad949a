import { mkdirSync } from 'node:fs';
import { Kysely, PGliteDialect, PostgresDialect, type Transaction } from 'kysely';
import { Migrator } from 'kysely/migration';
import pg from 'pg';
import { isForbidden } from './faults.ts';
import * as first from './migrations/0001-first.ts';
import * as people from './migrations/0002-people.ts';
import * as sessions from './migrations/0003-sessions.ts';
import * as audit from './migrations/0004-audit.ts';
import * as shares from './migrations/0005-shares.ts';
import * as scenes from './migrations/0006-scenes.ts';
import * as certificates from './migrations/0007-certificates.ts';
import type { Tables } from './tables.ts';

export type Db = Kysely<Tables>;
/** For functions whose steps must happen together. */
export type Tx = Transaction<Tables>;

/** In the order of their names. A released one is never changed; add the next. */
export const migrations = {
  '0001-first': first, '0002-people': people, '0003-sessions': sessions, '0004-audit': audit, '0005-shares': shares,
  '0006-scenes': scenes, '0007-certificates': certificates,
};

const pools = new WeakMap<Db, pg.Pool>();

/** How many connections there are to the server, and how many requests wait for one; none for PGlite. */
export function connectionsOf(db: Db): { used: number; idle: number; waiting: number } {
  const pool = pools.get(db);
  if (!pool) return { used: 0, idle: 0, waiting: 0 };
  return { used: pool.totalCount - pool.idleCount, idle: pool.idleCount, waiting: pool.waitingCount };
}

/**
 * Opens PostgreSQL by its address, or PGlite (PostgreSQL compiled to WebAssembly) in a folder, `memory://` for tests.
 * Both speak the same SQL; only this function knows which it is.
 * @throws when the folder cannot be made; a server that is away shows at the first query
 */
export function openDatabase(where: { url: string } | { folder: string }, onError: (error: Error) => void): Db {
  if ('url' in where) {
    const pool = new pg.Pool({ connectionString: where.url, max: 10, connectionTimeoutMillis: 5000 });
    // A server that goes away ends connections, idle ones and those between two queries; unheard, either would end this
    // process. The pool listens to the idle ones only, and tells of those itself.
    pool.on('error', onError);
    pool.on('connect', (client) => client.on('error', () => undefined));
    const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
    pools.set(db, pool);
    return db;
  }
  if (!where.folder.startsWith('memory://')) mkdirSync(where.folder, { recursive: true, mode: 0o700 });
  // Loaded where it is used: a server with PostgreSQL goes without its 27 MB.
  const pglite = async () => new (await import('@electric-sql/pglite')).PGlite(where.folder);
  return new Kysely<Tables>({ dialect: new PGliteDialect({ pglite }) });
}

/**
 * Brings the schema up to date, under a lock, so that several processes may start at once.
 * @returns the names of the migrations that were run
 * @throws the first migration's error, or one that says that the database is newer than this program
 */
export async function migrate(db: Db): Promise<string[]> {
  const migrator = new Migrator({ db, provider: { getMigrations: () => Promise.resolve(migrations) } });
  const { error, results } = await migrator.migrateToLatest();
  if (error !== undefined) {
    const failed = results?.find((result) => result.status === 'Error')?.migrationName;
    throw new Error(failed === undefined
      ? `The database cannot be brought up to date: ${words(error)}${hint(error)}`
      : `Migration ${failed} failed, nothing of it was kept: ${words(error)}${hint(error)}`, { cause: error });
  }
  return results?.map((result) => result.migrationName) ?? [];
}

const hint = (error: unknown): string => isForbidden(error as { code?: string })
  ? '. This role may not change tables: run "migrate" with MIGRATION_DATABASE_URL, the address for their owner.' : '';

const words = (error: unknown): string => error instanceof Error ? error.message || error.name : String(error);
