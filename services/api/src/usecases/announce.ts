import type { Event } from '@sconce/protocol/events';
import type { DeviceId, OutletId, PersonId, SceneId } from '@sconce/protocol/ids';
import type { Thing } from '@sconce/protocol/sharing';
import { findDevice } from '../db/devices.ts';
import { loadOutlet, outletsOfDevice } from '../db/outlets.ts';
import { findPersonRow } from '../db/people.ts';
import { loadScene, scenesWith, type WatchedScene } from '../db/scenes.ts';
import { rightsToDevice, rightsToOutlet, rightsToScene, type SharedWith } from '../db/sharing.ts';
import type { Told } from '../domain/feed.ts';
import type { Context } from './context.ts';
import { deviceView, meView, outletView, personView } from './views.ts';

/**
 * Tells everyone who may see it how an outlet stands now, or that it is gone.
 * @param lost those who may have seen it until now
 */
export async function announceOutlet({ db, feed, presence }: Context, id: OutletId, lost: readonly PersonId[] = []):
  Promise<void> {
  await feed.publishLatest(id, async (lost) => {
    const row = await loadOutlet(db, id);
    const shared = await rightsToOutlet(db, id);
    const removed = { type: 'outlet.removed', id } as const;
    return [
      row ? { event: { type: 'outlet', outlet: outletView(presence, row) }, audience: { to: 'admins', and: shared } }
        : { event: removed, audience: { to: 'admins' } },
      ...withoutThem(removed, lost, shared),
    ];
  }, lost);
}

/** Tells how a device stands, and its outlets with it. @param lost as for an outlet */
export async function announceDevice(context: Context, id: DeviceId, lost: readonly PersonId[] = []): Promise<void> {
  const { db, feed, presence } = context;
  await feed.publishLatest(id, async (lost) => {
    const row = await findDevice(db, id);
    const shared = await rightsToDevice(db, id);
    const managers = new Map([...shared].filter(([, right]) => right === 'manage'));
    const removed = { type: 'device.removed', id } as const;
    return [
      row ? { event: { type: 'device', device: deviceView(presence, row) }, audience: { to: 'admins', and: managers } }
        : { event: removed, audience: { to: 'admins' } },
      ...withoutThem(removed, lost, managers),
    ];
  }, lost);
  for (const outlet of await outletsOfDevice(db, id)) await announceOutlet(context, outlet, lost);
}

/** Tells how a scene stands, or that it is gone. @param lost as for an outlet */
export async function announceScene({ db, feed }: Context, id: SceneId, lost: readonly PersonId[] = []): Promise<void> {
  await feed.publishLatest(id, async (lost) => {
    const scene = await loadScene(db, id);
    const shared = await rightsToScene(db, id);
    const removed = { type: 'scene.removed', id } as const;
    return [
      scene ? { event: { type: 'scene', scene }, audience: { to: 'admins', and: shared } }
        : { event: removed, audience: { to: 'admins' } },
      ...withoutThem(removed, lost, shared),
    ];
  }, lost);
}

/** Tells how scenes stand from which outlets have just been taken. @param scenes as they were before */
export async function announceScenes(context: Context, scenes: readonly WatchedScene[]): Promise<void> {
  for (const { id, people } of scenes) await announceScene(context, id, people);
}

/**
 * Tells how a thing stands whose share with this person has just been made, changed or ended, and the scenes that it is
 * part of.
 */
export async function announceShare(context: Context, { kind, id }: Thing, person: PersonId): Promise<void> {
  await (kind === 'outlet' ? announceOutlet(context, id, [person]) : announceDevice(context, id, [person]));
  const scenes = await scenesWith(context.db, kind === 'outlet' ? [id] : await outletsOfDevice(context.db, id));
  for (const scene of scenes) await announceScene(context, scene.id, [person]);
}

function withoutThem(event: Event, lost: readonly PersonId[], shared: SharedWith): Told[] {
  const people = lost.filter((person) => !shared.has(person));
  return people.length === 0 ? [] : [{ event, audience: { to: 'unshared', people } }];
}

/** Tells somebody what they are by now, on all their screens, and then the admins. */
export async function announcePerson({ db, feed }: Context, id: PersonId): Promise<void> {
  await feed.publishLatest(`me ${id}`, async () => {
    const row = await findPersonRow(db, id);
    return row ? [{ event: { type: 'me', me: meView(row) }, audience: { to: 'person', id } }] : [];
  });
  await feed.publishLatest(`person ${id}`, async () => {
    const row = await findPersonRow(db, id);
    return row ? [{ event: { type: 'person', person: personView(row) }, audience: { to: 'admins' } }] : [];
  });
}

/** For what follows an answer: who asked does not wait for it. Its failure is logged, there is nobody to tell. */
export function afterwards({ log }: Context, work: () => Promise<void>): void {
  setImmediate(() => {
    work().catch((error: unknown) => log.error({ err: error }, 'could not tell the others'));
  });
}
