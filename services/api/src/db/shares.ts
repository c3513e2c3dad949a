import type { DeviceId, OutletId, PersonId, ShareId } from '@sconce/protocol/ids';
import type { Right } from '@sconce/protocol/http';
import type { NamedThing, ShareFilter, Thing } from '@sconce/protocol/sharing';
import type { Db, Tx } from './database.ts';

/** The columns in which a share names its thing. */
export const thingColumns = ({ kind, id }: Thing): { outlet_id: OutletId | null; device_id: DeviceId | null } =>
  kind === 'outlet' ? { outlet_id: id, device_id: null } : { outlet_id: null, device_id: id };

type ThingRow = {
  outlet_id: OutletId | null; device_id: DeviceId | null; outlet_name: string | null; device_name: string | null;
};

export function thingOf({ outlet_id, device_id, outlet_name, device_name }: ThingRow): NamedThing {
  if (outlet_id !== null) return { kind: 'outlet', id: outlet_id, name: outlet_name ?? '' };
  if (device_id !== null) return { kind: 'device', id: device_id, name: device_name ?? '' };
  throw new Error('a share of nothing');
}

const shareRows = (db: Db) => db.selectFrom('shares')
  .innerJoin('people', 'people.id', 'shares.person_id')
  .leftJoin('outlets', 'outlets.id', 'shares.outlet_id')
  .leftJoin('devices', 'devices.id', 'shares.device_id')
  .select(['shares.id', 'shares.person_id', 'shares.outlet_id', 'shares.device_id', 'shares.right', 'shares.created_at',
    'people.name as person_name', 'outlets.name as outlet_name', 'devices.name as device_name']);

export type ShareRow = Awaited<ReturnType<ReturnType<typeof shareRows>['execute']>>[number];

/** By person and thing. An outlet's include those of its board, as they are what makes it visible. */
export async function listShares(db: Db, { person, outlet, device }: ShareFilter): Promise<ShareRow[]> {
  return shareRows(db)
    .where((eb) => eb.and([
      ...person === undefined ? [] : [eb('shares.person_id', '=', person)],
      ...device === undefined ? [] : [eb('shares.device_id', '=', device)],
      ...outlet === undefined ? [] : [eb.or([
        eb('shares.outlet_id', '=', outlet),
        eb('shares.device_id', '=',
          eb.selectFrom('outlets as asked').select('asked.device_id').where('asked.id', '=', outlet)),
      ])],
    ]))
    .orderBy('people.name').orderBy('shares.person_id')
    .orderBy((eb) => eb.fn.coalesce('devices.name', 'outlets.name')).orderBy('shares.id').execute();
}

export async function findShare(db: Db, by: { id: ShareId } | { person: PersonId; thing: Thing }):
  Promise<ShareRow | undefined> {
  const rows = shareRows(db);
  if ('id' in by) return rows.where('shares.id', '=', by.id).executeTakeFirst();
  const { outlet_id, device_id } = thingColumns(by.thing);
  return rows.where('shares.person_id', '=', by.person)
    .where('shares.outlet_id', 'is not distinct from', outlet_id)
    .where('shares.device_id', 'is not distinct from', device_id)
    .executeTakeFirst();
}

/** Makes it, or changes the right of the one that there is. */
export async function putShare(tx: Tx, person: PersonId, thing: Thing, right: Right, at: Date): Promise<void> {
  await tx.insertInto('shares').values({ person_id: person, ...thingColumns(thing), right, created_at: at })
    .onConflict((conflict) =>
      conflict.constraint(thing.kind === 'outlet' ? 'shares_person_outlet' : 'shares_person_device').doUpdateSet({ right }))
    .execute();
}

/** @returns whether there was one */
export async function deleteShare(tx: Tx, id: ShareId): Promise<boolean> {
  return await tx.deleteFrom('shares').where('id', '=', id).returning('id').executeTakeFirst() !== undefined;
}
