/** What goes out on the air when people tap: the room's own record says it, not the API. */
import type { AuditPage } from '@sconce/protocol/audit';
import type { Outlet } from '@sconce/protocol/http';
import type { DeviceId } from '@sconce/protocol/ids';
import { airMicros } from '@sconce/protocol/radio';
import type { Run, Scene } from '@sconce/protocol/radio-api';
import t, { type Test } from 'tap';
import { startHouseholdInRoom, type OnAir } from '../src/household-in-room.ts';
import { until } from '../src/until.ts';
import { Watcher } from '../src/watcher.ts';

const usual = { bits: 24, protocol: 1, pulse: 350 };
const repeat = 4;
const remoteOn = { code: 5393, ...usual };
const home = await startHouseholdInRoom(t.testdir(), { names: ['Hall board', 'Attic board'], room: {
  remotes: [{ name: 'Remote', buttons: [{ name: 'On', ...remoteOn }], frames: [4, 4] }],
} });
t.teardown(() => home.stop());
const { olive, onAir } = home;
const [hall, attic] = home.boards.map(({ id }) => id) as [DeviceId, DeviceId];

const add = (name: string, deviceId: DeviceId, on: number, more: object = {}) => olive.json<Outlet>('/api/v1/outlets', {
  method: 'POST', body: { deviceId, name, control: { kind: 'rf', repeat, on: { code: on, ...usual }, off: { code: on + 3, ...usual }, ...more } },
});
const scene = (name: string, outlets: readonly Outlet[]) => olive.json<Scene>('/api/v1/scenes',
  { method: 'POST', body: { name, steps: outlets.map(({ id }) => ({ outletId: id, on: true })) } });
const run = ({ id }: Scene) => olive.json<Run>(`/api/v1/scenes/${id}/run`, { method: 'POST' });
const tap = ({ id }: Outlet, on: boolean) => olive.json(`/api/v1/outlets/${id}/switch`, { method: 'POST', body: { on } });

/** What goes out meanwhile, in the order in which it begins. */
async function duringThis(count: number, what: () => Promise<unknown>): Promise<OnAir[]> {
  const from = onAir.length;
  await what();
  await until(`${count} transmissions`, () => onAir.length >= from + count);
  return onAir.slice(from).toSorted((a, b) => Date.parse(a.began) - Date.parse(b.began));
}

function oneAtATime(t: Test, sent: readonly OnAir[]): void {
  const least = repeat * airMicros({ code: 0, ...usual }) / 1000;
  for (const [n, { from, code, frames, clashed, began, at }] of sent.entries()) {
    const which = `code ${code} of ${from}`;
    t.same({ frames, clashed }, { frames: repeat, clashed: 0 }, `${which}: whole`);
    t.ok(Date.parse(at) - Date.parse(began) >= Math.floor(least) - 1, `${which}: as long as its frames take`);
    const before = sent[n - 1];
    if (before) t.ok(Date.parse(began) >= Date.parse(before.at), `${which}: not before ${before.code} of ${before.from} has ended`);
  }
}

t.test('a scene of ten outlets on one board: ten transmissions, in order, one after the other', async (t) => {
  const ten: Outlet[] = [];
  for (let n = 0; n < 10; n += 1) ten.push(await add(`Lamp ${n}`, hall, 1001 + 16 * n));
  const inOrder = ten.toReversed();
  const evening = await scene('Evening', inOrder);
  const watcher = await Watcher.open(olive);
  let done: Run | undefined;
  const sent = await duringThis(10, async () => { done = await run(evening); });
  t.same(done?.steps.map(({ outletId, outcome }) => [outletId, outcome]), inOrder.map(({ id }) => [id, 'transmitted']));
  t.same(sent.map(({ from, code }) => [from, code]), inOrder.map((_, n) => ['Hall board', 1001 + 16 * (9 - n)]));
  oneAtATime(t, sent);
  await watcher.event('the end', (event) => event.type === 'run' && event.run.steps.every(({ outcome }) => outcome !== null));
  const progress = watcher.seen.flatMap(({ event }) => event.type === 'run' ? [event.run] : [])
    .map(({ steps }) => steps.filter(({ outcome }) => outcome !== null).length);
  t.same(progress, Array.from({ length: 11 }, (_, n) => n), 'and each is told as it ends');
  watcher.close();
});

t.test('two boards in reach of each other: neither speaks while the other does', async (t) => {
  const [one, two, three] = [await add('Hall one', hall, 2001), await add('Hall two', hall, 2017), await add('Hall three', hall, 2033)];
  const [four, five, six] = [await add('Attic one', attic, 3001), await add('Attic two', attic, 3017), await add('Attic three', attic, 3033)];
  const both = await scene('Both', [one, four, two, five, three, six]);
  const sent = await duringThis(6, async () => {
    t.same((await run(both)).steps.map(({ outcome }) => outcome), Array(6).fill('transmitted'));
  });
  oneAtATime(t, sent);
  for (const [board, codes] of [['Hall board', [2001, 2017, 2033]], ['Attic board', [3001, 3017, 3033]]] as const) {
    t.same(sent.filter(({ from }) => from === board).map(({ code }) => code), codes, `${board}: in the scene's order`);
  }

  const far = await add('Between them', hall, 4001, { also: [attic] });
  const again = await duringThis(2, () => tap(far, true));
  oneAtATime(t, again);
  t.same(again.map(({ from, code }) => [from, code]), [['Hall board', 4001], ['Attic board', 4001]], 'a second transmission follows the first');

  oneAtATime(t, await duringThis(4, () => Promise.all([tap(one, false), tap(four, false), tap(far, false)])));
});

t.test('what one board sends is no press to the other; the same button pressed after it is one', async (t) => {
  const lamp = await add('Lamp with a remote', hall, remoteOn.code);
  const presses = async () => (await olive.json<AuditPage>(`/api/v1/audit?outlet=${lamp.id}&action=outlet.switch`)).entries
    .filter(({ actor }) => actor.kind === 'remote').length;
  const state = async () => (await olive.json<Outlet[]>('/api/v1/outlets')).find(({ id }) => id === lamp.id)?.state;
  await duringThis(1, () => tap(lamp, true));
  t.match(await state(), { on: true, source: 'command' });
  await duringThis(1, () => tap(lamp, false));
  await duringThis(1, async () => home.simulator.write(JSON.stringify({ press: { remote: 'Remote', button: 'On' } })));
  await until('the press', async () => (await state())?.source === 'remote');
  t.match(await state(), { on: true });
  await until('its entry', async () => await presses() === 1);
});
