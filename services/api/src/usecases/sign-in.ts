import type { ProblemCode } from '@sconce/protocol/http';
import { hasAdmin, isKnown, setPerson, upsertPerson, type Identity } from '../db/people.ts';
import type { Person } from '../domain/viewer.ts';
import { announcePerson } from './announce.ts';
import { record, recordLater } from './audit.ts';
import type { Context } from './context.ts';

const system = { via: 'system' } as const;

/**
 * Somebody proved to the issuer who they are. A person not seen before waits for approval, but for the owner: the
 * verified address from the configuration becomes the household's first admin.
 * @param verified whether the issuer vouches for the e-mail address
 * @param ownerEmail undefined where this issuer's word does not make the owner
 */
export async function signIn(context: Context, identity: Identity, { verified, ownerEmail }: {
  verified: boolean; ownerEmail: string | undefined;
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

/** Somebody came back from an issuer and was not let in. Who it was is not known, whatever they say. */
export function refuseSignIn(context: Context, address: string, reason: ProblemCode): void {
  recordLater(context, { via: 'sign-in', address }, { action: 'sign_in.refused', outcome: 'refused', detail: { reason } });
}
