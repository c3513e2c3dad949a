import { z } from 'zod';

/** Sockets that take their code from switches, as one sees them on the socket, and the codes that they obey. */

/** Up is true: the side marked ON, or 1. */
const fiveSwitches = z.array(z.boolean()).length(5);
const oneToFour = z.int().min(1).max(4);
const letter = (of: RegExp) => z.string().regex(of, 'a letter that is on the wheel');

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
  z.strictObject({ kind: z.literal('intertechno'), family: letter(/^[A-P]$/), group: oneToFour, unit: oneToFour }),
  z.strictObject({ kind: z.literal('rev'), group: letter(/^[A-D]$/), unit: oneToFour.max(3) }),
  z.strictObject({ kind: z.literal('tri-state'), on: TriStateWord, off: TriStateWord }),
]);
export type Switches = z.infer<typeof Switches>;
