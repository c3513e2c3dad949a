import type { AddressInfo } from 'node:net';
import t from 'tap';
import { Person, Problem, type MadeToken } from '@sconce/protocol/http';
import { findPerson, setPerson } from '../src/db/people.ts';
import { type Client, Household, startServer } from './household.ts';
import { openStream } from './stream.ts';

const nobody = '00000000-0000-4000-8000-000000000000';
const minutes = (count: number) => new Date(Date.now() + count * 60_000).toISOString();
const inDays = (days: number) => minutes(days * 24 * 60);

/** How soon an open stream must be closed once its person may listen no more, in milliseconds. */
const closedWithinMs = 2000;

t.test('PostgreSQL', async (t) => {
  const { db, stop } = await startServer();
  const household = await Household.on(db);
  t.teardown(async () => {
    await household.close();
    await stop();
  });
  const { context } = household;
  const olive = await household.person('olive');
  await household.app.listen({ host: '127.0.0.1', port: 0 });
  const url = `http://127.0.0.1:${(household.app.server.address() as AddressInfo).port}`;

  const change = (who: { client: Client }, whom: { person: { id: string } }, body: object) =>
    who.client('PATCH', `/api/v1/people/${whom.person.id}`, body);
  const join = async (name: string, body: object = { role: 'member' }) => {
    const somebody = await household.person(name);
    const answer = await change(olive, somebody, { state: 'active', ...body });
    if (answer.statusCode !== 200) throw new Error(answer.body);
    return somebody;
  };
  const bearer = async ({ client }: { client: Client }, ...scopes: string[]) => {
    const made = await client('POST', '/api/v1/tokens', { name: 'script', scopes });
    return { client: household.as({ authorization: `Bearer ${made.json<MadeToken>().token}` }) };
  };
  const listed = async (name: string) => (await olive.client('GET', '/api/v1/people')).json<Person[]>()
    .find((one) => one.name === name);

  const watch = (cookie: string) => openStream(url, { cookie });

  t.test('who has signed in is listed, those who wait first; others may not look', async (t) => {
    await household.person('zoe');
    await household.person('ann');
    await join('mona');
    const people = Person.array().parse((await olive.client('GET', '/api/v1/people')).json());
    t.same(people.map(({ name, state }) => [name, state]),
      [['zoe', 'pending'], ['ann', 'pending'], ['mona', 'active'], ['olive', 'active']]);
    t.match(people[0], {
      email: 'zoe@example.org', issuer: 'https://issuer.invalid', role: 'member', guestUntil: null,
    });
    const mona = await household.person('mona');
    t.match((await mona.client('GET', '/api/v1/people')).json(), { status: 403, code: 'forbidden' });
    const reader = await bearer(olive, 'read', 'switch');
    t.match((await reader.client('GET', '/api/v1/people')).json(), { status: 403, code: 'scope_missing' });
    const manager = await bearer(olive, 'manage');
    t.equal((await manager.client('GET', '/api/v1/people')).json<Person[]>().length, 4);
  });

  t.test('a newcomer is let in, and both sides are told live', async (t) => {
    const admin = await watch(olive.cookie);
    const ned = await household.person('ned');
    await admin.event('the newcomer', (event) => event.type === 'person' && event.person.name === 'ned'
      && event.person.state === 'pending');
    const waiting = await watch(ned.cookie);
    const answer = await change(olive, ned, { state: 'active', role: 'member' });
    t.match(Person.parse(answer.json()), { name: 'ned', state: 'active', role: 'member', guestUntil: null });
    await waiting.event('the news', (event) => event.type === 'me' && event.me.state === 'active');
    await admin.event('the change', (event) => event.type === 'person' && event.person.name === 'ned'
      && event.person.state === 'active');
    t.equal((await ned.client('GET', '/api/v1/outlets')).statusCode, 200);
    t.notOk(waiting.seen.some(({ type }) => type === 'person'), 'people are the admins’ business');
    await change(olive, ned, { role: 'admin' });
    await waiting.event('more rights', (event) => event.type === 'me' && event.me.role === 'admin');
    await household.person('zoe');
    await waiting.event('what admins hear', (event) => event.type === 'person' && event.person.name === 'zoe');
    await change(olive, ned, { role: 'member' });
    await waiting.leave();
    await admin.leave();
  });

  t.test('what cannot be is refused in words', async (t) => {
    const ned = await household.person('ned');
    const gwen = await join('gwen', { role: 'guest', guestUntil: inDays(1) });
    const newcomer = await household.person('newcomer');
    const manager = await bearer(olive, 'manage');
    const member = await bearer(ned, 'manage');
    const gone = await join('gone');
    await change(olive, gone, { state: 'deactivated' });
    for (const [why, ask, status, code, words] of [
      ['letting oneself in', () => change(newcomer, newcomer, { state: 'active', role: 'admin' }), 403, 'pending_approval'],
      ['letting oneself back in', () => change(gone, gone, { state: 'active' }), 401, 'not_signed_in'],
      ['a member who promotes themselves', () => change(ned, ned, { role: 'admin' }), 403, 'forbidden'],
      ['a member who lets somebody in', () => change(ned, newcomer, { state: 'active', role: 'member' }), 403, 'forbidden'],
      ['a guest who takes more time', () => change(gwen, gwen, { guestUntil: inDays(9) }), 403, 'forbidden'],
      ["a member's token", () => change(member, ned, { role: 'admin' }), 403, 'forbidden'],
      ['a token on its own person', () => change(manager, olive, { role: 'admin' }), 403, 'forbidden', /token/],
      ['a token that makes an admin', () => change(manager, ned, { role: 'admin' }), 403, 'forbidden', /token/],
      ['in, without saying as what', () => change(olive, newcomer, { state: 'active' }), 400, 'invalid_request', /role/],
      ['back to waiting', () => change(olive, ned, { state: 'pending' }), 400, 'invalid_request'],
      ['another name', () => change(olive, ned, { name: 'Olive' }), 400, 'invalid_request', /name/],
      ['nothing', () => change(olive, ned, {}), 400, 'invalid_request'],
      ['a guest without an end', () => change(olive, newcomer, { state: 'active', role: 'guest' }), 400, 'guest_needs_end'],
      ['a guest whose end is taken away', () => change(olive, gwen, { guestUntil: null }), 400, 'guest_needs_end'],
      ['a member with an end', () => change(olive, ned, { guestUntil: inDays(1) }), 400, 'invalid_request', /guest/],
      ['an end too soon', () => change(olive, gwen, { guestUntil: minutes(9) }), 400, 'invalid_request', /10 minutes to 366 days/],
      ['an end too far', () => change(olive, gwen, { guestUntil: inDays(367) }), 400, 'invalid_request', /guestUntil/],
      ['an end that is no time', () => change(olive, gwen, { guestUntil: 'tomorrow' }), 400, 'invalid_request', /guestUntil/],
      ['nobody', () => change(olive, { person: { id: nobody } }, { role: 'member' }), 404, 'person_not_found'],
      ['no id', () => change(olive, { person: { id: 'ned' } }, { role: 'member' }), 400, 'invalid_request'],
      ['the last admin, demoted', () => change(olive, olive, { role: 'member' }), 409, 'last_admin'],
      ['the last admin, as a guest', () => change(olive, olive, { role: 'guest', guestUntil: inDays(1) }), 409, 'last_admin'],
      ['the last admin, deactivated', () => change(olive, olive, { state: 'deactivated' }), 409, 'last_admin'],
    ] as [string, () => ReturnType<Client>, number, string, RegExp?][]) {
      const response = await ask();
      t.equal(response.statusCode, status, `${why}: ${response.body}`);
      t.match(Problem.parse(response.json()), { code, detail: words ?? /\w{3} \w/ }, why);
    }
    t.match(await listed('newcomer'), { state: 'pending' });
    t.match(await listed('olive'), { role: 'admin', state: 'active' });
    t.match((await change(manager, newcomer, { state: 'active', role: 'member' })).json(), { state: 'active' },
      'a token that may manage lets in as an admin does');
  });

  t.test('an admin who does not count does not save the last one', async (t) => {
    const second = await join('second', { role: 'admin' });
    await change(olive, second, { state: 'deactivated' });
    t.match((await change(olive, olive, { role: 'member' })).json(), { code: 'last_admin' }, 'a deactivated one');
    await change(olive, second, { state: 'active' });
    t.equal((await change(olive, olive, { role: 'member' })).statusCode, 200, 'a second one does');
    const again = await household.person('second');
    t.equal((await change(again, olive, { role: 'admin' })).statusCode, 200);
    t.equal((await change(olive, second, { role: 'member' })).statusCode, 200);
  });

  t.test('admins who change each other, or themselves, at the same moment: one always stays', async (t) => {
    const rival = await household.person('second');
    for (const [why, demote] of [
      ['each other', [[olive, rival], [rival, olive]]],
      ['themselves', [[olive, olive], [rival, rival]]],
    ] as const) {
      for (const body of [{ role: 'member' }, { state: 'deactivated' }]) {
        await setPerson(db, olive.person.id, { role: 'admin', state: 'active' });
        await setPerson(db, rival.person.id, { role: 'admin', state: 'active' });
        const both = [await household.person('olive'), await household.person('second')];
        const fresh = (one: { person: { id: string } }) => both.find(({ person }) => person.id === one.person.id)!;
        const answers = await Promise.all(demote.map(([who, whom]) => change(fresh(who), whom, body)));
        const what = `${why}, ${JSON.stringify(body)}: ${answers.map((one) => one.body).join(' ')}`;
        t.equal(answers.filter(({ statusCode }) => statusCode === 200).length, 1, what);
        const left = await db.selectFrom('people').select('id')
          .where('role', '=', 'admin').where('state', '=', 'active').execute();
        t.equal(left.length, 1, what);
      }
    }
    await setPerson(db, olive.person.id, { role: 'admin', state: 'active' });
    await setPerson(db, rival.person.id, { role: 'member', state: 'active' });
    Object.assign(olive, await household.person('olive'));
  });

  t.test('whose access ends is out at once: requests, tokens, streams; and comes back by signing in', async (t) => {
    const leo = await join('leo');
    const script = await bearer(leo, 'read');
    const stream = await watch(leo.cookie);
    const began = performance.now();
    t.match((await change(olive, leo, { state: 'deactivated' })).json(), { state: 'deactivated' });
    t.equal((await leo.client('GET', '/api/v1/outlets')).statusCode, 401, 'the next request');
    t.match((await script.client('GET', '/api/v1/outlets')).json(), { status: 403, code: 'deactivated' });
    const took = await stream.closed() - began;
    t.ok(took < closedWithinMs, `the stream closed after ${Math.round(took)} ms`);
    t.match(stream.seen.at(-1), { type: 'me', me: { state: 'deactivated' } }, 'and said why');

    const again = await household.person('leo');
    t.match((await again.client('GET', '/api/v1/me')).json(), { state: 'deactivated' }, 'to sign in does not help');
    t.match((await again.client('GET', '/api/v1/outlets')).json(), { status: 403, code: 'deactivated' });
    t.match((await again.client('GET', '/api/v1/events')).json(), { status: 403, code: 'deactivated' });
    await change(olive, leo, { state: 'active' });
    t.equal((await again.client('GET', '/api/v1/outlets')).statusCode, 200, 'back again');
    t.match((await leo.client('GET', '/api/v1/me')).json(), { code: 'not_signed_in' }, 'the old session is not');
  });

  t.test('a newcomer who is refused: their page hears of it, and they cannot knock again', async (t) => {
    const pest = await household.person('pest');
    const stream = await watch(pest.cookie);
    await change(olive, pest, { state: 'deactivated' });
    await stream.closed();
    t.match(stream.seen.at(-1), { type: 'me', me: { state: 'deactivated' } });
    t.equal((await household.person('pest')).person.state, 'deactivated');
  });

  t.test('a guest’s time ends: their stream to the moment, their next request, until they get more', async (t) => {
    const gwen = await household.person('gwen');
    const script = await bearer(gwen, 'read');
    const stream = await watch(gwen.cookie);
    const end = new Date(Date.now() + 400);
    await setPerson(db, gwen.person.id, { guest_until: end });
    const { feed } = context;
    const { id } = gwen.person;
    const me = { ...gwen.person, guestUntil: end.toISOString() };
    feed.publish({ type: 'me', me }, { to: 'person', id });
    await stream.event('their end', (event) => event.type === 'me' && event.me.guestUntil === me.guestUntil);
    await stream.closed();
    const late = Date.now() - end.getTime();
    t.ok(late >= 0 && late < closedWithinMs, `the stream closed ${late} ms after the end`);
    for (const one of [gwen, script]) {
      for (const path of ['/api/v1/outlets', '/api/v1/tokens', '/api/v1/events', '/api/v1/people']) {
        const problem = Problem.parse((await one.client('GET', path)).json());
        t.match(problem, { status: 403, code: 'guest_ended', detail: /^Your access ended on \d+ \w+ \d{4}.*more time/ }, path);
      }
    }
    t.match((await gwen.client('GET', '/api/v1/me')).json(), { state: 'active', role: 'guest', guestUntil: me.guestUntil });
    t.match((await change(olive, gwen, { state: 'active' })).json(), { code: 'guest_needs_end' });
    t.match((await change(olive, gwen, { guestUntil: minutes(20) })).json(), { role: 'guest', state: 'active' });
    t.equal((await gwen.client('GET', '/api/v1/outlets')).statusCode, 200, 'more time, the same session');
    await setPerson(db, id, { guest_until: new Date(0) });
    t.match((await change(olive, gwen, { role: 'member' })).json(), { role: 'member', guestUntil: null },
      'or no end at all');
    t.equal((await gwen.client('POST', '/auth/logout')).statusCode, 204);
  });

  t.test('an end that is moved while they listen counts, both ways; one past any timer does no harm', async (t) => {
    const greg = await join('greg', { role: 'guest', guestUntil: inDays(300) });
    const stream = await watch(greg.cookie);
    const tell = async (ms: number) => {
      const guest_until = new Date(Date.now() + ms);
      const me = { ...await setPerson(db, greg.person.id, { guest_until }), guestUntil: guest_until.toISOString() };
      context.feed.publish({ type: 'me', me }, { to: 'person', id: greg.person.id });
      return guest_until.getTime();
    };
    const first = await tell(300);
    const second = await tell(700);
    await stream.closed();
    t.ok(Date.now() >= second && Date.now() > first, 'the first end no longer counts');
    t.ok(Date.now() - second < closedWithinMs);
  });

  t.test('the database itself knows that guests end and others do not', async (t) => {
    const ned = await household.person('ned');
    for (const wrong of [{ role: 'guest' }, { role: 'member', guest_until: new Date() }] as const) {
      await t.rejects(setPerson(db, ned.person.id, wrong), /people_guests_end/);
    }
    t.match(await findPerson(db, ned.person.id), { role: 'member', guestUntil: null });
  });
});
