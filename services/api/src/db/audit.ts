import { sql, type ExpressionBuilder, type Insertable } from 'kysely';
import type { AuditFilter, TargetKind } from '@sconce/protocol/audit';
import type { Db, Tx } from './database.ts';
import type { Tables } from './tables.ts';

export type NewAuditRow = Insertable<Tables['audit']>;
export type AuditRow = Awaited<ReturnType<typeof listAudit>>[number];

/**
 * In the order given. In a transaction this comes last: whoever else writes to the log waits until it ends (see the
 * migration).
 */
export async function insertAudit(db: Db, rows: readonly NewAuditRow[]): Promise<void> {
  await db.insertInto('audit').values(rows).execute();
}

/** The newest `limit` entries that fit the filter and were written before `before`. */
export async function listAudit(db: Db, filter: AuditFilter, before: string | undefined, limit: number) {
  return db.selectFrom('audit').where((eb) => matching(eb, filter, before))
    // As text: one driver reads a bigint as a string, the other as a number.
    .select((eb) => eb.cast<string>('id', 'text').as('id'))
    .select(['at', 'actor_kind', 'person_id', 'person_name', 'token_name', 'action', 'target_kind', 'target_id',
      'target_name', 'address', 'outcome', 'detail'])
    // The column: its text stands by the same name, and "9" comes after "10".
    .orderBy('audit.id', 'desc').limit(limit).execute();
}

function matching(eb: ExpressionBuilder<Tables, 'audit'>, filter: AuditFilter, before: string | undefined) {
  const { person, outlet, device, action, from, to } = filter;
  const target = (kind: TargetKind, id: string) => eb.and([eb('target_kind', '=', kind), eb('target_id', '=', id)]);
  return eb.and([
    ...before === undefined ? [] : [eb('id', '<', before)],
    ...person === undefined ? [] : [eb.or([
      eb('person_id', '=', person), target('person', person), eb(sql`audit.detail ->> 'personId'`, '=', person)])],
    ...outlet === undefined ? [] : [target('outlet', outlet)],
    ...device === undefined ? [] : [target('device', device)],
    ...action === undefined ? [] : [eb('action', 'in', action)],
    ...from === undefined ? [] : [eb('at', '>=', new Date(from))],
    ...to === undefined ? [] : [eb('at', '<', new Date(to))],
  ]);
}

/**
 * The retention job: the one thing that may take rows away, and only as the table's owner. It says so to the trigger,
 * for its own transaction.
 * @returns how many were taken away
 */
export async function deleteAuditBefore(tx: Tx, before: Date): Promise<number> {
  await sql`select set_config('sconce.audit_retention', 'on', true)`.execute(tx);
  const { numDeletedRows } = await tx.deleteFrom('audit').where('at', '<', before).executeTakeFirstOrThrow();
  await sql`select set_config('sconce.audit_retention', 'off', true)`.execute(tx);
  return Number(numDeletedRows);
}
