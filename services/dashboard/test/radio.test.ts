import type { RfCode } from '@sconce/protocol/messages';
import type { HeardFrame } from '@sconce/protocol/radio-api';
import { Switches } from '@sconce/protocol/switches';
import t from 'tap';
import { link, onceLive } from '../src/state/connection.ts';
import { learning } from '../src/state/learning.ts';
import { presses } from '../src/state/presses.ts';
import { clearHeard, fromNow, heard, heardMost, putHeard } from '../src/state/radio.ts';
import { frame, offCode, onCode } from '../src/views/design-page/radio-fixtures.ts';
import { freshSwitches, type SwitchesDraft, switchesOf } from '../src/views/add/switches-draft.ts';
import { importWords, lineWords } from '../src/views/words/import.ts';
import { importSamples } from '../src/views/design-page/radio-fixtures.ts';
import { advice, belongsTo, codeText, listeningWords, readCode, whose } from '../src/views/words/radio.ts';

const hallLamp = (on: boolean): HeardFrame['outlets'] => [{ id: 'hall' as HeardFrame['outlets'][number]['id'], name: 'Hall lamp', on }];
const neighbours = { ...onCode, code: 77 };
const many = (times: number, code: RfCode, outlets?: HeardFrame['outlets']) => Array.from({ length: times }, () => frame(code, outlets));

t.test('of what is heard while learning, the code that came three times or more and is nobody’s is meant', async (t) => {
  const twelve = { code: 9, bits: 12, protocol: 12, pulse: 320 };
  const cases: [why: string, frames: HeardFrame[], found: number | undefined, others: number[], noise: number][] = [
    ['silence', [], undefined, [], 0],
    ['two are not enough', many(2, onCode), undefined, [onCode.code], 0],
    ['three are', many(3, onCode), onCode.code, [], 0],
    ['noise repeats nothing', [frame({ ...onCode, code: 1 }), frame({ ...onCode, code: 2 }), ...many(3, onCode)], onCode.code, [], 2],
    ['the one heard most often, however they mix', [...many(3, neighbours), ...many(4, onCode), ...many(1, neighbours), ...many(2, onCode)],
      onCode.code, [neighbours.code], 0],
    ['of two heard as often the first', [...many(3, neighbours), ...many(3, onCode)], neighbours.code, [onCode.code], 0],
    ['an outlet’s own code is not learned again', many(9, onCode, hallLamp(true)), undefined, [onCode.code], 0],
    ['but does not hide a new one', [...many(9, onCode, hallLamp(true)), ...many(3, offCode)], offCode.code, [onCode.code], 0],
    ['the same number in another protocol is another code', [...many(3, onCode), ...many(2, { ...onCode, protocol: 2 })], onCode.code, [onCode.code], 0],
    ['and of another length', [...many(3, onCode), ...many(2, { ...onCode, bits: 23 })], onCode.code, [onCode.code], 0],
    ['protocol 12 looks like 11 on the air', [...many(2, twelve), ...many(1, { ...twelve, protocol: 11 })], 9, [], 0],
  ];
  for (const [why, frames, found, others, noise] of cases) {
    const result = learning(frames);
    t.same([result.found?.code.code, result.others.map(({ code }) => code.code), result.noise], [found, others, noise], why);
  }
});

t.test('while off is asked for, the code for on is meant only if there is no other', async (t) => {
  for (const [why, frames, found, others] of [
    ['on was pressed once more, and longer', [...many(9, onCode), ...many(3, offCode)], offCode.code, []],
    ['nothing but on', many(3, onCode), onCode.code, []],
    ['on, and too little of another', [...many(5, onCode), ...many(2, offCode)], onCode.code, [offCode.code]],
    ['off alone, among others’', [...many(9, onCode, hallLamp(true)), ...many(4, offCode)], offCode.code, []],
  ] as const) {
    const result = learning(frames, onCode);
    t.same([result.found?.code.code, result.others.map(({ code }) => code.code)], [found, others], why);
  }
});

t.test('a pulse that wavers is the median of what was measured', async (t) => {
  const pulses = [352, 349, 420, 350, 351].map((pulse) => frame({ ...onCode, pulse }));
  t.match(learning(pulses).found, { times: 5, code: { pulse: 351 } });
  t.match(learning(pulses.slice(0, 4)).found, { times: 4, code: { pulse: 350 } }, 'of an even number one that was measured');
});

t.test('what was heard is kept, the newest first, and not for ever', async (t) => {
  clearHeard();
  const since = fromNow();
  for (let code = 1; code <= heardMost + 5; code += 1) putHeard(frame({ ...onCode, code }));
  t.equal(heard.value.length, heardMost);
  t.equal(heard.value[0]?.frame.code, heardMost + 5);
  t.equal(heard.value[0]?.seq, since + heardMost + 4, 'each has its place');
  clearHeard();
  t.equal(heard.value.length, 0);
  t.ok(fromNow() > since, 'and places are not given twice');
});

t.test('frames of one press stand as one', async (t) => {
  const at = (ms: number, code: RfCode, seq: number) => ({ seq, frame: { ...frame(code), at: new Date(1e12 + ms).toISOString() } });
  const frames = [at(0, onCode, 1), at(45, onCode, 2), at(90, onCode, 3), at(900, offCode, 4), at(950, onCode, 5), at(9000, onCode, 6)];
  t.same(presses(frames.toReversed()).map(({ seq, times, last }) => [seq, times, last.code]), [
    [6, 1, onCode.code], [5, 1, onCode.code], [4, 1, offCode.code], [1, 3, onCode.code],
  ]);
});

t.test('listening says what is to be done next', async (t) => {
  const known = many(4, onCode, hallLamp(true));
  const cases: [why: string, words: string, said: RegExp][] = [
    ['nothing yet', listeningWords(learning([]), 'on'), /keep the button down for two seconds/],
    ['too little', listeningWords(learning(many(2, onCode)), 'on'), /a little longer/],
    ['found', listeningWords(learning(many(3, onCode)), 'on'), /^Got it/],
    ['somebody’s already', listeningWords(learning(known), 'off'), /here already\. Press OFF on the other remote/],
    ['off is the same as on', listeningWords(learning(many(3, onCode)), 'off', onCode), /one button for both/],
    ['off is another', listeningWords(learning(many(3, offCode)), 'off', onCode), /^Got it/],
  ];
  for (const [why, words, said] of cases) t.match(words, said, why);
});

t.test('when nothing was learned, it says what to try', async (t) => {
  const cases: [why: string, frames: HeardFrame[], title: RegExp, tip: RegExp][] = [
    ['silence', [], /^Nothing was heard$/, /receiver.*wired/],
    ['silence', [], /^Nothing was heard$/, /battery/],
    ['silence', [], /^Nothing was heard$/, /right board/],
    ['too little', many(2, onCode), /nothing clear/, /3 times/],
    ['noise', [frame(onCode)], /nothing clear/, /chargers/],
    ['what is here already', many(5, onCode, hallLamp(true)), /here already/, /new socket’s remote/],
  ];
  for (const [why, frames, title, tip] of cases) {
    const said = advice(learning(frames), 'Hall board');
    t.match(said.title, title, why);
    t.ok(said.tips.some((one) => tip.test(one)), `${why}: ${String(tip)}`);
  }
});

t.test('a code says whose it is', async (t) => {
  t.equal(belongsTo([]), undefined);
  t.equal(belongsTo(hallLamp(true)), 'Hall lamp, on');
  t.equal(belongsTo([{ ...hallLamp(true)[0]!, on: null }]), 'Hall lamp, on and off', 'one button for both');
  t.equal(belongsTo([...hallLamp(true), { ...hallLamp(false)[0]!, id: 'fan' as never, name: 'Fan' }]), 'Hall lamp, on; Fan, off');
  t.match(whose({ code: onCode, times: 2, outlets: [] }), /neighbour/);
});

t.test('a code in an address comes back, and nothing else does', async (t) => {
  t.same(readCode(codeText(onCode)), { code: 5_592_323, bits: 24, protocol: 1, pulse: 352 });
  for (const [why, text] of [
    ['none', undefined], ['nothing', ''], ['words', 'a.b.c.d'], ['too few', '1.24.1'], ['too many', '1.24.1.350.7'],
    ['more bits than it says', '16777216.24.1.350'], ['no bits', '0.0.1.350'], ['no such protocol', '1.24.13.350'],
    ['a pulse of nothing', '1.24.1.0'], ['a negative one', '-1.24.1.350'],
  ] as const) t.equal(readCode(text), undefined, why);
});

t.test('switches that are set as on the socket make its codes', async (t) => {
  const cases: [why: string, change: Partial<SwitchesDraft>, switches: unknown][] = [
    ['ten switches', { dips: [true, false, false, false, true, false, true, false, false, false] },
      { kind: 'dip', house: [true, false, false, false, true], unit: [false, true, false, false, false] }],
    ['two wheels', { kind: 'rotary', group: '3', unit: '4' }, { kind: 'rotary', group: 3, unit: 4 }],
    ['the first of sixteen', { kind: 'intertechno', family: 'P', number: '1' }, { kind: 'intertechno', family: 'P', group: 1, unit: 1 }],
    ['the seventh', { kind: 'intertechno', number: '7' }, { kind: 'intertechno', family: 'A', group: 2, unit: 3 }],
    ['the last', { kind: 'intertechno', number: '16' }, { kind: 'intertechno', family: 'A', group: 4, unit: 4 }],
    ['a slider', { kind: 'rev', revGroup: 'D', revUnit: '3' }, { kind: 'rev', group: 'D', unit: 3 }],
    ['words', { kind: 'tri-state', on: ' 0ff1 ', off: '0FF0' }, { kind: 'tri-state', on: '0FF1', off: '0FF0' }],
    ['a word too few', { kind: 'tri-state', on: '0FF1', off: '' }, undefined],
    ['a letter that is none', { kind: 'tri-state', on: '0FF1', off: '0FX0' }, undefined],
  ];
  for (const [why, change, expected] of cases) {
    const switches = switchesOf({ ...freshSwitches, ...change });
    t.same(switches, expected, why);
    if (switches) t.same(Switches.parse(switches), switches, `${why}: as the protocol has them`);
  }
});

t.test('an import says how many lines are good, and why the others are not', async (t) => {
  t.same(importSamples.map(({ result }) => importWords(result)), ['2 outlets, all good', '1 of 2 lines is refused', '1 outlet is in']);
  t.equal(importWords({ imported: false, lines: [] }), 'There is no outlet in it');
  const lines = importSamples.flatMap(({ result }) => result.lines);
  t.match(lineWords(lines[0]!), /^Hall lamp, Hall · 24 bits/);
  t.match(lineWords(lines[1]!), /one code for on and off/);
  t.equal(lineWords({ line: 1, reason: 'It is empty.' }), 'It is empty.');
});

t.test('listening begins when what is heard reaches the page, and not anew when the connection comes back', async (t) => {
  let begun = 0;
  link.value = 'opening';
  const giveUp = onceLive(() => { begun += 1; });
  t.equal(begun, 0);
  for (const next of ['live', 'lost', 'live'] as const) {
    link.value = next;
    t.equal(begun, 1, next);
  }
  giveUp();
  link.value = 'lost';
  onceLive(() => { begun += 1; })();
  link.value = 'live';
  t.equal(begun, 1, 'whoever left waits no more');
});
