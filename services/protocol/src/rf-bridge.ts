import { codesIn, type Interval } from './frame-decoder.ts';
import { sameCode } from './radio.ts';
import { unknownFrame, type Reading } from './reading.ts';

/**
 * What a Sonoff RF Bridge's radio chip says and is told, in hexadecimal: `AA`, a command, `55` at the end.
 * - A3, A4, A5 (Itead, RF Universal Transceiver Module Serial Protocol 1.0): 2 bytes each of the sync's low part and of a
 *   bit's short and long part, in µs, then 24 bits.
 * - B1 (heard) and B0 (to send) of the Portisch firmware (its wiki, 0xB1 and 0xB0): the number of buckets, in B0 between the
 *   length and the repeats; each bucket's µs in 2 bytes; then a digit for each part: which bucket, and 8 more if it is high.
 *   Without any 8, levels alternate; where they begin is the older firmware's choice.
 */

const malformed: Reading = { reason: 'The bytes are not whole. Copy all of them, from AA to 55.' };
/** At most n - 1 of n frames are told, and an inverted one's first is lost. */
const frames = 4;
const silence = { high: false, micros: 500_000 };

/** The one code that all frames are, if they are one. */
function heard(frame: readonly Interval[]): Reading {
  const codes = codesIn([silence, ...Array.from({ length: frames }, () => frame).flat()]);
  const [code] = codes;
  return code && codes.every((other) => sameCode(other, code)) ? { code } : unknownFrame;
}

/** µs: the sync's low part, a bit's short part and its long part. */
export interface Timings { sync: number; short: number; long: number }

/** `code`: 24 bits. */
export function fromTimings({ sync, short, long, code }: Timings & { code: number }): Reading {
  if (![sync, short, long, code].every((value) => Number.isInteger(value) && value >= 0)) {
    return { reason: 'A timing or the code is no whole number.' };
  }
  if (code >= 2 ** 24) return { reason: 'The code has more than the 24 bits that an RF Bridge sends.' };
  const bits = Array.from({ length: 24 }, (_, at) => (code >>> (23 - at)) & 1 ? [long, short] : [short, long]);
  const micros = [...bits, [short, sync]].flat();
  const found = heard(micros.map((length, at) => ({ high: at % 2 === 0, micros: length })));
  return 'code' in found && found.code.code === code ? found : unknownFrame;
}

function fromBuckets(hex: string): Reading {
  const count = Number.parseInt(hex.slice(0, 2), 16);
  const buckets = Array.from({ length: count }, (_, at) => Number.parseInt(hex.slice(2 + 4 * at, 6 + 4 * at), 16));
  const parts = [...hex.slice(2 + 4 * count)].map((digit) => Number.parseInt(digit, 16))
    .map((digit) => ({ high: (digit & 8) !== 0, micros: buckets[digit & 7] ?? Number.NaN }));
  if (parts.length === 0 || parts.some(({ micros }) => Number.isNaN(micros))) return malformed;
  if (parts.some(({ high }) => high)) return heard(parts);
  const alternating = (first: boolean) =>
    heard(parts.map(({ micros }, at) => ({ high: (at % 2 === 0) === first, micros })));
  const highFirst = alternating(true);
  return 'code' in highFirst ? highFirst : alternating(false);
}

/** Spaces do not matter. Undefined: nothing but an acknowledgement. */
export function fromBytes(text: string): Reading | undefined {
  const [, command, rest] = /^AA(A0|A[3-9A-F]|B[01])((?:[0-9A-F]{2})*)55$/.exec(text.replaceAll(/\s/g, '').toUpperCase()) ?? [];
  if (command === undefined || rest === undefined) return malformed;
  switch (command) {
    case 'A0': return undefined;
    case 'A3': case 'A4': case 'A5': {
      if (rest.length !== 18) return malformed;
      const at = (from: number, to: number) => Number.parseInt(rest.slice(from, to), 16);
      return fromTimings({ sync: at(0, 4), short: at(4, 8), long: at(8, 12), code: at(12, 18) });
    }
    case 'B0': return fromBuckets(rest.slice(2, 4) + rest.slice(6));
    case 'B1': return fromBuckets(rest);
    default: return {
      reason: 'These bytes name a protocol of the bridge\'s own. Enter RfRaw 177, press the button again and import the line with B1.',
    };
  }
}
