import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import t from 'tap';
import { Problem, SwitchResult, type Event, type Outlet } from '@sconce/protocol/http';
import { limits } from '@sconce/protocol/limits';
import { demoEnvironment, startDemo, type Demo } from '../src/demo-process.ts';
import { until } from '../src/until.ts';
import { Visitor } from '../src/visitor.ts';
import { Watcher } from '../src/watcher.ts';

const { env, dir, remove } = await demoEnvironment();
t.teardown(remove);

const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

type Line = { at: string; event: string; id?: string; code?: number; bits?: number };
const record = (demo: Demo): Line[] => readFileSync(demo.facts().record, 'utf8').trim().split('\n')
  .map((line) => JSON.parse(line) as Line);

type OutletEvent = Extract<Event, { type: 'outlet' }>;
const isOutlet = (id: string, fits: (outlet: Outlet) => boolean) => (event: Event): event is OutletEvent =>
  event.type === 'outlet' && event.outlet.id === id && fits(event.outlet);

/** The call of the README, by a script with the token from demo.json. */
async function tap(demo: Demo, on: boolean, outlet = demo.facts().outlets.find(({ name }) => name === 'Hall lamp')!) {
  const { url, token } = demo.facts();
  const began = performance.now();
  const response = await fetch(`${url}/api/v1/outlets/${outlet.id}/switch`, {
    method: 'POST', body: JSON.stringify({ on }),
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
  });
  return { status: response.status, body: await response.json() as unknown, took: performance.now() - began, outlet };
}

t.test('the demo, from the outside', async (t) => {
  const demo = await startDemo(env, dir);
  t.teardown(() => demo.kill());
  const olive = new Visitor(demo.facts().url);
  await olive.signIn('olive');
  const watcher = await Watcher.open(olive);
  await watcher.event('the first event', ({ type }) => type === 'reset');

  await t.test('a tap: 200, the code on the air, the open dashboard sees it', async (t) => {
    const { status, body, outlet } = await tap(demo, true);
    t.equal(status, 200);
    const { commandId, ms } = SwitchResult.parse(body);
    t.ok(ms > 0 && ms < limits.commandDeadlineMs, `${ms} ms`);
    const control = outlet.control;
    const sent = record(demo).find(({ event, id }) => event === 'transmitted' && id === commandId);
    t.match(sent, { code: control?.kind === 'rf' ? control.on.code : 'none', bits: 24 });
    const { outlet: seen } = await watcher.event('the tap', isOutlet(outlet.id, ({ state }) => state.on === true));
    t.match(seen, {
      state: { source: 'command', certainty: 'assumed' },
      lastCommand: { id: commandId, by: 'Olive Owner (demo.json)', outcome: 'transmitted' },
    });
  });

  await t.test('a relay pin is confirmed', async (t) => {
    const porch = demo.facts().outlets.find(({ name }) => name === 'Porch light');
    t.equal((await tap(demo, true, porch)).status, 200);
    await watcher.event('the porch',
      isOutlet(porch!.id, ({ state }) => state.on === true && state.certainty === 'confirmed'));
  });

  await t.test('the hand remote is followed, live', async () => {
    watcher.forget();
    demo.write('press off');
    const hall = demo.facts().outlets.find(({ name }) => name === 'Hall lamp')!;
    await watcher.event('the press',
      isOutlet(hall.id, ({ state }) => state.on === false && state.source === 'remote'));
  });

  await t.test('an unplugged board: 409 within a second of the broker knowing; the dashboard sees it', async (t) => {
    watcher.forget();
    const board = demo.facts().processes.board;
    demo.write('unplug');
    const hall = demo.facts().outlets.find(({ name }) => name === 'Hall lamp')!;
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

  await t.test('the API is killed: it comes back, the session lives, nothing was lost', async (t) => {
    const before = await olive.json<Outlet[]>('/api/v1/outlets');
    process.kill(demo.facts().processes.api, 'SIGKILL');
    await watcher.closed;
    const again = await until('a new stream', () => Watcher.open(olive), 30_000);
    await again.event('a reset, since events were missed', ({ type }) => type === 'reset');
    await until('the board', async () => (await olive.json<Outlet[]>('/api/v1/outlets'))[0]?.device.online, 15_000);
    t.same((await olive.json<Outlet[]>('/api/v1/outlets')).map(({ state }) => state), before.map(({ state }) => state));
    t.equal((await tap(demo, false)).status, 200);
    again.close();
  });

  await t.test('a stream that was cut off resumes where it was', async (t) => {
    const first = await Watcher.open(olive);
    await first.event('reset', ({ type }) => type === 'reset');
    await tap(demo, true);
    const known = await until('an event',
      () => first.seen.findLast(({ id, event }) => id !== undefined && event.type === 'outlet')?.id);
    first.close();
    await tap(demo, false);
    const second = await Watcher.open(olive, known);
    await second.event('what was missed', (event) => event.type === 'outlet' && event.outlet.state.on === false);
    t.notOk(second.seen.some(({ event }) => event.type === 'reset'), 'without a reset');
    second.close();
  });

  await t.test('a newcomer waits; a sign-in that was cancelled, forged or replayed gets nobody in', async (t) => {
    const ned = new Visitor(demo.facts().url);
    t.match(await ned.signIn('ned'), { state: 'pending', role: 'member' });
    t.equal((await ned.request('/api/v1/outlets')).status, 403);
    const stream = await Watcher.open(ned);
    await stream.event('reset', ({ type }) => type === 'reset');
    await tap(demo, true);
    t.notOk(stream.seen.some(({ event }) => event.type === 'outlet'), 'the stream of a waiting person tells nothing');
    stream.close();

    const mallory = new Visitor(demo.facts().url);
    await t.rejects(mallory.signIn('mallory'), /problem=sign_in_failed/, 'cancelled');
    const forged = await mallory.request('/auth/callback?code=x&state=y');
    t.match(forged.headers.get('location'), 'problem=sign_in_failed');
    t.equal((await mallory.request('/api/v1/me')).status, 401);
    const elsewhere = await new Visitor(demo.facts().url).request('/auth/login?returnTo=https://evil.example');
    t.equal(elsewhere.status, 302);
  });

  await t.test('asked to stop, it leaves no process behind', async (t) => {
    const { processes } = demo.facts();
    const began = performance.now();
    process.kill(processes.demo, 'SIGINT');
    await demo.ended;
    t.comment(`stopped in ${Math.round(performance.now() - began)} ms`);
    for (const [name, pid] of Object.entries(processes)) t.notOk(alive(pid), `${name} is gone`);
    watcher.close();
  });
});

t.test('a second start finds its state', async (t) => {
  const before = JSON.parse(readFileSync(`${dir}/demo.json`, 'utf8')) as ReturnType<Demo['facts']>;
  const began = performance.now();
  const demo = await startDemo(env, dir);
  t.teardown(() => demo.stop());
  t.comment(`second start: ${Math.round(performance.now() - began)} ms`);
  t.equal(demo.facts().token, before.token, 'the token still works');
  t.same(demo.facts().outlets.map(({ id }) => id), before.outlets.map(({ id }) => id));
  t.equal((await tap(demo, true)).status, 200);
});

t.test('a busy port, and one that is none, are said in words', async (t) => {
  const other = await demoEnvironment();
  t.teardown(other.remove);
  const blocker = createServer().listen(Number(other.env.DEMO_PORT), '127.0.0.1');
  t.teardown(() => void blocker.close());
  await t.rejects(startDemo(other.env, other.dir),
    new RegExp(`Port ${other.env.DEMO_PORT} \\(the dashboard\\) is in use.*DEMO_PORT=`));
  await t.rejects(startDemo({ ...other.env, DEMO_PORT: 'web' }, other.dir), /DEMO_PORT is not a port: web/);
});
