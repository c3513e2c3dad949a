import type { RfCode } from './messages.ts';

/** Lengths in pulses: first the carrier's one state, then the other. */
export type Pulses = readonly [first: number, second: number];

/** A row of rc-switch's table. `usualPulse`: µs, as rc-switch sends it unless told otherwise. */
export interface RadioProtocol {
  usualPulse: number;
  sync: Pulses;
  zero: Pulses;
  one: Pulses;
  /** The first part of each pair is low, not high. */
  inverted: boolean;
  /** Whose it is, where rc-switch says so. */
  of?: string;
}

const row = (usualPulse: number, sync: Pulses, zero: Pulses, one: Pulses, inverted = false, of?: string): RadioProtocol =>
  ({ usualPulse, sync, zero, one, inverted, ...of !== undefined && { of } });

/**
 * The protocols of rc-switch 2.6.4 (RCSwitch.cpp, `proto`); [0] is number 1. The firmware gets them through the generated
 * header, but for the usual pulse: a board is always told which to send with, and measures what it hears.
 */
export const radioProtocols: readonly RadioProtocol[] = [
  row(350, [1, 31], [1, 3], [3, 1]),
  row(650, [1, 10], [1, 2], [2, 1]),
  row(100, [30, 71], [4, 11], [9, 6]),
  row(380, [1, 6], [1, 3], [3, 1]),
  row(500, [6, 14], [1, 2], [2, 1]),
  row(450, [23, 1], [1, 2], [2, 1], true, 'HT6P20B'),
  row(150, [2, 62], [1, 6], [6, 1], false, 'HS2303-PT'),
  row(200, [3, 130], [7, 16], [3, 16], false, 'Conrad RS-200, receiver'),
  row(200, [130, 7], [16, 7], [16, 3], true, 'Conrad RS-200, transmitter'),
  row(365, [18, 1], [3, 1], [1, 3], true, '1ByOne doorbell'),
  row(270, [36, 1], [1, 2], [2, 1], true, 'HT12E'),
  row(320, [36, 1], [1, 2], [2, 1], true, 'SM5212'),
];

/** @throws RangeError for a number that rc-switch does not have; RfCode's schema lets none in */
export function radioProtocol(number: number): RadioProtocol {
  const found = radioProtocols[number - 1];
  if (!found) throw new RangeError(`rc-switch has no protocol ${number}`);
  return found;
}

/** What switches a socket. */
export interface CodePair { on: RfCode; off: RfCode }

/** What a transmitter's pin does: levels that alternate, and for how many µs each lasts. */
export interface Frame {
  firstHigh: boolean;
  micros: number[];
}

/** The edges of one frame: its bits, the highest first, then the sync. The firmware's makeFrame() makes the same. */
export function frameOf({ code, bits, protocol, pulse }: RfCode): Frame {
  const { sync, zero, one, inverted } = radioProtocol(protocol);
  const pairs = Array.from({ length: bits }, (_, at) => (code >>> (bits - 1 - at)) & 1 ? one : zero);
  return { firstHigh: !inverted, micros: [...pairs, sync].flat().map((pulses) => pulses * pulse) };
}

/** Microseconds that one frame takes on the air. */
export const airMicros = (code: RfCode): number => frameOf(code).micros.reduce((sum, micros) => sum + micros, 0);

/**
 * As what a board reports a code that it hears, where frames of two protocols are the same on the air: the lower one.
 * 12 has 11's timings. 8 and 9 are each other's inverse, so that 9's short sync looks like a first 0 of 8, and a last 1 of
 * 9 like 8's short sync: the code differs, too. The firmware's heardAs() says the same.
 */
export function heardAs(code: RfCode): RfCode {
  if (code.protocol === 12) return { ...code, protocol: 11 };
  if (code.protocol === 9 && code.code & 1) return { ...code, protocol: 8, code: code.code >>> 1 };
  return code;
}

/** Whether two codes are one to whoever hears them. The pulse is left out: it is measured anew in every frame and wavers. */
export function sameCode(a: RfCode, b: RfCode): boolean {
  const [one, other] = [heardAs(a), heardAs(b)];
  return one.code === other.code && one.bits === other.bits && one.protocol === other.protocol;
}
