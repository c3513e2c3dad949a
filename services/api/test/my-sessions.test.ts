import t from 'tap';
import type { MadeToken, Session } from '@sconce/protocol/http';
import { until } from '../../acceptance/src/until.ts';
import { setPerson } from '../src/db/people.ts';
import { browserWords } from '../src/domain/user-agent.ts';
import { sessionLifetimes } from '../src/usecases/sessions.ts';
import { type Client, Household, startServer } from './household.ts';

const iPhone = 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) '
  + 'Version/18.5 Mobile/15E148 Safari/604.1';
const nobody = '00000000-0000-4000-8000-000000000000';
/** Seconds for which a secret that was exchanged opens. */
const tomorrow = new Date(Date.now() + 86_400_000);
const graceSeconds = 10;

t.test('PostgreSQL', async (t) => {
  const { db, stop } = await startServer();
  const household = await Household.on(db);
  t.teardown(async () => {
    await household.close();
    await stop();
  });
  const { context, app } = household;
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  const mine = async (client: Client) => (await client('GET', '/api/v1/sessions')).json<Session[]>();
  const me = (cookie: string) => household.as({ cookie })('GET', '/api/v1/me');
  const status = async (cookie: string) => (await me(cookie)).statusCode;
  /** The pair that an answer puts in place of the cookie; undefined if it leaves it as it is. */
  const given = ({ headers }: Awaited<ReturnType<Client>>) =>
    [headers['set-cookie'] ?? []].flat().map((line) => line.split(';')[0] ?? '')[0];
  t.afterEach(async () => {
    context.now = () => new Date();
    await db.deleteFrom('sessions').execute();
  });

  /** An open event stream; `ended` says after how many milliseconds from now it ends. */
  async function watch(headers: Record<string, string>) {
    const body = (await fetch(`${url}/api/v1/events`, { headers })).body?.getReader();
    let began = performance.now();
    let over = false;
    const read = async () => {
      while (!(await body?.read())?.done);
      over = true;
      return performance.now() - began;
    };
    const all = read();
    return {
      isOpen: () => !over,
      ended() {
        began = performance.now();
        return all;
      },
    };
  }

  t.test('where am I signed in', async (t) => {
    const began = Date.now();
    const laptop = await household.person('olive', true, 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Firefox/140.0');
    context.now = () => new Date(began + 3_600_000);
    const phone = await household.person('olive', true, iPhone);
    await household.person('ned');
    const list = await mine(phone.client);
    t.match(list, [
      { browser: 'Safari on iPhone', current: true, address: '127.0.0.1' },
      { browser: 'Firefox on Linux', current: false },
    ], 'the last used first, and nobody else’s');
    t.equal(list.length, 2);
    const day = 86_400_000;
    const [{ createdAt, expiresAt }] = list as [Session];
    t.equal(Date.parse(expiresAt) - Date.parse(createdAt), sessionLifetimes.idleMs, 'it ends unless it is used');
    context.now = () => new Date(began + 29 * day);
    for (let at = 29; at < 180; at += 29) {
      context.now = () => new Date(began + at * day);
      await phone.client('GET', '/api/v1/me');
    }
    const [left, ...others] = await mine(phone.client) as [Session];
    t.equal(Date.parse(left.expiresAt) - Date.parse(createdAt), sessionLifetimes.absoluteMs, 'but not for ever');
    t.strictSame(others, [], 'one that has ended by itself is not listed');
    t.equal(await status(laptop.cookie), 401);
  });

  t.test('one is ended: its next request is refused, its stream closes at once, the others go on', async (t) => {
    const here = await household.person('olive');
    const tablet = await household.person('olive');
    const lost = await household.person('olive', true, iPhone);
    const stream = await watch({ cookie: lost.cookie });
    const others = await Promise.all([here, tablet].map(({ cookie }) => watch({ cookie })));
    const id = (await mine(here.client)).find(({ browser }) => browser === 'Safari on iPhone')?.id;
    const ended = stream.ended();
    t.equal((await here.client('DELETE', `/api/v1/sessions/${id}`)).statusCode, 204);
    t.equal(await status(lost.cookie), 401);
    const ms = await ended;
    t.ok(ms < 2000, `the stream ended after ${Math.round(ms)} ms`);
    t.equal(await status(tablet.cookie), 200);
    t.ok(others.every((one) => one.isOpen()));
    t.match((await here.client('DELETE', `/api/v1/sessions/${id}`)).json(), { status: 404, code: 'session_not_found' });
    await here.client('DELETE', '/api/v1/sessions');
  });

  t.test('all others are ended, this one is not', async (t) => {
    const here = await household.person('olive');
    const others = [await household.person('olive'), await household.person('olive')];
    const ned = await household.person('ned');
    const own = await watch({ cookie: here.cookie });
    const streams = await Promise.all(others.map(({ cookie }) => watch({ cookie })));
    const ended = streams.map((one) => one.ended());
    t.equal((await here.client('DELETE', '/api/v1/sessions')).statusCode, 204);
    for (const ms of await Promise.all(ended)) t.ok(ms < 2000, `after ${Math.round(ms)} ms`);
    for (const { cookie } of others) t.equal(await status(cookie), 401);
    t.equal(await status(ned.cookie), 200, 'another person’s is not touched');
    t.match(await mine(here.client), [{ current: true }]);
    t.ok(own.isOpen());
    const left = own.ended();
    await here.client('POST', '/auth/logout');
    t.ok(await left < 2000, 'signing out closes this browser’s other pages, too');
  });

  t.test('nobody ends what is not theirs, and no token ends anything', async (t) => {
    const olive = await household.person('olive');
    const mona = await household.person('mona');
    await setPerson(db, mona.person.id, { state: 'active' });
    const [hers] = await mine(mona.client) as [Session];
    for (const [why, client, id, problem] of [
      ['an admin, somebody else’s', olive.client, hers.id, { status: 404, code: 'session_not_found' }],
      ['nobody’s', olive.client, nobody, { status: 404, code: 'session_not_found' }],
      ['not an id', olive.client, 'mine', { status: 400, code: 'invalid_request' }],
    ] as const) t.match((await client('DELETE', `/api/v1/sessions/${id}`)).json(), problem, why);
    const scopes = ['read', 'switch', 'manage'];
    const made = (await mona.client('POST', '/api/v1/tokens', { name: 'script', scopes })).json<MadeToken>();
    const script = household.as({ authorization: `Bearer ${made.token}` });
    for (const [method, path] of [['GET', ''], ['DELETE', ''], ['DELETE', `/${hers.id}`]] as const) {
      t.match((await script(method, `/api/v1/sessions${path}`)).json(), { status: 403, code: 'forbidden' });
    }
    t.match(await mine(mona.client), [{ id: hers.id }], 'it is still there');
    const stream = await watch({ authorization: `Bearer ${made.token}` });
    const ended = stream.ended();
    await mona.client('DELETE', `/api/v1/tokens/${made.id}`);
    t.ok(await ended < 2000, 'a token that is revoked: its stream closes, too');
    const foreign = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' };
    t.match((await olive.client('DELETE', '/api/v1/sessions', undefined, foreign)).json(), { code: 'cross_site' });
    const own = await olive.client('DELETE', `/api/v1/sessions/${(await mine(olive.client))[0]?.id}`);
    t.match(own, { statusCode: 204, headers: { 'set-cookie': /^__Host-session=;/ } }, 'ending this one takes the cookie');
  });

  t.test('a change of rights: the secret is exchanged, once, and the old one ends a few seconds later', async (t) => {
    for (const [what, before, change] of [
      ['let in', {}, { state: 'active' }],
      ['made an admin', { state: 'active' }, { role: 'admin' }],
      ['made a guest', { state: 'active', role: 'member' }, { role: 'guest' }],
      ['deactivated', { state: 'active' }, { state: 'deactivated' }],
    ] as const) {
      const began = Date.now();
      context.now = () => new Date(began);
      const { person } = await household.person(what.replaceAll(' ', '-'));
      if (Object.keys(before).length > 0) await setPerson(db, person.id, before);
      const { cookie } = await household.person(what.replaceAll(' ', '-'));
      t.equal(given(await me(cookie)), undefined, `${what}: nothing has changed yet`);
      await setPerson(db, person.id, { ...change, ...'role' in change && change.role === 'guest' && { guest_until: tomorrow } });
      const answer = await me(cookie);
      t.match(answer.json(), change, `${what}: the new rights hold from the first request`);
      const next = given(answer) ?? '';
      t.not(next, cookie);
      t.match(String(answer.headers['set-cookie']), /Path=\/; HttpOnly; Secure; SameSite=Lax/);
      t.equal(given(await me(next)), undefined, `${what}: it is exchanged once`);
      context.now = () => new Date(began + (graceSeconds - 1) * 1000);
      t.equal(await status(cookie), 200, `${what}: a request that was on its way`);
      context.now = () => new Date(began + (graceSeconds + 1) * 1000);
      t.equal(await status(cookie), 401, `${what}: a copy of the old one is worth nothing`);
      t.equal(await status(next), 200, what);
    }
  });

  t.test('a page’s requests at once, at a change of rights: all succeed, all are given the same secret', async (t) => {
    const { person, cookie } = await household.person('mona');
    await setPerson(db, person.id, { state: 'active', role: 'guest', guest_until: tomorrow });
    const answers = await Promise.all(Array.from({ length: 12 }, () => me(cookie)));
    t.ok(answers.every(({ statusCode }) => statusCode === 200));
    const secrets = answers.map((answer) =>
      app.decodeSecureSession(decodeURIComponent((given(answer) ?? '').replace('__Host-session=', '')))?.get('secret'));
    t.equal(new Set(secrets).size, 1, 'whichever answer arrives last');
    t.match(secrets[0], /^[\w-]{43}$/);
    const rows = JSON.stringify(await db.selectFrom('sessions').selectAll().execute());
    t.notMatch(rows, String(secrets[0]), 'and the database does not hold it');
  });

  t.test('an open stream outlives the exchange, and asks for none that it cannot hand over', async (t) => {
    const { person, cookie } = await household.person('mona');
    await setPerson(db, person.id, { state: 'active', role: 'member', guest_until: null });
    const first = await fetch(`${url}/api/v1/events`, { headers: { cookie } });
    t.equal(first.headers.get('set-cookie'), null);
    await first.body?.cancel();
    const hash = () => db.selectFrom('sessions').select('secret_hash').where('person_id', '=', person.id)
      .executeTakeFirstOrThrow();
    const before = await hash();
    const stream = await watch({ cookie });
    t.strictSame(await hash(), before);
    await me(cookie);
    t.notSame(await hash(), before, 'the next request that can carry it does');
    context.now = () => new Date(Date.now() + 60_000);
    t.equal(await status(cookie), 401);
    await until('the stream to be looked at again', async () => {
      const row = await db.selectFrom('sessions').select('last_used_at').where('person_id', '=', person.id)
        .executeTakeFirstOrThrow();
      return row.last_used_at.getTime() > Date.now() + 30_000;
    }, 20_000);
    t.ok(stream.isOpen(), 'it knows its session by more than the secret');
  });
});

t.test('browsers in words: what is known of them, and no more', async (t) => {
  const webkit = 'AppleWebKit/537.36 (KHTML, like Gecko)';
  const mac = 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)';
  for (const [words, userAgent] of [
    ['Chrome on Android', `Mozilla/5.0 (Linux; Android 10; K) ${webkit} Chrome/142.0.0.0 Mobile Safari/537.36`],
    ['Chrome on Windows', `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${webkit} Chrome/142.0.0.0 Safari/537.36`],
    ['Chrome on Mac', `${mac} ${webkit} Chrome/142.0.0.0 Safari/537.36`],
    ['Chrome on Linux', `Mozilla/5.0 (X11; Linux x86_64) ${webkit} HeadlessChrome/142.0.0.0 Safari/537.36`],
    ['Chrome on ChromeOS', `Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) ${webkit} Chrome/142.0.0.0 Safari/537.36`],
    ['Edge on Windows', `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${webkit} Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0`],
    ['Opera on Android', `Mozilla/5.0 (Linux; Android 10; K) ${webkit} Chrome/140.0.0.0 Mobile Safari/537.36 OPR/92.0.0.0`],
    ['Samsung Internet on Android',
      `Mozilla/5.0 (Linux; Android 10; K) ${webkit} SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36`],
    ['Firefox on Android', 'Mozilla/5.0 (Android 15; Mobile; rv:145.0) Gecko/145.0 Firefox/145.0'],
    ['Firefox on Windows', 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0'],
    ['Safari on iPhone', iPhone],
    ['Chrome on iPhone', iPhone.replace('Version/18.5', 'CriOS/142.0.7444.77')],
    ['Firefox on iPhone', iPhone.replace('Version/18.5', 'FxiOS/145.0')],
    ['Safari on iPad', iPhone.replace('iPhone; CPU iPhone', 'iPad; CPU')],
    ['Safari on Mac or iPad', `${mac} AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15`],
    ['Chrome on iPad', `${mac} AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/142 Version/11.1.1 Safari/605.1.15`],
    ['Unknown browser on Linux', 'Mozilla/5.0 (X11; Linux x86_64) SomethingNew/1.0'],
    ['Unknown browser', 'curl/8.14.1'],
    ['Unknown browser', ''],
    ['Unknown browser', '<img src=x onerror=alert(1)>'],
  ]) t.equal(browserWords(userAgent ?? ''), words);
  const began = performance.now();
  for (const evil of ['Version/', 'Macintosh', 'Version/a Mobile/', ' ']) browserWords(evil.repeat(400).slice(0, 400));
  t.ok(performance.now() - began < 50, 'no text makes it slow');
});
