import { randomUUID } from 'node:crypto';
import type { AuditDetail } from '@sconce/protocol/audit';
import type { DeviceId, OutletId, SceneId } from '@sconce/protocol/ids';
import type { OffRequest, Run, SceneStep } from '@sconce/protocol/radio-api';
import { isUnreachable } from '../db/faults.ts';
import { listOutlets } from '../db/outlets.ts';
import { toggles } from '../domain/control.ts';
import { Failure } from '../domain/failure.ts';
import { requireScope, type Viewer } from '../domain/viewer.ts';
import type { Context } from './context.ts';
import { requireScene } from './scenes.ts';
import { setOutlet, type InRun } from './switch-outlet.ts';

type Plan = readonly (SceneStep & { board: DeviceId | undefined })[];
type Step = Run['steps'][number];

/**
 * Sets each outlet of a scene, and waits for the outcome of each.
 * @throws Failure `scope_missing`, `scene_not_found`
 */
export async function runScene(context: Context, viewer: Viewer, id: SceneId): Promise<Run> {
  requireScope(viewer, 'switch');
  const { name, steps } = await requireScene(context, viewer, id);
  const boards = new Map((await listOutlets(context.db, viewer)).map((outlet) => [outlet.id, outlet.device_id]));
  return run(context, viewer, steps.map((step) => ({ ...step, board: boards.get(step.outletId) })), { scene: name });
}

/**
 * Switches off all that the viewer may use, or what of it is in a room. What only toggles is passed over: nobody asked
 * for it by name, and nobody can know what it would become.
 * @throws Failure `scope_missing`
 */
export async function switchOff(context: Context, viewer: Viewer, { room }: OffRequest): Promise<Run> {
  requireScope(viewer, 'switch');
  const inRoom = (other: string | null) => room === undefined || room?.toLowerCase() === other?.toLowerCase();
  const outlets = (await listOutlets(context.db, viewer)).filter((outlet) => inRoom(outlet.room));
  const plan = outlets.filter(({ control }) => !toggles(control))
    .map(({ id, device_id }) => ({ outletId: id, on: false, board: device_id }));
  const passedOver = outlets.filter(({ control }) => toggles(control)).map(({ id }) => id);
  return run(context, viewer, plan, { allOff: true, ...room != null && { room } }, passedOver);
}

/** Milliseconds that a step may wait for the air: twenty boards with the slowest codes that are usual, one each. */
const turnMs = 30_000;

/**
 * Board by board, each in order, the next when the one before has ended: so no command waits on the board while its
 * deadline passes, and what is wrong with one board does not hold up the others. On the air they take turns (deliver.ts);
 * pins do not wait. A board that did not answer is not asked again.
 */
async function run(context: Context, viewer: Viewer, plan: Plan, detail: AuditDetail, passedOver: OutletId[] = []):
  Promise<Run> {
  const id = randomUUID();
  const steps = plan.map(({ outletId, on, board }) =>
    ({ board, step: { outletId, on, outcome: null, ms: null, problem: null } as Step }));
  const standing = (): Run => ({ id, steps: steps.map(({ step }) => ({ ...step })), passedOver });
  const tell = () => context.feed.publish({ type: 'run', run: standing() }, { to: 'person', id: viewer.person.id });
  tell();
  const inRun: InRun = { detail, silent: new Set(), turnMs };
  await Promise.all([...Map.groupBy(steps, ({ board }) => board).values()].map(async (ofBoard) => {
    for (const { step } of ofBoard) {
      Object.assign(step, await endOf(context, setOutlet(context, viewer, step.outletId, step.on, inRun)));
      tell();
    }
  }));
  return standing();
}

/** How a step ended. The others go on, however it did. */
async function endOf({ log }: Context, setting: ReturnType<typeof setOutlet>):
  Promise<Pick<Step, 'outcome' | 'ms' | 'problem'>> {
  try {
    const { outcome, ms } = await setting;
    return { outcome, ms, problem: null };
  } catch (error) {
    const failure = error instanceof Failure ? error : unexpected(error);
    if (failure.code === 'internal') log.error({ err: error }, 'unexpected error in a scene');
    return { outcome: outcomes[failure.code] ?? 'failed', ms: null, problem: { code: failure.code, detail: failure.message } };
  }
}

const outcomes: Partial<Record<Failure['code'], Step['outcome']>> = {
  device_offline: 'offline', command_expired: 'expired', command_refused: 'refused', outlet_toggles: 'refused', device_revoked: 'refused',
};

const unexpected = (error: unknown) => isUnreachable(error)
  ? new Failure('database_unreachable', 'The server cannot reach its database, so nothing was sent. Try again in a moment.')
  : new Failure('internal', 'This is a fault of the server, not yours. Its log has the details.');
