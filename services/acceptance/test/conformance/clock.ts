import type { Test } from 'tap';
import { clockOff } from '../../src/clock-off.ts';
import { deeds, inWords, send, type Bench } from './bench.ts';
import { attic, cellar } from './household.ts';

const minute = 60;
const tenYears = 3652 * 24 * 60 * minute;

/** Connected, with a clock that is a little wrong: a board must not act on what it cannot judge. */
export async function wrongClock(t: Test, { start, asker }: Bench) {
  for (const [why, seconds, outcome, record] of [
    ['minutes behind', -2 * minute, 'refused deadline_too_far',
      { event: 'refused', why: /deadline lies .* ahead.*a clock is wrong, the sender's or this board's/ }],
    ['an hour ahead', 60 * minute, 'expired', { event: 'expired', lateMs: Number }],
  ] as const) {
    const device = start(t, { identities: [cellar.dir] }, clockOff(seconds));
    await device.connected();
    for (const action of [send(1), { do: 'pin.set', pin: 4, on: true }, { do: 'identify' }, { do: 'restart' }] as const) {
      const id = await asker.ask(cellar.id, action);
      t.equal(inWords(await asker.answer(id)), outcome, `${why}: ${action.do}`);
      t.match(device.events(record.event).find((line) => line.id === id), record, `${why}: the record says so`);
    }
    t.same(device.events(...deeds), [], `${why}: nothing happens`);
    await device.stop();
  }
}

/**
 * Starts boards whose clock is so wrong that no certificate can be right by it. Gives the test that judges them, for
 * later: a board waits 20 s for a better time before it says that it has none.
 */
export async function clocksYearsWrong(t: Test, { start, asker }: Bench): Promise<(t: Test) => Promise<void>> {
  const cases = ([
    ['ten years behind', -tenYears, /A clock is wrong: check the one here|gives a wrong time/],
    ['ten years ahead', tenYears, /broker's certificate has expired.*the clock here is wrong/],
  ] as const).map(([why, seconds, words]) =>
    ({ why, words, device: start(t, { identities: [attic.dir] }, clockOff(seconds)) }));
  await asker.ask(attic.id, send(1));
  return async (t) => {
    for (const { why, words, device } of cases) {
      const { message } = await device.record.first(why, ({ event }) => event === 'error', { ms: 30_000 });
      t.match(message, words, `${why}: says that a clock is wrong`);
      t.same(device.events('connected', 'command', ...deeds), [], `${why}: it stays outside, and nothing happens`);
      await device.stop();
    }
  };
}
