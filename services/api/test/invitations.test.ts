import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join as path } from 'node:path';
import { pino } from 'pino';
import t from 'tap';
import type { AuditPage } from '@sconce/protocol/audit';
import { Problem, type MadeToken, type Outlet, type Role } from '@sconce/protocol/http';
import { limits } from '@sconce/protocol/limits';
import { Invitation, MadeInvitation, Offer } from '@sconce/protocol/sharing';
import { startIssuer } from '../../acceptance/src/issuer.ts';
import { freePorts } from '../../acceptance/src/process.ts';
import { Visitor } from '../../acceptance/src/visitor.ts';
import { buildApp } from '../src/app.ts';
import { findPerson, setPerson } from '../src/db/people.ts';
import { Failure } from '../src/domain/failure.ts';
import { hashSecret } from '../src/domain/secret.ts';
import { board, type Client, config, databases, Household, publicUrl, startServer } from './household.ts';
import { openStream } from './stream.ts';

const nobody = '00000000-0000-4000-8000-000000000000';
const hour = 3_600_000;
const inHours = (hours: number) => new Date(Date.now() + hours * hour).toISOString();
const device = { kind: 'device', id: board };
const lamp = ({ id }: { id: string }) => ({ kind: 'outlet', id });
const secretOf = ({ link }: { link: string }) => link.split('#')[1] ?? '';

t.test('PostgreSQL', async (t) => {
  const { db, stop } = await startServer();
  const lines: string[] = [];
  const log = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) });
  const household = await Household.on(db, { log });
  t.teardown(async () => {
    await household.close();
    await stop();
  });
  const { context } = household;
  const olive = await household.person('olive');
  const outlet = await household.withOutlet(olive.client);

  const invite = async (body: object = {}, { client } = olive) => {
    const answer = await client('POST', '/api/v1/invitations', { name: 'Ned', role: 'member', ...body });
    if (answer.statusCode !== 201) throw new Error(answer.body);
    return MadeInvitation.parse(answer.json());
  };
  const guest = { role: 'guest', guestUntil: inHours(5) };
  /** Signs in with it. @returns the code with which that ends, if it does not get in */
  const use = async (name: string, invitation: { link: string }):
    Promise<{ code: string | undefined } & Partial<Awaited<ReturnType<Household['person']>>>> => {
    try {
      return { ...await household.person(name, true, 'test', secretOf(invitation)), code: undefined };
    } catch (error) {
      if (error instanceof Failure) return { code: error.code };
      throw error;
    }
  };
  const state = async ({ id }: { id: string }) =>
    Invitation.array().parse((await olive.client('GET', '/api/v1/invitations')).json()).find((one) => one.id === id)?.state;
  const browser = household.as({ origin: publicUrl, 'sec-fetch-site': 'same-origin' });
  const offer = (secret: string, headers = {}) => browser('POST', '/auth/invitation', { secret }, headers);
  const sees = async (client: Client) =>
    (await client('GET', '/api/v1/outlets')).json<Outlet[]>().map(({ name, right }) => `${name}: ${right}`);
  const inTime = async <T>(ms: number, work: () => Promise<T>): Promise<T> => {
    const now = context.now;
    context.now = () => new Date(Date.now() + ms);
    try {
      return await work();
    } finally {
      context.now = now;
    }
  };

  t.test('made: the link once, its secret nowhere else', async (t) => {
    const made = await invite({ ...guest, shares: [{ thing: lamp(outlet), right: 'use' }] });
    t.match(made.link, new RegExp(`^${publicUrl}/invitation#[\\w-]{43}$`));
    t.match(made, { name: 'Ned', role: 'guest', guestUntil: guest.guestUntil, state: 'open', createdBy: 'olive', usedAt: null,
      usedBy: null, shares: [{ thing: { name: 'Hall lamp' }, right: 'use' }] });
    t.equal(new Date(made.expiresAt).getTime() - new Date(made.createdAt).getTime(), 72 * hour, 'for three days, unless told');
    const { link: _, ...listed } = made;
    t.strictSame((await olive.client('GET', '/api/v1/invitations')).json(), [listed]);
    t.match((await offer(secretOf(made))).statusCode, 200);
    t.match((await use('nick', made)).code, undefined);
    const audit = await olive.client('GET', '/api/v1/audit');
    t.match(audit.json<AuditPage>().entries.reverse().filter(({ action }) => /^(invitation|share|person)/.test(action)).slice(-5), [
      { action: 'invitation.make', target: { kind: 'invitation', id: made.id, name: 'Ned' }, detail: { role: 'guest', shares: 1 } },
      { action: 'person.join', target: { name: 'nick' } },
      { action: 'invitation.use', actor: { name: 'nick' }, target: { id: made.id }, address: '127.0.0.1' },
      { action: 'person.approve', target: { name: 'nick' }, actor: { kind: 'system' }, detail: { invitation: 'Ned', until: guest.guestUntil } },
      { action: 'share.give', target: { id: outlet.id }, detail: { person: 'nick', right: 'use', invitation: 'Ned' } },
    ]);
    const rows = JSON.stringify([await db.selectFrom('invitations').selectAll().execute(),
      await db.selectFrom('invitation_shares').selectAll().execute(), await db.selectFrom('audit').selectAll().execute()]);
    for (const [where, text] of [['rows', rows], ['the audit log', audit.body], ['the log', lines.join('')]] as const) {
      t.ok(text.length > 100, where);
      t.notMatch(text, secretOf(made), where);
    }
    t.match(rows, hashSecret(secretOf(made)));
  });

  t.test('what cannot be is refused in words', async (t) => {
    const script = async (...scopes: string[]) => household.as({ authorization:
      `Bearer ${(await olive.client('POST', '/api/v1/tokens', { name: 'script', scopes })).json<MadeToken>().token}` });
    const make = (body: object, client = olive.client) =>
      client('POST', '/api/v1/invitations', { name: 'Ned', role: 'member', ...body });
    const used = await invite();
    await use('norbert', used);
    const share = { thing: lamp(outlet), right: 'use' };
    const manager = await script('manage');
    for (const [why, ask, status, code] of [
      ['a guest without an end', () => make({ role: 'guest' }), 400, 'guest_needs_end'],
      ['a guest whose end is too soon', () => make({ role: 'guest', guestUntil: inHours(0.1) }), 400, 'invalid_request'],
      ['a guest whose end is too far', () => make({ role: 'guest', guestUntil: inHours(24 * 367) }), 400, 'invalid_request'],
      ['a member with an end', () => make({ guestUntil: inHours(5) }), 400, 'invalid_request'],
      ['a link for too long', () => make({ hours: limits.invitationHours.max + 1 }), 400, 'invalid_request'],
      ['a thing twice', () => make({ shares: [share, { ...share, right: 'manage' }] }), 400, 'invalid_request'],
      ['a thing that is not there', () => make({ shares: [{ ...share, thing: lamp({ id: nobody }) }] }), 404, 'outlet_not_found'],
      ['a board that is not there', () => make({ shares: [{ ...share, thing: { kind: 'device', id: 'c'.repeat(32) } }] }), 404, 'device_not_found'],
      ['with a token', () => make({}, manager), 403, 'forbidden'],
      ['taking back one that was used', () => olive.client('DELETE', `/api/v1/invitations/${used.id}`), 410, 'invitation_used'],
      ['taking back one that is not there', () => olive.client('DELETE', `/api/v1/invitations/${nobody}`), 404, 'invitation_not_found'],
      ['a secret that nobody was given', () => offer('x'.repeat(43)), 404, 'invitation_not_found'],
      ['half a link', () => offer('x'.repeat(20)), 400, 'invalid_request'],
      ['looking from another site', () => offer(secretOf(used), { origin: 'https://evil.example' }), 403, 'cross_site'],
      ['looking, as a script', () => household.as({})('POST', '/auth/invitation', { secret: secretOf(used) }), 403, 'cross_site'],
    ] as [string, () => ReturnType<Client>, number, string][]) {
      const answer = await ask();
      t.match(Problem.parse(answer.json()), { status, code, detail: /\w{3} \w/ }, `${why}: ${answer.body}`);
      t.equal(answer.headers['set-cookie'], undefined, `${why}: and leaves no cookie`);
    }
    t.equal((await manager('GET', '/api/v1/invitations')).statusCode, 200, 'a token that may manage may look');
    const most = Array.from({ length: limits.invitationShares + 1 }, (_, at) =>
      ({ thing: lamp({ id: nobody.replace(/^0{8}/, String(10_000_000 + at)) }), right: 'manage' }));
    t.match((await make({ shares: most })).json(), { code: 'invalid_request' });
    t.match((await make({ shares: most.slice(1) })).json(), { code: 'outlet_not_found' }, 'so many fit in a request');
  });

  t.test('what it offers is shown to whoever has the link, as often as they like', async (t) => {
    const made = await invite({ ...guest, shares: [{ thing: device, right: 'manage' }] });
    for (const look of ['once', 'twice']) {
      const answer = await offer(secretOf(made));
      t.same(Offer.parse(answer.json()), { name: 'Ned', role: 'guest', guestUntil: guest.guestUntil, createdBy: 'olive',
        shares: [{ thing: { ...device, name: 'Hall board' }, right: 'manage' }], expiresAt: made.expiresAt }, look);
      t.match(answer.headers['set-cookie'], /^__Host-session=/);
      t.notMatch(answer.headers['set-cookie'], secretOf(made), 'encrypted');
    }
    t.equal(await state(made), 'open');
    const ned = await household.person('bystander');
    t.equal((await ned.client('POST', '/auth/invitation', { secret: secretOf(made) })).statusCode, 200);
    t.match((await ned.client('GET', '/api/v1/me')).json(), { name: 'bystander', state: 'pending' }, 'a session stays');
  });

  t.test('one that does not hold any more lets nobody in, and makes nobody', async (t) => {
    const second = await household.person('second');
    await setPerson(db, second.person.id, { role: 'admin', state: 'active' });
    for (const [why, spoil, code, listed, after = 0] of [
      ['used', (made) => use('nadia', made), 'invitation_used', 'used'],
      ['taken back', ({ id }) => olive.client('DELETE', `/api/v1/invitations/${id}`), 'invitation_revoked', 'revoked'],
      ['taken back twice', async ({ id }) => {
        await olive.client('DELETE', `/api/v1/invitations/${id}`);
        t.equal((await olive.client('DELETE', `/api/v1/invitations/${id}`)).statusCode, 204);
      }, 'invitation_revoked', 'revoked'],
      ['too late for the link', () => Promise.resolve(), 'invitation_ended', 'ended', 2 * hour],
      ['too late for the guest', () => Promise.resolve(), 'invitation_ended', 'ended', 1.5 * hour],
      ['of an admin who is a member now', () => setPerson(db, second.person.id, { role: 'member' }), 'invitation_ended', 'ended'],
      ['of an admin whose access has ended', () =>
        setPerson(db, second.person.id, { role: 'admin', state: 'deactivated' }), 'invitation_ended', 'ended'],
    ] as [string, (made: MadeInvitation) => Promise<unknown>, string, string, number?][]) {
      await setPerson(db, second.person.id, { role: 'admin', state: 'active' });
      const made = await invite({ hours: why.includes('guest') ? 9 : 2, role: 'guest', guestUntil: inHours(1.2) }, second);
      await spoil(made);
      await inTime(after, async () => {
        t.equal(await state(made), listed, why);
        const answer = await offer(secretOf(made));
        t.match(answer.json(), { code, detail: /\w{3} \w/ }, why);
        t.equal(answer.headers['set-cookie'], undefined, why);
        const before = await db.selectFrom('people').select('id').execute();
        t.equal((await use(`late for ${why}`, made)).code, code, why);
        t.equal((await db.selectFrom('people').select('id').execute()).length, before.length, `${why}: nobody was made`);
      });
    }
    t.equal((await use('nina', { link: `#${'x'.repeat(43)}` })).code, 'invitation_not_found');
  });

  t.test('it lets newcomers in, gives more to those who are in, and takes nothing from anybody', async (t) => {
    const near = new Date(Date.now() + 2 * hour);
    const later = new Date(Date.now() + 5 * hour);
    const past = new Date(Date.now() - hour);
    type Standing = [state: 'pending' | 'active' | 'deactivated', role: Role, until?: Date];
    for (const [was, invited, becomes] of [
      [['pending', 'member'], ['member'], ['active', 'member']],
      [['pending', 'member'], ['admin'], ['active', 'admin']],
      [['pending', 'member'], ['guest', later], ['active', 'guest', later]],
      [['active', 'admin'], ['guest', later], ['active', 'admin']],
      [['active', 'admin'], ['member'], ['active', 'admin']],
      [['active', 'member'], ['guest', later], ['active', 'member']],
      [['active', 'member'], ['member'], ['active', 'member']],
      [['active', 'member'], ['admin'], ['active', 'admin']],
      [['active', 'guest', near], ['guest', later], ['active', 'guest', later]],
      [['active', 'guest', later], ['guest', near], ['active', 'guest', later]],
      [['active', 'guest', past], ['guest', near], ['active', 'guest', near]],
      [['active', 'guest', past], ['member'], ['active', 'member']],
      [['active', 'guest', near], ['admin'], ['active', 'admin']],
      [['deactivated', 'member'], ['admin'], undefined],
      [['deactivated', 'guest', past], ['guest', later], undefined],
    ] as [Standing, [role: Role, until?: Date], Standing | undefined][]) {
      const what = `${was.slice(0, 2).join(' ')}, invited as ${invited[0]}`;
      const { person } = await household.person('somebody');
      await setPerson(db, person.id, { state: was[0], role: was[1], guest_until: was[2] ?? null });
      const made = await invite({ role: invited[0], guestUntil: invited[1]?.toISOString() ?? null,
        shares: [{ thing: lamp(outlet), right: 'manage' }] });
      const used = await use('somebody', made);
      if (becomes) {
        t.equal(used.code, undefined, what);
        t.match(used.person, { state: becomes[0], role: becomes[1], guestUntil: becomes[2] ?? null }, what);
        t.strictSame(await findPerson(db, person.id), used.person, `${what}: and it is stored`);
        t.same(await sees(used.client!), ['Hall lamp: manage'], what);
        t.equal(await state(made), 'used', what);
      } else {
        t.equal(used.code, 'deactivated', what);
        t.match(await findPerson(db, person.id), { state: 'deactivated', role: was[1] }, what);
        t.equal(await state(made), 'open', `${what}: another may use it`);
      }
      await db.deleteFrom('shares').execute();
    }
  });

  t.test('of two rights to the same thing the stronger stays; what is gone is left out', async (t) => {
    const spare = (await olive.client('POST', '/api/v1/outlets', { deviceId: board, name: 'Spare lamp',
      control: { kind: 'pin', pin: 5 } })).json<Outlet>();
    const { person } = await household.person('sam');
    await setPerson(db, person.id, { state: 'active' });
    await olive.client('PUT', '/api/v1/shares', { personId: person.id, thing: lamp(outlet), right: 'manage' });
    await olive.client('PUT', '/api/v1/shares', { personId: person.id, thing: device, right: 'use' });
    const made = await invite({ shares: [{ thing: lamp(outlet), right: 'use' }, { thing: device, right: 'manage' },
      { thing: lamp(spare), right: 'use' }] });
    await olive.client('DELETE', `/api/v1/outlets/${spare.id}`);
    t.same(Offer.parse((await offer(secretOf(made))).json()).shares.map(({ thing }) => thing.name), ['Hall board', 'Hall lamp']);
    await use('sam', made);
    const shares = await db.selectFrom('shares').select(['outlet_id', 'right']).where('person_id', '=', person.id)
      .orderBy('outlet_id').execute();
    t.same(shares, [{ outlet_id: outlet.id, right: 'manage' }, { outlet_id: null, right: 'manage' }]);
  });

  t.test('several at once, one gets in', async (t) => {
    const made = await invite({ shares: [{ thing: lamp(outlet), right: 'use' }] });
    const names = ['ann', 'bob', 'cyd', 'dan', 'eve'];
    const used = await Promise.all(names.map((name) => use(name, made)));
    t.strictSame(used.map(({ code }) => code ?? 'in').sort(), ['in', ...Array<string>(4).fill('invitation_used')]);
    const people = await db.selectFrom('people').select(['name', 'state']).where('name', 'in', names).execute();
    t.match(people, [{ name: names[used.findIndex(({ code }) => code === undefined)], state: 'active' }], 'and the others are not there');
    const again = await invite();
    const both = await Promise.all([use('fay', again), olive.client('DELETE', `/api/v1/invitations/${again.id}`)]);
    t.equal((both[0].code === undefined ? 1 : 0) + (both[1].statusCode === 204 ? 1 : 0), 1, 'used or taken back, not both');
  });

  t.test('somebody who is in already sees on their open page what an invitation brings them', async () => {
    const { person, cookie } = await household.person('open page');
    await setPerson(db, person.id, { state: 'active' });
    const address = await household.app.listen({ host: '127.0.0.1', port: 0 });
    const stream = await openStream(address, { cookie });
    const admin = await openStream(address, { cookie: olive.cookie });
    await use('open page', await invite({ role: 'admin', shares: [{ thing: device, right: 'use' }] }));
    await stream.event('the role', (event) => event.type === 'me' && event.me.role === 'admin');
    await stream.event('the lamp', (event) => event.type === 'outlet' && event.outlet.id === outlet.id);
    await admin.event('the person', (event) => event.type === 'person' && event.person.name === 'open page'
      && event.person.role === 'admin');
    await admin.event('more to read', ({ type }) => type === 'audit');
    await stream.leave();
    await admin.leave();
  });

  t.test('the database itself knows what an invitation can be', async (t) => {
    const { id } = await invite();
    const set = (change: object) => db.updateTable('invitations').set(change).where('id', '=', id).execute();
    await t.rejects(set({ role: 'guest' }), /invitations_guests_end/);
    await t.rejects(set({ used_at: new Date(), revoked_at: new Date() }), /invitations_used_or_revoked/);
  });
});

t.test('with a real OpenID provider: the link, the sign-in, and in', async (t) => {
  const { db, stop } = await databases.PGlite!();
  const household = await Household.on(db);
  const dir = await mkdtemp(path(tmpdir(), 'sconce-invitations-'));
  const [port = 0, issuerPort = 0] = await freePorts(2);
  const url = `http://localhost:${port}`;
  const issuer = await startIssuer({ port: issuerPort, dir, redirectUris: [`${url}/auth/callback`] });
  const lines: string[] = [];
  const log = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) });
  const { clientId, clientSecret } = issuer;
  const settings = { ...config, publicUrl: url,
    issuers: [{ id: 'first', name: 'Issuer', url: issuer.url, clientId, clientSecret, prefix: 'OIDC_' as const }] };
  const app = await buildApp({ ...household.context, log }, settings, log);
  await app.listen({ host: 'localhost', port });
  t.teardown(async () => {
    await app.close();
    await household.close();
    await stop();
    await issuer.stop();
    await rm(dir, { recursive: true });
  });
  const olive = new Visitor(url);
  t.match(await olive.signIn('olive'), { role: 'admin' });
  const invite = (body: object) => olive.json<MadeInvitation>('/api/v1/invitations', { method: 'POST', body: { name: 'Ned', ...body } });
  const look = (visitor: Visitor, { link }: { link: string }) =>
    visitor.request('/auth/invitation', { method: 'POST', body: { secret: secretOf({ link }) } });

  const made = await invite({ role: 'guest', guestUntil: inHours(3) });
  t.ok(made.link.startsWith(`${url}/invitation#`));
  const ned = new Visitor(url);
  t.equal((await look(ned, made)).status, 200);
  t.match(await ned.signIn('ned'), { state: 'active', role: 'guest', guestUntil: made.guestUntil });
  t.equal((await ned.request('/api/v1/outlets')).status, 200);

  const gwen = new Visitor(url);
  t.match(await (await look(gwen, made)).json(), { code: 'invitation_used' }, 'opened twice: the second is told');
  t.match(await gwen.signIn('gwen'), { state: 'pending' }, 'and signs in as anybody does');

  await t.test('an invitation that is spoilt while they sign in: an error, no session, and nothing of it is kept', async (t) => {
    const spoilt = await invite({ role: 'member' });
    const visitor = new Visitor(url);
    await look(visitor, spoilt);
    await olive.json(`/api/v1/invitations/${spoilt.id}`, { method: 'DELETE' });
    await t.rejects(visitor.signIn('gwen'), /\/sign-in\?problem=invitation_revoked$/);
    t.equal((await visitor.request('/api/v1/me')).status, 401);
    for (const name of visitor.cookies.keys()) if (!name.startsWith('__Host-')) visitor.cookies.delete(name);
    t.match(await visitor.signIn('gwen'), { state: 'pending' }, 'the next sign-in is one without it');
  });

  await t.test('a session that is there outlives an invitation that fails', async (t) => {
    const spoilt = await invite({ role: 'admin' });
    await look(ned, spoilt);
    await olive.json(`/api/v1/invitations/${spoilt.id}`, { method: 'DELETE' });
    t.equal((await ned.request('/api/v1/me')).status, 200, 'looking signs nobody out');
    await t.rejects(ned.signIn('ned'), /problem=invitation_revoked$/);
    t.match(await ned.json('/api/v1/me'), { name: 'Ned Newcomer', role: 'guest' });
  });

  await t.test('somebody who is out stays out', async (t) => {
    const people = await olive.json<{ id: string; name: string }[]>('/api/v1/people');
    const { id = '' } = people.find(({ name }) => name === 'Gwen Guest') ?? {};
    await olive.json(`/api/v1/people/${id}`, { method: 'PATCH', body: { state: 'deactivated' } });
    const tempting = await invite({ role: 'member' });
    const visitor = new Visitor(url);
    await look(visitor, tempting);
    await t.rejects(visitor.signIn('gwen'), /problem=deactivated$/);
    t.match(await (await look(new Visitor(url), tempting)).json(), { name: 'Ned' }, 'and the invitation is still good');
  });

  await t.test('a link that was looked at long ago is not used by whoever signs in here next', async (t) => {
    const forgotten = await invite({ role: 'admin' });
    const shared = new Visitor(url);
    const before = await buildApp({ ...household.context, now: () => new Date(Date.now() - 25 * hour) }, settings, log);
    await app.close();
    await before.listen({ host: 'localhost', port });
    await look(shared, forgotten);
    await before.close();
    const now = await buildApp(household.context, settings, log);
    await now.listen({ host: 'localhost', port });
    t.teardown(() => now.close());
    t.match(await shared.signIn('ned'), { role: 'guest' });
  });

  t.notMatch(lines.join(''), secretOf(made), 'the log holds no link');
  t.match(lines.join(''), 'sign-in failed', 'though it tells of failures');
});
