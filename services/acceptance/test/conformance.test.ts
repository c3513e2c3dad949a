/**
 * What a board must do, whatever it is made of: every kind in src/launchers.ts goes through all of this. The boards are
 * processes, the broker is the real one with the shipped configuration, the other side asks as the API does. What is about
 * certificates that change is in conformance-certificates.test.ts.
 */
import t, { type Test } from 'tap';
import { launchers, type Launcher } from '../src/launchers.ts';
import { setUp, type Bench } from './conformance/bench.ts';
import { clocksYearsWrong, wrongClock } from './conformance/clock.ts';
import { commands, deadlines, duplicates } from './conformance/commands.ts';
import { oversized, vectorsOfTheProtocol } from './conformance/malformed.ts';
import { endings, presence } from './conformance/presence.ts';
import { learning, manyInOneProcess, queue, remote } from './conformance/radio.ts';
import { brokerRestart } from './conformance/reconnect.ts';
import { trust } from './conformance/trust.ts';

const chapters: [what: string, chapter: (t: Test, bench: Bench) => Promise<void>, concerns?: (kind: Launcher) => boolean][] = [
  ['presence', presence],
  ['what a board says at its end', endings],
  ['commands and their answers', commands],
  ['the same id twice', duplicates],
  ['deadlines', deadlines],
  ['what the protocol allows and what it does not', vectorsOfTheProtocol],
  ['what is too large or not to be read', oversized],
  ['the radio\'s queue', queue],
  ['the hand remote', remote],
  ['learning from a remote', learning],
  ['many boards in one process', manyInOneProcess, ({ many }) => many],
  ['a broker that dies and comes back', brokerRestart],
  ['certificates that do not fit', trust],
  ['a clock that is a little wrong', wrongClock],
];

// Each kind has a broker of its own, and much of the time is spent waiting.
t.jobs = 2;
for (const launcher of Object.values(launchers)) {
  t.test(launcher.name, { buffered: true }, async (t) => {
    const bench = await setUp(t, launcher);
    const yearsWrong = await clocksYearsWrong(t, bench);
    for (const [what, chapter, concerns] of chapters) {
      if (concerns?.(launcher) ?? true) await t.test(what, (t) => chapter(t, bench));
    }
    await t.test('a clock that is years wrong', yearsWrong);
  });
}
