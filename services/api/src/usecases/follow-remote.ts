import type { DeviceId, OutletId } from '@sconce/protocol/ids';
import type { HeardFrame } from '@sconce/protocol/radio-api';
import { findDevice } from '../db/devices.ts';
import { outletsByCode, setOutletState } from '../db/outlets.ts';
import { rightsToDevice, rightsToOutlet, type SharedWith } from '../db/sharing.ts';
import type { Frame } from '../domain/air.ts';
import { announceOutlet } from './announce.ts';
import { recordLater } from './audit.ts';
import type { Context } from './context.ts';

/**
 * A board heard a code on the air. If the hand remote was pressed, what it switches has changed; whoever manages the
 * board is told of the frame. The word of a board that nobody has adopted counts for nothing.
 */
export async function storeFrame(context: Context, frame: Frame): Promise<void> {
  const { db, air } = context;
  const heardBy = await findDevice(db, frame.device);
  if (!heardBy || heardBy.adopted_at === null) return;
  const { own, press, pressHere } = air.hear(frame);
  if (own || !(pressHere || frame.value.learning)) return;
  const outlets = await outletsByCode(db, frame.value);
  if (press) for (const outlet of outlets) await follow(context, outlet, frame.at, heardBy.name);
  await announceFrame(context, frame, outlets);
}

type Switched = Awaited<ReturnType<typeof outletsByCode>>[number];

async function follow(context: Context, { id, name, on, was }: Switched, at: Date, heardBy: string | null): Promise<void> {
  await setOutletState(context.db, id, on, 'remote', at);
  // A button that is pressed again to be sure changes nothing more, unless it toggles.
  if (on === null || was !== on) {
    recordLater(context, { via: 'remote' }, {
      action: 'outlet.switch', target: { kind: 'outlet', id, name }, at, detail: { on, heardBy } });
  }
  await announceOutlet(context, id);
}

/** Each is told of the outlets that they manage. */
async function announceFrame({ db, feed }: Context, { device, value, at }: Frame,
  outlets: readonly Switched[]): Promise<void> {
  const frame: HeardFrame = {
    ...value, deviceId: device, at: at.toISOString(), learning: value.learning === true,
    outlets: outlets.map(({ id, name, on }) => ({ id, name, on })),
  };
  const each = new Map<OutletId, SharedWith>();
  for (const { id } of outlets) each.set(id, await rightsToOutlet(db, id));
  feed.publish({ type: 'radio', frame }, { to: 'admins', and: await managersOf(db, device), each });
}

const managersOf = async (db: Context['db'], device: DeviceId): Promise<SharedWith> =>
  new Map([...await rightsToDevice(db, device)].filter(([, right]) => right === 'manage'));
