import { randomUUID } from 'node:crypto';
import { CommandId, type DeviceId } from '@sconce/protocol/ids';
import type { Device } from '@sconce/protocol/http';
import { limits } from '@sconce/protocol/limits';
import { deleteDevice, findDevice, isDeviceNameTaken, listDevices, nameDevice, unadoptDevice, type DeviceRow } from '../db/devices.ts';
import { outletsOfDevice } from '../db/outlets.ts';
import { Failure } from '../domain/failure.ts';
import { requireAdmin, type Viewer } from '../domain/viewer.ts';
import { BusUnreachable } from '../mqtt/bus.ts';
import { afterwards, announceDevice } from './announce.ts';
import type { Context } from './context.ts';
import { deviceView } from './views.ts';

/** All of them, new ones included. @throws Failure `forbidden`, `scope_missing` */
export async function devicesFor({ db, presence }: Context, viewer: Viewer): Promise<Device[]> {
  requireAdmin(viewer);
  return (await listDevices(db)).map((row) => deviceView(presence, row));
}

/** Takes a new device into the household. @throws Failure `device_not_found`, `device_adopted_already`, `name_taken` */
export async function adoptDevice(context: Context, viewer: Viewer, id: DeviceId, name: string): Promise<Device> {
  const row = await requireDevice(context, viewer, id);
  if (row.adopted_at !== null) throw new Failure('device_adopted_already', `This board is “${row.name ?? ''}” already.`);
  return rename(context, id, name, context.now());
}

/** @throws Failure `device_not_found`, `device_not_adopted`, `name_taken` */
export async function renameDevice(context: Context, viewer: Viewer, id: DeviceId, name: string): Promise<Device> {
  const row = await requireDevice(context, viewer, id);
  if (row.adopted_at === null) throw new Failure('device_not_adopted', 'This board is new: adopt it first.');
  return rename(context, id, name);
}

/**
 * Forgets a device with its outlets. One that is connected stays, as a new one: to keep it out for good, its certificate
 * has to be revoked.
 * @throws Failure `device_not_found`
 */
export async function removeDevice(context: Context, viewer: Viewer, id: DeviceId): Promise<void> {
  const { db, feed, presence, bus } = context;
  await requireDevice(context, viewer, id);
  const outlets = await outletsOfDevice(db, id);
  if (presence.isOnline(id)) {
    await db.transaction().execute((tx) => unadoptDevice(tx, id));
    afterwards(context, () => announceDevice(context, id));
  } else {
    await deleteDevice(db, id);
    // What the broker kept of it would bring it back as a new one when the API starts again.
    bus.clearRetained(id);
    feed.publish({ type: 'device.removed', id }, { to: 'admins' });
  }
  for (const outlet of outlets) feed.publish({ type: 'outlet.removed', id: outlet }, { to: 'everyone' });
}

/** Blinks the board's light. @throws Failure `device_not_found`, `device_offline`, `broker_unreachable` */
export async function identifyDevice(context: Context, viewer: Viewer, id: DeviceId): Promise<void> {
  await requireDevice(context, viewer, id);
  const { bus, presence, now } = context;
  const offline = new Failure('device_offline', 'This board is offline. Check its power and its Wi-Fi.');
  if (bus.connected && !presence.isOnline(id)) throw offline;
  const deadline = new Date(now().getTime() + limits.commandDeadlineMs);
  try {
    const { outcome } = await bus.send(id, CommandId.parse(randomUUID()), { do: 'identify' }, deadline);
    if (outcome !== 'transmitted') throw offline;
  } catch (error) {
    if (!(error instanceof BusUnreachable)) throw error;
    throw new Failure('broker_unreachable', 'The server cannot reach its message broker. It keeps trying; try again in a moment.');
  }
}

async function requireDevice({ db }: Context, viewer: Viewer, id: DeviceId): Promise<DeviceRow> {
  requireAdmin(viewer);
  const row = await findDevice(db, id);
  if (!row) throw new Failure('device_not_found', 'There is no such board.');
  return row;
}

async function rename(context: Context, id: DeviceId, name: string, adoptedAt?: Date): Promise<Device> {
  const { db, presence } = context;
  if (await isDeviceNameTaken(db, name, id)) {
    throw new Failure('name_taken', `Another board is called “${name}” already. Choose another name.`,
      { errors: [{ path: 'name', message: 'is taken' }] });
  }
  await nameDevice(db, id, name, adoptedAt);
  afterwards(context, () => announceDevice(context, id));
  const row = await findDevice(db, id);
  if (!row) throw new Failure('device_not_found', 'The board has just been forgotten.');
  return deviceView(presence, row);
}
