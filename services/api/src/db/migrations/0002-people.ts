import { sql, type Kysely } from 'kysely';

/** A guest from before has no end: they wait until an admin says how long they may stay. */
export async function up(db: Kysely<never>): Promise<void> {
  await db.schema.alterTable('people').addColumn('guest_until', 'timestamptz').execute();
  await sql`update people set guest_until = now() where role = 'guest'`.execute(db);
  await sql`alter table people add constraint people_guests_end check ((role = 'guest') = (guest_until is not null))`
    .execute(db);
}
