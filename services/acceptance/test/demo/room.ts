import type { Test } from 'tap';
import type { Demo } from '../../src/demo-process.ts';
import type { RoomRequest, RoomState } from '../../src/demo/room/state.ts';
import { until } from '../../src/until.ts';
import type { Watcher } from '../../src/watcher.ts';
import { isOutlet, outletNamed, record, tap } from './script.ts';

const fresh = 'Box-fresh socket';

/** How the room stands at this moment: the first of its events. */
async function stateOf(demo: Demo): Promise<RoomState> {
  const response = await fetch(`${demo.facts().room}/events`);
  let text = '';
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    if (text.includes('\n\n')) break;
  }
  return JSON.parse(text.slice('data: '.length, text.indexOf('\n\n'))) as RoomState;
}

const touch = (demo: Demo, request: RoomRequest | object) => fetch(`${demo.facts().room}/do`,
  { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(request) });

/** The virtual room beside the demo: the lamps' own state is the proof of what Sconce says. */
export async function theRoom(t: Test, demo: Demo, watcher: Watcher, isFirstStart: boolean) {
  const socket = (name: string, what: string, fits: (socket: RoomState['sockets'][number]) => boolean) =>
    until(`${name}: ${what}`, async () => (await stateOf(demo)).sockets.find((one) => one.name === name && fits(one)));
  const lamp = (name: string, on: boolean) => socket(name, on ? 'lit' : 'dark', (one) => one.on === on);
  const press = (remote: string, button: string) => touch(demo, { press: { remote, button } });

  await t.test('the room: a tap lights the lamp, and only that one', async (t) => {
    await tap(demo, false, outletNamed(demo, 'Reading lamp'));
    await tap(demo, false);
    await lamp('Hall lamp', false);
    await tap(demo, true);
    await lamp('Hall lamp', true);
    await tap(demo, true, outletNamed(demo, 'Porch light'));
    await lamp('Porch light', true);
    const { sockets } = await stateOf(demo);
    t.same(sockets.filter(({ on }) => on).map(({ name }) => name), ['Hall lamp', 'Porch light']);
  });

  await t.test('the room: its remote switches the lamp, and Sconce follows', async () => {
    watcher.forget();
    await press('The lamps’ remote', 'Hall lamp Off');
    await lamp('Hall lamp', false);
    const hall = outletNamed(demo, 'Hall lamp');
    await watcher.event('the press', isOutlet(hall.id, ({ state }) => state.on === false && state.source === 'remote'));
  });

  await t.test('the room: a remote that Sconce does not know reaches the board and its own lamp', async (t) => {
    await press('The fan’s remote', 'On');
    await lamp('Fan', true);
    const { air: [latest] } = await until('it on the air', async () => {
      const state = await stateOf(demo);
      return state.air[0]?.from === 'The fan’s remote' && state;
    });
    await until('the board has heard it', () => record(demo).some(({ event, code }) => event === 'received' && code === latest?.code));
    await press('The fan’s remote', 'Off');
    await lamp('Fan', false);
    t.pass();
  });

  await t.test('the room: a socket learns what the board sends, and keeps it; it forgets when asked', async (t) => {
    await socket(fresh, isFirstStart ? 'knows nothing' : 'knows what it learned before the restart',
      ({ knows }) => knows === (isFirstStart ? 0 : 1));
    await touch(demo, { touch: { socket: fresh, how: 'forget' } });
    await socket(fresh, 'knows nothing', ({ knows }) => knows === 0);
    await touch(demo, { touch: { socket: fresh, how: 'hold' } });
    await socket(fresh, 'blinks', ({ learning }) => learning);
    await tap(demo, true);
    await socket(fresh, 'has learned', ({ learning, knows }) => !learning && knows === 1);
    await tap(demo, true);
    t.ok(await lamp(fresh, true));
    await tap(demo, false);
    t.ok(await lamp(fresh, false), 'Off follows from On');
  });

  await t.test('the room: what it serves, and what it refuses', async (t) => {
    const page = await fetch(demo.facts().room);
    t.match(page.headers.get('content-security-policy'), /default-src 'none'; script-src 'self'/);
    t.notMatch(await page.text(), /<(script|style)>|onclick=|style="/, 'nothing inline, which the policy forbids');
    const script = await (await fetch(`${demo.facts().room}/room.js`)).text();
    t.notMatch(script, /import type|: RoomState/, 'the script is JavaScript');
    for (const [why, request, status] of [
      ['nothing known', {}, 400], ['no button', { press: { remote: 'The fan’s remote' } }, 400],
      ['one key too many', { noise: 1, x: 1 }, 400], ['too much noise', { noise: 601 }, 400], ['noise', { noise: 0 }, 204],
    ] as const) t.equal((await touch(demo, request)).status, status, why);
  });
}
