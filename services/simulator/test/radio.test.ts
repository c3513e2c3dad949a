import { limits } from '@sconce/protocol/limits';
import t from 'tap';
import { backoffMs } from '../src/device/backoff.ts';
import { Receiver } from '../src/device/receiver.ts';
import { HandClock } from './hand-clock.ts';

t.test('the receiver reports presses, not frames, and not the board itself', async (t) => {
  const red = { code: 1, bits: 24, protocol: 1, pulse: 350 };
  const blue = { ...red, code: 2 };
  const sm5212 = { ...red, protocol: 12 };
  const buttons = { red, blue, 'red, slower': { ...red, pulse: 361 }, SM5212: sm5212, HT12E: { ...red, protocol: 11 } };
  type Step = keyof typeof buttons | 'begin' | 'sent red' | 'sent SM5212' | 'learn 5 s' | 'learn 60 s' | number;
  const steps: readonly (readonly [why: string, steps: readonly Step[], reported: readonly string[]])[] = [
    ['one press', ['red'], ['red']],
    ['the frames of one press', ['red', 45, 'red', 45, 'red', 400, 'red'], ['red']],
    ['a button held for seconds', ['red', 400, 'red', 400, 'red', 400, 'red'], ['red']],
    ['two presses', ['red', 501, 'red'], ['red', 'red']],
    ['the pulse wavers', ['red', 45, 'red, slower'], ['red']],
    ['two buttons', ['red', 10, 'blue', 10, 'red'], ['red', 'blue']],
    ['an echo while sending', ['begin', 'red', 448, 'sent red'], []],
    ['an echo just after', ['begin', 448, 'sent red', 'red', 45, 'red', 204, 'red'], []],
    ['an echo by the name of another protocol', ['sent SM5212', 'HT12E'], []],
    ['a press by the name of another protocol', ['SM5212', 45, 'HT12E'], ['SM5212']],
    ['the same button, soon after', ['begin', 448, 'sent red', 250, 'red', 45, 'red'], ['red']],
    ['the same button, held from just after', ['sent red', 100, 'red', 45, 'red', 45, 'red', 45, 'red', 45, 'red'], ['red']],
    ['another remote while the board sends', ['begin', 'blue', 448, 'sent red'], []],
    ['another remote just after', ['begin', 448, 'sent red', 'blue'], ['blue']],
    ['the same button, well after', ['begin', 448, 'sent red', 501, 'red'], ['red']],
    ['while learning, each frame', ['learn 5 s', 'red', 45, 'red', 45, 'blue'], ['red, learning', 'red, learning', 'blue, learning']],
    ['those that have waited all at once', ['learn 5 s', ...Array<Step>(limits.learnAtOnce).fill('red')],
      Array<string>(limits.learnAtOnce).fill('red, learning')],
    ['but for what comes too fast', ['learn 5 s', ...Array<Step>(limits.learnAtOnce + 1).fill('red'), 24, 'red', 1, 'red', 'red'],
      Array<string>(limits.learnAtOnce + 1).fill('red, learning')],
    ['never an echo', ['learn 5 s', 'begin', 'red', 448, 'sent red', 'red', 249, 'red', 1, 'red'], ['red, learning']],
    ['a button held when the window ends', ['learn 5 s', 4990, 'red', 45, 'red'], ['red, learning']],
    ['after the window', ['learn 5 s', 4990, 'red', 501, 'red', 45, 'red'], ['red, learning', 'red']],
    ['a second window instead of the first', ['learn 60 s', 'learn 5 s', 5000, 'red', 45, 'red'], ['red']],
  ];
  for (const [why, acts, reported] of steps) {
    const clock = new HandClock(0);
    const heard: string[] = [];
    let sending = false;
    const receiver = new Receiver({ clock, isSending: () => sending, report: ({ code, protocol }, learning) =>
      heard.push(`${protocol === 12 ? 'SM5212' : code === 1 ? 'red' : 'blue'}${learning ? ', learning' : ''}`) });
    for (const act of acts) {
      if (typeof act === 'number') clock.pass(act);
      else if (act === 'begin') sending = true;
      else if (act === 'learn 5 s') receiver.learn(5);
      else if (act === 'learn 60 s') receiver.learn(60);
      else if (act === 'sent red' || act === 'sent SM5212') {
        sending = false;
        receiver.sent(act === 'sent red' ? red : sm5212);
      } else receiver.frame(buttons[act]);
    }
    t.same(heard, reported, why);
  }
});

t.test('back-off doubles up to its bound, and chance spreads it over the upper half', async (t) => {
  const bounds = { minMs: 500, maxMs: 60_000 };
  for (const [tries, chance, ms] of [
    [1, 0, 250], [1, 1, 500], [2, 1, 1000], [3, 0.5, 1500], [7, 1, 32_000], [8, 0, 30_000], [8, 1, 60_000], [10_000, 1, 60_000],
  ] as const) t.equal(backoffMs(bounds, tries, chance), ms, `try ${tries}, chance ${chance}`);
});
