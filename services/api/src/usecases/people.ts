import type { PersonId } from '@sconce/protocol/ids';
import type { AuditAction } from '@sconce/protocol/audit';
import type { Person, PersonChange, PersonState } from '@sconce/protocol/http';
import { deleteSessionsOf } from '../db/credentials.ts';
import type { Tx } from '../db/database.ts';
import { findPerson, findPersonRow, hasOtherAdmin, listPeople, lockAdmins, setPerson } from '../db/people.ts';
import { Failure } from '../domain/failure.ts';
import { rightsAfter, type Rights } from '../domain/rights.ts';
import { requireActive, requireAdmin, type Person as Insider, type Viewer } from '../domain/viewer.ts';
import { afterwards, announcePerson } from './announce.ts';
import { recorded, type Deed } from './audit.ts';
import type { Context } from './context.ts';
import { personView } from './views.ts';

/** Everybody who has ever signed in, those who wait first. @throws Failure `forbidden`, `scope_missing` */
export async function peopleFor({ db }: Context, viewer: Viewer): Promise<Person[]> {
  requireAdmin(viewer);
  return (await listPeople(db)).map(personView);
}

/**
 * Lets somebody in, refuses them, gives them another role, more time, or ends their access. Whose access ends is signed
 * out everywhere; their tokens work no longer, until they are let in again.
 * @throws Failure `forbidden`, `scope_missing`, `person_not_found`, `last_admin`, `guest_needs_end`, `invalid_request`
 */
export async function changePerson(context: Context, viewer: Viewer, id: PersonId, change: PersonChange):
  Promise<Person> {
  requireAdmin(viewer);
  refuseRaising(viewer, id, change);
  const { now } = context;
  const row = await recorded(context, viewer, async (tx, note) => {
    // Two admins who end each other's rights at the same moment: the second to get here is none any more.
    await lockAdmins(tx);
    await requireStillAdmin(tx, viewer, now());
    const person = await findPerson(tx, id);
    if (!person) throw notFound();
    const next = rightsAfter(person, change, now());
    const wasAdmin = person.role === 'admin' && person.state === 'active';
    if (wasAdmin && (next.role !== 'admin' || next.state !== 'active') && !await hasOtherAdmin(tx, id)) {
      throw new Failure('last_admin',
        'This is the household’s last admin: nobody could let people in any more. Make somebody else an admin first.');
    }
    await setPerson(tx, id, { role: next.role, state: next.state, guest_until: next.guestUntil });
    if (next.state === 'deactivated') await deleteSessionsOf(tx, id);
    note(deedOf(person, next));
    return findPersonRow(tx, id);
  });
  if (!row) throw notFound();
  afterwards(context, () => announcePerson(context, id));
  return personView(row);
}

/** What became of somebody, in the words of the audit log; a change that changed nothing is a role that stayed. */
export function deedOf(was: Insider, next: Rights): Deed {
  const { role, guestUntil } = next;
  const onlyEnd = was.state === next.state && was.role === role && was.guestUntil?.getTime() !== guestUntil?.getTime();
  return {
    action: onlyEnd ? 'person.end_at' : stateActions[was.state][next.state],
    target: { kind: 'person', id: was.id, name: was.name },
    detail: { role, ...guestUntil && { until: guestUntil.toISOString() } },
  };
}

const stateActions: Record<PersonState, Record<PersonState, AuditAction>> = {
  pending: { pending: 'person.role', active: 'person.approve', deactivated: 'person.refuse' },
  active: { pending: 'person.deactivate', active: 'person.role', deactivated: 'person.deactivate' },
  deactivated: { pending: 'person.reactivate', active: 'person.reactivate', deactivated: 'person.role' },
};

const notFound = () => new Failure('person_not_found', 'There is no such person here. Look at the list again.');

/** A token that leaked must not make itself, or an accomplice, into more than can be revoked with it. */
function refuseRaising(viewer: Viewer, id: PersonId, change: PersonChange): void {
  if (viewer.via === 'session') return;
  if (id === viewer.person.id || change.role === 'admin') {
    throw new Failure('forbidden',
      'A token cannot change its own person, nor make an admin. Sign in with a browser and do it there.');
  }
}

async function requireStillAdmin(tx: Tx, viewer: Viewer, at: Date): Promise<void> {
  const person = await findPerson(tx, viewer.person.id);
  if (!person) throw new Failure('not_signed_in', 'Sign in first; this account is not there any more.');
  requireActive({ ...viewer, person }, at);
  requireAdmin({ ...viewer, person });
}
