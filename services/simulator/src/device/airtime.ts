import type { RfCode } from '@sconce/protocol/messages';

/** Lengths in pulses: the pause between frames, a 0 and a 1. */
interface Shape { sync: number; zero: number; one: number }

/**
 * rc-switch 2.6.4's protocols 1 to 12, each high and low part added up; a frame is its bits, then the sync.
 * The two Conrad protocols (8 and 9) have bits of unequal length.
 */
const shapes: readonly Shape[] = [
  { sync: 32, zero: 4, one: 4 },
  { sync: 11, zero: 3, one: 3 },
  { sync: 101, zero: 15, one: 15 },
  { sync: 7, zero: 4, one: 4 },
  { sync: 20, zero: 3, one: 3 },
  { sync: 24, zero: 3, one: 3 },
  { sync: 64, zero: 7, one: 7 },
  { sync: 133, zero: 23, one: 19 },
  { sync: 137, zero: 23, one: 19 },
  { sync: 19, zero: 4, one: 4 },
  { sync: 37, zero: 3, one: 3 },
  { sync: 37, zero: 3, one: 3 },
];

/** Milliseconds that one frame takes on the air. */
export function frameMs({ code, bits, protocol, pulse }: RfCode): number {
  const shape = shapes[protocol - 1];
  if (!shape) throw new RangeError(`rc-switch has no protocol ${protocol}`);
  let pulses = shape.sync;
  for (let bit = 0; bit < bits; bit++) pulses += (code >>> bit) & 1 ? shape.one : shape.zero;
  return pulses * pulse / 1000;
}
