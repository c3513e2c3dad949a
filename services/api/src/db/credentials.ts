import type { PersonId, SessionId, TokenId } from '@sconce/protocol/ids';
import type { Scope } from '@sconce/protocol/http';
import type { Person } from '../domain/viewer.ts';
import type { Db } from './database.ts';
import { personColumns } from './people.ts';

/** `last_used_at` is for people to read: a write per request would cost more than the request. */
const usedGranularityMs = 60_000;

export async function insertSession(db: Db, row: {
  person_id: PersonId; secret_hash: string; user_agent: string; address: string;
  created_at: Date; last_used_at: Date; expires_at: Date;
}): Promise<SessionId> {
  return (await db.insertInto('sessions').values(row).returning('id').executeTakeFirstOrThrow()).id;
}

/** The person behind a session's secret, if the session was used since `idleSince` and ends after `at`. */
export async function findSession(db: Db, secretHash: string, at: Date, idleSince: Date):
  Promise<{ sessionId: SessionId; person: Person } | undefined> {
  const row = await db.selectFrom('sessions').innerJoin('people', 'people.id', 'sessions.person_id')
    .select(['sessions.id as sessionId', 'sessions.last_used_at', ...personColumns])
    .where('secret_hash', '=', secretHash)
    .where('expires_at', '>', at)
    .where('last_used_at', '>', idleSince)
    .executeTakeFirst();
  if (!row) return undefined;
  const { sessionId, last_used_at, ...person } = row;
  if (at.getTime() - last_used_at.getTime() > usedGranularityMs) {
    await db.updateTable('sessions').set({ last_used_at: at }).where('id', '=', sessionId).execute();
  }
  return { sessionId, person };
}

export async function deleteSession(db: Db, id: SessionId): Promise<void> {
  await db.deleteFrom('sessions').where('id', '=', id).execute();
}

export async function deleteSessionsOf(db: Db, person: PersonId): Promise<void> {
  await db.deleteFrom('sessions').where('person_id', '=', person).execute();
}

export async function deleteEndedSessions(db: Db, at: Date, idleSince: Date): Promise<void> {
  await db.deleteFrom('sessions')
    .where((eb) => eb.or([eb('expires_at', '<=', at), eb('last_used_at', '<=', idleSince)])).execute();
}

const tokenColumns = [
  'id', 'name', 'prefix', 'scopes', 'created_at', 'expires_at', 'last_used_at', 'revoked_at',
] as const;
export type TokenRow = Awaited<ReturnType<typeof listTokens>>[number];

export async function insertToken(db: Db, row: {
  person_id: PersonId; name: string; prefix: string; secret_hash: string; scopes: Scope[];
  created_at: Date; expires_at: Date;
}): Promise<TokenRow> {
  return db.insertInto('tokens').values(row).returning(tokenColumns).executeTakeFirstOrThrow();
}

export async function listTokens(db: Db, person: PersonId) {
  return db.selectFrom('tokens').select(tokenColumns).where('person_id', '=', person)
    .orderBy('created_at', 'desc').execute();
}

/** The person behind a token, and what it may do; undefined if it is unknown, revoked or has ended. */
export async function findToken(db: Db, secretHash: string, at: Date):
  Promise<{ tokenId: TokenId; tokenName: string; scopes: Scope[]; person: Person } | undefined> {
  const row = await db.selectFrom('tokens').innerJoin('people', 'people.id', 'tokens.person_id')
    .select(['tokens.id as tokenId', 'tokens.name as tokenName', 'scopes', 'last_used_at', ...personColumns])
    .where('secret_hash', '=', secretHash)
    .where('revoked_at', 'is', null)
    .where('expires_at', '>', at)
    .executeTakeFirst();
  if (!row) return undefined;
  const { tokenId, tokenName, scopes, last_used_at, ...person } = row;
  if (last_used_at === null || at.getTime() - last_used_at.getTime() > usedGranularityMs) {
    await db.updateTable('tokens').set({ last_used_at: at }).where('id', '=', tokenId).execute();
  }
  return { tokenId, tokenName, scopes, person };
}

/** @returns its name, if this person has such a token; revoking one twice keeps the first time */
export async function revokeToken(db: Db, person: PersonId, id: TokenId, at: Date): Promise<string | undefined> {
  const found = await db.updateTable('tokens')
    .set((eb) => ({ revoked_at: eb.fn.coalesce('revoked_at', eb.val(at)) }))
    .where('id', '=', id).where('person_id', '=', person).returning('name').executeTakeFirst();
  return found?.name;
}
