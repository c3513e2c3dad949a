import { sql, type Kysely } from 'kysely';

/**
 * Which boards are kept out for good, and of which certificates' ends people have been warned: once by each way, so that
 * one that fails can be tried again without the others saying it twice.
 */
export async function up(db: Kysely<never>): Promise<void> {
  const { schema } = db;
  await schema.alterTable('devices').addColumn('revoked_at', 'timestamptz').execute();
  await schema.createTable('certificate_warnings')
    // Of a board its id: names change, and two could have had the same.
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('level', 'integer', (c) => c.notNull().check(sql`level in (60, 30, 7, 0)`))
    .addColumn('ends', 'timestamptz', (c) => c.notNull())
    .addColumn('way', 'text', (c) => c.notNull().check(sql`way in ('log', 'webhook', 'email')`))
    .addColumn('told_at', 'timestamptz', (c) => c.notNull())
    .addPrimaryKeyConstraint('certificate_warnings_pkey', ['name', 'level', 'ends', 'way'])
    .execute();
}
