import type { PersonId, SessionId, TokenId } from '@sconce/protocol/ids';
import type { PersonState, Role, Scope } from '@sconce/protocol/http';
import type { Person } from '../domain/viewer.ts';
import type { Db } from './database.ts';
import { personColumns } from './people.ts';

/** `last_used_at` is for people to read: a write per request would cost more than the request. */
const usedGranularityMs = 60_000;

export async function insertSession(db: Db, row: {
  person_id: PersonId; secret_hash: string; user_agent: string; address: string;
  created_at: Date; last_used_at: Date; expires_at: Date; issued_role: Role; issued_state: PersonState;
}): Promise<SessionId> {
  return (await db.insertInto('sessions').values(row).returning('id').executeTakeFirstOrThrow()).id;
}

/** A session that lives. `idleSince`: it must have been used after this. */
export type Living = { at: Date; idleSince: Date };

export type FoundSession = {
  sessionId: SessionId;
  person: Person;
  /** For a secret that has just been exchanged: what its successor is derived with. */
  salt: string | null;
  /** The secret was handed out for other rights than the person has by now. */
  outdated: boolean;
};

/** The session with this id or with this secret, the one before the last exchange included while that is recent. */
export async function findSession(db: Db, by: { id: SessionId } | { secretHash: string }, { at, idleSince }: Living):
  Promise<FoundSession | undefined> {
  const row = await db.selectFrom('sessions').innerJoin('people', 'people.id', 'sessions.person_id')
    .select(['sessions.id as sessionId', 'secret_hash', 'issued_role', 'issued_state', 'exchange_salt',
      'sessions.last_used_at', ...personColumns])
    .where((eb) => 'id' in by ? eb('sessions.id', '=', by.id) : eb.or([
      eb('secret_hash', '=', by.secretHash),
      eb.and([eb('previous_secret_hash', '=', by.secretHash), eb('previous_until', '>', at)]),
    ]))
    .where('expires_at', '>', at)
    .where('last_used_at', '>', idleSince)
    .executeTakeFirst();
  if (!row) return undefined;
  const { sessionId, secret_hash, issued_role, issued_state, exchange_salt, last_used_at, ...person } = row;
  if (at.getTime() - last_used_at.getTime() > usedGranularityMs) {
    await db.updateTable('sessions').set({ last_used_at: at }).where('id', '=', sessionId).execute();
  }
  return {
    sessionId, person,
    salt: 'secretHash' in by && by.secretHash !== secret_hash ? exchange_salt : null,
    outdated: person.role !== issued_role || person.state !== issued_state,
  };
}

/** @returns whether it was this call that did it: of several at once, for the same secret, one does */
export async function exchangeSecret(db: Db, id: SessionId, secretHash: string, next: {
  secret_hash: string; exchange_salt: string; previous_until: Date; issued_role: Role; issued_state: PersonState;
}): Promise<boolean> {
  const done = await db.updateTable('sessions').set({ ...next, previous_secret_hash: secretHash })
    .where('id', '=', id).where('secret_hash', '=', secretHash).returning('id').executeTakeFirst();
  return done !== undefined;
}

export async function deleteSessionsOf(db: Db, person: PersonId): Promise<void> {
  await db.deleteFrom('sessions').where('person_id', '=', person).execute();
}

export type SessionRow = Awaited<ReturnType<typeof listSessions>>[number];

/** The last used comes first. */
export async function listSessions(db: Db, person: PersonId, { at, idleSince }: Living) {
  return db.selectFrom('sessions').select(['id', 'user_agent', 'address', 'created_at', 'last_used_at', 'expires_at'])
    .where('person_id', '=', person).where('expires_at', '>', at).where('last_used_at', '>', idleSince)
    .orderBy('last_used_at', 'desc').execute();
}

/** @returns whether this person had such a session */
export async function deleteSession(db: Db, person: PersonId, id: SessionId): Promise<boolean> {
  const gone = await db.deleteFrom('sessions').where('id', '=', id).where('person_id', '=', person)
    .returning('id').executeTakeFirst();
  return gone !== undefined;
}

/** @returns the sessions that are gone: all of this person's but `kept` */
export async function deleteOtherSessions(db: Db, person: PersonId, kept: SessionId): Promise<SessionId[]> {
  const gone = await db.deleteFrom('sessions').where('person_id', '=', person).where('id', '!=', kept)
    .returning('id').execute();
  return gone.map(({ id }) => id);
}

export async function deleteEndedSessions(db: Db, { at, idleSince }: Living): Promise<void> {
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
