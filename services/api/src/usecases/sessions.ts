import type { PersonId } from '@sconce/protocol/ids';
import { deleteEndedSessions, deleteSession, findSession, insertSession } from '../db/credentials.ts';
import { hasAdmin, setPerson, upsertPerson, type Identity } from '../db/people.ts';
import { hashSecret, newSecret } from '../domain/secret.ts';
import { requireSession, type Person, type Viewer } from '../domain/viewer.ts';
import { announcePerson } from './announce.ts';
import type { Context } from './context.ts';

const day = 86_400_000;
/** A phone that is used now and then stays signed in; one that lies in a drawer does not; none for ever. */
export const sessionLifetimes = { idleMs: 30 * day, absoluteMs: 180 * day };

/**
 * Somebody proved to the issuer who they are. A person not seen before waits for approval, but for the owner: the
 * verified address from the configuration becomes the household's first admin.
 * @param verified whether the issuer vouches for the e-mail address
 */
export async function signIn(context: Context, identity: Identity, { verified, ownerEmail }: {
  verified: boolean; ownerEmail: string;
}): Promise<Person> {
  const { db, now, log } = context;
  const person = await db.transaction().execute(async (tx) => {
    const found = await upsertPerson(tx, identity, now());
    const isOwner = verified && identity.email.toLowerCase() === ownerEmail;
    if (found.state !== 'pending' || !isOwner || await hasAdmin(tx)) return found;
    log.info({ person: found.id }, 'the owner signed in and is the first admin');
    return setPerson(tx, found.id, { role: 'admin', state: 'active' });
  });
  await announcePerson(context, person.id);
  return person;
}

/** Begins a session. @returns the secret for the cookie; only its hash is kept */
export async function openSession({ db, now }: Context, person: PersonId,
  client: { userAgent: string; address: string }): Promise<string> {
  const secret = newSecret();
  const at = now();
  await deleteEndedSessions(db, at, new Date(at.getTime() - sessionLifetimes.idleMs));
  await insertSession(db, {
    person_id: person, secret_hash: hashSecret(secret),
    user_agent: client.userAgent.slice(0, 400), address: client.address,
    created_at: at, last_used_at: at, expires_at: new Date(at.getTime() + sessionLifetimes.absoluteMs),
  });
  return secret;
}

/** Who a cookie's secret belongs to; undefined once the session has ended, here or from elsewhere. */
export async function viewerOfSession({ db, now }: Context, secret: string): Promise<Viewer | undefined> {
  const at = now();
  const found = await findSession(db, hashSecret(secret), at, new Date(at.getTime() - sessionLifetimes.idleMs));
  return found && { via: 'session', ...found };
}

/** Ends the session that a cookie's secret stands for, if there is one. */
export async function endSessionOf(context: Context, secret: string): Promise<void> {
  const viewer = await viewerOfSession(context, secret);
  if (viewer) await endSession(context, viewer);
}

/** Ends it on the server: the cookie is worth nothing from now on, wherever a copy of it lies. */
export async function endSession({ db }: Context, viewer: Viewer): Promise<void> {
  requireSession(viewer);
  await deleteSession(db, viewer.sessionId);
}
