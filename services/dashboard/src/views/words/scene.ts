import type { Run } from '@sconce/protocol/radio-api';
import { type Going, isDone, isFailed, type SceneStep } from '../../state/scenes.ts';

/** "4 of 10" while it goes; "All 10 switched" or "8 of 10 switched" after. */
export function goingWords({ run, over, failure }: Going): string {
  if (!run) return over ? failure?.detail ?? 'Nothing to switch' : 'Starting…';
  const all = run.steps.length;
  if (!over) return `${run.steps.filter(isDone).length} of ${all}`;
  if (failure) return failure.detail;
  return resultWords(run);
}

export function resultWords({ steps }: Run): string {
  const failed = steps.filter(isFailed).length;
  if (steps.length === 0) return 'Nothing to switch';
  if (failed === 0) return steps.length === 1 ? 'Switched' : `All ${steps.length} switched`;
  return failed === steps.length ? 'Nothing was switched' : `${steps.length - failed} of ${steps.length} switched`;
}

/** What "All off" left alone, and why; undefined if there is none. */
export function passedOverWords(names: readonly string[]): string | undefined {
  const [one, ...more] = names;
  if (one === undefined) return undefined;
  return more.length === 0 ? `${one} is left as it is: its remote has one button for on and off.`
    : `${more.slice(0, -1).reduce((text, name) => `${text}, ${name}`, one)} and ${more.at(-1) ?? ''} are left as they are: their remotes have one button for on and off.`;
}

/** "3 on, 2 off". */
export function stepsWords(steps: Pick<SceneStep, 'on'>[]): string {
  const on = steps.filter((step) => step.on).length;
  const off = steps.length - on;
  return [on > 0 && `${on} on`, off > 0 && `${off} off`].filter(Boolean).join(', ');
}
