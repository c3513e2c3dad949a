import type { DeviceId, PersonId } from '@sconce/protocol/ids';
import type { Info, Telemetry } from '@sconce/protocol/messages';
import type { Db, Tx } from './database.ts';
import { devicesManagedBy } from './sharing.ts';

const withOutletCount = (db: Db) => db.selectFrom('devices').selectAll('devices')
  .select((eb) => eb.selectFrom('outlets').whereRef('outlets.device_id', '=', 'devices.id')
    .select((inner) => inner.cast<number>(inner.fn.countAll(), 'integer').as('count')).as('outlets'));

export type DeviceRow = Awaited<ReturnType<typeof listDevices>>[number];

/** New ones first, then by name; all, or those that this person may manage. */
export async function listDevices(db: Db, managedBy?: PersonId) {
  const all = withOutletCount(db)
    .orderBy((eb) => eb('name', 'is not', null)).orderBy('name').orderBy('id');
  if (managedBy === undefined) return all.execute();
  return all.where('id', 'in', devicesManagedBy(db, managedBy)).execute();
}

export async function findDevice(db: Db, id: DeviceId): Promise<DeviceRow | undefined> {
  return withOutletCount(db).where('id', '=', id).executeTakeFirst();
}

/** Notes that a device has been heard of. @returns whether it is a new one */
export async function insertDeviceIfNew(db: Db, id: DeviceId, at: Date): Promise<boolean> {
  const made = await db.insertInto('devices').values({ id, first_seen_at: at, online: false })
    .onConflict((conflict) => conflict.column('id').doNothing()).returning('id').executeTakeFirst();
  return made !== undefined;
}

/** `changedAt` is kept as it was if the device was in that state already. */
export async function setDeviceOnline(db: Db, id: DeviceId, online: boolean, changedAt: Date): Promise<void> {
  await db.updateTable('devices').set({ online, online_changed_at: changedAt })
    .where('id', '=', id)
    .where((eb) => eb.or([eb('online', '!=', online), eb('online_changed_at', 'is', null)]))
    .execute();
}

export async function setDeviceInfo(db: Db, id: DeviceId, info: Info): Promise<void> {
  await db.updateTable('devices').set({ info: JSON.stringify(info) }).where('id', '=', id).execute();
}

export async function setDeviceTelemetry(db: Db, id: DeviceId, telemetry: Telemetry, at: Date): Promise<void> {
  await db.updateTable('devices').set({ telemetry: JSON.stringify(telemetry), telemetry_at: at })
    .where('id', '=', id).execute();
}

/**
 * Gives a name; with `adoptedAt`, to a new one, and with it a place in the household.
 * @returns whether it could: of two who adopt it at the same moment, one can
 */
export async function nameDevice(db: Db, id: DeviceId, name: string, adoptedAt?: Date): Promise<boolean> {
  const named = await db.updateTable('devices').set(adoptedAt ? { name, adopted_at: adoptedAt } : { name })
    .where('id', '=', id).where('adopted_at', adoptedAt ? 'is' : 'is not', null).returning('id').executeTakeFirst();
  return named !== undefined;
}

export async function isDeviceNameTaken(db: Db, name: string, except: DeviceId): Promise<boolean> {
  const other = await db.selectFrom('devices').select('id')
    .where((eb) => eb(eb.fn('lower', ['name']), '=', name.toLowerCase())).where('id', '!=', except).executeTakeFirst();
  return other !== undefined;
}

/** Back to what a device is before its adoption: without name and outlets, shared with nobody. */
export async function unadoptDevice(tx: Tx, id: DeviceId): Promise<void> {
  await tx.deleteFrom('outlets').where('device_id', '=', id).execute();
  await tx.deleteFrom('shares').where('device_id', '=', id).execute();
  await tx.deleteFrom('invitation_shares').where('device_id', '=', id).execute();
  await tx.updateTable('devices').set({ name: null, adopted_at: null }).where('id', '=', id).execute();
}

/** @returns the name of the board that has been marked with this; undefined: there is none, or it was marked already */
export async function markRevoked(db: Db, id: DeviceId, at: Date): Promise<{ name: string | null } | undefined> {
  return db.updateTable('devices').set({ revoked_at: at }).where('id', '=', id).where('revoked_at', 'is', null)
    .returning('name').executeTakeFirst();
}

/** Boards that are kept out for good. */
export async function listRevoked(db: Db): Promise<DeviceId[]> {
  const rows = await db.selectFrom('devices').select('id').where('revoked_at', 'is not', null).execute();
  return rows.map(({ id }) => id);
}

/** With its outlets, their shares and their history. */
export async function deleteDevice(db: Db, id: DeviceId): Promise<void> {
  await db.deleteFrom('devices').where('id', '=', id).execute();
}
