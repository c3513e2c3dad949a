import type { AuditAction, AuditDetail, AuditOutcome, TargetKind } from '@sconce/protocol/audit';
import { insertAudit, type NewAuditRow } from '../db/audit.ts';
import type { Tx } from '../db/database.ts';
import type { Person, Viewer } from '../domain/viewer.ts';
import type { Context } from './context.ts';

/** Who does something; `sign-in`: whoever is about to be let in, or is not. */
export type Actor =
  | Viewer
  | { via: 'sign-in'; person?: Pick<Person, 'id' | 'name'>; address: string }
  | { via: 'remote' | 'board' | 'system' };

export type Target = { kind: TargetKind; id: string; name: string | null };

/** What was done. The name is kept as it is now; `detail` holds a few facts more and never a secret. */
export type Deed = {
  action: AuditAction;
  target?: Target;
  /** `done` unless told. */
  outcome?: AuditOutcome;
  /** Now, unless told. */
  at?: Date;
  detail?: AuditDetail;
};

/**
 * Makes a change and writes it to the audit log, in one transaction: neither stands without the other. Every use case
 * that changes something does it in here; a test asks for an entry after each of the API's calls.
 * @param work makes the change by `tx` (never by the database beside it, which in PGlite would wait for ever) and notes
 *   what it did
 */
export async function recorded<T>(context: Pick<Context, 'db' | 'audit' | 'now'>, by: Actor,
  work: (tx: Tx, note: (deed: Deed) => void) => Promise<T>): Promise<T> {
  const { db, audit, now } = context;
  const result = await db.transaction().execute(async (tx) => {
    const rows: NewAuditRow[] = [];
    const result = await work(tx, (deed) => void rows.push(rowOf(now(), by, deed)));
    if (rows.length === 0) throw new Error('a change was made, and nothing noted of it');
    await insertAudit(tx, rows);
    return result;
  });
  audit.announce();
  return result;
}

/** For a change that has its own transaction, or sometimes none to tell of. The last that is done in it. */
export async function record(tx: Tx, now: Date, by: Actor, deed: Deed): Promise<void> {
  await insertAudit(tx, [rowOf(now, by, deed)]);
}

/** Notes what has happened whether or not there is a log: a command, a press. It is written a moment later. */
export function recordLater({ audit, now }: Pick<Context, 'audit' | 'now'>, by: Actor, deed: Deed): void {
  audit.add(rowOf(now(), by, deed));
}

function rowOf(now: Date, by: Actor, { action, target, outcome = 'done', at = now, detail = {} }: Deed): NewAuditRow {
  return {
    at, action, outcome,
    ...actorColumns(by),
    target_kind: target?.kind ?? null,
    target_id: target?.id ?? null,
    target_name: target?.name ?? null,
    detail: JSON.stringify(detail),
  };
}

function actorColumns(by: Actor):
  Pick<NewAuditRow, 'actor_kind' | 'person_id' | 'person_name' | 'token_name' | 'address'> {
  switch (by.via) {
    case 'session':
      return { actor_kind: 'person', ...personColumns(by.person), token_name: null, address: by.address };
    case 'token':
      return { actor_kind: 'token', ...personColumns(by.person), token_name: by.tokenName, address: by.address };
    case 'sign-in':
      return { actor_kind: 'person', ...personColumns(by.person), token_name: null, address: by.address };
    case 'remote':
    case 'board':
    case 'system':
      return { actor_kind: by.via, ...personColumns(undefined), token_name: null, address: null };
  }
}

const personColumns = (person: Pick<Person, 'id' | 'name'> | undefined) =>
  ({ person_id: person?.id ?? null, person_name: person?.name ?? null });
