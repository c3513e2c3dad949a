import type { HeardFrame } from '@sconce/protocol/radio-api';
import { signal } from '@preact/signals';

/** A frame and its place in the order of arrival: boards' clocks are not compared. */
export interface Heard { seq: number; frame: HeardFrame }

/**
 * How many are kept: what boards tell at most in a minute of learning is 2,400, a remote held down for half of it makes
 * 600, and an open page may stay for days.
 */
export const heardMost = 1200;

/** What boards that one manages have heard since the page was opened, the newest first. */
export const heard = signal<readonly Heard[]>([]);

let last = 0;

export function putHeard(frame: HeardFrame) {
  last += 1;
  heard.value = [{ seq: last, frame }, ...heard.peek()].slice(0, heardMost);
}

/** The place that the next frame will have: those from it on came after now. */
export const fromNow = () => last + 1;

export const clearHeard = () => { heard.value = []; };
