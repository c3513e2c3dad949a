import type { Session } from '@sconce/protocol/http';
import type { SessionId } from '@sconce/protocol/ids';
import {
  deleteEndedSessions, deleteOtherSessions, deleteSession, exchangeSecret, findSession, insertSession, listSessions,
  type Living,
} from '../db/credentials.ts';
import { hasAdmin, setPerson, upsertPerson, type Identity } from '../db/people.ts';
import { Failure } from '../domain/failure.ts';
import { hashSecret, newSecret, secretAfter } from '../domain/secret.ts';
import { requireSession, type Person, type SessionViewer, type Viewer } from '../domain/viewer.ts';
import type { Context } from './context.ts';
import { meView, sessionView } from './views.ts';

const day = 86_400_000;
/** A phone that is used now and then stays signed in; one that lies in a drawer does not; none for ever. */
export const sessionLifetimes = { idleMs: 30 * day, absoluteMs: 180 * day };

/**
 * Somebody proved to the issuer who they are. A person not seen before waits for approval, but for the owner: the
 * verified address from the configuration becomes the household's first admin.
 * @param verified whether the issuer vouches for the e-mail address
 */
export async function signIn({ db, feed, now, log }: Context, identity: Identity, { verified, ownerEmail }: {
  verified: boolean; ownerEmail: string;
}): Promise<Person> {
  const person = await db.transaction().execute(async (tx) => {
    const found = await upsertPerson(tx, identity, now());
    const isOwner = verified && identity.email.toLowerCase() === ownerEmail;
    if (found.state !== 'pending' || !isOwner || await hasAdmin(tx)) return found;
    log.info({ person: found.id }, 'the owner signed in and is the first admin');
    return setPerson(tx, found.id, { role: 'admin', state: 'active' });
  });
  feed.publish({ type: 'me', me: meView(person) }, { to: 'person', id: person.id });
  return person;
}

/** A secret that was exchanged opens for this much longer: a page's requests that were already on their way. */
const graceMs = 10_000;

/** What counts as living now. */
const livingAt = (at: Date): Living => ({ at, idleSince: new Date(at.getTime() - sessionLifetimes.idleMs) });

/** Begins a session. @returns the secret for the cookie; only its hash is kept */
export async function openSession({ db, now }: Context, { id, role, state }: Person,
  client: { userAgent: string; address: string }): Promise<string> {
  const secret = newSecret();
  const at = now();
  await deleteEndedSessions(db, livingAt(at));
  await insertSession(db, {
    person_id: id, secret_hash: hashSecret(secret), issued_role: role, issued_state: state,
    user_agent: client.userAgent.slice(0, 400), address: client.address,
    created_at: at, last_used_at: at, expires_at: new Date(at.getTime() + sessionLifetimes.absoluteMs),
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
export async function viewerOfSession(context: Context, secret: string, { exchange = true } = {}):
  Promise<{ viewer: SessionViewer; next?: string } | undefined> {
  const { db, now } = context;
  const at = now();
  const secretHash = hashSecret(secret);
  const found = await findSession(db, { secretHash }, livingAt(at));
  if (!found) return undefined;
  const { sessionId, person, salt, outdated } = found;
  const viewer: SessionViewer = { via: 'session', sessionId, person };
  if (salt !== null) return { viewer, next: secretAfter(secret, salt) };
  if (!exchange || !outdated) return { viewer };
  const fresh = newSecret();
  const next = secretAfter(secret, fresh);
  const done = await exchangeSecret(db, sessionId, secretHash, {
    secret_hash: hashSecret(next), exchange_salt: fresh, previous_until: new Date(at.getTime() + graceMs),
    issued_role: person.role, issued_state: person.state,
  });
  // Another request was faster, perhaps in another process: its salt counts.
  return done ? { viewer, next } : viewerOfSession(context, secret, { exchange: false });
}

/** Who has this session by now, and with which rights; undefined once it has ended. */
export async function viewerAgain({ db, now }: Context, sessionId: SessionId): Promise<SessionViewer | undefined> {
  const found = await findSession(db, { id: sessionId }, livingAt(now()));
  return found && { via: 'session', sessionId, person: found.person };
}

/** Ends the session that a cookie's secret stands for, if there is one. */
export async function endSessionOf(context: Context, secret: string): Promise<void> {
  const found = await viewerOfSession(context, secret, { exchange: false });
  if (found) await endSession(context, found.viewer);
}

/**
 * Ends it on the server: the cookie is worth nothing from now on, wherever a copy of it lies, and what is open closes.
 * @throws Failure `forbidden` for a token
 */
export async function endSession({ db, feed }: Context, viewer: Viewer): Promise<void> {
  requireSession(viewer);
  await deleteSession(db, viewer.person.id, viewer.sessionId);
  feed.end(viewer.sessionId);
}

/** Where this person is signed in, the last used first. @throws Failure `forbidden` for a token */
export async function sessionsOf({ db, now }: Context, viewer: Viewer): Promise<Session[]> {
  requireSession(viewer);
  const rows = await listSessions(db, viewer.person.id, livingAt(now()));
  return rows.map((row) => sessionView(viewer.sessionId, sessionLifetimes.idleMs, row));
}

/** Signs this person out where `id` says. @throws Failure `session_not_found`, `forbidden` for a token */
export async function endSessionWithId({ db, feed }: Context, viewer: Viewer, id: SessionId): Promise<void> {
  requireSession(viewer);
  const found = await deleteSession(db, viewer.person.id, id);
  if (!found) throw new Failure('session_not_found', 'You are not signed in there, or not any more.');
  feed.end(id);
}

/** Signs this person out everywhere but here. @throws Failure `forbidden` for a token */
export async function endOtherSessions({ db, feed }: Context, viewer: Viewer): Promise<void> {
  requireSession(viewer);
  for (const id of await deleteOtherSessions(db, viewer.person.id, viewer.sessionId)) feed.end(id);
}
