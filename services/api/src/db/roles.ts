import { sql } from 'kysely';
import type { Db } from './database.ts';
import { isMissingOrWrongPassword } from './faults.ts';
import { scramVerifier } from './scram.ts';

/** The role that this connection has. */
async function roleOf(db: Db): Promise<string> {
  const { rows } = await sql<{ role: string }>`select current_user::text as role`.execute(db);
  return rows[0]?.role ?? '';
}

/**
 * Sees to it that the role that DATABASE_URL names is there and has the password given there: makes it if it is missing,
 * and gives it the password anew if it has another, as when the secret was changed. A role that can be used is left
 * alone.
 * @param url DATABASE_URL
 * @returns what was done
 * @throws in words, when the owner may not make or change roles, or should not
 */
export async function provideRole(owner: Db, api: Db, url: string): Promise<'made' | 'given its password' | undefined> {
  const refused = await sql`select 1`.execute(api).then(() => undefined, (error: unknown) => error);
  if (refused === undefined) return undefined;
  // Whether a role is missing or has another password is not said to who cannot come in.
  if (!isMissingOrWrongPassword(refused as { code?: string })) throw refused;
  const { username, password } = new URL(url);
  const role = decodeURIComponent(username);
  if (role === '') throw new Error('DATABASE_URL names no role: write it like postgres://sconce_api:password@host/sconce.');
  const { rows: [owning] } = await sql<{ role: string; may: boolean }>`
    select rolname::text as role, rolsuper or rolcreaterole as may from pg_roles where rolname = current_user`.execute(owner);
  const { rows: [found] } = await sql<{ mighty: boolean }>`
    select rolsuper or rolcreaterole or rolreplication as mighty from pg_roles where rolname = ${role}`.execute(owner);
  if (!owning?.may) {
    throw new Error(`The role ${role} in DATABASE_URL ${found ? 'has another password' : 'does not exist'}, and the role in `
      + `MIGRATION_DATABASE_URL may not make or change roles. As PostgreSQL's administrator: ${found ? 'alter' : 'create'} `
      + `role ${role} login password '…';`);
  }
  if (role === owning.role || found?.mighty) {
    throw new Error(`The role ${role} in DATABASE_URL has another password, and it may do more than the API should: its `
      + 'password is left as it is. Give the API an ordinary role of its own.');
  }
  const verb = sql.raw(found ? 'alter' : 'create');
  await sql`${verb} role ${sql.id(role)} login password ${sql.lit(scramVerifier(decodeURIComponent(password)))}`
    .execute(owner);
  return found ? 'given its password' : 'made';
}

/**
 * Gives the role of the API's connection its rights, as the owner of the tables.
 * @throws in words, when both are one role or the API's could change the audit log all the same
 */
export async function separateRoles(owner: Db, api: Db): Promise<void> {
  const role = await roleOf(api);
  if (role === await roleOf(owner)) {
    throw new Error(`DATABASE_URL and MIGRATION_DATABASE_URL name the same role, ${role}. `
      + 'Make the API one of its own: create role sconce_api login password \'…\';');
  }
  await grantToApi(owner, role);
  if (await mayChangeAudit(api)) {
    throw new Error(`The role ${role} in DATABASE_URL could change the audit log: it is a superuser, or a member of the `
      + 'role in MIGRATION_DATABASE_URL. Give the API an ordinary role of its own.');
  }
}

/**
 * Lets the API's role work with all tables that there are, and no more: the audit log it can read and add to, the list
 * of migrations it can read. Run by the owner after every migration, which may have brought tables.
 */
async function grantToApi(owner: Db, role: string): Promise<void> {
  await owner.transaction().execute(async (tx) => {
    const { rows } = await sql<{ name: string }>`
      select tablename::text as name from pg_tables where schemaname = current_schema()`.execute(tx);
    const { rows: [schema] } = await sql<{ name: string }>`select current_schema()::text as name`.execute(tx);
    await sql`grant usage on schema ${sql.id(schema?.name ?? 'public')} to ${sql.id(role)}`.execute(tx);
    for (const { name } of rows) {
      const table = sql.table(name);
      await sql`revoke all on ${table} from ${sql.id(role)}`.execute(tx);
      await sql`grant ${sql.raw(rightsOn(name))} on ${table} to ${sql.id(role)}`.execute(tx);
    }
  });
}

function rightsOn(table: string): string {
  if (table === 'audit') return 'select, insert';
  return table.startsWith('kysely_') ? 'select' : 'select, insert, update, delete';
}

/** Whether the role of this connection could change or delete what is written in the audit log. */
export async function mayChangeAudit(db: Db): Promise<boolean> {
  const { rows } = await sql<{ may: boolean }>`
    select has_table_privilege('audit', 'UPDATE, DELETE, TRUNCATE')
      or pg_has_role(current_user, relowner, 'MEMBER') as may
    from pg_class where oid = 'audit'::regclass`.execute(db);
  return rows[0]?.may ?? true;
}
