import type { Outlet } from '@sconce/protocol/http';
import type { Test } from 'tap';
import type { Demo } from '../../src/demo-process.ts';
import { until } from '../../src/until.ts';
import { Visitor } from '../../src/visitor.ts';
import { Watcher } from '../../src/watcher.ts';
import { tap } from './script.ts';

/** What no board has a part in: a killed API, streams that are cut off, and who gets in. */
export async function theServer(t: Test, demo: Demo, olive: Visitor, watcher: Watcher) {
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
    await t.rejects(mallory.signIn('mallory'), /problem=sign_in_denied/, 'cancelled');
    const forged = await mallory.request('/auth/callback?code=x&state=y');
    t.match(forged.headers.get('location'), 'problem=sign_in_expired');
    t.equal((await mallory.request('/api/v1/me')).status, 401);
    const elsewhere = await new Visitor(demo.facts().url).request('/auth/login?returnTo=https://evil.example');
    t.equal(elsewhere.status, 302);
  });
}
