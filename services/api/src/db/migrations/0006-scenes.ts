import { sql, type Kysely } from 'kysely';

/** Scenes: several outlets that one tap sets, in their order. An outlet that is removed takes its steps with it. */
export async function up(db: Kysely<never>): Promise<void> {
  const { schema } = db;
  await schema.createTable('scenes')
    .addColumn('id', 'uuid', (c) => c.primaryKey().defaultTo(sql`gen_random_uuid()`))
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('icon', 'text', (c) => c.notNull())
    .addColumn('created_at', 'timestamptz', (c) => c.notNull())
    .execute();
  await sql`create unique index scenes_name on scenes (lower(name))`.execute(db);

  await schema.createTable('scene_steps')
    .addColumn('scene_id', 'uuid', (c) => c.notNull().references('scenes.id').onDelete('cascade'))
    .addColumn('outlet_id', 'uuid', (c) => c.notNull().references('outlets.id').onDelete('cascade'))
    .addColumn('on', 'boolean', (c) => c.notNull())
    .addColumn('position', 'integer', (c) => c.notNull())
    .addPrimaryKeyConstraint('scene_steps_pkey', ['scene_id', 'outlet_id'])
    .addUniqueConstraint('scene_steps_order', ['scene_id', 'position'])
    .execute();
  await schema.createIndex('scene_steps_outlet').on('scene_steps').column('outlet_id').execute();
}
