import type { Insertable } from 'kysely';
import type { WarningWay } from '../domain/warnings.ts';
import type { Db } from './database.ts';
import type { Tables } from './tables.ts';

export type WarningRow = Insertable<Tables['certificate_warnings']>;

/** Of what this way has warned; rows of the ends that are named. */
export async function listWarnings(db: Db, way: WarningWay, ends: readonly Date[]) {
  if (ends.length === 0) return [];
  return db.selectFrom('certificate_warnings').select(['name', 'level', 'ends'])
    .where('way', '=', way).where('ends', 'in', ends).execute();
}

export async function insertWarnings(db: Db, rows: readonly WarningRow[]): Promise<void> {
  await db.insertInto('certificate_warnings').values(rows).onConflict((conflict) => conflict.doNothing()).execute();
}

/** What ended so long ago is no news to anybody. */
export async function deleteWarningsBefore(db: Db, before: Date): Promise<void> {
  await db.deleteFrom('certificate_warnings').where('ends', '<', before).execute();
}
