import { sql, type Kysely } from 'kysely';

/**
 * What the exchange of a session's secret needs: the rights for which it was handed out, and for a moment the hash of
 * the one before. Sessions that are open keep their secret: they are taken to have been opened with today's rights.
 */
export async function up(db: Kysely<never>): Promise<void> {
  await db.schema.alterTable('sessions')
    .addColumn('issued_role', 'text')
    .addColumn('issued_state', 'text')
    .addColumn('previous_secret_hash', 'text', (c) => c.unique())
    .addColumn('previous_until', 'timestamptz')
    .addColumn('exchange_salt', 'text')
    .execute();
  await sql`update sessions set issued_role = people.role, issued_state = people.state
    from people where people.id = sessions.person_id`.execute(db);
  await db.schema.alterTable('sessions')
    .alterColumn('issued_role', (c) => c.setNotNull())
    .alterColumn('issued_state', (c) => c.setNotNull())
    .execute();
}
