import type { RfCode } from '@sconce/protocol/messages';
import t from 'tap';
import type { z } from 'zod';
import { airMicros } from '@sconce/protocol/radio';
import { Radio } from '../src/device/radio.ts';
import { Receiver } from '../src/device/receiver.ts';
import { Room, type RoomHappening, RoomSettings } from '../src/ether/room.ts';
import type { SocketState } from '../src/ether/socket.ts';
import { HandClock } from './hand-clock.ts';

const usual = { bits: 24, protocol: 1, pulse: 350 };
const on: RfCode = { code: 5393, ...usual };
const off: RfCode = { code: 5396, ...usual };
const remote = { name: 'remote', buttons: [{ name: 'on', ...on }, { name: 'off', ...off }] };
const taught = { name: 'lamp', learned: [{ on, off }] };
/** 44.8 ms: rc-switch's figure. */
const oneFrame = airMicros(on) / 1000;

/** A room in which time stands until it is moved, with boards by name: what each has heard, and its transmitter. */
function bench({ airtime = 1, boards = ['hall'], ...settings }: z.input<typeof RoomSettings> & { airtime?: number }) {
  const clock = new HandClock(1_795_000_000_000);
  const told: (RoomHappening & { ms: number })[] = [];
  const room = new Room(RoomSettings.parse(settings), {
    clock, airtime, tell: (happening) => told.push({ ...happening, ms: clock.ticks() }),
  });
  const heard: Record<string, number[]> = {};
  const radios: Record<string, Radio> = {};
  for (const name of boards) {
    const codes: number[] = heard[name] = [];
    const radio: Radio = new Radio({ clock, airtime, antenna: room.addBoard(name, ({ code }) => {
      if (!radio.sending) codes.push(code);
    }) });
    radios[name] = radio;
  }
  room.noise();
  const events = <E extends RoomHappening['event']>(name: E) =>
    told.filter((happening): happening is Extract<RoomHappening, { event: E }> & { ms: number } => happening.event === name);
  return {
    clock, room, told, heard, events,
    send: (board: string, code: RfCode, repeat: number) =>
      radios[board]!.send({ code, repeat, mayStart: () => true, sent: () => {}, cut: () => {} }),
    stop: (board: string) => radios[board]!.stop(),
    press: (button: string, frames: number) => room.press('remote', button, frames),
    sockets: (): SocketState[] => {
      room.ask();
      return events('room').at(-1)!.sockets;
    },
    lamp: () => events('socket').map(({ on, why }) => `${on ? 'on' : 'off'}, ${why}`),
  };
}

t.test('a remote: its frames take their time; boards hear all but the first, sockets react to the second', async (t) => {
  const { clock, press, heard, events } = bench({ remotes: [remote], sockets: [taught] });
  press('on', 6);
  clock.pass(2 * oneFrame - 1);
  t.same(events('socket'), [], 'one frame is not enough');
  clock.pass(1);
  t.match(events('socket'), [{ socket: 'lamp', on: true, why: 'radio', ms: 2 * oneFrame }], 'the second in a row is');
  clock.pass(1000);
  t.same(heard.hall, Array(5).fill(on.code), 'as the firmware decodes: of n frames n - 1');
  t.match(events('air'), [{ from: 'remote', ...on, frames: 6, clashed: 0, ms: 6 * oneFrame }]);
  t.match(events('pressed'), [{ remote: 'remote', button: 'on', frames: 6 }]);
  press('on', 6);
  clock.pass(1000);
  t.equal(events('socket').length, 1, 'on is on already');
});

t.test('a press has as many frames as people press long', async (t) => {
  const { clock, room, events } = bench({ remotes: [remote] });
  for (let press = 0; press < 200; press++) {
    room.press('remote', 'on');
    clock.pass(1000);
  }
  t.same([...new Set(events('air').map(({ frames }) => frames))].sort((a, b) => a - b), [4, 5, 6, 7, 8, 9, 10]);
});

t.test('a board\'s own queue never overlaps on the air, and goes out in order', async (t) => {
  const { clock, send, events, sockets } = bench({ sockets: [taught, { name: 'other', learned: [{ on: off }] }] });
  const codes = Array.from({ length: 9 }, (_, index) => ({ ...on, code: on.code + index }));
  for (const code of codes) t.ok(send('hall', code, 4));
  t.notOk(send('hall', on, 4), 'one on the air, eight waiting: no more');
  clock.pass(60_000);
  const sent = events('air');
  t.same(sent.map(({ code }) => code), codes.map(({ code }) => code));
  for (const [index, { began, frames, clashed, ms }] of sent.entries()) {
    t.same({ frames, clashed }, { frames: 4, clashed: 0 });
    t.ok(Math.abs(ms - (index + 1) * 4 * oneFrame) < 1, 'without a gap');
    if (index > 0) t.ok(Date.parse(began) - 1_795_000_000_000 >= Math.floor(sent[index - 1]!.ms), 'nor an overlap');
  }
  t.same(sockets().map(({ on }) => on), [false, true], '5393, and 5396 four codes later: each socket by its own');
});

t.test('two that overlap destroy each other for all who hear both; one who hears one hears it', async (t) => {
  const links = [{ from: 'remote', to: 'cellar', reach: false }];
  const { clock, send, press, heard, events, lamp } = bench({
    boards: ['hall', 'attic', 'cellar'], remotes: [remote], sockets: [taught], links,
  });
  press('on', 4);
  clock.pass(oneFrame / 2);
  send('attic', { ...on, code: 99 }, 4);
  clock.pass(1000);
  t.same(heard, { hall: [], attic: [], cellar: [99, 99, 99] }, 'in the cellar the remote is not heard, so the attic is');
  t.same(lamp(), []);
  t.same(events('air').map(({ from, frames, clashed }) => ({ from, frames, clashed })),
    [{ from: 'remote', frames: 4, clashed: 4 }, { from: 'attic', frames: 4, clashed: 4 }]);

  press('on', 8);
  clock.pass(oneFrame / 2);
  send('attic', { ...on, code: 99 }, 2);
  clock.pass(1000);
  t.same(heard.hall, Array(4).fill(on.code), 'of eight frames five are whole, in a row');
  t.same(lamp(), ['on, radio'], 'repeating is what it is for');
});

t.test('who sends is deaf meanwhile, and a neighbour hears it as it hears a remote', async (t) => {
  const { clock, send, heard } = bench({ boards: ['hall', 'attic'], sockets: [taught] });
  send('hall', on, 5);
  clock.pass(1000);
  t.same(heard, { hall: [], attic: Array(4).fill(on.code) },
    'nothing in the frame says that it is a board\'s: that the household has sent it, the API must know');
});

t.test('of a neighbour\'s transmission a board reports one press', async (t) => {
  const { clock, room, send } = bench({ boards: ['hall'] });
  const reported: number[] = [];
  const receiver = new Receiver({ clock, isSending: () => false, report: ({ code }) => reported.push(code) });
  room.addBoard('attic', (code) => receiver.frame(code));
  send('hall', on, 10);
  clock.pass(1000);
  t.same(reported, [on.code]);
});

t.test('a transmission that is cut off has said what it said', async (t) => {
  const { clock, send, stop, press, heard, events } = bench({ remotes: [remote] });
  send('hall', on, 10);
  clock.pass(3.5 * oneFrame);
  stop('hall');
  press('on', 9);
  clock.pass(3.5 * oneFrame);
  press('off', 3);
  clock.pass(1000);
  t.same(events('air').map(({ from, code, frames, clashed }) => [from, code, frames, clashed]),
    [['hall', on.code, 3, 0], ['remote', on.code, 3, 0], ['remote', off.code, 3, 0]]);
  t.same(heard.hall, [on.code, on.code, off.code, off.code], 'another button lets go of the first');
});

t.test('loss and chance: as much as is said, the same with the same seed, on that link only', async (t) => {
  const hear = (seed: number, more: object) => {
    const { clock, send, heard, room } = bench({ seed, boards: ['hall'], ...more });
    let frames = 0;
    room.addBoard('attic', () => { frames += 1; });
    send('hall', on, 40);
    for (let round = 1; round < 50; round++) {
      clock.pass(40 * oneFrame);
      send('hall', on, 40);
    }
    clock.pass(40 * oneFrame);
    return { frames, hall: heard.hall };
  };
  const all = hear(1, {}).frames;
  t.equal(all, 50 * 39, 'nothing lost: each transmission but its first frame');
  const some = hear(1, { loss: 0.2 }).frames / all;
  t.ok(Math.abs(some - 0.64) < 0.03, `a fifth lost: two in a row arrive with 0.8 × 0.8 (${some.toFixed(3)})`);
  t.equal(hear(1, { loss: 0.2 }).frames, hear(1, { loss: 0.2 }).frames, 'the same seed');
  t.not(hear(2, { loss: 0.2 }).frames, hear(1, { loss: 0.2 }).frames, 'another seed');
  t.equal(hear(1, { loss: 0.2, links: [{ from: 'hall', to: 'attic', loss: 0 }] }).frames, all, 'a link of its own');
  t.equal(hear(1, { links: [{ from: 'hall', to: 'attic', loss: 1 }] }).frames, 0, 'all lost');
  t.equal(hear(1, { links: [{ from: 'hall', to: 'attic', reach: false }] }).frames, 0, 'out of reach');
  t.equal(hear(1, { links: [{ from: 'attic', to: 'hall', reach: false }] }).frames, all, 'reach has a direction');
});

t.test('a thousand commands through a fifth of loss: the lamp follows nearly all', async (t) => {
  const { clock, send, events } = bench({ seed: 5, loss: 0.2, sockets: [taught] });
  for (let command = 0; command < 1000; command++) {
    send('hall', command % 2 === 0 ? on : off, 10);
    clock.pass(500);
  }
  const missed = 1000 - events('socket').length;
  // Ten frames without two in a row that arrive: about 0.2 %; and a command that is missed makes the next one idle.
  t.ok(missed <= 10, `${missed} of 1000 changed nothing`);
});

t.test('noise comes as often as is said, moves no socket, and is heard as a code now and then', async (t) => {
  const { clock, events, heard, lamp } = bench({ noisePerMinute: 30, sockets: [taught] });
  clock.pass(10 * 60_000);
  const bursts = events('air').filter(({ from }) => from === 'noise');
  t.ok(bursts.length > 250 && bursts.length < 350, `${bursts.length} in ten minutes`);
  const twice = bursts.filter(({ frames, clashed }) => frames === 2 && clashed === 0).length;
  t.equal(heard.hall!.length, twice, 'boards hear what came twice');
  t.ok(twice > 50);
  t.same(lamp(), []);
});

t.test('a socket learns, gives up, and forgets', async (t) => {
  const odd: RfCode = { code: 0xabcdef, ...usual };
  const even: RfCode = { code: 0x123456, ...usual };
  type Step = 'hold' | 'tap' | 'forget' | 'on' | 'off' | 'odd' | 'even' | number;
  const cases: readonly (readonly [why: string, learned: { on: RfCode; off?: RfCode }[], steps: readonly Step[], lamp: readonly string[]])[] = [
    ['a pair by its On', [], ['hold', 'on', 1000, 'on', 1000, 'off'],
      ['off, held', 'off, learned', 'on, radio', 'off, radio']],
    ['two that do not belong together: On, then Off', [], ['hold', 'odd', 1000, 'odd', 1000, 'even', 1000, 'odd', 1000, 'even'],
      ['off, held', 'off, learned', 'on, radio', 'off, radio']],
    ['only On, and nothing more in time', [], ['hold', 'odd', 8000, 'odd', 1000, 'even'],
      ['off, held', 'off, learned', 'on, radio']],
    ['nothing in time', [], ['hold', 7999, 1, 'on'], ['off, held', 'off, learned nothing']],
    ['too late', [], ['hold', 8000, 'on', 1000, 'on'], ['off, held', 'off, learned nothing']],
    ['held again: eight seconds more', [], ['hold', 7000, 'hold', 7000, 'on', 1000, 'on'],
      ['off, held', 'off, held', 'off, learned', 'on, radio']],
    ['while it blinks it does not switch', [{ on, off }], ['hold', 'odd', 1000, 'on', 1000, 'on'],
      ['off, held', 'off, learned', 'on, radio']],
    ['a second remote beside the first', [{ on, off }], ['hold', 'odd', 8000, 'odd', 1000, 'off'],
      ['off, held', 'off, learned', 'on, radio', 'off, radio']],
    ['its Off while it blinks: forgets that remote', [{ on, off }, { on: odd, off: even }], ['hold', 'off', 1000, 'on', 1000, 'odd'],
      ['off, held', 'off, forgot', 'on, radio']],
    ['forgets everything', [{ on, off }, { on: odd }], ['forget', 'on', 1000, 'odd'], ['off, forgot']],
    ['its own button', [], ['tap', 'tap'], ['on, button', 'off, button']],
  ];
  const buttons = Object.entries({ on, off, odd, even }).map(([name, code]) => ({ name, ...code }));
  for (const [why, learned, steps, expected] of cases) {
    const { clock, room, lamp } = bench({ remotes: [{ name: 'remote', buttons }], sockets: [{ name: 'lamp', learned }] });
    for (const step of steps) {
      if (typeof step === 'number') clock.pass(step);
      else if (step === 'hold' || step === 'tap' || step === 'forget') room.touch('lamp', step);
      else room.press('remote', step, 6);
    }
    clock.pass(1000);
    t.same(lamp(), expected, why);
  }
});

t.test('it learns from three equal frames in a row, and remembers five remotes', async (t) => {
  const { clock, room, press, lamp, sockets } = bench({ remotes: [remote], sockets: [{ name: 'lamp' }] });
  room.touch('lamp', 'hold');
  press('on', 2);
  clock.pass(100);
  press('on', 2);
  clock.pass(100);
  t.same(lamp(), ['off, held'], 'two and two are not three');
  press('on', 3);
  clock.pass(200);
  t.same(lamp(), ['off, held', 'off, learned']);

  const many = Array.from({ length: 5 }, (_, index) => ({ name: String(index), ...usual, code: 0x100001 + 16 * index }));
  const full = bench({ remotes: [{ name: 'remote', buttons: many }], sockets: [taught] });
  for (const { name } of many) {
    full.room.touch('lamp', 'hold');
    full.press(name, 3);
    full.clock.pass(500);
  }
  t.same(full.sockets()[0]!.learned.map(({ on }) => on.code), many.map(({ code }) => code), 'the oldest made room');
  t.match(sockets()[0], { learned: [{ on, off }] });
});

t.test('a board of another process: told what it hears; what it says it has sent is heard at once', async (t) => {
  const clock = new HandClock(1_795_000_000_000);
  const told: RoomHappening[] = [];
  const settings = RoomSettings.parse({ boards: ['hall', 'attic'], remotes: [remote], sockets: [taught],
    links: [{ from: 'remote', to: 'attic', reach: false }] });
  const room = new Room(settings, { clock, airtime: 1, tell: (happening) => told.push(happening) });
  room.press('remote', 'on', 4);
  clock.pass(1000);
  t.same(told.filter(({ event }) => event === 'heard'), Array(3).fill({ event: 'heard', board: 'hall', ...on }));
  told.length = 0;
  room.sent('hall', off, 5);
  t.match(told.filter(({ event }) => event === 'socket'), [{ on: false, why: 'radio' }]);
  t.same(told.filter(({ event }) => event === 'heard'), Array(4).fill({ event: 'heard', board: 'attic', ...off }));
  room.touch('lamp', 'forget');
  room.touch('lamp', 'hold');
  room.sent('hall', on, 5);
  room.sent('hall', on, 5);
  t.match(told.filter(({ event }) => event === 'socket').at(-1), { on: true, why: 'radio' },
    'a second transmission is one of its own, however short the silence before it was');
  t.match(told.at(-1), { event: 'air', from: 'hall', frames: 5, clashed: 0, began: new Date(1_795_000_001_000 - 5 * oneFrame).toISOString() });
});

t.test('without air time everything happens at once', async (t) => {
  const { send, press, heard, lamp } = bench({ airtime: 0, boards: ['hall', 'attic'], remotes: [remote], sockets: [taught] });
  press('on', 4);
  send('hall', off, 4);
  t.same(lamp(), ['on, radio', 'off, radio']);
  t.same(heard, { hall: [on, on, on].map(({ code }) => code), attic: [on, on, on, off, off, off].map(({ code }) => code) });
});

t.test('what is not there: said in words', async (t) => {
  const { room } = bench({ remotes: [remote], sockets: [taught] });
  for (const [words, what] of [
    [/no remote "other" here; there is: remote/, () => room.press('other', 'on')],
    [/no button "dim" here; there is: on, off/, () => room.press('remote', 'dim')],
    [/no socket "fan" here; there is: lamp/, () => room.touch('fan', 'hold')],
    [/no board "shed" here; there is: none/, () => room.sent('shed', on, 1)],
    [/two stations have the name "lamp"/, () => room.addBoard('lamp', () => {})],
    [/two stations have the name "noise"/, () => bench({ sockets: [{ name: 'noise' }] })],
  ] as const) t.throws(what, { message: words });
});
