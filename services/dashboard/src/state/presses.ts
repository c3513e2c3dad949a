import { codeKey } from './learning.ts';
import type { Heard } from './radio.ts';

/** Equal frames that came one after the other. `seq` is that of the first, so that a press keeps its place in a list. */
export interface Press { seq: number; times: number; last: Heard['frame'] }

/** Ms between two equal frames after which they are two presses. */
const pauseMs = 1500;

/** Gathers frames, the newest first, into presses, the newest first. */
export function presses(frames: readonly Heard[]): Press[] {
  const found: Press[] = [];
  for (const { seq, frame } of frames.toReversed()) {
    const before = found.at(-1);
    const near = before && Date.parse(frame.at) - Date.parse(before.last.at) < pauseMs;
    if (near && codeKey(before.last) === codeKey(frame)) {
      found[found.length - 1] = { seq: before.seq, times: before.times + 1, last: frame };
    } else found.push({ seq, times: 1, last: frame });
  }
  return found.toReversed();
}
