import { Problem, SwitchResult } from '@sconce/protocol/http';
import { limits } from '@sconce/protocol/limits';
import type { Test } from 'tap';
import type { Demo } from '../../src/demo-process.ts';
import { until } from '../../src/until.ts';
import type { Watcher } from '../../src/watcher.ts';
import { alive, isOutlet, outletNamed, record, tap } from './script.ts';

/** One tap, and all that may go wrong between the broker and the lamp; the same whatever the board is made of. */
export async function aTap(t: Test, demo: Demo, watcher: Watcher) {
  await t.test('a tap: 200, the code on the air, the open dashboard sees it', async (t) => {
    const { status, body, outlet } = await tap(demo, true);
    t.equal(status, 200);
    const { commandId, ms } = SwitchResult.parse(body);
    t.ok(ms > 0 && ms < limits.commandDeadlineMs, `${ms} ms`);
    const control = outlet.control;
    const sent = record(demo).find(({ event, id }) => event === 'transmitted' && id === commandId);
    t.match(sent, { code: control?.kind === 'rf' ? control.on.code : 'none', bits: 24 });
    const { outlet: seen } = await watcher.event('the tap',
      isOutlet(outlet.id, ({ lastCommand }) => lastCommand?.id === commandId && lastCommand.outcome === 'transmitted'));
    t.match(seen, {
      state: { on: true, source: 'command', certainty: 'assumed' }, lastCommand: { by: 'Olive Owner (demo.json)' },
    });
  });

  await t.test('a relay pin is confirmed', async () => {
    const porch = outletNamed(demo, 'Porch light');
    const { commandId } = SwitchResult.parse((await tap(demo, true, porch)).body);
    await watcher.event('the porch', isOutlet(porch.id, ({ state, lastCommand }) =>
      lastCommand?.id === commandId && state.on === true && state.certainty === 'confirmed'));
  });

  await t.test('the hand remote is followed, live', async () => {
    watcher.forget();
    const hall = outletNamed(demo, 'Hall lamp');
    demo.write('press off');
    // For a second after a board has sent a code, it is taken for an echo: pressed again, as people would.
    const again = setInterval(() => demo.write('press off'), 1500);
    await watcher.event('the press', isOutlet(hall.id, ({ state }) => state.on === false && state.source === 'remote'))
      .finally(() => clearInterval(again));
  });

  await t.test('an unplugged board: 409 within a second of the broker knowing; the dashboard sees it', async (t) => {
    watcher.forget();
    const board = demo.facts().processes.board;
    demo.write('unplug');
    const hall = outletNamed(demo, 'Hall lamp');
    await until('the board’s end', () => !alive(board));
    const began = performance.now();
    await watcher.event('offline', isOutlet(hall.id, ({ device }) => !device.online));
    const { status, body, took } = await tap(demo, true);
    t.ok(performance.now() - began < 1000, `told after ${Math.round(performance.now() - began)} ms`);
    t.equal(status, 409);
    t.match(Problem.parse(body), { code: 'device_offline', detail: /Hall board.*offline/ });
    t.ok(took < 1000, `answered in ${Math.round(took)} ms`);
    await watcher.event('the failure', isOutlet(hall.id, ({ lastCommand }) => lastCommand?.outcome === 'offline'));

    watcher.forget();
    demo.write('plug');
    await watcher.event('online again', isOutlet(hall.id, ({ device }) => device.online));
    t.equal((await tap(demo, true)).status, 200);
  });

  await t.test('a hung board: 504 at the deadline, and it does not send when it wakes up', async (t) => {
    const { board } = await until('the board’s pid',
      () => alive(demo.facts().processes.board) && demo.facts().processes);
    process.kill(board, 'SIGSTOP');
    const { status, body, took } = await tap(demo, false);
    t.equal(status, 504);
    const problem = Problem.parse(body);
    t.match(problem, { code: 'command_expired', detail: /did not answer within 4 s/ });
    t.ok(took >= limits.commandDeadlineMs && took < limits.commandDeadlineMs + 1500, `after ${Math.round(took)} ms`);
    process.kill(board, 'SIGCONT');
    await until('the board’s own verdict',
      () => record(demo).find(({ event, id }) => event === 'expired' && id === problem.commandId));
    t.equal((await tap(demo, false)).status, 200, 'the next one works');
    t.notOk(record(demo).find(({ event, id }) => event === 'transmitted' && id === problem.commandId),
      'the late one was not sent');
  });

  await t.test('the broker is killed: said in words, and everything comes back by itself', async (t) => {
    watcher.forget();
    process.kill(demo.facts().processes.mosquitto, 'SIGKILL');
    await watcher.event('the broker is gone', (event) => event.type === 'bus' && !event.connected);
    const down = await tap(demo, true);
    t.equal(down.status, 503);
    t.match(Problem.parse(down.body), { code: 'broker_unreachable', detail: /keeps trying/ });
    const hall = down.outlet;
    await watcher.event('the board is not known to be there', isOutlet(hall.id, ({ device }) => !device.online));
    watcher.forget();
    await watcher.event('the broker is back', (event) => event.type === 'bus' && event.connected, 15_000);
    await watcher.event('the board is back', isOutlet(hall.id, ({ device }) => device.online), 15_000);
    t.equal((await tap(demo, true)).status, 200);
  });
}
