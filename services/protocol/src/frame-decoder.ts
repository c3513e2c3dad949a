import { limits } from './limits.ts';
import type { RfCode } from './messages.ts';
import { radioProtocols, type RadioProtocol } from './radio.ts';

/** For how many µs a receiver's pin stayed at one level. */
export interface Interval { high: boolean; micros: number }

/** µs. What is shorter is a glitch, and taken for a part of what it interrupts. */
const glitchMicros = 50;
/** µs. Half a second of silence or half a year: for a frame both are just long. */
const longestMicros = 500_000;
/** Fewer bits are too easily noise. */
const bitsMin = 8;
/** Between two gaps: high, low, ..., high. */
const partsMax = 2 * limits.rfBits.max + 1;
const historyMax = 128;

/** rc-switch's 60 % of a pulse; of longer parts a quarter, because clocks and receivers err in proportion. */
const tolerance = (expected: number, pulse: number) => Math.max(Math.floor(pulse * 6 / 10), Math.floor(expected / 4));

/** Whether a bit's first part is nearer to a one's share of the whole bit than to a zero's; in whole numbers, as the firmware. */
function isOne({ zero, one }: RadioProtocol, first: number, second: number): boolean {
  const zeroSum = zero[0] + zero[1];
  const oneSum = one[0] + one[1];
  const share = first * 2 * zeroSum * oneSum;
  const middle = (first + second) * (zero[0] * oneSum + one[0] * zeroSum);
  return one[0] * zeroSum > zero[0] * oneSum ? share > middle : share < middle;
}

/** `error`: µs in all that the parts are off. */
interface Fit { code: RfCode; error: number }

/**
 * Reads the parts between two gaps by one protocol: the bits, then the pulse by them, then compares each part with what it
 * should be. Of the gap a quarter counts, lest, as long as many bits, it outvote them.
 */
function readAs(number: number, row: RadioProtocol, parts: readonly number[], gap: number): Fit | undefined {
  const bits = (parts.length - 1) / 2;
  // An inverted frame's sync comes before it on the air: its long part is the gap, its short part is the first.
  const sync = parts.at(row.inverted ? 0 : -1) ?? 0;
  const [gapPulses, syncPulses] = row.inverted ? row.sync : [row.sync[1], row.sync[0]];
  const firstBit = row.inverted ? 1 : 0;

  let code = 0;
  let micros = sync;
  let pulses = syncPulses;
  for (let at = firstBit; at < firstBit + 2 * bits; at += 2) {
    const [first, second] = [parts[at] ?? 0, parts[at + 1] ?? 0];
    const one = isOne(row, first, second);
    code = code * 2 + (one ? 1 : 0);
    const bit = one ? row.one : row.zero;
    micros += first + second;
    pulses += bit[0] + bit[1];
  }
  const pulse = Math.floor((micros + Math.floor(pulses / 2)) / pulses);
  if (pulse < limits.rfPulse.min || pulse > limits.rfPulse.max) return undefined;

  let error = 0;
  const near = (heard: number, expectedPulses: number) => {
    const off = Math.abs(heard - expectedPulses * pulse);
    error += off;
    return off < tolerance(expectedPulses * pulse, pulse);
  };
  if (!near(gap, gapPulses)) return undefined;
  error = Math.floor(error / 4);
  if (!near(sync, syncPulses)) return undefined;
  for (let bit = 0; bit < bits; bit++) {
    const [first, second] = (code >>> (bits - 1 - bit)) & 1 ? row.one : row.zero;
    const at = firstBit + 2 * bit;
    if (!near(parts[at] ?? 0, first) || !near(parts[at + 1] ?? 0, second)) return undefined;
  }
  return { code: { code, bits, protocol: number, pulse }, error };
}

/** The protocol that fits best; the lower one of two that fit alike. */
function read(parts: readonly number[], gap: number): RfCode | undefined {
  let best: Fit | undefined;
  for (const [at, row] of radioProtocols.entries()) {
    const candidate = readAs(at + 1, row, parts, gap);
    if (candidate && (!best || candidate.error < best.error)) best = candidate;
  }
  return best?.code;
}

/**
 * Finds rc-switch's frames in what a 433 MHz receiver hears, by the rules of the firmware's FrameDecoder, which says why
 * they are so: tests hold the two against each other.
 */
export class FrameDecoder {
  /** It may go on after a glitch. */
  #current: Interval | undefined;
  /** µs, the latest last; levels alternate. */
  #history: number[] = [];
  #heard: RfCode | undefined;
  /** How many intervals came after the one that ended #heard. */
  #since = 0;

  /**
   * Takes one interval. The code, if with it came the end of a frame that is equal to the one just before it: of n frames
   * in a row, at most n - 1 are given. The pulse is measured.
   */
  take({ high, micros }: Interval): RfCode | undefined {
    const length = Math.min(micros, longestMicros);
    if (this.#current && (length < glitchMicros || high === this.#current.high)) {
      this.#current.micros = Math.min(this.#current.micros + length, longestMicros);
      return undefined;
    }
    const done = this.#current;
    this.#current = { high, micros: length };
    return done && this.#add(done);
  }

  #add({ high, micros }: Interval): RfCode | undefined {
    this.#history.push(micros);
    if (this.#history.length > historyMax) this.#history.shift();
    this.#since++;
    const packet = high ? undefined : this.#packet();
    const code = packet && read(packet.parts, packet.gap);
    if (!packet || !code) return undefined;
    const before = this.#since === packet.parts.length + 1 ? this.#heard : undefined;
    this.#heard = code;
    this.#since = 0;
    const again = code.code === before?.code && code.bits === before.bits && code.protocol === before.protocol;
    return again ? code : undefined;
  }

  /** Back from the low that has just ended to the one that is about as long: gaps, if all between them are shorter. */
  #packet(): { parts: number[]; gap: number } | undefined {
    const last = this.#history.length - 1;
    const gap = this.#history[last] ?? 0;
    for (let distance = 2; distance <= partsMax + 1 && distance <= last; distance += 2) {
      const low = this.#history[last - distance] ?? 0;
      // Protocol 4's gap is only twice its longest low; 7/10 parts them when both err by 15 %.
      if (low < Math.floor(gap * 7 / 10)) continue;
      if ((distance - 2) / 2 < bitsMin) return undefined;
      // At a transmission's ends one of the two is silence. Taking the same for every protocol keeps 8 and 9 equal.
      return { parts: this.#history.slice(last - distance + 1, last), gap: Math.min(low, gap) };
    }
    return undefined;
  }
}

/** The codes in what a receiver hears, with silence after it. */
export function codesIn(intervals: readonly Interval[]): RfCode[] {
  const decoder = new FrameDecoder();
  // The edge after the silence tells that it was no glitch.
  return [...intervals, { high: false, micros: longestMicros }, { high: true, micros: longestMicros }]
    .map((interval) => decoder.take(interval)).filter((code) => code !== undefined);
}
