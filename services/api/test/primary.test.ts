import cluster, { type Worker } from 'node:cluster';
import { pino } from 'pino';
import t from 'tap';
import type { DeviceId } from '@sconce/protocol/ids';
import type { ToPrimary, ToWorker } from '../src/cluster/messages.ts';
import { Primary } from '../src/cluster/primary.ts';
import { createMetrics, createSupervision, summedUp } from '../src/metrics/metrics.ts';
import { until } from '../../acceptance/src/until.ts';
import { readExposition } from './exposition.ts';

/**
 * The first process and what others say to it, in an order of the test's own: whole processes, killed for real, are in
 * workers.test.ts, but say what they say when they please.
 */
const primary = new Primary(0, {}, pino({ level: 'silent' }));
// So nobody takes the place of one that dies.
primary.stop();
const supervision = createSupervision(primary);
const [hall, attic] = ['a', 'b'].map((digit) => digit.repeat(32)) as [DeviceId, DeviceId];
let ids = 0;

/** One that is there, and what it has been told. */
function born() {
  const told: ToWorker[] = [];
  const { registry, meter } = createMetrics();
  let hangs = false;
  ids += 1;
  const worker = { id: ids, process: { pid: ids }, isConnected: () => true, send(message: ToWorker) {
    told.push(message);
    if (message.type !== 'sconce:measure' || hangs) return;
    void registry.getMetricsAsJSON().then((metrics) => says({ type: 'sconce:metrics', ask: message.ask, metrics }));
  } } as unknown as Worker;
  const says = (message: ToPrimary) => void cluster.emit('message', worker, message);
  return {
    says, meter, told,
    serves() {
      says({ type: 'sconce:hello' });
      says({ type: 'sconce:ready' });
    },
    hang: () => { hangs = true; },
    dies: () => void cluster.emit('exit', worker, null, 'SIGKILL'),
    leads: () => told.some((message) => message.type === 'sconce:lead' || (message.type === 'sconce:welcome' && message.welcome.leads)),
    granted: (ask: number) => until(`turn ${ask}`, () => told.find((message) => message.type === 'sconce:turned' && message.ask === ask)),
    asksForTurn: (ask: number, board: DeviceId) => says({ type: 'sconce:turn', ask, board, airMs: 60_000, patienceMs: 60_000 }),
  };
}

t.test('one that is heard of once more after its death neither leads nor serves, and holds nothing up', async (t) => {
  const [first, second, third] = [born(), born(), born()];
  first.serves();
  second.says({ type: 'sconce:hello' });
  t.same([first, second].map((one) => one.leads()), [true, false]);
  for (const one of [first, second]) one.dies();
  for (const one of [second, first]) one.serves();
  t.equal(primary.serving, 0);
  third.serves();
  t.ok(third.leads(), 'the next one leads');
  first.says({ type: 'sconce:word', word: { about: 'sending', entry: '1 1', board: hall, code: '1 24 1', at: 0, heardFrom: 0 } });
  first.says({ type: 'sconce:word', word: { about: 'event', told: { event: { type: 'bus', connected: true }, audience: { to: 'everyone' } } } });
  t.same(third.told.flatMap((message) => message.type === 'sconce:said' ? message.said.about : []), ['event'],
    'what has happened is told; of what it sent nobody would ever say that it has ended');
  first.asksForTurn(1, hall);
  third.asksForTurn(1, attic);
  t.match(await third.granted(1), { granted: true });
  third.says({ type: 'sconce:turn-over', ask: 1 });
  third.dies();
});

t.test('who dies gives back the turn that they had, and the one that they waited for', async (t) => {
  const [holder, waiter, last] = [born(), born(), born()];
  for (const one of [holder, waiter, last]) one.serves();
  holder.asksForTurn(1, hall);
  await holder.granted(1);
  waiter.asksForTurn(1, attic);
  last.asksForTurn(1, hall);
  last.asksForTurn(2, attic);
  waiter.dies();
  holder.dies();
  t.match(await last.granted(1), { granted: true });
  last.says({ type: 'sconce:turn-over', ask: 1 });
  t.match(await last.granted(2), { granted: true });
  last.dies();
});

t.test('no counter falls when one dies or hangs', async (t) => {
  const [steady, victim] = [born(), born()];
  for (const one of [steady, victim]) one.serves();
  steady.meter.signIn('signed_in');
  for (let i = 0; i < 3; i += 1) victim.meter.signIn('signed_in');
  victim.meter.request({ method: 'GET', route: '/healthz', status: 200, seconds: 0.001 });
  const leave = victim.meter.streamOpened();
  const read = async () => {
    const families = readExposition(await summedUp(await primary.measure(), supervision));
    const sum = (name: string) => families.get(name)?.samples.filter((one) => !/_(bucket|sum)$/.test(one.name))
      .reduce((all, { value }) => all + value, 0);
    return ['sconce_sign_ins_total', 'sconce_http_request_duration_seconds', 'sconce_event_streams_open'].map(sum);
  };
  t.same(await read(), [4, 1, 1]);
  victim.hang();
  t.same(await read(), [4, 1, 0], 'one that does not answer: what it counted stands, how it is nobody knows');
  victim.dies();
  leave();
  t.same(await read(), [4, 1, 0], 'it has died');
  steady.meter.signIn('signed_in');
  t.same(await read(), [5, 1, 0], 'and the others go on');
  steady.dies();
  t.same(await read(), [5, 1, undefined], 'all have');
});
