import { deleteAuditBefore } from '../db/audit.ts';
import type { Db } from '../db/database.ts';
import { record } from './audit.ts';

const day = 86_400_000;

/**
 * The retention job: deletes what is older, and writes that it did so. A command of its own, to be run by a timer; the
 * API never does it.
 * @param owner a connection of the role that owns the tables
 * @returns how many entries went
 */
export async function pruneAudit(owner: Db, keepDays: number, now: Date): Promise<number> {
  const before = new Date(now.getTime() - keepDays * day);
  return owner.transaction().execute(async (tx) => {
    const entries = await deleteAuditBefore(tx, before);
    await record(tx, now, { via: 'system' }, { action: 'audit.prune', detail: { keepDays, entries } });
    return entries;
  });
}
