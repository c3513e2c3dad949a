import { type ReadonlySignal, signal } from '@preact/signals';
import { asFailure, type Failure } from '../api/client.ts';

/** Milliseconds in which news gather before they are fetched: somebody who tries ports makes many. */
const gatherMs = 400;

export interface Fetched<T> {
  /** undefined: not fetched yet, or not ours to see. */
  value: ReadonlySignal<T | undefined>;
  /** Why it could not be fetched the last time; what is shown is older, then. */
  failure: ReadonlySignal<Failure | undefined>;
  load: () => Promise<void>;
  /** There are news of it. */
  soon: () => void;
  forget: () => void;
}

/** Something that is fetched as a whole, and anew whenever it may have changed. */
export function fetched<T>(ask: () => Promise<T>): Fetched<T> {
  const value = signal<T>();
  const failure = signal<Failure>();
  let asked = 0;
  let gathering: ReturnType<typeof setTimeout> | undefined;

  async function load() {
    asked += 1;
    const mine = asked;
    clearTimeout(gathering);
    gathering = undefined;
    const answer = await ask().then((it) => ({ it }), (error: unknown) => ({ failure: asFailure(error) }));
    // Answers may overtake each other: that to the last question counts.
    if (asked !== mine) return;
    failure.value = 'failure' in answer ? answer.failure : undefined;
    if ('it' in answer) value.value = answer.it;
  }
  function soon() {
    // Not begun anew by each: news that never end would never be shown.
    gathering ??= setTimeout(() => void load(), gatherMs);
  }
  function forget() {
    asked += 1;
    clearTimeout(gathering);
    gathering = undefined;
    value.value = undefined;
    failure.value = undefined;
  }
  return { value, failure, load, soon, forget };
}
