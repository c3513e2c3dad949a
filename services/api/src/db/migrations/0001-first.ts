import { sql, type Kysely } from 'kysely';

const now = sql`now()`;

export async function up(db: Kysely<never>): Promise<void> {
  const schema = db.schema;
  await schema.createTable('people')
    .addColumn('id', 'uuid', (c) => c.primaryKey().defaultTo(sql`gen_random_uuid()`))
    .addColumn('issuer', 'text', (c) => c.notNull())
    .addColumn('subject', 'text', (c) => c.notNull())
    .addColumn('email', 'text', (c) => c.notNull())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('picture', 'text')
    .addColumn('role', 'text', (c) => c.notNull().check(sql`role in ('admin', 'member', 'guest')`))
    .addColumn('state', 'text', (c) => c.notNull().check(sql`state in ('pending', 'active', 'deactivated')`))
    .addColumn('created_at', 'timestamptz', (c) => c.notNull().defaultTo(now))
    .addColumn('signed_in_at', 'timestamptz', (c) => c.notNull())
    .addUniqueConstraint('people_issuer_subject', ['issuer', 'subject'])
    .execute();

  await schema.createTable('sessions')
    .addColumn('id', 'uuid', (c) => c.primaryKey().defaultTo(sql`gen_random_uuid()`))
    .addColumn('person_id', 'uuid', (c) => c.notNull().references('people.id').onDelete('cascade'))
    .addColumn('secret_hash', 'text', (c) => c.notNull().unique())
    .addColumn('user_agent', 'text', (c) => c.notNull())
    .addColumn('address', 'text', (c) => c.notNull())
    .addColumn('created_at', 'timestamptz', (c) => c.notNull())
    .addColumn('last_used_at', 'timestamptz', (c) => c.notNull())
    .addColumn('expires_at', 'timestamptz', (c) => c.notNull())
    .execute();
  await schema.createIndex('sessions_person').on('sessions').column('person_id').execute();

  await schema.createTable('tokens')
    .addColumn('id', 'uuid', (c) => c.primaryKey().defaultTo(sql`gen_random_uuid()`))
    .addColumn('person_id', 'uuid', (c) => c.notNull().references('people.id').onDelete('cascade'))
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('prefix', 'text', (c) => c.notNull())
    .addColumn('secret_hash', 'text', (c) => c.notNull().unique())
    .addColumn('scopes', sql`text[]`, (c) => c.notNull())
    .addColumn('created_at', 'timestamptz', (c) => c.notNull())
    .addColumn('expires_at', 'timestamptz', (c) => c.notNull())
    .addColumn('last_used_at', 'timestamptz')
    .addColumn('revoked_at', 'timestamptz')
    .execute();
  await schema.createIndex('tokens_person').on('tokens').column('person_id').execute();

  await schema.createTable('devices')
    .addColumn('id', 'char(32)', (c) => c.primaryKey())
    .addColumn('name', 'text')
    .addColumn('first_seen_at', 'timestamptz', (c) => c.notNull())
    .addColumn('adopted_at', 'timestamptz')
    .addColumn('online', 'boolean', (c) => c.notNull())
    .addColumn('online_changed_at', 'timestamptz')
    .addColumn('info', 'jsonb')
    .addColumn('telemetry', 'jsonb')
    .addColumn('telemetry_at', 'timestamptz')
    .execute();
  await sql`create unique index devices_name on devices (lower(name))`.execute(db);

  await schema.createTable('outlets')
    .addColumn('id', 'uuid', (c) => c.primaryKey().defaultTo(sql`gen_random_uuid()`))
    .addColumn('device_id', 'char(32)', (c) => c.notNull().references('devices.id').onDelete('cascade'))
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('room', 'text')
    .addColumn('icon', 'text', (c) => c.notNull())
    .addColumn('control', 'jsonb', (c) => c.notNull())
    .addColumn('created_at', 'timestamptz', (c) => c.notNull())
    .addColumn('state_on', 'boolean')
    .addColumn('state_source', 'text', (c) => c.check(sql`state_source in ('command', 'remote')`))
    .addColumn('state_at', 'timestamptz')
    .execute();
  await schema.createIndex('outlets_device').on('outlets').column('device_id').execute();
  await sql`create unique index outlets_name on outlets (lower(name), lower(coalesce(room, '')))`.execute(db);

  await schema.createTable('shares')
    .addColumn('person_id', 'uuid', (c) => c.notNull().references('people.id').onDelete('cascade'))
    .addColumn('outlet_id', 'uuid', (c) => c.notNull().references('outlets.id').onDelete('cascade'))
    .addColumn('created_at', 'timestamptz', (c) => c.notNull())
    .addPrimaryKeyConstraint('shares_pkey', ['person_id', 'outlet_id'])
    .execute();
  await schema.createIndex('shares_outlet').on('shares').column('outlet_id').execute();

  await schema.createTable('commands')
    .addColumn('id', 'uuid', (c) => c.primaryKey())
    .addColumn('outlet_id', 'uuid', (c) => c.notNull().references('outlets.id').onDelete('cascade'))
    .addColumn('person_id', 'uuid', (c) => c.notNull().references('people.id').onDelete('cascade'))
    .addColumn('token_id', 'uuid', (c) => c.references('tokens.id').onDelete('set null'))
    .addColumn('on', 'boolean', (c) => c.notNull())
    .addColumn('requested_at', 'timestamptz', (c) => c.notNull())
    .addColumn('deadline', 'timestamptz', (c) => c.notNull())
    .addColumn('outcome', 'text',
      (c) => c.check(sql`outcome in ('transmitted', 'expired', 'offline', 'refused', 'failed')`))
    .addColumn('ms', 'double precision')
    .execute();
  await schema.createIndex('commands_outlet_latest')
    .on('commands').columns(['outlet_id', 'requested_at desc']).execute();
}
