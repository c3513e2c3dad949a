import { sql, type Kysely } from 'kysely';

/**
 * The audit log. Names are kept beside ids, and nothing refers to another table: an entry is to be readable when the
 * person, the outlet, the board have long gone.
 */
export async function up(db: Kysely<never>): Promise<void> {
  await db.schema.createTable('audit')
    .addColumn('id', 'bigint', (c) => c.primaryKey().generatedAlwaysAsIdentity())
    .addColumn('at', 'timestamptz', (c) => c.notNull())
    .addColumn('actor_kind', 'text', (c) => c.notNull())
    .addColumn('person_id', 'uuid')
    .addColumn('person_name', 'text')
    .addColumn('token_name', 'text')
    .addColumn('action', 'text', (c) => c.notNull())
    .addColumn('target_kind', 'text')
    .addColumn('target_id', 'text')
    .addColumn('target_name', 'text')
    .addColumn('address', 'text')
    .addColumn('outcome', 'text', (c) => c.notNull())
    .addColumn('detail', 'jsonb', (c) => c.notNull().check(sql`octet_length(detail::text) <= 2000`))
    .execute();
  await sql`create index audit_person on audit (person_id, id)`.execute(db);
  await sql`create index audit_target on audit (target_id, id)`.execute(db);
  // Nearly in the order of the rows, as which it costs next to nothing.
  await sql`create index audit_at on audit using brin (at)`.execute(db);

  // For every role, the owner's too, but for the retention job (db/audit.ts), which says what it is. A role that owns
  // the table could take the trigger away: hence a role for the API that does not (db/roles.ts).
  await sql`
    create function audit_append_only() returns trigger language plpgsql as $$
    begin
      if tg_op = 'DELETE' and current_setting('sconce.audit_retention', true) = 'on' then
        return null;
      end if;
      raise exception 'the audit log can only be added to: % is refused', tg_op using errcode = '42501';
    end $$`.execute(db);
  await sql`
    create trigger audit_append_only before update or delete or truncate on audit
    for each statement execute function audit_append_only()`.execute(db);

  // Ids are given out when a row is written and seen when its transaction ends. One writer at a time, so that both
  // happen in one order: whoever reads on from an id would otherwise miss what ends late. Before the statement: ids are
  // taken while it runs.
  await sql`
    create function audit_in_order() returns trigger language plpgsql as $$
    begin
      perform pg_advisory_xact_lock(5366004);
      return null;
    end $$`.execute(db);
  await sql`
    create trigger audit_in_order before insert on audit
    for each statement execute function audit_in_order()`.execute(db);
}
