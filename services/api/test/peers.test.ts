import t from 'tap';
import type { Event } from '@sconce/protocol/events';
import type { DeviceId } from '@sconce/protocol/ids';
import { Air } from '../src/domain/air.ts';
import { Feed } from '../src/domain/feed.ts';
import { Windows, type Peers, type Said, type Word } from '../src/domain/peers.ts';

/** Several processes in one, and the way between them: what is told waits until the test lets it through, in any order of its own. */
function household(count: number) {
  const heard: ((said: Said) => void)[][] = Array.from({ length: count }, () => []);
  const gone: ((process: number) => void)[] = [];
  const underWay: { from: number; word: Word }[] = [];
  let events = 0;
  const peers = heard.map((listeners, self): Peers => ({
    self, several: true, epoch: 'e', lastEvent: 0, leads: self === 0,
    tell: (word) => void underWay.push({ from: self, word }),
    onWord: (listener) => void listeners.push(listener),
    onGone: (listener) => void gone.push(listener),
    onLead: () => undefined,
    count: () => Promise.reject(new Error('nothing is counted here')),
    takeTurn: () => Promise.reject(new Error('nobody takes turns here')),
  }));
  return {
    peers,
    waiting: (from: number) => underWay.filter((one) => one.from === from).length,
    /** Lets the oldest of this process' words through, to all. */
    pass(from: number) {
      const [next] = underWay.splice(underWay.findIndex((one) => one.from === from), 1);
      if (!next || next.from !== from) throw new Error(`${from} has told nothing`);
      if (next.word.about === 'event') events += 1;
      for (const listeners of heard) for (const listener of listeners) listener({ ...next.word, from, number: events });
    },
    die: (process: number) => gone.forEach((listener) => listener(process)),
  };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));
const state = (on: boolean) => [{ event: { type: 'bus', connected: on } as Event, audience: { to: 'everyone' as const } }];

t.test('two processes load the same at once: whichever is heard first, the newer one stays', async (t) => {
  for (const [why, first, second] of [['the newer is heard first', 1, 0], ['the older is heard first', 0, 1]] as const) {
    const { peers, pass, waiting } = household(2);
    const [old, young] = peers.map((one) => new Feed(one)) as [Feed, Feed];
    const seen: boolean[][] = [[], []];
    [old, young].forEach((feed, i) => feed.subscribe(({ event }) => { if (event.type === 'bus') seen[i]?.push(event.connected); }));
    // The first process looks before the change, the second after it.
    let now = false;
    const older = old.publishLatest('lamp', async () => state(now));
    await settled();
    now = true;
    const newer = young.publishLatest('lamp', async () => state(now));
    await settled();
    pass(first);
    pass(second);
    await settled();
    for (const process of [0, 1]) while (waiting(process) > 0) {
      pass(process);
      await settled();
    }
    await Promise.all([older, newer]);
    t.same(seen.map((all) => all.at(-1)), [true, true], why);
    t.equal(old.lastId, young.lastId, 'by the same ids');
    t.equal(seen[0]!.length, 3, 'one of them loads it again, and it comes to an end');
  }
});

t.test('what a process had sent that has died is an echo until its deadline, and no longer', (t) => {
  const { peers, pass, die } = household(2);
  const [leader, other] = peers.map((one) => new Air(one)) as [Air, Air];
  const value = { code: 1, bits: 24, protocol: 1, pulse: 350 };
  const hear = (at: number) => leader.hear({ device: 'a'.repeat(32) as DeviceId, value, at: new Date(at) });
  other.sending('b'.repeat(32) as DeviceId, value, 1000);
  pass(1);
  t.match(hear(2000), { own: true });
  t.match(hear(60_000), { own: true }, 'a long one');
  die(1);
  t.match(hear(5700), { own: true }, 'it may have been sent, begun at the deadline');
  t.match(hear(70_000), { own: false, press: true }, 'a press of the remote is one again');
  t.end();
});

t.test('the one that takes over knows the presses of the one before', (t) => {
  const { peers, pass, waiting } = household(2);
  const [leader, next] = peers.map((one) => new Air(one)) as [Air, Air];
  const value = { code: 1, bits: 24, protocol: 1, pulse: 350 };
  const at = (ms: number) => ({ device: 'a'.repeat(32) as DeviceId, value, at: new Date(ms) });
  t.match(leader.hear(at(1000)), { press: true });
  while (waiting(0) > 0) pass(0);
  t.match(next.hear(at(1300)), { press: false, pressHere: false }, 'the button is still held');
  t.match(next.hear(at(5000)), { press: true });
  t.end();
});

t.test('what the others remember of a storm of noise is bounded, too', (t) => {
  const { peers, pass, waiting } = household(3);
  const [leader, second, third] = peers.map((one) => new Air(one)) as [Air, Air, Air];
  const at = (code: number, ms: number) =>
    ({ device: 'a'.repeat(32) as DeviceId, value: { code, bits: 24, protocol: 1, pulse: 350 }, at: new Date(ms) });
  for (let code = 0; code < 3000; code += 1) leader.hear(at(code, 1000));
  while (waiting(0) > 0) pass(0);
  t.match(second.hear(at(0, 1100)), { press: true }, 'the first of it is forgotten');
  t.match(third.hear(at(2999, 1100)), { press: false }, 'the last is not');
  t.end();
});

t.test('windows are counted by themselves, and are bounded', (t) => {
  const windows = new Windows();
  t.same(windows.count('a', 1000, 0), { current: 1, ttl: 1000 });
  t.same(windows.count('a', 1000, 400), { current: 2, ttl: 600 });
  t.same(windows.count('b', 1000, 400), { current: 1, ttl: 1000 });
  t.same(windows.count('a', 1000, 1000), { current: 1, ttl: 1000 }, 'a new one');
  for (let i = 0; i < 30_000; i += 1) windows.count(`k${i}`, 60_000, 1000);
  t.same(windows.count('k29999', 60_000, 1000).current, 2, 'the newest are remembered');
  t.same(windows.count('k0', 60_000, 1000).current, 1, 'the oldest are not');
  t.end();
});
