import type { DeviceId, OutletId, PersonId } from '@sconce/protocol/ids';
import { findDevice } from '../db/devices.ts';
import { loadOutlet, outletsOfDevice } from '../db/outlets.ts';
import { findPersonRow } from '../db/people.ts';
import type { Context } from './context.ts';
import { deviceView, meView, outletView, personView } from './views.ts';

/** Tells everyone who may see it how an outlet stands now. */
export async function announceOutlet({ db, feed, presence }: Context, id: OutletId): Promise<void> {
  await feed.publishLatest(id, async () => {
    const found = await loadOutlet(db, id);
    return found && {
      event: { type: 'outlet', outlet: outletView(presence, found.row) },
      audience: { to: 'admins', and: found.sharedWith },
    };
  });
}

/** Tells how a device stands, and its outlets with it. */
export async function announceDevice(context: Context, id: DeviceId): Promise<void> {
  const { db, feed, presence } = context;
  await feed.publishLatest(id, async () => {
    const row = await findDevice(db, id);
    return row && { event: { type: 'device', device: deviceView(presence, row) }, audience: { to: 'admins' } };
  });
  for (const outlet of await outletsOfDevice(db, id)) await announceOutlet(context, outlet);
}

/** Tells somebody what they are by now, on all their screens, and then the admins. */
export async function announcePerson({ db, feed }: Context, id: PersonId): Promise<void> {
  await feed.publishLatest(`me ${id}`, async () => {
    const row = await findPersonRow(db, id);
    return row && { event: { type: 'me', me: meView(row) }, audience: { to: 'person', id } };
  });
  await feed.publishLatest(`person ${id}`, async () => {
    const row = await findPersonRow(db, id);
    return row && { event: { type: 'person', person: personView(row) }, audience: { to: 'admins' } };
  });
}

/** For what follows an answer: who asked does not wait for it. Its failure is logged, there is nobody to tell. */
export function afterwards({ log }: Context, work: () => Promise<void>): void {
  setImmediate(() => {
    work().catch((error: unknown) => log.error({ err: error }, 'could not tell the others'));
  });
}
