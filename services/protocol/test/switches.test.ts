import t from 'tap';
import { codesOf, Switches, TriStateWord, triStateCode } from '../src/switches.ts';

const up = (digits: string) => [...digits].map((digit) => digit === '1');
const dip = (house: string, unit: string) => ({ kind: 'dip', house: up(house), unit: up(unit) });

t.test('switches as they are on the socket: the words of rc-switch\'s types A to D', async (t) => {
  for (const [why, drawn, on, off] of [
    // rc-switch's examples: SendDemo.ino, which has this one's words and decimal codes too, and TypeA.ino to TypeD.ino.
    ['ten switches: 11111 00010', dip('11111', '00010'), '00000FFF0F0F', '00000FFF0FF0'],
    ['ten switches: 11001 01010', dip('11001', '01010'), '00FF0F0F0F0F', '00FF0F0F0FF0'],
    ['ten switches: all down', dip('00000', '00000'), 'FFFFFFFFFF0F', 'FFFFFFFFFFF0'],
    ['two wheels: 1 and 4', { kind: 'rotary', group: 1, unit: 4 }, '0FFFFFF0FFFF', '0FFFFFF0FFF0'],
    ['two wheels: 3 and 2', { kind: 'rotary', group: 3, unit: 2 }, 'FF0FF0FFFFFF', 'FF0FF0FFFFF0'],
    ['Intertechno: b, group 3, device 2', { kind: 'intertechno', family: 'B', group: 3, unit: 2 }, 'F000F00F0FFF', 'F000F00F0FF0'],
    ['Intertechno: the first', { kind: 'intertechno', family: 'A', group: 1, unit: 1 }, '000000000FFF', '000000000FF0'],
    ['Intertechno: the last', { kind: 'intertechno', family: 'P', group: 4, unit: 4 }, 'FFFFFFFF0FFF', 'FFFFFFFF0FF0'],
    ['Intertechno: C, group 2, device 3', { kind: 'intertechno', family: 'C', group: 2, unit: 3 }, '0F000FF00FFF', '0F000FF00FF0'],
    ['REV: d, 2', { kind: 'rev', group: 'D', unit: 2 }, 'FFF1F1F00010', 'FFF1F1F00001'],
    ['REV: a, 3', { kind: 'rev', group: 'A', unit: 3 }, '1FFFFF100010', '1FFFFF100001'],
    ['words', { kind: 'tri-state', on: ' 0ff0f0ffff0f', off: '0FF0F0FFFFF0' }, '0FF0F0FFFF0F', '0FF0F0FFFFF0'],
  ] as const) {
    const read = Switches.parse(drawn);
    t.same(codesOf(read), { on: triStateCode(on), off: triStateCode(off) }, why);
  }
});

t.test('words: two bits a symbol', async (t) => {
  for (const [word, code, bits] of [
    ['00000FFF0F0F', 5393, 24], ['00000FFF0FF0', 5396, 24], ['FFFF', 0b01010101, 8], ['1111111111111111', 2 ** 32 - 1, 32],
    ['0F1F', 0b00011101, 8],
  ] as const) t.same(triStateCode(TriStateWord.parse(word)), { code, bits, protocol: 1, pulse: 350 }, word);
});

t.test('what is on no socket is refused by name', async (t) => {
  for (const [why, drawn, path] of [
    ['nine switches', dip('11111', '0001'), 'unit'],
    ['a fifth place', { kind: 'rotary', group: 5, unit: 1 }, 'group'],
    ['no place', { kind: 'rotary', group: 1, unit: 0 }, 'unit'],
    ['a letter past P', { kind: 'intertechno', family: 'Q', group: 1, unit: 1 }, 'family'],
    ['a small letter', { kind: 'intertechno', family: 'b', group: 1, unit: 1 }, 'family'],
    ['a fourth socket', { kind: 'rev', group: 'A', unit: 4 }, 'unit'],
    ['a letter past D', { kind: 'rev', group: 'E', unit: 1 }, 'group'],
    ['a word with a 2', { kind: 'tri-state', on: '0FF0F0FFFF0F', off: '0FF0F0FFFF02' }, 'off'],
    ['a word of 34 bits', { kind: 'tri-state', on: '0'.repeat(17), off: '0FF0F0FFFF02' }, 'on'],
    ['a kind that nobody makes', { kind: 'lever' }, 'kind'],
  ] as const) t.equal(Switches.safeParse(drawn).error?.issues[0]?.path[0], path, why);
});
