import type { Session } from '@sconce/protocol/http';
import type { SessionId } from '@sconce/protocol/ids';
import {
  deleteEndedSessions, deleteOtherSessions, deleteSession, exchangeSecret, findSession, insertSession, listSessions,
  type Living,
} from '../db/credentials.ts';
import { Failure } from '../domain/failure.ts';
import { hashSecret, newSecret, secretAfter } from '../domain/secret.ts';
import { requireSession, type Person, type SessionHolder, type Viewer } from '../domain/viewer.ts';
import { recorded, type Target } from './audit.ts';
import type { Context } from './context.ts';
import { sessionView } from './views.ts';

const day = 86_400_000;
/** A phone that is used now and then stays signed in; one that lies in a drawer does not; none for ever. */
export const sessionLifetimes = { idleMs: 30 * day, absoluteMs: 180 * day };

/** A secret that was exchanged opens for this much longer: a page's requests that were already on their way. */
const graceMs = 10_000;

/** What counts as living now. */
const livingAt = (at: Date): Living => ({ at, idleSince: new Date(at.getTime() - sessionLifetimes.idleMs) });

const targetOf = (id: SessionId): Target => ({ kind: 'session', id, name: null });

/** Begins a session. @returns the secret for the cookie; only its hash is kept */
export async function openSession(context: Context, person: Person, client: { userAgent: string; address: string }):
  Promise<string> {
  const secret = newSecret();
  const at = context.now();
  await deleteEndedSessions(context.db, livingAt(at));
  await recorded(context, { via: 'sign-in', person, address: client.address }, async (tx, note) => {
    const id = await insertSession(tx, {
      person_id: person.id, secret_hash: hashSecret(secret), issued_role: person.role, issued_state: person.state,
      user_agent: client.userAgent.slice(0, 400), address: client.address,
      created_at: at, last_used_at: at, expires_at: new Date(at.getTime() + sessionLifetimes.absoluteMs),
    });
    note({ action: 'session.begin', target: targetOf(id) });
  });
  return secret;
}

/**
 * Who a cookie's secret belongs to; undefined once the session has ended, here or from elsewhere.
 *
 * When the person's role or state is not the one for which the secret was handed out, it is exchanged: a copy that
 * somebody took while it was worth little is not to become worth more. The old one opens for `graceMs` longer, and
 * every answer to it carries the same new one, so that it does not matter which of a page's answers arrive.
 * @param exchange false where the answer cannot carry a cookie
 * @returns `next`: the secret that the cookie must hold from now on, if it is another one
 */
export async function holderOfSecret(context: Context, secret: string, { exchange = true } = {}):
  Promise<{ holder: SessionHolder; next?: string } | undefined> {
  const { db, now } = context;
  const at = now();
  const secretHash = hashSecret(secret);
  const found = await findSession(db, { secretHash }, livingAt(at));
  if (!found) return undefined;
  const { sessionId, person, salt, outdated } = found;
  const holder: SessionHolder = { via: 'session', sessionId, person };
  if (salt !== null) return { holder, next: secretAfter(secret, salt) };
  if (!exchange || !outdated) return { holder };
  const fresh = newSecret();
  const next = secretAfter(secret, fresh);
  const done = await exchangeSecret(db, sessionId, secretHash, {
    secret_hash: hashSecret(next), exchange_salt: fresh, previous_until: new Date(at.getTime() + graceMs),
    issued_role: person.role, issued_state: person.state,
  });
  // Another request was faster, perhaps in another process: its salt counts.
  return done ? { holder, next } : holderOfSecret(context, secret, { exchange: false });
}

/** Who has this session by now, and with which rights; undefined once it has ended. */
export async function holderOfSession({ db, now }: Context, sessionId: SessionId): Promise<SessionHolder | undefined> {
  const found = await findSession(db, { id: sessionId }, livingAt(now()));
  return found && { via: 'session', sessionId, person: found.person };
}

/** Ends the session that a cookie's secret stands for, if there is one. */
export async function endSessionOf(context: Context, secret: string, address: string): Promise<void> {
  const found = await holderOfSecret(context, secret, { exchange: false });
  if (found) await endSession(context, { ...found.holder, address });
}

/**
 * Ends it on the server: the cookie is worth nothing from now on, wherever a copy of it lies, and what is open closes.
 * @throws Failure `session_not_found`, `forbidden` for a token
 */
export async function endSession(context: Context, viewer: Viewer): Promise<void> {
  requireSession(viewer);
  await endSessionWithId(context, viewer, viewer.sessionId);
}

/** Where this person is signed in, the last used first. @throws Failure `forbidden` for a token */
export async function sessionsOf({ db, now }: Context, viewer: Viewer): Promise<Session[]> {
  requireSession(viewer);
  const rows = await listSessions(db, viewer.person.id, livingAt(now()));
  return rows.map((row) => sessionView(viewer.sessionId, sessionLifetimes.idleMs, row));
}

/** Signs this person out where `id` says. @throws Failure `session_not_found`, `forbidden` for a token */
export async function endSessionWithId(context: Context, viewer: Viewer, id: SessionId): Promise<void> {
  requireSession(viewer);
  await recorded(context, viewer, async (tx, note) => {
    const found = await deleteSession(tx, viewer.person.id, id);
    if (!found) throw new Failure('session_not_found', 'You are not signed in there, or not any more.');
    note({ action: 'session.end', target: targetOf(id) });
  });
  context.feed.end(id);
}

/** Signs this person out everywhere but here. @throws Failure `forbidden` for a token */
export async function endOtherSessions(context: Context, viewer: Viewer): Promise<void> {
  requireSession(viewer);
  const gone = await recorded(context, viewer, async (tx, note) => {
    const gone = await deleteOtherSessions(tx, viewer.person.id, viewer.sessionId);
    note({ action: 'session.end_others', detail: { sessions: gone.length } });
    return gone;
  });
  for (const id of gone) context.feed.end(id);
}
