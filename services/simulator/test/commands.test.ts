import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { limits } from '@sconce/protocol/limits';
import type { Ack } from '@sconce/protocol/messages';
import t from 'tap';
import { Commands } from '../src/device/commands.ts';
import type { Happening } from '../src/device/happenings.ts';
import { Radio } from '../src/device/radio.ts';
import { HandClock } from './hand-clock.ts';

const start = 1_795_000_000_000 - 4000;
/** 44.8 ms a frame (rc-switch's figure), ten in a row. */
const tenFramesMs = 448;

const notAsked = { reason: 'not_asked', why: 'nothing was asked for' } as const;

/** The device's logic with everything it would touch written down: no wire, no waiting. */
function bench({ airtime = 1, pins = [5, 16] } = {}) {
  const clock = new HandClock(start);
  const answers: (Ack & { to: string })[] = [];
  const told: Happening[] = [];
  let restarts = 0;
  const radio = new Radio({ clock, airtime });
  const commands = new Commands({
    clock, radio, pins,
    // What comes of it is tested with real certificates (renewal.test.ts).
    renewal: { ask: () => {}, takeIssuer: () => notAsked, install: () => notAsked, trust: () => undefined },
    connectAnew: () => {}, trustsChanged: () => {},
    tell: (happening) => told.push(happening),
    answer: (to, ack) => answers.push({ ...ack, to }),
    transmitted: () => {},
    learn: () => {},
    restart: () => { restarts += 1; radio.stop(); },
  });
  return {
    clock, radio, answers, told,
    raw: (payload: string) => commands.receive(Buffer.from(payload)),
    ask: (message: object) => commands.receive(Buffer.from(JSON.stringify(message))),
    did: () => told.filter(({ event }) => ['transmitted', 'learn', 'pin', 'identify', 'restart'].includes(event)),
    restarts: () => restarts,
  };
}

const code = { code: 5393, bits: 24, protocol: 1, pulse: 350 };
const send = (more: object = {}) => (
  { id: randomUUID(), replyTo: 'a1b2c3d4', deadline: start + 4000, do: 'rf.send', ...code, repeat: 10, ...more });
const identify = (more: object = {}) => ({ id: randomUUID(), replyTo: 'a1b2c3d4', deadline: start + 4000, do: 'identify', ...more });

t.test('every sample of the protocol ends as it says', async (t) => {
  const vectors = JSON.parse(readFileSync(new URL('../../protocol/vectors/commands.json', import.meta.url), 'utf8')) as
    { why: string; payload: string; valid: boolean; reason?: string | null }[];
  for (const { why, payload, valid, reason } of vectors) {
    const board = bench();
    board.raw(payload);
    // The longest code that the limits allow: 40 frames of 32 bits in protocol 12's ones, at 2 ms a pulse.
    board.clock.pass(20_000);
    const { deadline } = valid ? JSON.parse(payload) as { deadline: number } : { deadline: 0 };
    if (!valid && reason === null) {
      t.same(board.answers, [], `${why}: nobody can be answered`);
    } else {
      const refused = !valid ? reason : deadline > start + limits.deadlineAheadMaxMs ? 'deadline_too_far'
        : payload.includes('"do":"update.') ? 'not_capable' : /"do":"certificate\.i/.test(payload) ? 'not_asked' : undefined;
      const outcome = refused ? 'refused' : deadline === 0 ? 'expired' : 'transmitted';
      t.equal(board.answers.length, 1, `${why}: one answer`);
      t.match(board.answers[0], { outcome, ...refused && { reason: refused } }, `${why}: ${outcome}`);
    }
    // What is about certificates leaves nothing here.
    const leaves = !/"do":"(certificate|authority)\./.test(payload);
    t.equal(board.did().length, leaves && board.answers[0]?.outcome === 'transmitted' ? 1 : 0, `${why}: what is done`);
    if (!valid) t.match(board.told[0], { event: 'refused', why: /\w/ }, `${why}: the record says why`);
  }
});

t.test('too large', async (t) => {
  const board = bench();
  board.ask(send({ note: 'x'.repeat(1024) }));
  t.match(board.answers, [{ outcome: 'refused', reason: 'too_large' }]);
  board.raw('x'.repeat(1025));
  t.equal(board.answers.length, 1, 'without a readable envelope nobody is answered');
  const justFits = JSON.stringify(identify());
  board.raw(justFits.padEnd(limits.commandBytes));
  t.match(board.answers[1], { outcome: 'transmitted' }, 'as large as allowed');
  t.equal(board.did().length, 1);
});

t.test('sent is answered when the last frame has left', async (t) => {
  const board = bench();
  board.ask(send());
  board.clock.pass(tenFramesMs - 1);
  t.same(board.answers, [], 'still on the air');
  board.clock.pass(1);
  t.match(board.answers, [{ outcome: 'transmitted', ms: tenFramesMs, to: 'a1b2c3d4' }]);
  t.match(board.did(), [{ ...code, repeat: 10, began: new Date(start).toISOString() }]);
});

t.test('the same id twice sends once and is answered twice', async (t) => {
  for (const [why, gap] of [['at once', 0], ['while on the air', 200], ['long after', 3000], ['after its deadline', 9000]] as const) {
    const board = bench();
    const command = send();
    board.ask(command);
    board.clock.pass(gap);
    board.ask({ ...command, replyTo: '00000002' });
    board.clock.pass(1000);
    t.equal(board.did().length, 1, `${why}: sent once`);
    t.same(board.answers.map(({ to }) => to), ['a1b2c3d4', '00000002'], `${why}: each that asked is answered`);
    t.equal(board.answers[0]!.ms, board.answers[1]!.ms, `${why}: with the first outcome`);
    t.match(board.told, [{}, { event: /duplicate|transmitted/ }, { event: /duplicate|transmitted/ }]);
  }
});

t.test('a refusal is an outcome, too: the same id later does not do it after all', async (t) => {
  const board = bench();
  const command = identify();
  board.ask({ ...command, colour: 'red' });
  board.ask(command);
  t.match(board.answers, [{ reason: 'malformed' }, { reason: 'malformed' }]);
  t.same(board.did(), []);
});

t.test('as many ids are remembered as promised', async (t) => {
  const board = bench();
  const first = identify();
  board.ask(first);
  for (let i = 1; i < limits.commandsRemembered; i++) board.ask(identify());
  board.ask(first);
  t.equal(board.did().length, limits.commandsRemembered, 'the oldest is still known');
  board.ask(identify());
  board.ask(first);
  t.equal(board.did().length, limits.commandsRemembered + 2, 'one more and it is forgotten');
});

t.test('what waits for the radio is never forgotten', async (t) => {
  const board = bench();
  const waiting = [send(), send()];
  for (const command of waiting) board.ask(command);
  for (let i = 0; i < 2 * limits.commandsRemembered; i++) board.ask(identify());
  board.ask(waiting[1]!);
  board.clock.pass(2000);
  t.equal(board.did().filter(({ event }) => event === 'transmitted').length, 2);
});

t.test('deadlines', async (t) => {
  for (const [why, ahead, outcome, reason] of [
    ['one millisecond left', 1, 'transmitted'],
    ['at the deadline', 0, 'expired'],
    ['past it', -1, 'expired'],
    ['as far ahead as allowed', limits.deadlineAheadMaxMs, 'transmitted'],
    ['further ahead', limits.deadlineAheadMaxMs + 1, 'refused', 'deadline_too_far'],
  ] as const) {
    const board = bench();
    board.ask(identify({ deadline: start + ahead }));
    t.match(board.answers, [{ outcome, ...reason && { reason } }], why);
    t.equal(board.did().length, outcome === 'transmitted' ? 1 : 0, why);
  }
});

t.test('a deadline that passes in the queue', async (t) => {
  const board = bench();
  board.ask(send({ code: 1 }));
  board.ask(send({ code: 2, deadline: start + tenFramesMs }));
  board.ask(send({ code: 3, deadline: start + tenFramesMs + 1 }));
  board.clock.pass(2000);
  t.match(board.answers, [{ outcome: 'transmitted' }, { outcome: 'expired' }, { outcome: 'transmitted' }]);
  t.match(board.did(), [{ code: 1 }, { code: 3 }], 'the late one was not sent, the one behind it in time');
});

t.test('the radio sends one at a time, in order, and refuses what it cannot hold', async (t) => {
  const board = bench();
  for (let i = 0; i <= limits.commandsQueued + 1; i++) board.ask(send({ code: i }));
  t.match(board.answers, [{ outcome: 'refused', reason: 'queue_full' }], 'one on the air, eight waiting, one refused');
  board.ask(identify());
  t.match(board.answers[1], { outcome: 'transmitted' }, 'what needs no radio does not wait for it');
  board.clock.pass(3999);
  const sent = board.did().filter((happening) => happening.event === 'transmitted');
  t.same(sent.map((s) => s.code), [0, 1, 2, 3, 4, 5, 6, 7].slice(0, sent.length), 'in order');
  t.same(sent.map((s) => Date.parse(s.began) - start), sent.map((_, i) => i * tenFramesMs), 'one after the other');
  board.clock.pass(1000);
  t.equal(board.answers.length, limits.commandsQueued + 3, 'each has its one answer');
});

t.test('without air time, everything is sent at once', async (t) => {
  const board = bench({ airtime: 0 });
  for (let i = 0; i < 20; i++) board.ask(send({ code: i }));
  t.equal(board.did().length, 20);
});

t.test('pins: only those with a relay', async (t) => {
  const board = bench({ pins: [4] });
  board.ask({ ...identify(), do: 'pin.set', pin: 4, on: true });
  board.ask({ ...identify(), do: 'pin.set', pin: 5, on: true });
  t.match(board.answers, [{ outcome: 'transmitted' }, { outcome: 'refused', reason: 'not_capable' }]);
  t.match(board.did(), [{ event: 'pin', pin: 4, on: true }]);
});

t.test('a restart is answered first, and what it cuts off has failed', async (t) => {
  const board = bench();
  board.ask(send());
  board.ask(send());
  const restart = { ...identify(), do: 'restart' };
  board.ask(restart);
  board.ask(restart);
  t.match(board.answers, [{ id: restart.id, outcome: 'transmitted' }, { outcome: 'failed' }, { outcome: 'failed' }, { id: restart.id }]);
  t.equal(board.restarts(), 1, 'asked twice, restarted once');
  board.clock.pass(5000);
  t.same(board.did().map(({ event }) => event), ['restart']);
});
