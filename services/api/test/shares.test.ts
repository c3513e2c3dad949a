import type { AddressInfo } from 'node:net';
import { sql } from 'kysely';
import { Migrator } from 'kysely/migration';
import t from 'tap';
import type { AuditPage } from '@sconce/protocol/audit';
import { type Event } from '@sconce/protocol/events';
import { Device, Outlet, Problem, type MadeToken, type Right } from '@sconce/protocol/http';
import type { DeviceId, OutletId, PersonId } from '@sconce/protocol/ids';
import { Share } from '@sconce/protocol/sharing';
import { migrate } from '../src/db/database.ts';
import { insertDeviceIfNew } from '../src/db/devices.ts';
import * as first from '../src/db/migrations/0001-first.ts';
import { setPerson } from '../src/db/people.ts';
import { Feed, forViewer } from '../src/domain/feed.ts';
import { alone } from '../src/domain/peers.ts';
import type { Viewer } from '../src/domain/viewer.ts';
import { announceOutlet } from '../src/usecases/announce.ts';
import { board, type Client, databases, Household, startServer } from './household.ts';
import { openStream } from './stream.ts';

const nobody = '00000000-0000-4000-8000-000000000000';
const far = 'f'.repeat(32) as DeviceId;
const fresh = 'e'.repeat(32) as DeviceId;
const code = { bits: 24, protocol: 1, pulse: 350 };
const rf = { kind: 'rf', on: { code: 1, ...code }, off: { code: 2, ...code } };
const device = (id: string) => ({ kind: 'device', id });
const lamp = ({ id }: { id: string }) => ({ kind: 'outlet', id });

/** How soon what is shared, or not any more, shows on an open page, in milliseconds. */
const feltWithinMs = 2000;

t.test('PostgreSQL', async (t) => {
  const { db, stop } = await startServer();
  const household = await Household.on(db);
  t.teardown(async () => {
    await household.close();
    await stop();
  });
  const { context } = household;
  const olive = await household.person('olive');
  const hall = await household.withOutlet(olive.client, 'Hall lamp');
  const add = async (name: string, deviceId = board) =>
    Outlet.parse((await olive.client('POST', '/api/v1/outlets', { deviceId, name, control: rf })).json());
  const cellar = await add('Cellar lamp');
  await insertDeviceIfNew(db, far, new Date());
  await insertDeviceIfNew(db, fresh, new Date());
  await olive.client('POST', `/api/v1/devices/${far}/adopt`, { name: 'Far board' });
  const shed = await add('Shed lamp', far);
  await household.app.listen({ host: '127.0.0.1', port: 0 });
  const url = `http://127.0.0.1:${(household.app.server.address() as AddressInfo).port}`;

  const join = async (name: string, ...shares: (readonly [thing: object, right: Right])[]) => {
    const somebody = await household.person(name);
    await setPerson(db, somebody.person.id, { state: 'active' });
    for (const [thing, right] of shares) await give(somebody, thing, right);
    return somebody;
  };
  const give = async (whom: { person: { id: PersonId } }, thing: object, right: Right) => {
    const answer = await olive.client('PUT', '/api/v1/shares', { personId: whom.person.id, thing, right });
    if (answer.statusCode !== 200) throw new Error(answer.body);
    return Share.parse(answer.json());
  };
  const end = (share: Share) => olive.client('DELETE', `/api/v1/shares/${share.id}`);
  const script = async ({ client }: { client: Client }, ...scopes: string[]) => household.as({ authorization:
    `Bearer ${(await client('POST', '/api/v1/tokens', { name: 'script', scopes })).json<MadeToken>().token}` });
  /** What somebody sees: each outlet, how, and whether with its codes. */
  const sees = async (client: Client) => {
    const outlets = Outlet.array().parse((await client('GET', '/api/v1/outlets')).json());
    for (const one of outlets) t.equal(one.control !== undefined, one.right === 'manage', 'codes for managers only');
    return Object.fromEntries(outlets.map(({ name, right }) => [name, right]));
  };

  const bea = await join('bea', [device(board), 'manage']);
  const gus = await join('gus', [lamp(hall), 'use']);
  const ended = await join('ed', [lamp(hall), 'manage'], [device(board), 'manage']);
  const pending = await household.person('pia');
  await give(pending, device(board), 'manage');
  const deactivated = await join('dora', [device(board), 'manage']);
  await setPerson(db, gus.person.id, { role: 'guest', guest_until: new Date(Date.now() + 3_600_000) });
  await setPerson(db, ended.person.id, { role: 'guest', guest_until: new Date(Date.now() - 1000) });
  await setPerson(db, deactivated.person.id, { state: 'deactivated' });
  const clients = {
    none: (await join('nora')).client,
    use: (await join('una', [lamp(hall), 'use'])).client,
    manage: (await join('mia', [lamp(hall), 'manage'])).client,
    boardUse: (await join('ben', [device(board), 'use'])).client,
    boardManage: bea.client,
    both: (await join('max', [device(board), 'use'], [lamp(hall), 'manage'])).client,
    elsewhere: (await join('eva', [device(far), 'manage'])).client,
    guest: gus.client,
    ended: ended.client,
    pending: pending.client,
    gone: deactivated.client,
    admin: olive.client,
    reader: await script(bea, 'read', 'switch'),
    manager: await script(bea, 'read', 'switch', 'manage'),
    adminsReader: await script(olive, 'read', 'switch'),
  };
  const kinds = Object.keys(clients) as (keyof typeof clients)[];

  t.test('what each kind of person may do', async (t) => {
    const renamed = (id: string, name: string) => (ask: Client) => ask('PATCH', `/api/v1/outlets/${id}`, { name });
    let spare = await add('Spare lamp');
    const table: [what: string, ask: (client: Client) => ReturnType<Client>, statuses: string][] = [
      //                                                        none use man boU boM bth els gst end pen gon adm rea mgr adR
      ['switch one', (ask) => ask('POST', `/api/v1/outlets/${hall.id}/switch`, { on: true }),
        '404 200 200 200 200 200 404 200 403 403 403 200 200 200 200'],
      ['change one', renamed(hall.id, 'Hall lamp'),
        '404 403 200 403 200 200 404 403 403 403 403 200 403 200 403'],
      ['teach it other codes', (ask) => ask('PATCH', `/api/v1/outlets/${hall.id}`, { control: rf }),
        '404 403 200 403 200 200 404 403 403 403 403 200 403 200 403'],
      ['move it to a pin', (ask) => ask('PATCH', `/api/v1/outlets/${hall.id}`, { control: { kind: 'pin', pin: 5 } }),
        '404 403 403 403 200 403 404 403 403 403 403 200 403 200 403'],
      ['switch another on the board', (ask) => ask('POST', `/api/v1/outlets/${cellar.id}/switch`, { on: true }),
        '404 404 404 200 200 200 404 404 403 403 403 200 200 200 200'],
      ['change another on the board', renamed(cellar.id, 'Cellar lamp'),
        '404 404 404 403 200 403 404 404 403 403 403 200 403 200 403'],
      ['switch on another board', (ask) => ask('POST', `/api/v1/outlets/${shed.id}/switch`, { on: true }),
        '404 404 404 404 404 404 409 404 403 403 403 409 404 404 409'],
      ['remove one', (ask) => ask('DELETE', `/api/v1/outlets/${spare.id}`),
        '404 404 404 403 204 403 404 404 403 403 403 204 403 204 403'],
      ['add one', (ask) => ask('POST', '/api/v1/outlets', { deviceId: board, name: 'New lamp', control: rf }),
        '404 403 403 403 201 403 404 403 403 403 403 201 403 201 403'],
      ['see boards', (ask) => ask('GET', '/api/v1/devices'),
        '200 200 200 200 200 200 200 200 403 403 403 200 403 200 403'],
      ['rename the board', (ask) => ask('PATCH', `/api/v1/devices/${board}`, { name: 'Hall board' }),
        '404 403 403 403 200 403 404 403 403 403 403 200 403 200 403'],
      ['blink its light', (ask) => ask('POST', `/api/v1/devices/${board}/identify`),
        '404 403 403 403 204 403 404 403 403 403 403 204 403 204 403'],
      ['see what nobody has adopted', (ask) => ask('PATCH', `/api/v1/devices/${fresh}`, { name: 'Mine' }),
        '404 404 404 404 404 404 404 404 403 403 403 409 403 404 403'],
      ['adopt', (ask) => ask('POST', `/api/v1/devices/${board}/adopt`, { name: 'Mine' }),
        '403 403 403 403 403 403 403 403 403 403 403 409 403 403 403'],
      ['forget a board', (ask) => ask('DELETE', `/api/v1/devices/${'d'.repeat(32)}`),
        '403 403 403 403 403 403 403 403 403 403 403 404 403 403 403'],
      ['see shares', (ask) => ask('GET', '/api/v1/shares'),
        '403 403 403 403 403 403 403 403 403 403 403 200 403 403 403'],
      ['share', (ask) => ask('PUT', '/api/v1/shares', { personId: gus.person.id, thing: lamp(hall), right: 'use' }),
        '403 403 403 403 403 403 403 403 403 403 403 200 403 403 403'],
      ['end a share', (ask) => ask('DELETE', `/api/v1/shares/${nobody}`),
        '403 403 403 403 403 403 403 403 403 403 403 404 403 403 403'],
      ['see invitations', (ask) => ask('GET', '/api/v1/invitations'),
        '403 403 403 403 403 403 403 403 403 403 403 200 403 403 403'],
      ['invite', (ask) => ask('POST', '/api/v1/invitations', { name: 'A', role: 'member' }),
        '403 403 403 403 403 403 403 403 403 403 403 201 403 403 403'],
      ['take an invitation back', (ask) => ask('DELETE', `/api/v1/invitations/${nobody}`),
        '403 403 403 403 403 403 403 403 403 403 403 404 403 403 403'],
    ];
    for (const [what, ask, statuses] of table) {
      const answered: string[] = [];
      for (const kind of kinds) {
        const answer = await ask(clients[kind]);
        answered.push(`${kind} ${answer.statusCode}`);
        if (answer.statusCode >= 400) t.ok(Problem.parse(answer.json()).detail.length > 20, `${what}, ${kind}: in words`);
        if (what === 'move it to a pin' && answer.statusCode === 200) {
          await olive.client('PATCH', `/api/v1/outlets/${hall.id}`, { control: rf });
        }
        if (what === 'remove one' && answer.statusCode === 204) spare = await add('Spare lamp');
        if (what === 'add one' && answer.statusCode === 201) {
          await olive.client('DELETE', `/api/v1/outlets/${answer.json<Outlet>().id}`);
        }
      }
      const expected = statuses.split(' ').map((status, at) => `${String(kinds[at])} ${status}`);
      t.strictSame(answered, expected, what);
    }
    await olive.client('DELETE', `/api/v1/outlets/${spare.id}`);
  });

  t.test('what each kind of person sees', async (t) => {
    const whole = (right: Right) => ({ 'Hall lamp': right, 'Cellar lamp': right });
    for (const [kind, outlets, boards] of [
      ['none', {}, []],
      ['use', { 'Hall lamp': 'use' }, []],
      ['manage', { 'Hall lamp': 'manage' }, []],
      ['boardUse', whole('use'), []],
      ['boardManage', whole('manage'), ['Hall board']],
      ['both', { 'Hall lamp': 'manage', 'Cellar lamp': 'use' }, []],
      ['elsewhere', { 'Shed lamp': 'manage' }, ['Far board']],
      ['guest', { 'Hall lamp': 'use' }, []],
      ['admin', { ...whole('manage'), 'Shed lamp': 'manage' }, [null, 'Far board', 'Hall board']],
      ['reader', whole('use'), undefined],
      ['manager', whole('manage'), ['Hall board']],
      ['adminsReader', { ...whole('use'), 'Shed lamp': 'use' }, undefined],
    ] as const) {
      t.same(await sees(clients[kind]), outlets, kind);
      if (!boards) continue;
      const seen = Device.array().parse((await clients[kind]('GET', '/api/v1/devices')).json());
      t.same(seen.map(({ name }) => name), boards, kind);
    }
  });

  t.test('a board’s share covers what is added later; forgetting the board ends it for good', async (t) => {
    const { client, cookie } = await join('lea', [device(far), 'manage']);
    const stream = await openStream(url, { cookie });
    const attic = await add('Attic lamp', far);
    t.same(await sees(client), { 'Attic lamp': 'manage', 'Shed lamp': 'manage' });
    context.presence.set(far, true);
    t.equal((await olive.client('DELETE', `/api/v1/devices/${far}`)).statusCode, 204);
    for (const { id } of [attic, shed]) {
      await stream.event('an outlet to go', (event) => event.type === 'outlet.removed' && event.id === id);
    }
    await stream.event('the board to go', (event) => event.type === 'device.removed' && event.id === far);
    await stream.leave();
    context.presence.set(far, false);
    t.equal((await olive.client('POST', `/api/v1/devices/${far}/adopt`, { name: 'Far board' })).statusCode, 200);
    await add('Shed lamp', far);
    t.same(await sees(client), {}, 'whoever adopts it again shares it anew');
    t.same((await olive.client('GET', `/api/v1/shares?outlet=${attic.id}`)).json(), []);
  });

  t.test('one share a person and thing: given, changed, ended, and each stands in the audit log', async (t) => {
    const sam = await join('sam');
    const given = await give(sam, lamp(hall), 'use');
    t.match(given, { person: { id: sam.person.id, name: 'sam' }, thing: { ...lamp(hall), name: 'Hall lamp' }, right: 'use' });
    const changed = await give(sam, lamp(hall), 'manage');
    t.same(changed, { ...given, right: 'manage' });
    const whole = await give(sam, device(board), 'use');
    t.match(whole.thing, { kind: 'device', name: 'Hall board' });
    const list = async (query: string) =>
      Share.array().parse((await olive.client('GET', `/api/v1/shares?${query}`)).json());
    t.same(await list(`person=${sam.person.id}`), [whole, changed]);
    t.same(await list(`person=${sam.person.id}&device=${board}`), [whole]);
    t.same(await list(`person=${sam.person.id}&outlet=${hall.id}`), [whole, changed], 'an outlet’s: its board’s as well');
    t.same(await list(`person=${sam.person.id}&outlet=${cellar.id}`), [whole]);
    t.same(await list(`person=${nobody}`), []);
    t.ok((await list('')).length > 5);
    t.equal((await end(changed)).statusCode, 204);
    t.match((await end(changed)).json(), { status: 404, code: 'share_not_found' });
    t.same(await sees(sam.client), { 'Hall lamp': 'use', 'Cellar lamp': 'use' }, 'the board’s is left');
    const { entries } = (await olive.client('GET', `/api/v1/audit?person=${sam.person.id}&action=share.give`
      + '&action=share.change&action=share.end')).json<AuditPage>();
    t.match(entries.map(({ action, target, actor, detail }) => ({ action, target, actor, detail })), [
      { action: 'share.end', target: { kind: 'outlet', name: 'Hall lamp' }, detail: { person: 'sam', right: 'manage' } },
      { action: 'share.give', target: { kind: 'device', id: board }, detail: { person: 'sam', right: 'use' } },
      { action: 'share.change', target: { id: hall.id }, actor: { name: 'olive' }, detail: { right: 'manage' } },
      { action: 'share.give', target: { id: hall.id }, detail: { personId: sam.person.id, right: 'use' } },
    ], 'found by whom it was shared with');
  });

  t.test('what cannot be shared is refused in words', async (t) => {
    const manager = await script(olive, 'manage');
    const reader = await script(olive, 'read');
    const { id: personId } = (await join('sam')).person;
    const put = (body: object, client = olive.client) =>
      client('PUT', '/api/v1/shares', { personId, thing: lamp(hall), right: 'use', ...body });
    for (const [why, ask, status, code] of [
      ['with nobody', () => put({ personId: nobody }), 404, 'person_not_found'],
      ['an outlet that is not there', () => put({ thing: lamp({ id: nobody }) }), 404, 'outlet_not_found'],
      ['a board that is not there', () => put({ thing: device('c'.repeat(32)) }), 404, 'device_not_found'],
      ['a board that nobody has adopted', () => put({ thing: device(fresh) }), 409, 'device_not_adopted'],
      ['an outlet by a board’s id', () => put({ thing: lamp({ id: board }) }), 400, 'invalid_request'],
      ['a right that there is not', () => put({ right: 'own' }), 400, 'invalid_request'],
      ['something more', () => put({ until: 'tomorrow' }), 400, 'invalid_request'],
      ['a filter that there is not', () => olive.client('GET', '/api/v1/shares?room=Hall'), 400, 'invalid_request'],
      ['a token with its own person', () => put({ personId: olive.person.id }, manager), 403, 'forbidden'],
      ['a token that may not manage', () => put({}, reader), 403, 'scope_missing'],
      ['from another site', () => olive.client('PUT', '/api/v1/shares', { personId, thing: lamp(hall), right: 'use' },
        { origin: 'https://evil.example' }), 403, 'cross_site'],
    ] as [string, () => ReturnType<Client>, number, string][]) {
      const answer = await ask();
      t.match(Problem.parse(answer.json()), { status, code }, `${why}: ${answer.body}`);
    }
    t.equal((await put({}, manager)).statusCode, 200, 'a token that may manage shares with others as its admin does');
    t.equal((await put({ personId: olive.person.id })).statusCode, 200, 'an admin needs none, and may have one');
  });

  t.test('the database itself knows that a share is of one thing, once', async (t) => {
    const row = { person_id: bea.person.id, created_at: new Date(), right: 'use' } as const;
    for (const [why, wrong, words] of [
      ['of nothing', { outlet_id: null, device_id: null }, /shares_one_thing/],
      ['of two', { outlet_id: hall.id, device_id: board }, /shares_one_thing/],
      ['twice', { outlet_id: null, device_id: board }, /shares_person_device/],
    ] as const) await t.rejects(db.insertInto('shares').values({ ...row, ...wrong }).execute(), words, why);
    await t.rejects(sql`update shares set "right" = 'own'`.execute(db), /check/);
  });

  t.test('a share that is given, changed or ended is felt on an open page', async (t) => {
    const sue = await join('sue');
    const stream = await openStream(url, { cookie: sue.cookie });
    const bystander = await openStream(url, { cookie: (await join('nora')).cookie });
    const admin = await openStream(url, { cookie: olive.cookie });
    /** The next event of this kind, and no other of the same thing. */
    const next = async (type: Event['type'], cause: () => Promise<unknown>) => {
      stream.seen.length = 0;
      const began = performance.now();
      await cause();
      const event = await stream.event(type, (one) => one.type === type);
      t.ok(performance.now() - began < feltWithinMs, `${type} in time`);
      return event;
    };
    const one = await give(sue, lamp(hall), 'use');
    const given = await stream.event('outlet', ({ type }) => type === 'outlet');
    t.match(given, { outlet: { id: hall.id, right: 'use' } });
    t.notOk(given.type === 'outlet' && given.outlet.control, 'no codes');
    t.match(await next('outlet', () => give(sue, lamp(hall), 'manage')), { outlet: { right: 'manage', control: { kind: 'rf' } } });
    const whole = await give(sue, device(board), 'use');
    await stream.event('the other lamp', (event) => event.type === 'outlet' && event.outlet.id === cellar.id);
    t.notOk(stream.seen.some(({ type }) => type === 'device'), 'the board is for who manages it');
    t.match(await next('device', () => give(sue, device(board), 'manage')), { device: { id: board, outlets: 2 } });
    t.match(await next('device.removed', () => give(sue, device(board), 'use')), { id: board });
    t.match(await next('outlet.removed', () => end(whole)), { id: cellar.id });
    await announceOutlet(context, hall.id);
    t.notOk(stream.seen.some((event) => event.type === 'outlet.removed' && event.id === hall.id), 'the other share stands');
    t.match(await next('outlet.removed', () => end(one)), { id: hall.id });
    await give(sue, device(board), 'manage');
    const attic = await add('Attic lamp');
    await stream.event('what is added', (event) => event.type === 'outlet' && event.outlet.id === attic.id);
    t.match(await next('outlet.removed', () => olive.client('DELETE', `/api/v1/outlets/${attic.id}`)), { id: attic.id });

    await setPerson(db, sue.person.id, { state: 'deactivated' });
    context.feed.publish({ type: 'me', me: { ...sue.person, state: 'deactivated', guestUntil: null } }, { to: 'person', id: sue.person.id });
    await stream.closed();
    const heard = stream.seen.length;
    await announceOutlet(context, hall.id);
    t.equal(stream.seen.length, heard, 'who is out hears nothing');
    await admin.event('the last', (event) => event.type === 'outlet.removed' && event.id === attic.id);
    t.notOk(admin.seen.some((event) => event.type === 'outlet.removed' && event.id === hall.id), 'admins lose nothing');
    t.strictSame(bystander.seen.filter(({ type }) => !['reset', 'bus'].includes(type)), [], 'others hear none of it');
    await bystander.leave();
    await admin.leave();
  });

  t.test('shared and ended over and over while it is switched: the last that is heard is how it is', async (t) => {
    const rob = await join('rob');
    const viewer: Viewer = { via: 'session', person: { ...rob.person, state: 'active' }, sessionId: nobody as never, address: '' };
    let last: Event['type'] | undefined;
    const stopListening = context.feed.subscribe((item) => {
      const event = forViewer(item, viewer);
      if (event?.type === 'outlet' || event?.type === 'outlet.removed') last = event.type;
    });
    let share = await give(rob, lamp(hall), 'use');
    for (let round = 0; round < 12; round += 1) {
      const tap = () => olive.client('POST', `/api/v1/outlets/${hall.id}/switch`, { on: round % 2 === 0 });
      await Promise.all([tap(), end(share), tap()]);
      await announceOutlet(context, hall.id);
      t.equal(last, 'outlet.removed', `round ${round}: ended`);
      [share] = await Promise.all([give(rob, lamp(hall), 'use'), tap(), tap()]);
      await announceOutlet(context, hall.id);
      t.equal(last, 'outlet', `round ${round}: shared`);
    }
    stopListening();
  });
});

t.test('a share that ends while the outlet is being read does not bring it back', async (t) => {
  const feed = new Feed(alone('test'));
  const mona = '00000000-0000-4000-8000-00000000000a' as PersonId;
  const id = nobody as OutletId;
  const outlet = { id, right: 'manage' } as unknown as Outlet;
  const rights = new Map<PersonId, Right>([[mona, 'use']]);
  const told: string[] = [];
  feed.subscribe(({ event, audience }) => {
    if (audience.to === 'admins' && audience.and?.has(mona)) told.push(event.type);
    if (audience.to === 'unshared' && audience.people.includes(mona)) told.push(event.type);
  });
  let release = () => { /* replaced below */ };
  const held = new Promise<void>((resolve) => { release = resolve; });
  const load = async (lost: readonly PersonId[]) => {
    const and = new Map(rights);
    await held;
    return [
      { event: { type: 'outlet', outlet } as const, audience: { to: 'admins', and } as const },
      ...lost.length > 0 ? [{ event: { type: 'outlet.removed', id } as const, audience: { to: 'unshared', people: lost } as const }] : [],
    ];
  };
  const before = feed.publishLatest(id, load);
  rights.delete(mona);
  const after = feed.publishLatest(id, load, [mona]);
  release();
  await Promise.all([before, after]);
  t.same(told, ['outlet', 'outlet.removed']);
});

t.test('what was shared before rights came may be used', async (t) => {
  const { db, stop } = await databases.PGlite!();
  t.teardown(stop);
  const load = async (name: string) => [name, await import(`../src/db/migrations/${name}.ts`)] as const;
  const old = Object.fromEntries([['0001-first', first] as const,
    ...await Promise.all(['0002-people', '0003-sessions', '0004-audit'].map(load))]) as Record<string, typeof first>;
  const { error } = await new Migrator({ db, provider: { getMigrations: async () => old } }).migrateToLatest();
  t.equal(error, undefined);
  await sql`insert into people (id, issuer, subject, email, name, role, state, signed_in_at)
    values (${nobody}, 'i', 's', 'e', 'n', 'member', 'active', now())`.execute(db);
  await sql`insert into devices (id, first_seen_at, online) values (${board}, now(), false)`.execute(db);
  await sql`insert into outlets (id, device_id, name, icon, control, created_at) values (${nobody}, ${board}, 'Lamp', 'lamp', '{}', now())`.execute(db);
  await sql`insert into shares values (${nobody}, ${nobody}, now())`.execute(db);
  t.same(await migrate(db), ['0005-shares', '0006-scenes', '0007-certificates']);
  t.match(await db.selectFrom('shares').selectAll().execute(),
    [{ id: String, person_id: nobody, outlet_id: nobody, device_id: null, right: 'use' }]);
});

