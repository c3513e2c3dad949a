import t from 'tap';
import { Problem, type MadeToken, type Outlet, type ProblemCode } from '@sconce/protocol/http';
import { limits } from '@sconce/protocol/limits';
import { hashSecret, newSecret } from '../src/domain/secret.ts';
import { insertToken } from '../src/db/credentials.ts';
import { setPerson } from '../src/db/people.ts';
import { BusUnreachable } from '../src/mqtt/bus.ts';
import { board, databases, Household, publicUrl, type Client } from './household.ts';

const nobody = '00000000-0000-4000-8000-000000000000';
const frame = { bits: 24, protocol: 1, pulse: 350 };
const rf = { kind: 'rf', on: { code: 1, ...frame }, off: { code: 2, ...frame } };

for (const [database, open] of Object.entries(databases)) {
  t.test(database, async (t) => {
    const { db, stop } = await open();
    const household = await Household.on(db);
    t.teardown(async () => {
      await household.close();
      await stop();
    });
    const { bus, context } = household;
    const olive = await household.person('olive');
    const ned = await household.person('ned');
    const outlet = await household.withOutlet(olive.client);
    const url = `/api/v1/outlets/${outlet.id}/switch`;
    const token = async (client: Client, scopes: string[]) =>
      (await client('POST', '/api/v1/tokens', { name: 'script', scopes })).json<MadeToken>();
    const bearer = ({ token: secret }: { token: string }) => household.as({ authorization: `Bearer ${secret}` });

    t.test('the verified owner is the first admin; everyone else waits', async (t) => {
      t.match(olive.person, { role: 'admin', state: 'active' });
      t.match(ned.person, { role: 'member', state: 'pending' });
      const impostor = await household.person('olive2', false);
      t.equal(impostor.person.state, 'pending');
      t.match((await ned.client('GET', '/api/v1/me')).json(), { state: 'pending' },
        'a waiting person may ask who they are');
    });

    t.test('a tap: the code goes out, the outcome is stored and shown', async (t) => {
      bus.sent.length = 0;
      const answer = await olive.client('POST', url, { on: true });
      t.equal(answer.statusCode, 200, answer.body);
      t.match(answer.json(), { outcome: 'transmitted', ms: Number, commandId: String });
      const left = (bus.sent[0]?.deadline.getTime() ?? 0) - Date.now();
      t.ok(left > 0 && left <= limits.commandDeadlineMs, `${left} ms are left`);
      t.match(bus.sent, [{ device: board, action: { do: 'rf.send', code: 5393, bits: 24, repeat: 10 } }]);
      const [seen] = (await olive.client('GET', '/api/v1/outlets')).json<Outlet[]>();
      t.match(seen, {
        state: { on: true, certainty: 'assumed', source: 'command' },
        lastCommand: { on: true, outcome: 'transmitted', by: 'olive' },
      });
    });

    t.test('a command that did not succeed leaves the state as it was, and says why', async (t) => {
      for (const [why, answer, code, status, outcome] of [
        ['expired', async () => ({ outcome: 'expired' as const }), 'command_expired', 504, 'expired'],
        ['refused', async () => ({ outcome: 'refused' as const, reason: 'queue_full' as const }), 'command_refused', 502, 'refused'],
        ['failed', async () => ({ outcome: 'failed' as const, reason: 'hardware' as const }), 'command_failed', 502, 'failed'],
        ['gone', async () => ({ outcome: 'offline' as const }), 'device_offline', 409, 'offline'],
        ['no broker', () => Promise.reject(new BusUnreachable()), 'broker_unreachable', 503, 'failed'],
      ] as const) {
        bus.answer = answer;
        const response = await olive.client('POST', url, { on: false });
        t.equal(response.statusCode, status, why);
        const problem = Problem.parse(response.json());
        t.match(problem, { code, commandId: String }, why);
        const [seen] = (await olive.client('GET', '/api/v1/outlets')).json<Outlet[]>();
        t.match(seen, { state: { on: true }, lastCommand: { id: problem.commandId, on: false, outcome } },
          `${why}: shown as it is`);
      }
      bus.answer = () => Promise.reject(new Error('words from inside'));
      const fault = await olive.client('POST', url, { on: false });
      t.match(Problem.parse(fault.json()), { status: 500, code: 'internal' });
      t.notMatch(fault.body, /words from inside|\.ts/, 'what broke is for the log alone');
      bus.answer = async () => ({ outcome: 'transmitted' });
    });

    t.test('an offline board is refused at once, and nothing is sent', async (t) => {
      await household.boardSays({ channel: 'status', value: { online: false, since: 0 } });
      bus.sent.length = 0;
      const response = await olive.client('POST', url, { on: true });
      t.match(response.json(), { code: 'device_offline', detail: /“Hall board” is offline/ });
      t.same(bus.sent, []);
      const [seen] = (await olive.client('GET', '/api/v1/outlets')).json<Outlet[]>();
      t.match(seen, { device: { online: false, since: String } });
      await household.boardSays({ channel: 'status', value: { online: true, since: Date.now() } });
    });

    t.test('the hand remote is followed', async (t) => {
      // What a board has just sent is no press.
      household.later(2000);
      await household.boardSays({ channel: 'rf/received', value: { code: 5396, bits: 24, protocol: 1, pulse: 377 } });
      const [seen] = (await olive.client('GET', '/api/v1/outlets')).json<Outlet[]>();
      t.match(seen?.state, { on: false, source: 'remote' });
    });

    t.test('what is asked wrongly is a problem document that helps', async (t) => {
      const post = { 'content-type': 'application/json' };
      const revoked = await token(olive.client, ['switch']);
      await olive.client('DELETE', `/api/v1/tokens/${revoked.id}`);
      const reader = await token(olive.client, ['read']);
      const switcher = await token(olive.client, ['switch']);
      const past = newSecret();
      await insertToken(db, {
        person_id: olive.person.id, name: 'old', prefix: 'sct_', secret_hash: hashSecret(`sct_${past}`),
        scopes: ['switch'], created_at: new Date(0), expires_at: new Date(1) });
      const member = await household.person('mona');
      await setPerson(db, member.person.id, { state: 'active' });
      const ended = await household.person('ed');
      await setPerson(db, ended.person.id, { state: 'deactivated' });
      const stranger = household.as({});
      const same = { origin: publicUrl, 'sec-fetch-site': 'same-origin' };

      for (const [why, ask, status, code] of [
        ['an unknown key', () => olive.client('POST', url, { on: true, x: 1 }), 400, 'invalid_request'],
        ['a wrong type', () => olive.client('POST', url, { on: 'true' }), 400, 'invalid_request'],
        ['nothing', () => olive.client('POST', url), 400, 'invalid_request'],
        ['null', () => olive.client('POST', url, 'null', post), 400, 'invalid_request'],
        ['not JSON', () => olive.client('POST', url, '{"on":', post), 400, 'invalid_request'],
        ['prototype pollution', () => olive.client('POST', url, '{"on":true,"__proto__":{}}', post), 400, 'invalid_request'],
        ['an empty JSON body', () => olive.client('POST', url, '', post), 400, 'invalid_request'],
        ['a form', () => olive.client('POST', url, 'on=true', { 'content-type': 'application/x-www-form-urlencoded' }), 415, 'unsupported_media_type'],
        ['plain text', () => olive.client('POST', url, '{"on":true}', { 'content-type': 'text/plain' }), 415, 'unsupported_media_type'],
        ['an oversized body', () => olive.client('POST', url, { on: true, x: 'x'.repeat(limits.requestBytes) }), 413, 'body_too_large'],
        ['an unknown id', () => olive.client('POST', `/api/v1/outlets/${nobody}/switch`, { on: true }), 404, 'outlet_not_found'],
        ['no id at all', () => olive.client('POST', '/api/v1/outlets/hall/switch', { on: true }), 400, 'invalid_request'],
        ['an id with a quote', () => olive.client('DELETE', `/api/v1/outlets/${encodeURIComponent("' or 1=1 --")}`), 400, 'invalid_request'],
        ['an address that is not there', () => olive.client('GET', '/api/v1/lamps'), 404, 'not_found'],
        ['a method that is not there', () => olive.client('DELETE', '/api/v1/me'), 404, 'not_found'],
        ["somebody else's outlet", () => member.client('POST', url, { on: true }), 404, 'outlet_not_found'],
        ["an admin's business", () => member.client('DELETE', `/api/v1/devices/${board}`), 403, 'forbidden'],
        ["somebody else's outlet, to change it", () => member.client('PATCH', `/api/v1/outlets/${outlet.id}`, { name: 'a' }), 404, 'outlet_not_found'],
        ["somebody else's board, to change it", () => member.client('PATCH', `/api/v1/devices/${board}`, { name: 'a' }), 404, 'device_not_found'],
        ['no session', () => stranger('POST', url, { on: true }), 401, 'not_signed_in'],
        ['no session, reading', () => stranger('GET', '/api/v1/outlets'), 401, 'not_signed_in'],
        ['no session, events', () => stranger('GET', '/api/v1/events'), 401, 'not_signed_in'],
        ['a cookie that is not ours', () => stranger('POST', url, { on: true }, { cookie: '__Host-session=abc;def', ...same }), 401, 'not_signed_in'],
        ['a pending person', () => ned.client('POST', url, { on: true }), 403, 'pending_approval'],
        ['a pending person, reading', () => ned.client('GET', '/api/v1/outlets'), 403, 'pending_approval'],
        ['a pending person, tokens', () => ned.client('POST', '/api/v1/tokens', { name: 'a', scopes: ['switch'] }), 403, 'pending_approval'],
        ['a deactivated person', () => ended.client('POST', url, { on: true }), 403, 'deactivated'],
        ['a revoked token', () => bearer(revoked)('POST', url, { on: true }), 401, 'token_invalid'],
        ['an ended token', () => household.as({ authorization: `Bearer sct_${past}` })('POST', url, { on: true }), 401, 'token_invalid'],
        ['an invented token', () => household.as({ authorization: 'Bearer sct_x' })('POST', url, { on: true }), 401, 'token_invalid'],
        ['a password', () => household.as({ authorization: 'Basic b2xpdmU6eA==' })('POST', url, { on: true }), 401, 'token_invalid'],
        ['a bad token beside a good cookie', () => olive.client('GET', '/api/v1/outlets', undefined, { authorization: 'Bearer sct_x' }), 401, 'token_invalid'],
        ['a token without the scope', () => bearer(reader)('POST', url, { on: true }), 403, 'scope_missing'],
        ['a token that wants to manage', () => bearer(switcher)('DELETE', `/api/v1/outlets/${outlet.id}`), 403, 'scope_missing'],
        ['a token that wants a token', () => bearer(switcher)('POST', '/api/v1/tokens', { name: 'more', scopes: ['manage'] }), 403, 'forbidden'],
        ["somebody else's token", () => member.client('DELETE', `/api/v1/tokens/${reader.id}`), 404, 'token_not_found'],
        ['from another site', () => olive.client('POST', url, { on: true }, { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }), 403, 'cross_site'],
        ['from a sibling site', () => olive.client('POST', url, { on: true }, { origin: 'https://x.example.org', 'sec-fetch-site': 'same-site' }), 403, 'cross_site'],
        ['from another site that claims our origin', () => olive.client('POST', url, { on: true }, { 'sec-fetch-site': 'cross-site' }), 403, 'cross_site'],
        ['from an old browser on another site', () => household.as({ cookie: olive.cookie, origin: 'https://evil.example' })('POST', url, { on: true }), 403, 'cross_site'],
        ['with a cookie and no origin', () => household.as({ cookie: olive.cookie })('POST', url, { on: true }), 403, 'cross_site'],
        ['signing out from another site', () => olive.client('POST', '/auth/logout', undefined, { origin: 'https://evil.example' }), 403, 'cross_site'],
        ['an outlet on an unknown board', () => olive.client('POST', '/api/v1/outlets', { deviceId: 'f'.repeat(32), name: 'a', control: rf }), 404, 'device_not_found'],
        ['an outlet on a pin without a relay', () => olive.client('POST', '/api/v1/outlets', { deviceId: board, name: 'a', control: { kind: 'pin', pin: 4 } }), 409, 'device_not_capable'],
        ['a name that is taken', () => olive.client('POST', '/api/v1/outlets', { deviceId: board, name: 'HALL LAMP', room: 'hall', control: rf }), 409, 'name_taken'],
        ['a code too large for its bits', () => olive.client('POST', '/api/v1/outlets', { deviceId: board, name: 'a', control: { ...rf, on: { ...rf.on, code: 2 ** 24 } } }), 400, 'invalid_request'],
        ['no change', () => olive.client('PATCH', `/api/v1/outlets/${outlet.id}`, {}), 400, 'invalid_request'],
        ['adopted already', () => olive.client('POST', `/api/v1/devices/${board}/adopt`, { name: 'b' }), 409, 'device_adopted_already'],
        ['an unknown board', () => olive.client('POST', `/api/v1/devices/${'f'.repeat(32)}/identify`), 404, 'device_not_found'],
        ['a callback out of nowhere', () => stranger('GET', '/auth/callback?code=a&state=b'), 302, undefined],
      ] as [string, () => ReturnType<Client>, number, ProblemCode | undefined][]) {
        const response = await ask();
        t.equal(response.statusCode, status, `${why}: ${response.body}`);
        if (code === undefined) {
          t.equal(response.headers.location, '/sign-in?problem=sign_in_expired', why);
          continue;
        }
        t.match(response.headers['content-type'], 'application/problem+json', why);
        const problem = Problem.parse(response.json());
        t.equal(problem.code, code, why);
        t.ok(problem.detail.length > 20, `${why}: a sentence`);
        t.equal(problem.requestId, response.headers['x-request-id'], why);
        t.notMatch(response.body, /node_modules|at .*\.ts:|sct_x|select /i, `${why}: nothing from inside`);
      }
      const unknown = await olive.client('POST', url, { on: true, x: 1 });
      t.match(unknown.json(), { errors: [{ message: /x/ }] }, 'the unknown key is named');
      const wrong = await olive.client('POST', url, { on: 'true' });
      t.match(wrong.json(), { errors: [{ path: 'on' }] }, 'the wrong key is named');
    });

    t.test('a share lets a member use an outlet, without showing its codes', async (t) => {
      const { person, client } = await household.person('sam');
      await setPerson(db, person.id, { state: 'active' });
      t.same((await client('GET', '/api/v1/outlets')).json(), []);
      await db.insertInto('shares')
        .values({ person_id: person.id, outlet_id: outlet.id, device_id: null, right: 'use', created_at: new Date() }).execute();
      const [seen] = (await client('GET', '/api/v1/outlets')).json<Outlet[]>();
      t.match(seen, { name: 'Hall lamp' });
      t.notOk(seen && 'control' in seen);
      t.equal((await client('POST', url, { on: true })).statusCode, 200);
      const other = await household.person('mona');
      t.same((await other.client('GET', '/api/v1/outlets')).json(), [], 'a share is for one person');
      t.match((await other.client('POST', url, { on: true })).json(), { code: 'outlet_not_found' });
      const second = { deviceId: board, name: 'Cellar lamp', control: rf };
      const { id } = (await olive.client('POST', '/api/v1/outlets', second)).json<Outlet>();
      t.equal((await client('GET', '/api/v1/outlets')).json<Outlet[]>().length, 1, 'and for one outlet');
      await olive.client('DELETE', `/api/v1/outlets/${id}`);
    });

    t.test('tokens: shown once, hashed at rest, listed without their secret', async (t) => {
      const made = await token(olive.client, ['read', 'switch']);
      t.match(made.token, /^sct_[\w-]{43}$/);
      t.equal((await bearer(made)('POST', url, { on: true })).statusCode, 200);
      const listed = (await olive.client('GET', '/api/v1/tokens')).body;
      t.notMatch(listed, made.token);
      t.match(listed, made.prefix);
      const rows = await db.selectFrom('tokens').selectAll().execute();
      t.notMatch(JSON.stringify(rows), made.token.slice(10), 'the database does not hold it');
      t.match(rows.find(({ id }) => id === made.id), { last_used_at: Date });
    });

    t.test('signing out ends the session on the server', async (t) => {
      const again = await household.person('olive');
      t.equal((await again.client('POST', '/auth/logout')).statusCode, 204);
      t.match((await household.as({ cookie: again.cookie })('GET', '/api/v1/me')).json(), { code: 'not_signed_in' },
        'a kept copy of the cookie is worth nothing');
    });

    t.test('boards: renamed, forgotten; one that is connected stays as a new one', async (t) => {
      const renamed = await olive.client('PATCH', `/api/v1/devices/${board}`, { name: 'Stairs board' });
      t.match(renamed.json(), { name: 'Stairs board', outlets: 1, online: true });
      t.equal((await olive.client('DELETE', `/api/v1/devices/${board}`)).statusCode, 204);
      t.match((await olive.client('GET', '/api/v1/devices')).json(), [{ id: board, adopted: false, outlets: 0 }]);
      t.same((await olive.client('GET', '/api/v1/outlets')).json(), []);
      await household.boardSays({ channel: 'status', value: { online: false, since: 0 } });
      t.equal((await olive.client('DELETE', `/api/v1/devices/${board}`)).statusCode, 204);
      t.same((await olive.client('GET', '/api/v1/devices')).json(), []);
      t.same(bus.cleared, [board], 'the broker is told to forget it, too');
    });

    t.test('without a broker nobody counts as online', async (t) => {
      await household.withOutlet(olive.client, 'Second lamp');
      t.match((await olive.client('GET', '/api/v1/devices')).json(), [{ online: true }]);
      bus.listener?.onConnection(false);
      await context.bus.close();
      const value = { rssi: -60, heapFree: 1, heapLargestBlock: 1, uptime: 1, tlsHandshakeMs: 1 };
      await household.boardSays({ channel: 'telemetry', value });
      t.match((await olive.client('GET', '/api/v1/devices')).json(), [{ online: false, since: null, rssi: -60 }]);
    });
  });
}

t.test('the API describes itself, and every route says what it is', async (t) => {
  const { db, stop } = await databases.PGlite!();
  const household = await Household.on(db);
  t.teardown(async () => {
    await household.close();
    await stop();
  });
  type Document = { openapi: string; paths: Record<string, Record<string, { tags?: string[] }>> };
  const document = (await household.as({})('GET', '/api/v1/openapi.json')).json<Document>();
  t.equal(document.openapi, '3.1.0');
  for (const path of [
    '/api/v1/outlets/', '/api/v1/outlets/{id}/switch', '/api/v1/devices/{id}/adopt', '/api/v1/tokens/',
    '/api/v1/sessions/', '/api/v1/sessions/{id}',
    '/api/v1/events', '/api/v1/me', '/auth/login',
  ]) {
    t.ok(document.paths[path], path);
  }
  for (const [path, methods] of Object.entries(document.paths)) {
    for (const [method, { tags }] of Object.entries(methods)) t.ok(tags?.length, `${method} ${path} has a tag`);
  }
  t.equal((await household.as({})('GET', '/api/v1/docs')).statusCode, 200);
  t.match((await household.as({})('GET', '/healthz')).json(), { status: 'ok' });
  t.match((await household.as({})('GET', '/readyz')).json(), { database: true, broker: true });
  household.bus.connected = false;
  t.match(await household.as({})('GET', '/readyz'), { statusCode: 503 });
});
