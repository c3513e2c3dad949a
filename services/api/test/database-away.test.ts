import { sql } from 'kysely';
import t from 'tap';
import { CommandId } from '@sconce/protocol/ids';
import { Problem, type Outlet } from '@sconce/protocol/http';
import { startPostgres } from '../../acceptance/src/postgres.ts';
import { until } from '../../acceptance/src/until.ts';
import { deleteOutlet, insertOutlet, setOutletState } from '../src/db/outlets.ts';
import { finishCommand, insertCommand } from '../src/db/commands.ts';
import { openDatabase } from '../src/db/database.ts';
import { isUnreachable } from '../src/db/faults.ts';
import { signIn } from '../src/usecases/sign-in.ts';
import { board, config, Household } from './household.ts';

const server = await startPostgres();
const db = openDatabase({ url: server.url }, () => undefined);
const household = await Household.on(db, { sweepMs: 100 });
t.teardown(async () => {
  await household.close();
  await db.destroy();
  await server.stop();
});
const { bus, context } = household;
const owners = await Promise.all([1, 2, 3, 4].map((one) => signIn(context, {
  issuer: 'https://issuer.invalid', subject: `owner-${one}`, email: config.ownerEmail, name: 'Olive', picture: null,
}, { verified: true, ownerEmail: config.ownerEmail })));
const olive = await household.person('olive');
await db.updateTable('people').set({ role: 'admin', state: 'active' }).where('id', '=', olive.person.id).execute();
const outlet = await household.withOutlet(olive.client);
const url = `/api/v1/outlets/${outlet.id}/switch`;
const untilWaiting = (what: string) => until(what, async () => {
  const { rows } = await sql`select 1 from pg_stat_activity where wait_event_type = 'Lock'`.execute(db);
  return rows.length > 0;
});
const seen = async () => (await olive.client('GET', '/api/v1/outlets')).json<Outlet[]>()[0];

t.test('first sign-ins at the same moment: none fails, one becomes the admin', async (t) => {
  t.equal(owners.filter(({ role }) => role === 'admin').length, 1);
});

t.test('a database that goes away ends nothing; the next request after it is back works', async (t) => {
  for (const round of ['the first time', 'and again']) {
    const slow = sql`select pg_sleep(30)`.execute(db).catch((error: unknown) => error);
    const busy = db.transaction().execute(async (tx) => {
      await sql`select 1`.execute(tx);
      // Between two queries of a transaction nobody but the pool's owner hears the connection end.
      await server.away();
      await sql`select 1`.execute(tx);
    }).catch((error: unknown) => error);
    t.ok(await slow instanceof Error, `${round}: what was under way failed`);
    t.ok(await busy instanceof Error);
    for (const [method, path, body] of [
      ['GET', '/api/v1/outlets'], ['POST', url, { on: true }], ['GET', '/api/v1/me'],
    ] as const) {
      const answer = await olive.client(method, path, body);
      t.equal(answer.statusCode, 503, `${round}: ${method} ${path}`);
      const problem = Problem.parse(answer.json());
      t.equal(problem.code, 'database_unreachable');
      t.notMatch(answer.body, /ECONN|127\.0\.0\.1|postgres/, 'nothing from inside');
    }
    t.match((await household.as({})('GET', '/readyz')).json(), { database: false, broker: true });
    t.equal((await household.as({})('GET', '/healthz')).statusCode, 200);
    await server.back();
    t.equal((await olive.client('GET', '/api/v1/outlets')).statusCode, 200, `${round}: back`);
    t.equal((await olive.client('POST', url, { on: true })).statusCode, 200);
  }
});

t.test('it goes away while the board switches: the person is told the truth, and it is stored later', async (t) => {
  bus.answer = async () => {
    await server.away();
    return { outcome: 'transmitted' };
  };
  const answer = await olive.client('POST', url, { on: false });
  t.match(answer.json(), { outcome: 'transmitted' }, 'the lamp is off, whatever the database says');
  bus.answer = async () => ({ outcome: 'transmitted' });
  await server.back();
  const { commandId } = answer.json<{ commandId: string }>();
  const stored = await until('the outcome in the database', async () => {
    const now = await seen();
    return now?.lastCommand?.outcome === 'transmitted' && now.state.on === false && now;
  });
  t.match(stored, { state: { source: 'command' }, lastCommand: { id: commandId } });
});

t.test('what boards say meanwhile is stored when it is back, the last of it at least', async (t) => {
  // Past the moment in which what was just sent is taken for an echo.
  household.later(2000);
  await server.away();
  const say = (channel: string, value: unknown) => bus.listener?.onMessage({ device: board, channel, value } as never);
  say('status', { online: false, since: 0 });
  const telemetry = { rssi: -60, heapFree: 1, heapLargestBlock: 1, uptime: 1, tlsHandshakeMs: 1 };
  for (let uptime = 1; uptime <= 500; uptime += 1) say('telemetry', { ...telemetry, uptime });
  say('status', { online: true, since: Date.now() });
  say('rf/received', { code: 5393, bits: 24, protocol: 1, pulse: 350 });
  say('status', { online: false, since: 0 });
  await server.back();
  await household.settled();
  t.match(await seen(), { state: { on: true, source: 'remote' }, device: { online: false, since: String } });
  t.match((await olive.client('GET', '/api/v1/devices')).json(), [{ online: false, uptime: 500 }]);
  say('status', { online: true, since: Date.now() });
  await household.settled();
});

t.test('a command whose process ended is closed after a while, not before', async (t) => {
  const id = (last: string) => CommandId.parse(`00000000-0000-4000-8000-00000000000${last}`);
  const at = (ms: number) => new Date(Date.now() + ms);
  const row = { outlet_id: outlet.id, person_id: olive.person.id, token_id: null, on: true, requested_at: at(-60_000) };
  await insertCommand(db, { ...row, id: id('1'), deadline: at(-8000) });
  await insertCommand(db, { ...row, id: id('2'), deadline: at(-1000) });
  const outcomeOf = async (last: string) => (await db.selectFrom('commands').select('outcome')
    .where('id', '=', id(last)).executeTakeFirstOrThrow()).outcome;
  await until('the sweep', async () => await outcomeOf('1') === 'failed');
  t.equal(await outcomeOf('2'), null, 'another process may still be waiting');
  t.equal(await finishCommand(db, id('1'), 'transmitted', 1), false);
  t.equal(await outcomeOf('1'), 'failed', 'the first outcome stays');
});

t.test('two things that happen in order and are stored the other way round: the later one stays', async (t) => {
  // Later than all that has been stored so far, by a clock that is ahead by now.
  const now = Date.now() + 5000;
  await setOutletState(db, outlet.id, false, 'command', new Date(now));
  await setOutletState(db, outlet.id, true, 'command', new Date(now - 50));
  t.match((await seen())?.state, { on: false });
  await setOutletState(db, outlet.id, true, 'remote', new Date(now - 3_600_000));
  t.match((await seen())?.state, { on: true, source: 'remote' }, 'a clock that was put back does not freeze the state');
});

t.test('a name that somebody else takes in the same moment is taken', async (t) => {
  const other = await db.startTransaction().execute();
  const code = { code: 1, bits: 24, protocol: 1, pulse: 350 };
  const twin = { name: 'Twin', room: null, icon: 'lamp', control: { kind: 'rf', on: code, off: code, repeat: 1 } } as const;
  await insertOutlet(other, { deviceId: board, ...twin }, new Date());
  const answer = olive.client('POST', '/api/v1/outlets', { deviceId: board, ...twin });
  await untilWaiting('the request to wait for the other');
  await other.commit().execute();
  t.match((await answer).json(), { status: 409, code: 'name_taken' });
});

t.test('an outlet that is removed while somebody taps it is a 404, not a fault of the server', async (t) => {
  const removal = await db.startTransaction().execute();
  await deleteOutlet(removal, outlet.id);
  const answer = olive.client('POST', url, { on: true });
  await untilWaiting('the tap to wait for the removal');
  await removal.commit().execute();
  t.match((await answer).json(), { status: 404, code: 'not_found' });
});

t.test('a sign-in without a database fails as such', async (t) => {
  await server.away();
  const error = await household.person('nobody').catch((thrown: unknown) => thrown);
  t.ok(isUnreachable(error), String(error));
  await server.back();
});
