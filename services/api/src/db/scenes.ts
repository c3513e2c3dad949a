import type { OutletId, PersonId, SceneId } from '@sconce/protocol/ids';
import type { NewScene, Scene, SceneChange } from '@sconce/protocol/radio-api';
import { isAdmin, type Viewer } from '../domain/viewer.ts';
import type { Db, Tx } from './database.ts';
import { outletRights, rightsToScene } from './sharing.ts';

/** A scene and who, besides admins, may use all of it. */
export type WatchedScene = { id: SceneId; people: PersonId[] };

/** Those of which this viewer may use every outlet, by name; admins see those too that nothing is left of. */
export async function listScenes(db: Db, viewer: Viewer): Promise<Scene[]> {
  return visible(db, viewer, await loadScenes(db));
}

/** Undefined as well if it exists and the viewer may not use all of it: they need not know. */
export async function findScene(db: Db, viewer: Viewer, id: SceneId): Promise<Scene | undefined> {
  return (await visible(db, viewer, await loadScenes(db, id)))[0];
}

/** For events: the scene, whoever may see it. */
export async function loadScene(db: Db, id: SceneId): Promise<Scene | undefined> {
  return (await loadScenes(db, id))[0];
}

async function visible(db: Db, viewer: Viewer, scenes: Scene[]): Promise<Scene[]> {
  if (isAdmin(viewer) || scenes.length === 0) return scenes;
  const rows = await outletRights(db).where('shares.person_id', '=', viewer.person.id).execute();
  const usable = new Set(rows.map(({ outlet_id }) => outlet_id));
  return scenes.filter(({ steps }) => steps.length > 0 && steps.every(({ outletId }) => usable.has(outletId)));
}

async function loadScenes(db: Db, id?: SceneId): Promise<Scene[]> {
  const rows = await db.selectFrom('scenes')
    .leftJoin('scene_steps as steps', 'steps.scene_id', 'scenes.id')
    .select(['scenes.id', 'scenes.name', 'scenes.icon', 'steps.outlet_id', 'steps.on'])
    .$if(id !== undefined, (all) => all.where('scenes.id', '=', id as SceneId))
    .orderBy((eb) => eb.fn('lower', ['scenes.name'])).orderBy('scenes.id').orderBy('steps.position').execute();
  const scenes = new Map<SceneId, Scene>();
  for (const { id, name, icon, outlet_id: outletId, on } of rows) {
    const scene = scenes.get(id) ?? { id, name, icon, steps: [] };
    if (outletId !== null && on !== null) scene.steps.push({ outletId, on });
    scenes.set(id, scene);
  }
  return [...scenes.values()];
}

/** Those that set any of these outlets, and who may use all of each. */
export async function scenesWith(db: Db, outlets: readonly OutletId[]): Promise<WatchedScene[]> {
  if (outlets.length === 0) return [];
  const rows = await db.selectFrom('scene_steps').select('scene_id').distinct().where('outlet_id', 'in', outlets).execute();
  const watched: WatchedScene[] = [];
  for (const { scene_id: id } of rows) watched.push({ id, people: [...(await rightsToScene(db, id)).keys()] });
  return watched;
}

export async function insertScene(tx: Tx, { name, icon, steps }: NewScene, at: Date): Promise<SceneId> {
  const { id } = await tx.insertInto('scenes').values({ name, icon, created_at: at })
    .returning('id').executeTakeFirstOrThrow();
  await insertSteps(tx, id, steps);
  return id;
}

/** @returns whether it was there */
export async function updateScene(tx: Tx, id: SceneId, { name, icon, steps }: SceneChange): Promise<boolean> {
  // Its own name at least, so that there is something to set, and the row is locked until its steps are in.
  const there = await tx.updateTable('scenes').set((eb) => ({
    name: name ?? eb.ref('name'), ...icon !== undefined && { icon },
  })).where('id', '=', id).returning('id').executeTakeFirst();
  if (!there) return false;
  if (steps) {
    await tx.deleteFrom('scene_steps').where('scene_id', '=', id).execute();
    await insertSteps(tx, id, steps);
  }
  return true;
}

async function insertSteps(tx: Tx, id: SceneId, steps: Scene['steps']): Promise<void> {
  await tx.insertInto('scene_steps').values(
    steps.map(({ outletId, on }, position) => ({ scene_id: id, outlet_id: outletId, on, position }))).execute();
}

/** @returns whether it was there */
export async function deleteScene(tx: Tx, id: SceneId): Promise<boolean> {
  return await tx.deleteFrom('scenes').where('id', '=', id).returning('id').executeTakeFirst() !== undefined;
}

export async function isSceneNameTaken(db: Db, name: string, except?: SceneId): Promise<boolean> {
  const rows = await db.selectFrom('scenes').select('id')
    .where((eb) => eb(eb.fn('lower', ['name']), '=', name.toLowerCase())).execute();
  return rows.some(({ id }) => id !== except);
}
