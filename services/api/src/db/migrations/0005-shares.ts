import { sql, type Kysely } from 'kysely';

const ownId = sql`gen_random_uuid()`;
// "right" is a word of SQL's own.
const knownRight = sql`"right" in ('use', 'manage')`;
const oneThing = sql`num_nonnulls(outlet_id, device_id) = 1`;

/** Shares of a whole board, with a right; invitations. What was shared before may be used, as it was. */
export async function up(db: Kysely<never>): Promise<void> {
  const { schema } = db;
  await sql`alter table shares drop constraint shares_pkey`.execute(db);
  await schema.alterTable('shares')
    .addColumn('id', 'uuid', (c) => c.primaryKey().defaultTo(ownId))
    .addColumn('device_id', 'char(32)', (c) => c.references('devices.id').onDelete('cascade'))
    .addColumn('right', 'text', (c) => c.notNull().defaultTo('use').check(knownRight))
    .alterColumn('outlet_id', (c) => c.dropNotNull())
    .execute();
  await schema.alterTable('shares').alterColumn('right', (c) => c.dropDefault()).execute();
  await schema.alterTable('shares').addCheckConstraint('shares_one_thing', oneThing).execute();
  await schema.alterTable('shares').addUniqueConstraint('shares_person_outlet', ['person_id', 'outlet_id']).execute();
  await schema.alterTable('shares').addUniqueConstraint('shares_person_device', ['person_id', 'device_id']).execute();
  await schema.createIndex('shares_device').on('shares').column('device_id').execute();

  await schema.createTable('invitations')
    .addColumn('id', 'uuid', (c) => c.primaryKey().defaultTo(ownId))
    .addColumn('secret_hash', 'text', (c) => c.notNull().unique())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('role', 'text', (c) => c.notNull().check(sql`role in ('admin', 'member', 'guest')`))
    .addColumn('guest_until', 'timestamptz')
    .addColumn('created_by', 'uuid', (c) => c.notNull().references('people.id').onDelete('cascade'))
    .addColumn('created_at', 'timestamptz', (c) => c.notNull())
    .addColumn('expires_at', 'timestamptz', (c) => c.notNull())
    .addColumn('used_at', 'timestamptz')
    .addColumn('used_by', 'uuid', (c) => c.references('people.id').onDelete('set null'))
    .addColumn('revoked_at', 'timestamptz')
    .addCheckConstraint('invitations_guests_end', sql`(role = 'guest') = (guest_until is not null)`)
    .addCheckConstraint('invitations_used_or_revoked', sql`used_at is null or revoked_at is null`)
    .execute();

  await schema.createTable('invitation_shares')
    .addColumn('invitation_id', 'uuid', (c) => c.notNull().references('invitations.id').onDelete('cascade'))
    .addColumn('outlet_id', 'uuid', (c) => c.references('outlets.id').onDelete('cascade'))
    .addColumn('device_id', 'char(32)', (c) => c.references('devices.id').onDelete('cascade'))
    .addColumn('right', 'text', (c) => c.notNull().check(knownRight))
    .addCheckConstraint('invitation_shares_one_thing', oneThing)
    .addUniqueConstraint('invitation_shares_outlet', ['invitation_id', 'outlet_id'])
    .addUniqueConstraint('invitation_shares_device', ['invitation_id', 'device_id'])
    .execute();
  await schema.createIndex('invitation_shares_by_outlet').on('invitation_shares').column('outlet_id').execute();
  await schema.createIndex('invitation_shares_by_device').on('invitation_shares').column('device_id').execute();

  // What was shared with somebody is found by them, too.
  await sql`create index audit_detail_person on audit ((detail ->> 'personId'), id)`.execute(db);
}
