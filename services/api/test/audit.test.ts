import { join } from 'node:path';
import t from 'tap';
import { sql } from 'kysely';
import type { AuditAction, AuditEntry, AuditPage } from '@sconce/protocol/audit';
import type { MadeToken, Outlet, ProblemCode, Session } from '@sconce/protocol/http';
import { DeviceId } from '@sconce/protocol/ids';
import type { Scene } from '@sconce/protocol/radio-api';
import type { Invitation, Share } from '@sconce/protocol/sharing';
import { createAuthority } from '../src/authority/client.ts';
import { insertAudit, type NewAuditRow } from '../src/db/audit.ts';
import type { Db } from '../src/db/database.ts';
import { setPerson } from '../src/db/people.ts';
import { csvLine } from '../src/domain/csv.ts';
import { pruneAudit } from '../src/usecases/prune-audit.ts';
import { board, type Client, databases, Household, startServer } from './household.ts';
import { ScriptedAuthority } from './scripted-authority.ts';

const rf = { kind: 'rf', on: { code: 1, bits: 24, protocol: 1, pulse: 350 }, off: { code: 2, bits: 24, protocol: 1, pulse: 350 } };
const row = (more: Partial<NewAuditRow> = {}): NewAuditRow => ({
  at: new Date(), actor_kind: 'system', person_id: null, person_name: null, token_name: null, action: 'person.join',
  target_kind: null, target_id: null, target_name: null, address: null, outcome: 'done', detail: '{}', ...more });

const log = async (client: Client, query = '') =>
  (await client('GET', `/api/v1/audit?limit=200${query}`)).json<AuditPage>().entries;

const other = DeviceId.parse('f'.repeat(32));
const scene = (name: string, { id }: Outlet) => ({ name, steps: [{ outletId: id, on: true }] });

/** They change nothing: to look at an invitation does not use it up, and codes are nobody's until an outlet has them. */
const looks = ['POST /auth/invitation', 'POST /api/v1/devices/{id}/codes'];

/** Every call that changes something: how it is made so that it succeeds, and the entry that it leaves. */
type Change = (household: Household, admin: Client, outlet: Outlet) => Promise<{ statusCode: number }>;
const changes: Record<string, readonly [AuditAction, Change]> = {
  'POST /api/v1/outlets/': ['outlet.add', (_, admin) =>
    admin('POST', '/api/v1/outlets', { deviceId: board, name: 'Cellar lamp', control: rf })],
  'POST /api/v1/outlets/import': ['outlet.add', (_, admin) =>
    admin('POST', '/api/v1/outlets/import', { deviceId: board, text: 'Attic lamp; 71; 72' })],
  'PATCH /api/v1/outlets/{id}': ['outlet.change', (_, admin, { id }) =>
    admin('PATCH', `/api/v1/outlets/${id}`, { room: 'Attic' })],
  'POST /api/v1/outlets/{id}/switch': ['outlet.switch', (_, admin, { id }) =>
    admin('POST', `/api/v1/outlets/${id}/switch`, { on: true })],
  'POST /api/v1/outlets/off': ['outlet.switch', (_, admin) => admin('POST', '/api/v1/outlets/off', { room: 'Attic' })],
  'POST /api/v1/scenes/': ['scene.add', (_, admin, outlet) => admin('POST', '/api/v1/scenes', scene('Evening', outlet))],
  'PATCH /api/v1/scenes/{id}': ['scene.change', async (_, admin, outlet) => {
    const { id } = (await admin('POST', '/api/v1/scenes', scene('Noon', outlet))).json<Scene>();
    return admin('PATCH', `/api/v1/scenes/${id}`, { icon: 'lamp' });
  }],
  'POST /api/v1/scenes/{id}/run': ['outlet.switch', async (_, admin, outlet) => {
    const { id } = (await admin('POST', '/api/v1/scenes', scene('Dawn', outlet))).json<Scene>();
    return admin('POST', `/api/v1/scenes/${id}/run`);
  }],
  'DELETE /api/v1/scenes/{id}': ['scene.remove', async (_, admin, outlet) => {
    const { id } = (await admin('POST', '/api/v1/scenes', scene('Dusk', outlet))).json<Scene>();
    return admin('DELETE', `/api/v1/scenes/${id}`);
  }],
  'DELETE /api/v1/outlets/{id}': ['outlet.remove', (_, admin, { id }) => admin('DELETE', `/api/v1/outlets/${id}`)],
  'PATCH /api/v1/devices/{id}': ['device.rename', (_, admin) =>
    admin('PATCH', `/api/v1/devices/${board}`, { name: 'Stairs board' })],
  'POST /api/v1/devices/{id}/identify': ['device.identify', (_, admin) =>
    admin('POST', `/api/v1/devices/${board}/identify`)],
  'POST /api/v1/devices/{id}/revoke': ['device.revoke', async (household, admin) => {
    await household.boardSays({ channel: 'status', value: { online: true, since: 0 } }, other);
    return admin('POST', `/api/v1/devices/${other}/revoke`);
  }],
  'POST /api/v1/devices/{id}/learn': ['radio.learn', (_, admin) =>
    admin('POST', `/api/v1/devices/${board}/learn`, { seconds: 5 })],
  'POST /api/v1/devices/{id}/transmit': ['radio.transmit', (_, admin) =>
    admin('POST', `/api/v1/devices/${board}/transmit`, rf.on)],
  'DELETE /api/v1/devices/{id}': ['device.remove', (_, admin) => admin('DELETE', `/api/v1/devices/${board}`)],
  'POST /api/v1/devices/{id}/adopt': ['device.adopt', async (_, admin) => {
    await admin('DELETE', `/api/v1/devices/${board}`);
    return admin('POST', `/api/v1/devices/${board}/adopt`, { name: 'Hall board' });
  }],
  'POST /api/v1/tokens/': ['token.make', (_, admin) => admin('POST', '/api/v1/tokens', { name: 'a', scopes: ['read'] })],
  'DELETE /api/v1/tokens/{id}': ['token.revoke', async (_, admin) => {
    const { id } = (await admin('POST', '/api/v1/tokens', { name: 'a', scopes: ['read'] })).json<MadeToken>();
    return admin('DELETE', `/api/v1/tokens/${id}`);
  }],
  'PATCH /api/v1/people/{id}': ['person.approve', async (household, admin) => {
    const { person } = await household.person('newcomer');
    return admin('PATCH', `/api/v1/people/${person.id}`, { state: 'active', role: 'member' });
  }],
  'DELETE /api/v1/sessions/': ['session.end_others', (_, admin) => admin('DELETE', '/api/v1/sessions')],
  'DELETE /api/v1/sessions/{id}': ['session.end', async (household) => {
    const { client } = await household.person('olive');
    const here = (await client('GET', '/api/v1/sessions')).json<Session[]>().find(({ current }) => current);
    return client('DELETE', `/api/v1/sessions/${here?.id}`);
  }],
  'PUT /api/v1/shares/': ['share.give', async (household, admin) => {
    const { person } = await household.person('newcomer');
    return admin('PUT', '/api/v1/shares', { personId: person.id, thing: { kind: 'device', id: board }, right: 'use' });
  }],
  'DELETE /api/v1/shares/{id}': ['share.end', async (household, admin) => {
    const { person } = await household.person('guest');
    const share = await admin('PUT', '/api/v1/shares', { personId: person.id, thing: { kind: 'device', id: board }, right: 'use' });
    return admin('DELETE', `/api/v1/shares/${share.json<Share>().id}`);
  }],
  'POST /api/v1/invitations/': ['invitation.make', (_, admin) =>
    admin('POST', '/api/v1/invitations', { name: 'Ned', role: 'member' })],
  'DELETE /api/v1/invitations/{id}': ['invitation.revoke', async (_, admin) => {
    const { id } = (await admin('POST', '/api/v1/invitations', { name: 'Ned', role: 'member' })).json<Invitation>();
    return admin('DELETE', `/api/v1/invitations/${id}`);
  }],
  'POST /auth/logout': ['session.end', async (household) => (await household.person('olive')).client('POST', '/auth/logout')],
};

t.test('PostgreSQL', async (t) => {
  const { db, stop } = await startServer();
  const socket = join(t.testdir(), 'authority.sock');
  const authority = await ScriptedAuthority.at(socket);
  const household = await Household.on(db, { authority: createAuthority(socket) });
  t.teardown(async () => {
    await household.close();
    await authority.close();
    await stop();
  });
  const { bus } = household;
  const olive = await household.person('olive');
  let outlet = await household.withOutlet(olive.client);

  t.test('what has led here stands in it, with who, what, from where', async (t) => {
    t.match((await log(olive.client)).reverse().filter(({ action }) => action !== 'device.appear'), [
      { action: 'person.join', actor: { kind: 'system' }, target: { kind: 'person', name: 'olive' }, address: null },
      { action: 'person.approve', actor: { kind: 'system' }, target: { id: olive.person.id }, detail: { role: 'admin' } },
      { action: 'session.begin', actor: { kind: 'person', personId: olive.person.id, name: 'olive' }, address: '127.0.0.1' },
      { action: 'device.adopt', target: { kind: 'device', id: board, name: 'Hall board' }, outcome: 'done' },
      { action: 'outlet.add', target: { kind: 'outlet', id: outlet.id, name: 'Hall lamp' }, detail: { room: 'Hall' } },
    ]);
    t.match(await log(olive.client, '&action=device.appear'), [{ actor: { kind: 'board' }, target: { id: board } }]);
  });

  t.test('a command leaves its outcome, whatever that is, and says which token gave it', async (t) => {
    const url = `/api/v1/outlets/${outlet.id}/switch`;
    const { token } = (await olive.client('POST', '/api/v1/tokens', { name: 'script', scopes: ['switch'] })).json<MadeToken>();
    await household.as({ authorization: `Bearer ${token}` })('POST', url, { on: true });
    t.match((await log(olive.client))[0], { action: 'outlet.switch', outcome: 'transmitted', address: '127.0.0.1',
      actor: { kind: 'token', name: 'olive', token: 'script' }, target: { name: 'Hall lamp' }, detail: { on: true, ms: Number } });
    t.notMatch(JSON.stringify(await log(olive.client)), token, 'and not the token itself');
    bus.answer = async () => ({ outcome: 'expired' });
    await olive.client('POST', url, { on: false });
    bus.answer = async () => ({ outcome: 'transmitted' });
    t.match((await log(olive.client))[0], { actor: { kind: 'person', token: null }, outcome: 'expired', detail: { on: false } });
  });

  t.test('the hand remote’s press stands in it once, when it changes something', async (t) => {
    const press = (code: number) => household.boardSays({ channel: 'rf/received', value: { code, bits: 24, protocol: 1, pulse: 377 } });
    // What a board has just sent is no press.
    household.later(2000);
    await press(5396);
    await press(5396);
    await press(5393);
    t.match(await log(olive.client, `&outlet=${outlet.id}&action=outlet.switch`), [
      { actor: { kind: 'remote', personId: null }, detail: { on: true, heardBy: 'Hall board' } },
      { actor: { kind: 'remote', personId: null }, detail: { on: false, heardBy: 'Hall board' } },
      { actor: { kind: 'person' } }, { actor: { kind: 'token' } },
    ]);
  });

  t.test('a sign-in that is refused: once a minute and reason, and nobody is named', async (t) => {
    await household.as({})('GET', '/auth/callback?code=a&state=b');
    await household.as({})('GET', '/auth/callback?code=a&state=b');
    t.match(await log(olive.client, '&action=sign_in.refused'), [
      { actor: { personId: null, name: null }, outcome: 'refused', address: '127.0.0.1', detail: { reason: 'sign_in_expired' } }]);
    t.equal((await log(olive.client, '&action=sign_in.refused')).length, 1);
  });

  t.test('each call of the API that changes something leaves an entry', async (t) => {
    type Document = { paths: Record<string, Record<string, unknown>> };
    const { paths } = (await household.as({})('GET', '/api/v1/openapi.json')).json<Document>();
    const routes = Object.entries(paths).flatMap(([path, methods]) => Object.keys(methods)
      .map((method) => method.toUpperCase()).filter((method) => method !== 'GET').map((method) => `${method} ${path}`));
    t.strictSame(routes.filter((route) => !(route in changes)).toSorted(), looks.toSorted(), 'none is missing in the table above');
    for (const [route, [action, change]] of Object.entries(changes)) {
      t.ok(routes.includes(route), `${route} is there`);
      const [last] = await log(olive.client);
      const answer = await change(household, olive.client, outlet);
      t.ok(answer.statusCode < 300, `${route}: ${answer.statusCode}`);
      const fresh = (await log(olive.client)).filter(({ id }) => Number(id) > Number(last?.id));
      t.ok(fresh.some((entry) => entry.action === action), `${route} leaves ${action}`);
      if (action === 'outlet.remove') outlet = await household.withOutlet(olive.client, 'Another lamp');
    }
  });

  t.test('a change and its entry are one: without the one there is not the other', async (t) => {
    await sql`alter table audit add constraint away check (action <> 'token.make') not valid`.execute(db);
    const answer = await olive.client('POST', '/api/v1/tokens', { name: 'unwritten', scopes: ['read'] });
    await sql`alter table audit drop constraint away`.execute(db);
    t.equal(answer.statusCode, 500);
    t.notMatch((await olive.client('GET', '/api/v1/tokens')).body, 'unwritten');
  });

  t.test('it can be read when all that it speaks of is gone', async (t) => {
    const before = await log(olive.client, `&person=${olive.person.id}`);
    await db.deleteFrom('devices').execute();
    const gone = await household.person('gone');
    await db.deleteFrom('people').where('id', '=', gone.person.id).execute();
    t.strictSame(await log(olive.client, `&person=${olive.person.id}`), before);
    t.match(await log(olive.client, `&person=${gone.person.id}`), [{ actor: { name: 'gone' } }, { target: { name: 'gone' } }]);
  });

  t.test('it can only be added to', async (t) => {
    for (const statement of ['update audit set outcome = null', 'delete from audit', 'truncate audit',
      'update audit set outcome = null where false']) {
      await t.rejects(sql.raw(statement).execute(db), /the audit log can only be added to/, statement);
    }
  });

  t.test('pages have no gaps and no repeats while entries are added', async (t) => {
    await insertAudit(db, Array.from({ length: 60 }, () => row({ address: 'paging' })));
    const seen: AuditEntry[] = [];
    const whole = (await log(olive.client)).length;
    for (let next: string | null | undefined; next !== null;) {
      const page: AuditPage = (await olive.client('GET', `/api/v1/audit?limit=7${next ? `&before=${next}` : ''}`)).json();
      seen.push(...page.entries);
      ({ next } = page);
      await Promise.all(Array.from({ length: 5 }, () => insertAudit(db, [row({ address: 'later' })])));
    }
    t.equal(new Set(seen.map(({ id }) => id)).size, seen.length, 'each once');
    t.equal(seen.length, whole, 'all that there was when the first page was read');
    t.ok(seen.every(({ address }) => address !== 'later'));
    t.ok(seen.every(({ id }, at) => at === 0 || Number(id) < Number(seen[at - 1]?.id)), 'newest first');
  });

  t.test('filters', async (t) => {
    const old = new Date('2020-05-01T12:00:00.000Z');
    await insertAudit(db, [row({ at: old, action: 'person.deactivate' })]);
    for (const [why, query, count] of [
      ['a time', '&from=2020-05-01T12:00:00.000Z&to=2020-05-01T12:00:00.001Z', 1],
      ['a time, its end left out', '&from=2020-05-01T00:00:00.000Z&to=2020-05-01T12:00:00.000Z', 0],
      ['two actions', '&action=person.deactivate&action=person.reactivate', 1],
      ['nobody', '&person=00000000-0000-4000-8000-000000000000', 0],
    ] as const) t.equal((await log(olive.client, query)).length, count, why);
    t.ok((await log(olive.client, `&device=${board}`)).every(({ target }) => target?.id === board), 'a board');
  });

  t.test('the export: names that a spreadsheet would run or a parser would trip over', async (t) => {
    const names = ['=cmd|\' /C calc\'!A0', '+1', '-1', '@SUM(A1)', '\t=1', 'say "hi", twice', 'two\r\nlines', 'Zoë 🛋'];
    await insertAudit(db, names.map((target_name) => row({ action: 'person.refuse', target_name })));
    const answer = await olive.client('GET', '/api/v1/audit.csv?action=person.refuse');
    t.match(answer.headers['content-type'], /^text\/csv; charset=utf-8/);
    t.match(answer.headers['content-disposition'], /^attachment; filename="sconce-what-happened-\d{4}-\d\d-\d\d\.csv"$/);
    const [head, ...records] = parseCsv(answer.body);
    const column = head?.indexOf('target') ?? -1;
    t.same(records.map((cells) => cells[column]).reverse(),
      names.map((name) => /^[=+\-@\t]/.test(name) ? `'${name}` : name));
    t.ok(records.every((cells) => cells.length === head?.length));
    const all = parseCsv((await olive.client('GET', '/api/v1/audit.csv')).body);
    const { rows: [count] } = await sql<{ n: number }>`select count(*)::integer as n from audit`.execute(db);
    t.equal(all.length - 1, count?.n, 'all of them');
  });

  t.test('it is for admins, in a browser or by a token that may manage', async (t) => {
    const mona = await household.person('mona');
    await setPerson(db, mona.person.id, { state: 'active' });
    const ned = await household.person('ned');
    const make = async (scopes: string[]) => household.as({ authorization:
      `Bearer ${(await olive.client('POST', '/api/v1/tokens', { name: 'a', scopes })).json<MadeToken>().token}` });
    for (const path of ['/api/v1/audit', '/api/v1/audit.csv']) {
      for (const [who, client, status, code] of [
        ['a member', mona.client, 403, 'forbidden'],
        ['a waiting person', ned.client, 403, 'pending_approval'],
        ['nobody', household.as({}), 401, 'not_signed_in'],
        ['a token that may read', await make(['read', 'switch']), 403, 'scope_missing'],
        ['a token that may manage', await make(['manage']), 200, undefined],
      ] as [string, Client, number, ProblemCode | undefined][]) {
        const answer = await client('GET', path);
        t.equal(answer.statusCode, status, `${path}: ${who}`);
        if (code) t.match(answer.json(), { code }, `${path}: ${who}`);
      }
      for (const query of ['x=1', 'action=outlet.explode', 'from=yesterday', 'person=1', "outlet=' or 1=1 --"]) {
        t.match((await olive.client('GET', `${path}?${encodeURI(query)}`)).json(), { code: 'invalid_request' }, `${path}?${query}`);
      }
    }
    for (const query of ['before=-1', 'before=1e9', 'limit=0', 'limit=201']) {
      t.match((await olive.client('GET', `/api/v1/audit?${query}`)).json(), { code: 'invalid_request' }, query);
    }
  });

  t.test('the retention job takes away what is older, and says so', async (t) => {
    await insertAudit(db, [row({ at: new Date(Date.now() - 31 * 86_400_000), address: 'old' })]);
    const kept = (await everything(db)).filter(({ at }) => at.getTime() > Date.now() - 30 * 86_400_000).map(({ id }) => id);
    t.ok(await pruneAudit(db, 30, new Date()) >= 1);
    const left = await everything(db);
    t.match(left.at(-1), { action: 'audit.prune', actor_kind: 'system', detail: { keepDays: 30 } });
    t.same(left.slice(0, -1).map(({ id }) => id), kept);
    await t.rejects(sql`delete from audit`.execute(db), /can only be added to/, 'its leave has ended with it');
  });
});

const everything = (db: Db) => db.selectFrom('audit').selectAll().orderBy('id').execute();

t.test('one that cannot be stored takes no other with it, and stands in the server’s own log', async (t) => {
  const { db, stop } = await databases.PGlite!();
  const errors: object[] = [];
  const { pino } = await import('pino');
  const household = await Household.on(db, { log: pino({ level: 'error' }, { write: (line) => void errors.push(JSON.parse(line) as object) }) });
  t.teardown(stop);
  for (const address of ['first', 'has a \0 in it', 'last']) household.context.audit.add(row({ address }));
  await household.close();
  t.same((await everything(db)).map(({ address }) => address), ['first', 'last'], 'a clean stop writes what is left');
  t.match(errors, [{ entry: { address: 'has a \0 in it' } }]);
});

t.test('a cell', (t) => {
  for (const [cells, line] of [
    [['a', null, ''], 'a,,'], [['a,b', 'c"d'], '"a,b","c""d"'], [['=1+1', '−1'], "'=1+1,−1"], [['=a,"b"'], `"'=a,""b"""`],
    [['＝1', '\r'], `'＝1,"'\r"`],
  ] as const) t.equal(csvLine(cells), `${line}\r\n`);
  t.end();
});

/** RFC 4180, section 2, as a reader that knows nothing of the writer. */
function parseCsv(text: string): string[][] {
  const records: string[][] = [[]];
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g)) {
    records.at(-1)?.push(quoted === undefined ? plain ?? '' : quoted.replaceAll('""', '"'));
    if (end === '\r\n') records.push([]);
  }
  return records.slice(0, -1);
}
