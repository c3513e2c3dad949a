import type { PersonId, ShareId } from '@sconce/protocol/ids';
import type { Right } from '@sconce/protocol/http';
import type { NewShare, Share, ShareFilter, Thing } from '@sconce/protocol/sharing';
import type { Db } from '../db/database.ts';
import { findDevice } from '../db/devices.ts';
import { loadOutlet } from '../db/outlets.ts';
import { findPerson } from '../db/people.ts';
import { deleteShare, findShare, listShares, putShare, thingOf } from '../db/shares.ts';
import { Failure } from '../domain/failure.ts';
import { requireAdmin, type Person, type Viewer } from '../domain/viewer.ts';
import { afterwards, announceShare } from './announce.ts';
import { recorded, type Deed } from './audit.ts';
import type { Context } from './context.ts';
import { shareView } from './views.ts';

/** What is shared with whom. @throws Failure `forbidden`, `scope_missing` */
export async function sharesFor({ db }: Context, viewer: Viewer, filter: ShareFilter): Promise<Share[]> {
  requireAdmin(viewer);
  return (await listShares(db, filter)).map(shareView);
}

/**
 * Shares a thing with somebody, or gives them another right to it. Whoever they are: it counts once they are let in,
 * and for as long as they are no admin.
 * @throws Failure `forbidden`, `scope_missing`, `person_not_found`, `outlet_not_found`, `device_not_found`,
 *   `device_not_adopted`
 */
export async function share(context: Context, viewer: Viewer, { personId, thing, right }: NewShare): Promise<Share> {
  requireAdmin(viewer);
  refuseOwnPerson(viewer, personId);
  const row = await recorded(context, viewer, async (tx, note) => {
    const person = await findPerson(tx, personId);
    if (!person) throw new Failure('person_not_found', 'There is no such person here. Look at the list again.');
    const name = await nameOfThing(tx, thing);
    const before = await findShare(tx, { person: personId, thing });
    await putShare(tx, personId, thing, right, context.now());
    note(deedOf(before ? 'share.change' : 'share.give', { ...thing, name }, person, right));
    return findShare(tx, { person: personId, thing });
  });
  if (!row) throw notShared();
  afterwards(context, () => announceShare(context, thing, personId));
  return shareView(row);
}

/** @throws Failure `forbidden`, `scope_missing`, `share_not_found` */
export async function endShare(context: Context, viewer: Viewer, id: ShareId): Promise<void> {
  requireAdmin(viewer);
  const row = await recorded(context, viewer, async (tx, note) => {
    const row = await findShare(tx, { id });
    if (!row || !await deleteShare(tx, id)) throw notShared();
    note(deedOf('share.end', thingOf(row), { id: row.person_id, name: row.person_name }, row.right));
    return row;
  });
  afterwards(context, () => announceShare(context, thingOf(row), row.person_id));
}

/** In the words of the audit log; `personId` lets the log be searched for whom it was shared with. */
export const deedOf = (action: 'share.give' | 'share.change' | 'share.end', thing: Thing & { name: string },
  person: Pick<Person, 'id' | 'name'>, right: Right): Deed =>
  ({ action, target: thing, detail: { person: person.name, personId: person.id, right } });

/** @throws Failure `outlet_not_found`, `device_not_found`, `device_not_adopted`: a new board is nobody's to use */
export async function nameOfThing(db: Db, { kind, id }: Thing): Promise<string> {
  if (kind === 'outlet') {
    const outlet = await loadOutlet(db, id);
    if (!outlet) throw new Failure('outlet_not_found', 'There is no such outlet; it may have been removed.');
    return outlet.name;
  }
  const device = await findDevice(db, id);
  if (!device) throw new Failure('device_not_found', 'There is no such board; it may have been forgotten.');
  if (device.adopted_at === null || device.name === null) {
    throw new Failure('device_not_adopted', 'This board is new: adopt it first, under Boards.');
  }
  return device.name;
}

const notShared = () => new Failure('share_not_found', 'That is not shared, or not any more. Look at the list again.');

/** A token that leaked must not make itself into more than its person will be, once they are no admin. */
function refuseOwnPerson(viewer: Viewer, id: PersonId): void {
  if (viewer.via === 'token' && viewer.person.id === id) {
    throw new Failure('forbidden', 'A token cannot share with its own person. Sign in with a browser and do it there.');
  }
}
