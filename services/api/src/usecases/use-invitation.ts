import type { Thing } from '@sconce/protocol/sharing';
import type { Tx } from '../db/database.ts';
import { findInvitation, markUsed, type InvitationRow } from '../db/invitations.ts';
import { setPerson } from '../db/people.ts';
import { findShare, putShare } from '../db/shares.ts';
import { Failure } from '../domain/failure.ts';
import { requireOpen } from '../domain/invitation.ts';
import { rightsByInvitation } from '../domain/rights.ts';
import { hashSecret } from '../domain/secret.ts';
import { stronger } from '../domain/sharing.ts';
import type { Person } from '../domain/viewer.ts';
import type { Actor, Deed } from './audit.ts';
import { deedOf as personDeed } from './people.ts';
import { deedOf as shareDeed } from './shares.ts';

/** The secret that somebody came to the sign-in with, and from which address. */
export type Invited = { secret: string; address: string };

const system = { via: 'system' } as const;

/**
 * Gives somebody who has just signed in what their invitation says, and uses it up. Under the lock on admins
 * (db/people.ts), so that its maker is one until the end of the transaction.
 * @returns the person as they are now, the things that are shared with them now, and what to write to the audit log
 * @throws Failure `invitation_not_found`, `invitation_used`, `invitation_ended`, `invitation_revoked`, `deactivated`:
 *   then nothing of the transaction may stand
 */
export async function useInvitation(tx: Tx, person: Person, { secret, address }: Invited, at: Date):
  Promise<{ person: Person; things: Thing[]; deeds: (readonly [Actor, Deed])[] }> {
  const by = { secretHash: hashSecret(secret) };
  const invitation = requireOpen(await findInvitation(tx, by), at);
  if (person.state === 'deactivated') {
    throw new Failure('deactivated', 'An admin has ended your access, which no invitation changes. Ask them.');
  }
  // Somebody else was faster, between the look and the deed: the next look says what they did.
  if (!await markUsed(tx, invitation.id, person.id, at)) requireOpen(await findInvitation(tx, by), at);

  const { name, role, guest_until: guestUntil } = invitation;
  const next = rightsByInvitation(person, { role, guestUntil });
  const raised = next.role !== person.role || next.state !== person.state
    || next.guestUntil?.getTime() !== person.guestUntil?.getTime();
  const target = { kind: 'invitation', id: invitation.id, name } as const;
  const deeds: (readonly [Actor, Deed])[] = [
    [{ via: 'sign-in', person, address }, { action: 'invitation.use', target, detail: { role } }],
  ];
  const named = (deed: Deed): Deed => ({ ...deed, detail: { ...deed.detail, invitation: name } });
  if (raised) deeds.push([system, named(personDeed(person, next))]);
  const shared = await shareAll(tx, person, invitation, at);
  deeds.push(...shared.map(({ deed }) => [system, named(deed)] as const));
  return {
    person: raised
      ? await setPerson(tx, person.id, { role: next.role, state: next.state, guest_until: next.guestUntil }) : person,
    things: shared.map(({ thing }) => thing),
    deeds,
  };
}

/** The stronger right stays. @returns what was changed */
async function shareAll(tx: Tx, person: Person, { shares }: InvitationRow, at: Date):
  Promise<{ thing: Thing; deed: Deed }[]> {
  const changed: { thing: Thing; deed: Deed }[] = [];
  for (const { thing, right: invited } of shares) {
    const before = await findShare(tx, { person: person.id, thing });
    const right = before ? stronger(before.right, invited) : invited;
    if (right === before?.right) continue;
    await putShare(tx, person.id, thing, right, at);
    changed.push({ thing, deed: shareDeed(before ? 'share.change' : 'share.give', thing, person, right) });
  }
  return changed;
}
