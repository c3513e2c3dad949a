import type { DeviceId, OutletId } from '@sconce/protocol/ids';
import type { NewOutlet, OutletChange } from '@sconce/protocol/http';
import type { RfCode } from '@sconce/protocol/messages';
import { madeBy } from '../domain/control.ts';
import { isAdmin, type Viewer } from '../domain/viewer.ts';
import type { Db } from './database.ts';
import { outletRights } from './sharing.ts';

/** An outlet with its device, and the last command with the name of who gave it. */
const outletRows = (db: Db) => db.selectFrom('outlets')
  .innerJoin('devices', 'devices.id', 'outlets.device_id')
  .leftJoinLateral(
    (eb) => eb.selectFrom('commands')
      .innerJoin('people', 'people.id', 'commands.person_id')
      .leftJoin('tokens', 'tokens.id', 'commands.token_id')
      .whereRef('commands.outlet_id', '=', 'outlets.id')
      .select(['commands.id as command_id', 'commands.on as command_on', 'commands.outcome', 'commands.ms',
        'commands.requested_at', 'people.name as by_person', 'tokens.name as by_token'])
      .orderBy('commands.requested_at', 'desc').limit(1).as('last'),
    (join) => join.onTrue())
  .selectAll('outlets')
  .select(['devices.name as device_name', 'devices.online as device_online',
    'devices.online_changed_at as device_changed_at', 'last.command_id', 'last.command_on', 'last.outcome', 'last.ms',
    'last.requested_at', 'last.by_person', 'last.by_token']);

/** Milliseconds by which one write may overtake another: a connection to the database may take 5 s to come about. */
const overtakenByMs = 10_000;

export type OutletRow = Awaited<ReturnType<ReturnType<typeof outletRows>['execute']>>[number];

/** With the right that it is shared with the viewer by, if it is; admins see those that are not, too. */
export type SeenOutlet = Awaited<ReturnType<ReturnType<typeof visibleTo>['execute']>>[number];

/** The outlets that this viewer may use, by room and name; those without a room last. */
export async function listOutlets(db: Db, viewer: Viewer): Promise<SeenOutlet[]> {
  return visibleTo(db, viewer).orderBy('outlets.room').orderBy('outlets.name').execute();
}

/** Undefined as well if it exists but is not shared with the viewer: they need not know. */
export async function findOutlet(db: Db, viewer: Viewer, id: OutletId): Promise<SeenOutlet | undefined> {
  return visibleTo(db, viewer).where('outlets.id', '=', id).executeTakeFirst();
}

function visibleTo(db: Db, viewer: Viewer) {
  const all = outletRows(db)
    .leftJoin(outletRights(db).where('shares.person_id', '=', viewer.person.id).as('mine'),
      (join) => join.onRef('mine.outlet_id', '=', 'outlets.id'))
    .select('mine.right as shared');
  return isAdmin(viewer) ? all : all.where('mine.right', 'is not', null);
}

/** For events: the outlet, whoever may see it. */
export async function loadOutlet(db: Db, id: OutletId): Promise<OutletRow | undefined> {
  return outletRows(db).where('outlets.id', '=', id).executeTakeFirst();
}

export async function outletsOfDevice(db: Db, device: DeviceId): Promise<OutletId[]> {
  return (await db.selectFrom('outlets').select('id').where('device_id', '=', device).execute()).map(({ id }) => id);
}

/** In small letters, as no two may be called alike. */
export async function namesWithoutRoom(db: Db): Promise<Set<string>> {
  const rows = await db.selectFrom('outlets').select('name').where((eb) => eb(eb.fn.coalesce('room', eb.val('')), '=', '')).execute();
  return new Set(rows.map(({ name }) => name.toLowerCase()));
}

/** The codes that each radio outlet of the household is switched by. */
export async function codePairsInUse(db: Db): Promise<{ on: RfCode; off: RfCode }[]> {
  const rows = await db.selectFrom('outlets').select('control').execute();
  return rows.flatMap(({ control }) => control.kind === 'rf' ? [control] : []);
}

/** Outlets that this code switches: on, off, or to what nobody knows (null); `was`: their state so far. */
export async function outletsByCode(db: Db, code: RfCode):
  Promise<{ id: OutletId; name: string; on: boolean | null; was: boolean | null }[]> {
  const rows = await db.selectFrom('outlets').select(['id', 'name', 'control', 'state_on']).execute();
  return rows.flatMap(({ id, name, control, state_on: was }) => {
    const on = madeBy(code, control);
    return on === undefined ? [] : [{ id, name, on, was }];
  });
}

export async function insertOutlet(db: Db, { deviceId, control, ...outlet }: NewOutlet, at: Date): Promise<OutletId> {
  return (await db.insertInto('outlets')
    .values({ ...outlet, device_id: deviceId, control: JSON.stringify(control), created_at: at })
    .returning('id').executeTakeFirstOrThrow()).id;
}

export async function updateOutlet(db: Db, id: OutletId, { control, name, room, icon }: OutletChange): Promise<void> {
  await db.updateTable('outlets').set({
    ...name !== undefined && { name },
    ...room !== undefined && { room },
    ...icon !== undefined && { icon },
    ...control !== undefined && { control: JSON.stringify(control) },
  }).where('id', '=', id).execute();
}

export async function deleteOutlet(db: Db, id: OutletId): Promise<void> {
  await db.deleteFrom('outlets').where('id', '=', id).execute();
}

/** Whether another outlet in that room bears the name. */
export async function isOutletNameTaken(db: Db, name: string, room: string | null, except?: OutletId):
  Promise<boolean> {
  const rows = await db.selectFrom('outlets').select('id')
    .where((eb) => eb(eb.fn('lower', ['name']), '=', name.toLowerCase()))
    .where((eb) => eb(eb.fn('lower', [eb.fn.coalesce('room', eb.val(''))]), '=', (room ?? '').toLowerCase()))
    .execute();
  return rows.some(({ id }) => id !== except);
}

/**
 * What the outlet was made to be at that moment. Two that happen at nearly the same time may arrive here in the wrong
 * order: the later one stays. A state from further ahead is from before the clock was put back.
 * @param on null: it was toggled, and what it was before nobody knows
 */
export async function setOutletState(db: Db, id: OutletId, on: boolean | null, source: 'command' | 'remote', at: Date):
  Promise<void> {
  await db.updateTable('outlets').set({ state_on: on, state_source: source, state_at: at })
    .where('id', '=', id)
    .where((eb) => eb.or([
      eb('state_at', 'is', null), eb('state_at', '<=', at), eb('state_at', '>', new Date(at.getTime() + overtakenByMs)),
    ]))
    .execute();
}
