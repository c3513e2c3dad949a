import type { DeviceId, OutletId, PersonId, SceneId } from '@sconce/protocol/ids';
import type { Right } from '@sconce/protocol/http';
import type { Db } from './database.ts';

/** With whom things are shared, and by which right. */
export type SharedWith = ReadonlyMap<PersonId, Right>;

/**
 * The right that each person has to each outlet that is shared with them: a board's shares count for all its outlets,
 * and of several rights the stronger. This is the one place that computes it; admins are above it (domain/sharing.ts).
 */
export const outletRights = (db: Db) => db.selectFrom('shares')
  .innerJoin('outlets', (join) => join.on((eb) => eb.or([
    eb('outlets.id', '=', eb.ref('shares.outlet_id')), eb('outlets.device_id', '=', eb.ref('shares.device_id')),
  ])))
  .groupBy(['outlets.id', 'shares.person_id'])
  .select(['outlets.id as outlet_id', 'shares.person_id'])
  // "manage" comes before "use".
  .select((eb) => eb.fn.min<Right>('shares.right').as('right'));

export async function rightsToOutlet(db: Db, id: OutletId): Promise<SharedWith> {
  return mapOf(await outletRights(db).where('outlets.id', '=', id).execute());
}

/** Who may use every outlet that the scene sets. Of one that sets none that is nobody. */
export async function rightsToScene(db: Db, id: SceneId): Promise<SharedWith> {
  const rows = await db.selectFrom(outletRights(db).as('rights'))
    .innerJoin('scene_steps', 'scene_steps.outlet_id', 'rights.outlet_id')
    .where('scene_steps.scene_id', '=', id)
    .groupBy('rights.person_id')
    .having((eb) => eb(eb.fn.countAll(), '=', eb.selectFrom('scene_steps as all').where('all.scene_id', '=', id)
      .select((inner) => inner.fn.countAll().as('count'))))
    .select('rights.person_id').execute();
  return new Map(rows.map(({ person_id }) => [person_id, 'use']));
}

/** Who has the board or any of its outlets. */
export async function peopleWith(db: Db, device: DeviceId): Promise<PersonId[]> {
  const rows = await outletRights(db).where('outlets.device_id', '=', device).execute();
  return [...new Set([...(await rightsToDevice(db, device)).keys(), ...rows.map(({ person_id }) => person_id)])];
}

/** Who has the board itself, whole. */
export async function rightsToDevice(db: Db, id: DeviceId): Promise<SharedWith> {
  return mapOf(await db.selectFrom('shares').select(['person_id', 'right']).where('device_id', '=', id).execute());
}

/** The boards that this person may manage, as a subquery. */
export const devicesManagedBy = (db: Db, person: PersonId) => db.selectFrom('shares')
  .where('person_id', '=', person).where('right', '=', 'manage').where('device_id', 'is not', null)
  .select((eb) => eb.ref('device_id').$notNull().as('id'));

/** What this person may do with the board: who has but one of its outlets knows of it, no more. */
export async function rightToDevice(db: Db, person: PersonId, id: DeviceId): Promise<Right | undefined> {
  const whole = (await rightsToDevice(db, id)).get(person);
  if (whole !== undefined) return whole;
  const some = await outletRights(db).where('shares.person_id', '=', person).where('outlets.device_id', '=', id)
    .executeTakeFirst();
  return some && 'use';
}

const mapOf = (rows: readonly { person_id: PersonId; right: Right }[]): SharedWith =>
  new Map(rows.map(({ person_id, right }) => [person_id, right]));
