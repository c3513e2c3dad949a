import type { RfCode } from './messages.ts';
import { radioProtocol, type CodePair } from './radio.ts';
import type { Switches } from './switches.ts';

/** Codes of switches, without the schemas: a page that draws the switches need not load what checks them. */

/** The code of a parsed TriStateWord (RCSwitch.cpp, sendTriState()). */
export function triStateCode(word: string): RfCode {
  const bits = [...word].map((symbol) => symbol === '0' ? '00' : symbol === 'F' ? '01' : '11').join('');
  return { code: Number.parseInt(bits, 2), bits: bits.length, protocol: 1, pulse: radioProtocol(1).usualPulse };
}

const pair = (on: string, off: string): CodePair => ({ on: triStateCode(on), off: triStateCode(off) });
const place = (letter: string) => letter.charCodeAt(0) - 'A'.charCodeAt(0);
/** `chosen` for one of `count` places, from 0, F for the others. */
const oneOf = (count: number, at: number, chosen: string) =>
  Array.from({ length: count }, (_, i) => i === at ? chosen : 'F').join('');
/** A number in binary, the lowest bit first: F is 1, 0 is 0. */
const lowestFirst = (digits: number, number: number) =>
  Array.from({ length: digits }, (_, bit) => (number >> bit) & 1 ? 'F' : '0').join('');

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
      const { family, group, unit } = switches;
      const address = lowestFirst(4, place(family)) + lowestFirst(2, unit - 1) + lowestFirst(2, group - 1);
      return pair(`${address}0FFF`, `${address}0FF0`);
    }
    case 'rev': {
      const address = oneOf(4, place(switches.group), '1') + oneOf(3, switches.unit - 1, '1');
      return pair(`${address}00010`, `${address}00001`);
    }
    case 'tri-state': return pair(switches.on, switches.off);
  }
}
