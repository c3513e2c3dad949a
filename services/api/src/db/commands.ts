import type { CommandId, OutletId, PersonId, TokenId } from '@sconce/protocol/ids';
import type { Outcome } from '@sconce/protocol/http';
import type { Db } from './database.ts';

export async function insertCommand(db: Db, row: {
  id: CommandId; outlet_id: OutletId; person_id: PersonId; token_id: TokenId | null; on: boolean;
  requested_at: Date; deadline: Date;
}): Promise<void> {
  await db.insertInto('commands').values(row).execute();
}

/** The first outcome stays: a command has exactly one. @returns whether this was it */
export async function finishCommand(db: Db, id: CommandId, outcome: Outcome, ms: number | null): Promise<boolean> {
  const done = await db.updateTable('commands').set({ outcome, ms })
    .where('id', '=', id).where('outcome', 'is', null).returning('id').executeTakeFirst();
  return done !== undefined;
}

/**
 * Commands that were under way when the process that waited for them ended: nobody will hear their answers. They end as
 * `failed`.
 * @param deadlineBefore far enough in the past that no process can still be waiting for them
 */
export async function failOrphanedCommands(db: Db, deadlineBefore: Date): Promise<OutletId[]> {
  const rows = await db.updateTable('commands').set({ outcome: 'failed' })
    .where('outcome', 'is', null).where('deadline', '<', deadlineBefore).returning('outlet_id').execute();
  return rows.map(({ outlet_id }) => outlet_id);
}
