import type { RfCode } from '@sconce/protocol/messages';
import { heardAs, sameCode } from '@sconce/protocol/radio';
import type { HeardFrame } from '@sconce/protocol/radio-api';

/** A code, how often it came, and what it switches here already. `pulse` is the median of the frames'. */
export interface Candidate { code: RfCode; times: number; outlets: HeardFrame['outlets'] }

export interface Learning {
  /** The one that is probably meant: it came often enough, and most often, and is no outlet's yet. */
  found: Candidate | undefined;
  /** Came more than once, the most often heard first: of outlets here, or perhaps of a neighbour's remote. */
  others: Candidate[];
  /** Frames that came once, or once each: what a receiver makes of noise. */
  noise: number;
}

/** Equal frames after which a code is believed. A press makes four or more; noise repeats nothing. */
export const framesNeeded = 3;

/** The same for what are the same codes on the air. */
export function codeKey(frame: RfCode): string {
  const { code, bits, protocol } = heardAs(frame);
  return `${protocol}/${bits}/${code}`;
}

/**
 * What the frames of a learning window say, in any order. Two frames are equal if protocol, bits and code are; the
 * measured pulse wavers from frame to frame.
 * @param before the code for on, while that for off is asked for: it is found only if no other is, since people press ON
 *   once more by mistake, or hold it still
 */
export function learning(frames: readonly HeardFrame[], before?: RfCode): Learning {
  const groups = new Map<string, HeardFrame[]>();
  for (const frame of frames) {
    const key = codeKey(frame);
    groups.set(key, [...groups.get(key) ?? [], frame]);
  }
  const all = [...groups.values()].map(candidate).sort((a, b) => b.times - a.times);
  const believed = all.filter(({ times, outlets }) => times >= framesNeeded && outlets.length === 0);
  const again = ({ code }: Candidate) => before !== undefined && sameCode(code, before);
  const found = believed.find((one) => !again(one)) ?? believed[0];
  return {
    found,
    others: all.filter((one) => one !== found && one.times > 1 && !again(one)),
    noise: all.filter((one) => one.times === 1).length,
  };
}

function candidate(equal: HeardFrame[]): Candidate {
  const [{ code, bits, protocol, outlets }] = equal as [HeardFrame];
  return { code: { code, bits, protocol, pulse: median(equal.map(({ pulse }) => pulse)) }, times: equal.length, outlets };
}

/** Of an even number the lower of the two in the middle: one that was measured. */
function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)] ?? 0;
}
