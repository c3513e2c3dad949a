import type { AuditDetail } from '@sconce/protocol/audit';
import type { OutletId } from '@sconce/protocol/ids';
import type { Control, NewOutlet, Outlet, OutletChange } from '@sconce/protocol/http';
import { findDevice, type DeviceRow } from '../db/devices.ts';
import {
  deleteOutlet, insertOutlet, isOutletNameTaken, listOutlets, updateOutlet, type OutletRow,
} from '../db/outlets.ts';
import { scenesWith } from '../db/scenes.ts';
import { rightsToOutlet } from '../db/sharing.ts';
import { Failure } from '../domain/failure.ts';
import { requireScope, type Viewer } from '../domain/viewer.ts';
import { requireManagedDevice, requireManagedOutlet, requireOutlet } from './access.ts';
import { afterwards, announceDevice, announceOutlet, announceScenes } from './announce.ts';
import { recorded, type Deed, type Target } from './audit.ts';
import { requireCapable, requireSenders } from './capable.ts';
import type { Context } from './context.ts';
import { outletFor } from './views.ts';

/** @throws Failure `scope_missing` */
export async function outletsFor({ db, presence }: Context, viewer: Viewer): Promise<Outlet[]> {
  requireScope(viewer, 'read');
  return (await listOutlets(db, viewer)).map((row) => outletFor(viewer, presence, row));
}

/**
 * @throws Failure `forbidden`, `scope_missing`, `device_not_found`, `device_not_adopted`, `device_not_capable`,
 *   `outlet_toggles`, `invalid_request`, `name_taken`
 */
export async function addOutlet(context: Context, viewer: Viewer, outlet: NewOutlet): Promise<Outlet> {
  requireCapable(await requireManagedDevice(context, viewer, outlet.deviceId), outlet.control);
  await requireSenders(context, viewer, outlet.deviceId, outlet.control);
  await requireFreeName(context, outlet.name, outlet.room);
  const id = await recorded(context, viewer, async (tx, note) => {
    const id = await insertOutlet(tx, outlet, context.now());
    note(addition(id, outlet));
    return id;
  });
  afterwards(context, () => announceDevice(context, outlet.deviceId));
  return reload(context, viewer, id);
}

/**
 * @throws Failure `forbidden`, `scope_missing`, `outlet_not_found`, `device_not_found`, `device_not_adopted`,
 *   `device_not_capable`, `outlet_toggles`, `invalid_request`, `name_taken`
 */
export async function changeOutlet(context: Context, viewer: Viewer, id: OutletId, change: OutletChange):
  Promise<Outlet> {
  const row = await requireManagedOutlet(context, viewer, id);
  if (change.control) {
    requireCapable(await boardFor(context, viewer, row, change.control), change.control);
    await requireSenders(context, viewer, row.device_id, change.control, row.control);
  }
  const { name = row.name, room = row.room } = change;
  await requireFreeName(context, name, room, id);
  await recorded(context, viewer, async (tx, note) => {
    await updateOutlet(tx, id, change);
    note({ action: 'outlet.change', target: target(id, row.name), detail: whatChanged(row, change) });
  });
  afterwards(context, () => announceOutlet(context, id));
  return reload(context, viewer, id);
}

/**
 * Takes an outlet off its board, which is for those who manage the board.
 * @throws Failure `forbidden`, `scope_missing`, `outlet_not_found`
 */
export async function removeOutlet(context: Context, viewer: Viewer, id: OutletId): Promise<void> {
  requireScope(viewer, 'manage');
  const row = await requireOutlet(context, viewer, id);
  await requireManagedDevice(context, viewer, row.device_id);
  const { people, scenes } = await recorded(context, viewer, async (tx, note) => {
    const shared = await rightsToOutlet(tx, id);
    const scenes = await scenesWith(tx, [id]);
    await deleteOutlet(tx, id);
    note({ action: 'outlet.remove', target: target(id, row.name), detail: { room: row.room } });
    return { people: [...shared.keys()], scenes };
  });
  afterwards(context, async () => {
    await announceOutlet(context, id, people);
    await announceDevice(context, row.device_id);
    await announceScenes(context, scenes);
  });
}

/** In the words of the audit log. */
export const addition = (id: OutletId, { name, room, deviceId }: NewOutlet): Deed =>
  ({ action: 'outlet.add', target: target(id, name), detail: { room, board: deviceId } });

const target = (id: OutletId, name: string): Target => ({ kind: 'outlet', id, name });

/** New names and places as they are; of its control, that it changed: radio codes are no business of a log. */
function whatChanged(before: OutletRow, { name, room, icon, control }: OutletChange): AuditDetail {
  return {
    ...name !== undefined && name !== before.name && { name },
    ...room !== undefined && room !== before.room && { room },
    ...icon !== undefined && icon !== before.icon && { icon },
    ...control !== undefined && { control: control.kind },
  };
}

const reload = async (context: Context, viewer: Viewer, id: OutletId): Promise<Outlet> =>
  outletFor(viewer, context.presence, await requireOutlet(context, viewer, id));

async function requireFreeName({ db }: Context, name: string, room: string | null, except?: OutletId): Promise<void> {
  if (await isOutletNameTaken(db, name, room, except)) {
    throw new Failure('name_taken', nameTaken(name, room), { errors: [{ path: 'name', message: 'is taken' }] });
  }
}

export const nameTaken = (name: string, room: string | null): string =>
  `There is an outlet “${name}” ${room === null ? 'without a room' : `in ${room}`} already. Choose another name.`;

/**
 * The board of an outlet whose control is to be this one. Which pin an outlet hangs on is for those who manage the
 * board: another pin is another lamp, and perhaps not theirs.
 */
async function boardFor(context: Context, viewer: Viewer, { device_id, control: before }: OutletRow, control: Control):
  Promise<DeviceRow> {
  const stays = control.kind === 'rf' || (before.kind === 'pin' && before.pin === control.pin);
  const board = stays ? await findDevice(context.db, device_id) : await requireManagedDevice(context, viewer, device_id);
  if (!board) throw new Failure('device_not_found', 'The board has just been forgotten.');
  return board;
}
