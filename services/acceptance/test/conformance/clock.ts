import type { Test } from 'tap';
import { clockOff } from '../../src/clock-off.ts';
import { deeds, inWords, send, type Bench } from './bench.ts';
import { hall } from './household.ts';

const minute = 60;
const tenYears = 3652 * 24 * 60 * minute;

/** A board whose clock is wrong must not act on what it cannot judge, and says what is wrong. */
export async function wrongClock(t: Test, { start, asker }: Bench) {
  for (const [why, seconds, outcome, record] of [
    ['minutes behind', -2 * minute, 'refused deadline_too_far',
      { event: 'refused', why: /deadline lies .* ahead.*a clock is wrong, the sender's or this board's/ }],
    ['an hour ahead', 60 * minute, 'expired', { event: 'expired', lateMs: Number }],
  ] as const) {
    const device = start(t, {}, clockOff(seconds));
    await device.connected();
    for (const action of [send(1), { do: 'pin.set', pin: 4, on: true }, { do: 'identify' }, { do: 'restart' }] as const) {
      const id = await asker.ask(hall.id, action);
      t.equal(inWords(await asker.answer(id)), outcome, `${why}: ${action.do}`);
      t.match(device.events(record.event).find((line) => line.id === id), record, `${why}: the record says so`);
    }
    t.same(device.events(...deeds), [], `${why}: nothing happens`);
    await device.stop();
  }

  for (const [why, seconds, words] of [
    ['ten years behind', -tenYears, /A clock is wrong: check the one here|gives a wrong time/],
    ['ten years ahead', tenYears, /broker's certificate has expired.*the clock here is wrong/],
  ] as const) {
    const device = start(t, {}, clockOff(seconds));
    // A board gives its time servers 20 s to say something better.
    const { message } = await device.record.first(why, ({ event }) => event === 'error', { ms: 30_000 });
    t.match(message, words, `${why}: says that a clock is wrong`);
    const id = await asker.ask(hall.id, send(1));
    // The next try ends after the command would have come.
    await device.record.first(`${why}: another try`, ({ event }) => event === 'error',
      { from: device.record.all.length, ms: 30_000 });
    t.same(asker.answers(id), [], `${why}: nobody answers`);
    t.same(device.events('connected', ...deeds), [], `${why}: it stays outside, and nothing happens`);
    await device.stop();
  }
}
