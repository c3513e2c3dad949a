import type { OutletId, SceneId } from '@sconce/protocol/ids';
import type { NewScene, Scene, SceneChange } from '@sconce/protocol/radio-api';
import type { Db, Tx } from '../db/database.ts';
import { loadOutlet } from '../db/outlets.ts';
import { deleteScene, findScene, insertScene, isSceneNameTaken, listScenes, loadScene, updateScene } from '../db/scenes.ts';
import { rightsToScene } from '../db/sharing.ts';
import { toggles } from '../domain/control.ts';
import { Failure } from '../domain/failure.ts';
import { requireAdmin, requireScope, type Viewer } from '../domain/viewer.ts';
import { afterwards, announceScene } from './announce.ts';
import { recorded, type Target } from './audit.ts';
import type { Context } from './context.ts';
import { cannotBeSet } from './switch-outlet.ts';

/** Those of which this viewer may use every outlet. @throws Failure `scope_missing` */
export async function scenesFor({ db }: Context, viewer: Viewer): Promise<Scene[]> {
  requireScope(viewer, 'read');
  return listScenes(db, viewer);
}

/** @throws Failure `scene_not_found` */
export async function requireScene({ db }: Context, viewer: Viewer, id: SceneId): Promise<Scene> {
  const scene = await findScene(db, viewer, id);
  if (!scene) throw notFound();
  return scene;
}

/** @throws Failure `forbidden`, `scope_missing`, `outlet_not_found`, `outlet_toggles`, `name_taken` */
export async function addScene(context: Context, viewer: Viewer, scene: NewScene): Promise<Scene> {
  requireAdmin(viewer);
  const { db, now } = context;
  await requireFreeName(db, scene.name);
  const id = await recorded(context, viewer, async (tx, note) => {
    await requireSettable(tx, scene.steps);
    const id = await insertScene(tx, scene, now());
    note({ action: 'scene.add', target: target(id, scene.name), detail: { outlets: scene.steps.length } });
    return id;
  });
  afterwards(context, () => announceScene(context, id));
  return { id, ...scene };
}

/**
 * @throws Failure `forbidden`, `scope_missing`, `scene_not_found`, `outlet_not_found`, `outlet_toggles`, `name_taken`
 */
export async function changeScene(context: Context, viewer: Viewer, id: SceneId, change: SceneChange): Promise<Scene> {
  requireAdmin(viewer);
  const before = await requireScene(context, viewer, id);
  if (change.name !== undefined) await requireFreeName(context.db, change.name, id);
  const { scene, saw } = await recorded(context, viewer, async (tx, note) => {
    if (change.steps) await requireSettable(tx, change.steps);
    const saw = await rightsToScene(tx, id);
    const there = await updateScene(tx, id, change);
    const scene = await loadScene(tx, id);
    if (!there || !scene) throw notFound();
    note({ action: 'scene.change', target: target(id, before.name), detail: {
      ...scene.name !== before.name && { name: scene.name }, ...change.steps && { outlets: change.steps.length },
    } });
    return { scene, saw: [...saw.keys()] };
  });
  afterwards(context, () => announceScene(context, id, saw));
  return scene;
}

/** @throws Failure `forbidden`, `scope_missing`, `scene_not_found` */
export async function removeScene(context: Context, viewer: Viewer, id: SceneId): Promise<void> {
  requireAdmin(viewer);
  const { name } = await requireScene(context, viewer, id);
  const saw = await recorded(context, viewer, async (tx, note) => {
    const saw = await rightsToScene(tx, id);
    if (!await deleteScene(tx, id)) throw notFound();
    note({ action: 'scene.remove', target: target(id, name) });
    return [...saw.keys()];
  });
  afterwards(context, () => announceScene(context, id, saw));
}

const target = (id: SceneId, name: string): Target => ({ kind: 'scene', id, name });

const notFound = () => new Failure('scene_not_found',
  'There is no such scene, or not all of its outlets are shared with you.');

async function requireFreeName(db: Db, name: string, except?: SceneId): Promise<void> {
  if (await isSceneNameTaken(db, name, except)) {
    throw new Failure('name_taken', `There is a scene “${name}” already. Choose another name.`,
      { errors: [{ path: 'name', message: 'is taken' }] });
  }
}

async function requireSettable(tx: Tx, steps: readonly { outletId: OutletId }[]): Promise<void> {
  for (const { outletId } of steps) {
    const outlet = await loadOutlet(tx, outletId);
    if (!outlet) throw new Failure('outlet_not_found', 'One of these outlets is not there any more. Look at them again.');
    if (toggles(outlet.control)) throw cannotBeSet(outlet.name);
  }
}
