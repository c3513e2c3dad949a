import type { ProblemCode } from '@sconce/protocol/http';
import { hasAdmin, isKnown, lockAdmins, setPerson, upsertPerson, type Identity } from '../db/people.ts';
import type { Person } from '../domain/viewer.ts';
import { announcePerson, announceShare } from './announce.ts';
import { record, recordLater, type Actor, type Deed } from './audit.ts';
import type { Context } from './context.ts';
import { useInvitation, type Invited } from './use-invitation.ts';

const system = { via: 'system' } as const;

/**
 * Somebody proved to the issuer who they are. A person not seen before waits for approval, but for the owner: the
 * verified address from the configuration becomes the household's first admin; and for who was invited.
 * @param verified whether the issuer vouches for the e-mail address
 * @throws Failure those of useInvitation; then nobody was made or let in
 */
export async function signIn(context: Context, identity: Identity, { verified, ownerEmail, invited }: {
  verified: boolean; ownerEmail: string; invited?: Invited;
}): Promise<Person> {
  const { db, now, log, audit } = context;
  const { person, things } = await db.transaction().execute(async (tx) => {
    // Before the person's row is written: who changes people takes the two in this order.
    if (invited) await lockAdmins(tx);
    const isNew = !await isKnown(tx, identity);
    const found = await upsertPerson(tx, identity, now());
    const target = { kind: 'person', id: found.id, name: found.name } as const;
    const deeds: (readonly [Actor, Deed])[] = isNew ? [[system, { action: 'person.join', target }]] : [];
    const isOwner = verified && identity.email.toLowerCase() === ownerEmail;
    const known = found.state !== 'pending' || !isOwner || await hasAdmin(tx)
      ? found : await setPerson(tx, found.id, { role: 'admin', state: 'active' });
    if (known !== found) {
      log.info({ person: found.id }, 'the owner signed in and is the first admin');
      deeds.push([system, { action: 'person.approve', target, detail: { role: 'admin' } }]);
    }
    const used = invited && await useInvitation(tx, known, invited, now());
    for (const [by, deed] of [...deeds, ...used?.deeds ?? []]) await record(tx, now(), by, deed);
    return { person: used?.person ?? known, things: used?.things ?? [] };
  });
  if (invited) audit.announce();
  await announcePerson(context, person.id);
  for (const thing of things) await announceShare(context, thing, person.id);
  return person;
}

/** Somebody came back from an issuer and was not let in. Who it was is not known, whatever they say. */
export function refuseSignIn(context: Context, address: string, reason: ProblemCode): void {
  recordLater(context, { via: 'sign-in', address }, { action: 'sign_in.refused', outcome: 'refused', detail: { reason } });
}
