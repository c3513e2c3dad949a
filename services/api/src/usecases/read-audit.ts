import type { AuditEntry, AuditFilter, AuditPage, AuditQuery } from '@sconce/protocol/audit';
import { listAudit, type AuditRow } from '../db/audit.ts';
import { csvLine } from '../domain/csv.ts';
import { requireAdmin, type Viewer } from '../domain/viewer.ts';
import type { Context } from './context.ts';

/** Rows that the export holds in memory at a time. */
const exportRows = 500;

/** One page, newest first. @throws Failure `forbidden`, `scope_missing` */
export async function auditFor({ db, audit }: Context, viewer: Viewer, query: AuditQuery): Promise<AuditPage> {
  requireAdmin(viewer);
  await audit.settled();
  const { before, limit, ...filter } = query;
  // One more than is shown tells whether there is another page.
  const rows = await listAudit(db, filter, before, limit + 1);
  const entries = rows.slice(0, limit).map(entryView);
  return { entries, next: rows.length > limit ? entries.at(-1)?.id ?? null : null };
}

/**
 * All that fits, newest first, as RFC 4180 text, a piece at a time. What is written while it runs is not in it.
 * @throws Failure `forbidden`, `scope_missing` at once, not while it is read
 */
export async function auditAsCsv({ db, audit }: Context, viewer: Viewer, filter: AuditFilter):
  Promise<AsyncIterable<string>> {
  requireAdmin(viewer);
  await audit.settled();
  const read = (before?: string) => listAudit(db, filter, before, exportRows);
  const newest = await read();
  return (async function* pieces() {
    yield csvLine(columns.map(([name]) => name));
    for (let rows = newest; rows.length > 0; rows = await read(rows.at(-1)?.id)) {
      yield rows.map((row) => csvLine(columns.map(([, value]) => value(row)))).join('');
    }
  })();
}

const columns: readonly (readonly [name: string, value: (row: AuditRow) => string | null])[] = [
  ['id', (row) => row.id],
  ['at', (row) => row.at.toISOString()],
  ['actor', (row) => row.actor_kind],
  ['person', (row) => row.person_name],
  ['person_id', (row) => row.person_id],
  ['token', (row) => row.token_name],
  ['action', (row) => row.action],
  ['target_kind', (row) => row.target_kind],
  ['target', (row) => row.target_name],
  ['target_id', (row) => row.target_id],
  ['address', (row) => row.address],
  ['outcome', (row) => row.outcome],
  ['detail', (row) => JSON.stringify(row.detail)],
];

function entryView(row: AuditRow): AuditEntry {
  return {
    id: row.id,
    at: row.at.toISOString(),
    actor: { kind: row.actor_kind, personId: row.person_id, name: row.person_name, token: row.token_name },
    action: row.action,
    target: row.target_kind && { kind: row.target_kind, id: row.target_id, name: row.target_name },
    address: row.address,
    outcome: row.outcome,
    detail: row.detail,
  };
}
