import type { PersonId } from '@sconce/protocol/ids';
import type { ProblemCode } from '@sconce/protocol/http';
import { deleteEndedSessions, deleteSession, findSession, insertSession } from '../db/credentials.ts';
import { findPerson, hasAdmin, isKnown, setPerson, upsertPerson, type Identity } from '../db/people.ts';
import { hashSecret, newSecret } from '../domain/secret.ts';
import { requireSession, type Known, type Person, type Viewer } from '../domain/viewer.ts';
import { announcePerson } from './announce.ts';
import { record, recorded, recordLater } from './audit.ts';
import type { Context } from './context.ts';

const day = 86_400_000;
/** A phone that is used now and then stays signed in; one that lies in a drawer does not; none for ever. */
export const sessionLifetimes = { idleMs: 30 * day, absoluteMs: 180 * day };

const system = { via: 'system' } as const;

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
    const isNew = !await isKnown(tx, identity);
    const found = await upsertPerson(tx, identity, now());
    const isOwner = verified && identity.email.toLowerCase() === ownerEmail;
    const person = found.state !== 'pending' || !isOwner || await hasAdmin(tx)
      ? found : await setPerson(tx, found.id, { role: 'admin', state: 'active' });
    const target = { kind: 'person', id: person.id, name: person.name } as const;
    if (isNew) await record(tx, now(), system, { action: 'person.join', target });
    if (person !== found) {
      log.info({ person: found.id }, 'the owner signed in and is the first admin');
      await record(tx, now(), system, { action: 'person.approve', target, detail: { role: 'admin' } });
    }
    return person;
  });
  await announcePerson(context, person.id);
  return person;
}

/** Begins a session. @returns the secret for the cookie; only its hash is kept */
export async function openSession(context: Context, person: PersonId,
  client: { userAgent: string; address: string }): Promise<string> {
  const { db, now } = context;
  const secret = newSecret();
  const at = now();
  await deleteEndedSessions(db, at, new Date(at.getTime() - sessionLifetimes.idleMs));
  const name = (await findPerson(db, person))?.name ?? '';
  await recorded(context, { via: 'sign-in', person: { id: person, name }, address: client.address }, async (tx, note) => {
    const id = await insertSession(tx, {
      person_id: person, secret_hash: hashSecret(secret),
      user_agent: client.userAgent.slice(0, 400), address: client.address,
      created_at: at, last_used_at: at, expires_at: new Date(at.getTime() + sessionLifetimes.absoluteMs),
    });
    note({ action: 'session.begin', target: { kind: 'session', id, name: null } });
  });
  return secret;
}

/** Who a cookie's secret belongs to; undefined once the session has ended, here or from elsewhere. */
export async function viewerOfSession({ db, now }: Context, secret: string): Promise<Known | undefined> {
  const at = now();
  const found = await findSession(db, hashSecret(secret), at, new Date(at.getTime() - sessionLifetimes.idleMs));
  return found && { via: 'session', ...found };
}

/** Ends the session that a cookie's secret stands for, if there is one. */
export async function endSessionOf(context: Context, secret: string, address: string): Promise<void> {
  const known = await viewerOfSession(context, secret);
  if (known) await endSession(context, { ...known, address });
}

/** Ends it on the server: the cookie is worth nothing from now on, wherever a copy of it lies. */
export async function endSession(context: Context, viewer: Viewer): Promise<void> {
  requireSession(viewer);
  const { sessionId } = viewer;
  await recorded(context, viewer, async (tx, note) => {
    await deleteSession(tx, sessionId);
    note({ action: 'session.end', target: { kind: 'session', id: sessionId, name: null } });
  });
}

/** Somebody came back from an issuer and was not let in. Who it was is not known, whatever they say. */
export function refuseSignIn(context: Context, address: string, reason: ProblemCode): void {
  recordLater(context, { via: 'sign-in', address }, { action: 'sign_in.refused', outcome: 'refused', detail: { reason } });
}
