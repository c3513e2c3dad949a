import { createServer } from 'node:net';
import t from 'tap';
import type { Device } from '@sconce/protocol/http';
import { demoEnvironment, startDemo, type DemoFacts } from '../src/demo-process.ts';
import { boardKinds, launchers } from '../src/launchers.ts';
import { Visitor } from '../src/visitor.ts';
import { Watcher } from '../src/watcher.ts';
import { aTap } from './demo/board.ts';
import { theRoom } from './demo/room.ts';
import { alive } from './demo/script.ts';
import { theServer } from './demo/server.ts';

const { env, dir, remove } = await demoEnvironment({ first: true });
t.teardown(remove);

/** Of the start before. */
let before: DemoFacts | undefined;

for (const kind of boardKinds) {
  t.test(`the demo with BOARD=${kind}, from the outside`, async (t) => {
    const began = performance.now();
    const demo = await startDemo({ ...env, BOARD: kind }, dir);
    t.teardown(() => demo.kill());
    t.comment(`started in ${Math.round(performance.now() - began)} ms`);
    const facts = demo.facts();
    if (before) {
      t.equal(facts.token, before.token, 'another start finds the state of the one before, whichever board that had');
      t.same(facts.outlets.map(({ id }) => id), before.outlets.map(({ id }) => id));
    }
    const olive = new Visitor(facts.url);
    await olive.signIn('olive');
    const [device] = await olive.json<Device[]>('/api/v1/devices');
    t.match(device, { name: 'Hall board', hardware: launchers[kind].name }, 'it is the board that was asked for');
    const watcher = await Watcher.open(olive);
    await watcher.event('the first event', ({ type }) => type === 'reset');

    await theRoom(t, demo, watcher, !before);
    await aTap(t, demo, watcher);
    if (!before) await theServer(t, demo, olive, watcher);

    await t.test('asked to stop, it leaves no process behind', async (t) => {
      const { processes } = demo.facts();
      const began = performance.now();
      process.kill(processes.demo, 'SIGINT');
      await demo.ended;
      t.comment(`stopped in ${Math.round(performance.now() - began)} ms`);
      for (const [name, pid] of Object.entries(processes)) t.notOk(alive(pid), `${name} is gone`);
      watcher.close();
    });
    before = facts;
  });
}

t.test('a busy port, one that is none, a board that there is not: said in words', async (t) => {
  const other = await demoEnvironment();
  t.teardown(other.remove);
  const blocker = createServer().listen(Number(other.env.DEMO_PORT), '127.0.0.1');
  t.teardown(() => void blocker.close());
  await t.rejects(startDemo(other.env, other.dir),
    new RegExp(`Port ${other.env.DEMO_PORT} \\(the dashboard\\) is in use.*DEMO_PORT=`));
  for (const [name, value, words] of [
    ['DEMO_PORT', 'web', /DEMO_PORT is not a port: web/],
    ['DEMO_AIRTIME', 'fast', /DEMO_AIRTIME is not a factor from 0 to 1: fast/],
    ['BOARD', 'arduino', /BOARD is "arduino"\. There is BOARD=simulator,.*and BOARD=cpp,/],
  ] as const) await t.rejects(startDemo({ ...other.env, [name]: value }, other.dir), words);
});
