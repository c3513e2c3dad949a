import type { SceneId } from '@sconce/protocol/ids';
import type { Run, Scene } from '@sconce/protocol/radio-api';
import { computed, signal } from '@preact/signals';
import * as api from '../api/calls.ts';
import { asFailure, Failure } from '../api/client.ts';
import { outlets, settleAttempt, setAttempt } from './outlets.ts';

const known = signal<ReadonlyMap<SceneId, Scene>>(new Map());

export type SceneStep = Scene['steps'][number];

/** By name. */
export const scenes = computed(() => [...known.value.values()]
  .sort((a, b) => a.name.localeCompare(b.name, 'en-GB', { numeric: true })));

export function setScenes(list: Scene[]) {
  known.value = new Map(list.map((scene) => [scene.id, scene]));
}

export function putScene(scene: Scene) {
  known.value = new Map(known.peek()).set(scene.id, scene);
}

export function dropScene(id: SceneId) {
  const rest = new Map(known.peek());
  rest.delete(id);
  known.value = rest;
}

/**
 * Several outlets being set, or that were. `run`: how far it is; undefined until the first word of it. `failure`: it
 * did not even begin, or its end did not reach this page.
 */
export interface Going { title: string; run: Run | undefined; over: boolean; failure: Failure | undefined }

export const going = signal<Going | undefined>(undefined);

/** How long "All 10 switched" stays, and for as long again what was passed over; what failed stays until it is put away. */
const shownMs = 6000;

/** Sets the scene's outlets; resolves when all has ended, however it did. While one is going, others do not begin. */
export const runScene = (scene: Scene) => go(scene.name, () => api.runScene(scene.id));

/** Everything off that this person may switch, or what is in a room; `null`: what is in none. */
export const allOff = (title: string, room?: string | null) => go(title, () => api.allOff(room));

async function go(title: string, ask: () => Promise<Run>): Promise<Going | undefined> {
  const before = going.peek();
  if (before && !before.over) return undefined;
  going.value = { title, run: undefined, over: false, failure: undefined };
  try {
    takeRun(await ask());
  } catch (error) {
    const failure = asFailure(error);
    const run = going.peek()?.run;
    going.value = { title, run, over: true, failure };
    // What has no outcome yet may have been sent or not: its tile must not say "Sending…" for ever.
    for (const step of run?.steps ?? []) if (step.outcome === null) setAttempt(step.outletId, undefined);
  }
  const now = going.peek();
  if (now && !now.failure && failed(now.run) === 0) {
    const much = now.run?.passedOver.length ? 2 : 1;
    setTimeout(() => { if (going.peek() === now) going.value = undefined; }, much * shownMs);
  }
  return now;
}

export const putAway = () => { going.value = undefined; };

const failed = (run: Run | undefined) => run?.steps.filter(isFailed).length ?? 0;

export const isDone = (step: Run['steps'][number]) => step.outcome !== null;
export const isFailed = (step: Run['steps'][number]) => step.outcome !== null && step.outcome !== 'transmitted';

/** Takes in how far a run is, one that was begun here or by the same person elsewhere: each tile shows its own part. */
export function takeRun(run: Run) {
  const before = going.peek();
  // The last words of an earlier one may come late.
  if (before?.run && before.run.id !== run.id && !before.over) return;
  if (before?.run?.id === run.id && before.over) return;
  const mine = before && !before.over;
  const over = run.steps.every(isDone);
  const earlier = before?.run?.id === run.id ? before.run : undefined;
  going.value = { title: mine ? before.title : titleOf(run), run, over, failure: undefined };
  // Each board sends one after the other, and all boards at the same time.
  const boards = new Set<string | undefined>();
  run.steps.forEach(({ outletId, on, outcome, ms, problem }, at) => {
    if (earlier && earlier.steps[at]?.outcome !== null) return;
    if (outcome === null) {
      const board = outlets.peek()?.get(outletId)?.device.id;
      setAttempt(outletId, { phase: boards.has(board) ? 'waiting' : 'busy', on });
      boards.add(board);
    }
    else if (outcome === 'transmitted') settleAttempt(outletId, { phase: 'sent', on, ms: ms ?? 0 });
    else {
      const { code, detail } = problem ?? { code: 'unexpected', detail: 'It did not work.' };
      settleAttempt(outletId, { phase: 'failed', on, failure: new Failure({ code, status: 0, detail }) });
    }
  });
}

/** That of the scene which sets just these outlets. */
function titleOf({ steps }: Run): string {
  const scene = scenes.peek().find((one) => one.steps.length === steps.length
    && one.steps.every(({ outletId, on }, at) => steps[at]?.outletId === outletId && steps[at].on === on));
  return scene?.name ?? (steps.every(({ on }) => !on) ? 'All off' : 'Several outlets');
}

/** Names of what was passed over, as far as they are known. */
export const passedOver = computed(() => (going.value?.run?.passedOver ?? [])
  .flatMap((id) => outlets.value?.get(id)?.name ?? []));

/** What failed, by its outlet's name; one that is gone meanwhile has none. */
export const failures = computed(() => (going.value?.run?.steps ?? []).filter(isFailed)
  .map((step) => ({ step, outlet: outlets.value?.get(step.outletId) })));
