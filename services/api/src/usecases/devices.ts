import { randomUUID } from 'node:crypto';
import { CommandId, type DeviceId } from '@sconce/protocol/ids';
import type { Device } from '@sconce/protocol/http';
import { limits } from '@sconce/protocol/limits';
import {
  deleteDevice, findDevice, isDeviceNameTaken, listDevices, nameDevice, unadoptDevice, type DeviceRow,
} from '../db/devices.ts';
import { outletsOfDevice } from '../db/outlets.ts';
import { scenesWith } from '../db/scenes.ts';
import { peopleWith } from '../db/sharing.ts';
import { Failure } from '../domain/failure.ts';
import { isAdmin, requireAdmin, requireScope, type Viewer } from '../domain/viewer.ts';
import { requireManagedDevice } from './access.ts';
import { afterwards, announceDevice, announceOutlet, announceScenes } from './announce.ts';
import { recorded, recordLater, type Target } from './audit.ts';
import { requireNotRevoked } from './capable.ts';
import type { Context } from './context.ts';
import { count, deliver, failureOf, outcomeOf } from './deliver.ts';
import { deviceView } from './views.ts';

/** Those that this viewer may manage; for admins all, new ones included. @throws Failure `scope_missing` */
export async function devicesFor({ db, presence }: Context, viewer: Viewer): Promise<Device[]> {
  requireScope(viewer, 'manage');
  return (await listDevices(db, isAdmin(viewer) ? undefined : viewer.person.id)).map((row) => deviceView(presence, row));
}

/**
 * Takes a new device into the household.
 * @throws Failure `forbidden`, `scope_missing`, `device_not_found`, `device_revoked`, `device_adopted_already`, `name_taken`
 */
export async function adoptDevice(context: Context, viewer: Viewer, id: DeviceId, name: string): Promise<Device> {
  requireAdmin(viewer);
  const row = await requireManagedDevice(context, viewer, id);
  requireNotRevoked(row);
  if (row.adopted_at !== null) throw adoptedAlready(row.name);
  return rename(context, viewer, row, name, context.now());
}

/** @throws Failure `forbidden`, `scope_missing`, `device_not_found`, `device_not_adopted`, `name_taken` */
export async function renameDevice(context: Context, viewer: Viewer, id: DeviceId, name: string): Promise<Device> {
  const row = await requireManagedDevice(context, viewer, id);
  if (row.adopted_at === null) throw notAdopted();
  return rename(context, viewer, row, name);
}

/**
 * Forgets a device with its outlets. One that is connected stays, as a new one: to keep it out for good, its
 * certificate has to be revoked.
 * @throws Failure `forbidden`, `scope_missing`, `device_not_found`
 */
export async function removeDevice(context: Context, viewer: Viewer, id: DeviceId): Promise<void> {
  requireAdmin(viewer);
  const { presence, bus } = context;
  const { name } = await requireManagedDevice(context, viewer, id);
  const online = presence.isOnline(id);
  const { outlets, people, scenes } = await recorded(context, viewer, async (tx, note) => {
    const outlets = await outletsOfDevice(tx, id);
    const people = await peopleWith(tx, id);
    const scenes = await scenesWith(tx, outlets);
    await (online ? unadoptDevice(tx, id) : deleteDevice(tx, id));
    note({ action: 'device.remove', target: target(id, name), detail: { outlets: outlets.length } });
    return { outlets, people, scenes };
  });
  // What the broker kept of it would bring it back as a new one when the API starts again.
  if (!online) bus.clearRetained(id);
  afterwards(context, async () => {
    await announceDevice(context, id, people);
    for (const outlet of outlets) await announceOutlet(context, outlet, people);
    await announceScenes(context, scenes);
  });
}

/**
 * Blinks the board's light.
 * @throws Failure `forbidden`, `scope_missing`, `device_not_found`, `device_offline`, `command_expired`,
 *   `command_refused`, `command_failed`, `broker_unreachable`
 */
export async function identifyDevice(context: Context, viewer: Viewer, id: DeviceId): Promise<void> {
  const { name } = await requireManagedDevice(context, viewer, id);
  const deadline = new Date(context.now().getTime() + limits.commandDeadlineMs);
  const started = performance.now();
  const result = await deliver(context, id, CommandId.parse(randomUUID()), { do: 'identify' }, deadline);
  count(context, 'identify', 'board', result, performance.now() - started);
  recordLater(context, viewer, { action: 'device.identify', target: target(id, name), outcome: outcomeOf(result) });
  const failure = failureOf(result, name ?? id);
  if (failure) throw failure;
}

const target = (id: DeviceId, name: string | null): Target => ({ kind: 'device', id, name });

const adoptedAlready = (name: string | null) =>
  new Failure('device_adopted_already', `This board is “${name ?? ''}” already.`);
const notAdopted = () => new Failure('device_not_adopted', 'This board is new: adopt it first.');

async function rename(context: Context, viewer: Viewer, before: DeviceRow, name: string, adoptedAt?: Date):
  Promise<Device> {
  const { db, presence } = context;
  const { id } = before;
  if (await isDeviceNameTaken(db, name, id)) {
    throw new Failure('name_taken', `Another board is called “${name}” already. Choose another name.`,
      { errors: [{ path: 'name', message: 'is taken' }] });
  }
  const row = await recorded(context, viewer, async (tx, note) => {
    const named = await nameDevice(tx, id, name, adoptedAt);
    const row = await findDevice(tx, id);
    if (!row) throw new Failure('device_not_found', 'The board has just been forgotten.');
    // Somebody else did it between the look and the deed.
    if (!named) throw adoptedAt ? adoptedAlready(row.name) : notAdopted();
    note(adoptedAt
      ? { action: 'device.adopt', target: target(id, name) }
      : { action: 'device.rename', target: target(id, before.name), detail: { name } });
    return row;
  });
  afterwards(context, () => announceDevice(context, id));
  return deviceView(presence, row);
}
