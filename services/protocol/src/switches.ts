import { z } from 'zod';
import type { RfCode } from './messages.ts';
import { radioProtocol, type CodePair } from './radio.ts';

/** Sockets that take their code from switches, as one sees them on the socket, and the codes that they obey. */

/** Up is true: the side marked ON, or 1. */
const fiveSwitches = z.array(z.boolean()).length(5);
const oneToFour = z.int().min(1).max(4);

/**
 * Words of PT2262 and its kin (datasheet: "0", "1" and "f", a pin left open): each symbol is two bits of the code. In
 * capitals when parsed.
 */
export const TriStateWord = z.string().trim().toUpperCase()
  .regex(/^[01F]{4,16}$/, 'a tri-state word is 4 to 16 of the characters 0, 1 and F');

/**
 * What is on the socket, after rc-switch 2.6.4's types A to D (RCSwitch.cpp, getCodeWordA() to getCodeWordD()).
 * - `dip`, A: ten switches in a row. 1 to 5 are the house's, set in the remote, too; 6 to 10, called A to E, the socket's.
 * - `rotary`, B: two wheels or sliders with four places each, I to IV or A to D and 1 to 4; first the group.
 * - `intertechno`, C: a wheel with the letters A to P and one with 1 to 16, which is four groups of four; or three wheels.
 * - `rev`, D: a slider with A to D and a socket's number of 1 to 3.
 * - `tri-state`: the words themselves, as programs and other people's lists have them.
 */
export const Switches = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('dip'), house: fiveSwitches, unit: fiveSwitches }),
  z.strictObject({ kind: z.literal('rotary'), group: oneToFour, unit: oneToFour }),
  z.strictObject({ kind: z.literal('intertechno'), family: z.string().regex(/^[A-P]$/, 'a letter from A to P'), group: oneToFour, unit: oneToFour }),
  z.strictObject({ kind: z.literal('rev'), group: z.string().regex(/^[A-D]$/, 'a letter from A to D'), unit: oneToFour.max(3) }),
  z.strictObject({ kind: z.literal('tri-state'), on: TriStateWord, off: TriStateWord }),
]);
export type Switches = z.infer<typeof Switches>;

/** The code of a parsed TriStateWord (RCSwitch.cpp, sendTriState()). */
export function triStateCode(word: string): RfCode {
  const bits = [...word].map((symbol) => symbol === '0' ? '00' : symbol === 'F' ? '01' : '11').join('');
  return { code: Number.parseInt(bits, 2), bits: bits.length, protocol: 1, pulse: radioProtocol(1).usualPulse };
}

const pair = (on: string, off: string): CodePair => ({ on: triStateCode(on), off: triStateCode(off) });
const place = (letter: string) => letter.charCodeAt(0) - 'A'.charCodeAt(0);
/** `chosen` for one of `count` places, from 0, F for the others. */
const oneOf = (count: number, at: number, chosen: string) => Array.from({ length: count }, (_, i) => i === at ? chosen : 'F').join('');
/** A number in binary, the lowest bit first: F is 1, 0 is 0. */
const lowestFirst = (digits: number, number: number) => Array.from({ length: digits }, (_, bit) => (number >> bit) & 1 ? 'F' : '0').join('');

/** What a socket with these switches obeys, 24 bits by protocol 1 (a shorter or longer word: so many as it has). */
export function codesOf(switches: Switches): CodePair {
  switch (switches.kind) {
    case 'dip': {
      // A switch that is up ties its pin to ground, which is 0; one that is down leaves it open.
      const address = [...switches.house, ...switches.unit].map((up) => up ? '0' : 'F').join('');
      return pair(`${address}0F`, `${address}F0`);
    }
    case 'rotary': {
      const address = oneOf(4, switches.group - 1, '0') + oneOf(4, switches.unit - 1, '0');
      return pair(`${address}FFFF`, `${address}FFF0`);
    }
    case 'intertechno': {
      const address = lowestFirst(4, place(switches.family)) + lowestFirst(2, switches.unit - 1) + lowestFirst(2, switches.group - 1);
      return pair(`${address}0FFF`, `${address}0FF0`);
    }
    case 'rev': {
      const address = oneOf(4, place(switches.group), '1') + oneOf(3, switches.unit - 1, '1');
      return pair(`${address}00010`, `${address}00001`);
    }
    case 'tri-state': return pair(switches.on, switches.off);
  }
}
