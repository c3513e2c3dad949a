import type { Logger } from 'pino';
import type { Storage } from '../config.ts';
import { migrate, openDatabase, type Db } from '../db/database.ts';
import { mayChangeAudit, provideRole, separateRoles } from '../db/roles.ts';
import { pruneAudit } from '../usecases/prune-audit.ts';

/** Opens the database that the API works with; connections that are lost are told to the log. */
export const openStorage = (database: Storage['database'], log: Logger): Db =>
  openDatabase(database, (error) => log.error({ err: error }, 'lost a connection to the database'));

/**
 * Brings the database up to date, and the role that the API has there; then runs the retention job, if days are given.
 * The owner's connection is closed at the end: the API must not have it at hand.
 * @returns the database as the API has it; undefined if it cannot be used: the log then says why
 */
export async function prepare({ database, ownersDatabase }: Storage, log: Logger, keepDays?: number):
  Promise<Db | undefined> {
  const db = openStorage(database, log);
  const owner = ownersDatabase && openStorage(ownersDatabase, log);
  const ready = await bringUpToDate(db, owner, database, log)
    && (keepDays === undefined || await prune(owner ?? db, keepDays, log));
  await owner?.destroy();
  if (ready) return db;
  await db.destroy();
  return undefined;
}

async function bringUpToDate(db: Db, owner: Db | undefined, database: Storage['database'], log: Logger): Promise<boolean> {
  try {
    const done = await migrate(owner ?? db);
    if (owner && 'url' in database) {
      const role = await provideRole(owner, db, database.url);
      if (role !== undefined) log.info({}, `the role in DATABASE_URL has been ${role}`);
      await separateRoles(owner, db);
    } else if ('url' in database && await mayChangeAudit(db)) {
      log.warn({}, 'the role in DATABASE_URL may change every table, the audit log too; .env.example says how to part them');
    }
    log.info({ migrations: done }, `the database ${done.length === 0 ? 'is' : 'has been brought'} up to date`);
    return true;
  } catch (error) {
    log.fatal({ err: error }, 'The database cannot be used. Is PostgreSQL running, and does DATABASE_URL name it?');
    return false;
  }
}

async function prune(owner: Db, keepDays: number, log: Logger): Promise<boolean> {
  try {
    const count = await pruneAudit(owner, keepDays, new Date());
    log.info({ count, keepDays }, 'what was older is gone from the audit log');
    return true;
  } catch (error) {
    log.fatal({ err: error }, 'The audit log is as it was. Only the owner of the tables may do this: is '
      + 'MIGRATION_DATABASE_URL set?');
    return false;
  }
}
