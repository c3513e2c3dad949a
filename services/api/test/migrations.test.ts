import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { sql } from 'kysely';
import { Migrator } from 'kysely/migration';
import t, { type Test } from 'tap';
import { migrations, type Db } from '../src/db/database.ts';
import { databases, Household } from './household.ts';

/**
 * Every schema that was ever released: a household as it was kept in it, in migrations/<name>.sql, is brought up to date
 * and must still be the same household. Whoever adds a migration adds its fixture, and its checksum here when it is
 * released.
 */
const released: Record<string, string> = {
  '0001-first': 'dc7adfb821f7ecb8ce16f02acadd2380b7b81a58debfb4d385fac4143325861b',
  '0002-people': '2620ffdc04334295529747d16d22fdc19503699ec16e19b3f93fb590528aeb9c',
  '0003-sessions': '51f6492d3364b0446144fffbbb584f3b4149666411ea813dc29494544ecc5029',
  '0004-audit': 'e6ed2a4ab2f176b51c4afa020bed11bc0666c611e5bb945bce68b54e4e907bc8',
  '0005-shares': '6b3d1bebf1c4211481cd8daf5d87070a6cd516db1ca10f20ba87485a80b4cc92',
  '0006-scenes': '9258fbf00b5834e1cdfa6ccd5a5080fe46fd34b40c60915139bff31fa3abab15',
  '0007-certificates': 'd9a1fec7c3c2c2a3ebf636cc304155d256724b0839045dde720fd864336d58c0',
};

const source = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const names = Object.keys(migrations) as (keyof typeof migrations)[];
const fixture = (name: string) => readFileSync(source(`migrations/${name}.sql`), 'utf8');

t.test('a released migration is never changed, and each has its fixture and its place', async (t) => {
  t.same(names, [...names].sort(), 'they run in the order of their names');
  t.same(readdirSync(source('../src/db/migrations')).sort(), names.map((name) => `${name}.ts`), 'each file is one of them');
  t.same(readdirSync(source('migrations')).sort(), names.map((name) => `${name}.sql`), 'each has its fixture in test/migrations');
  for (const name of names) {
    const sum = createHash('sha256').update(readFileSync(source(`../src/db/migrations/${name}.ts`))).digest('hex');
    t.equal(sum, released[name], `${name}: a released migration was changed (add the next one instead), or a new one has no checksum here`);
  }
});

const id = (end: string) => `00000000-0000-4000-8000-0000000000${end}`;
const hash = (secret: string) => createHash('sha256').update(secret).digest('hex');
const hall = '0123456789abcdef0123456789abcdef';
const [t1, t2, t3] = ['2026-01-02T03:04:05.000Z', '2026-02-03T04:05:06.000Z', '2026-03-04T05:06:07.000Z'];
const [far, used] = ['2099-01-01T00:00:00.000Z', '2098-12-31T00:00:00.000Z'];
const guestEnds = '2027-08-09T10:11:12.000Z';

/** What the household of step `k` is in the newest schema; rows in the order of their text. */
function expected(k: number): Record<string, object[]> {
  const person = (end: string, subject: string, name: string, role: string, state: string, more = {}) => ({
    id: id(end), issuer: 'https://issuer.invalid', subject, email: `${subject}@example.org`, name, picture: null, role, state,
    created_at: t1, signed_in_at: t2, guest_until: null, ...more });
  const session = (end: string, owner: string, name: string, address: string, role: string, state: string, more = {}) => ({
    id: id(end), person_id: id(owner), secret_hash: hash(`${name}-session`), address, created_at: t2, last_used_at: used,
    expires_at: far, issued_role: role, issued_state: state, previous_secret_hash: null, previous_until: null, exchange_salt: null, ...more });
  const code = (value: number) => ({ code: value, bits: 24, protocol: 1, pulse: 350 });
  return {
    people: [
      person('a1', 'olive', 'Olive Owner', 'admin', 'active', { picture: 'https://example.org/olive.png' }),
      person('a2', 'mona', 'Mona', 'member', 'active'),
      // Before guests had an end, theirs is when the household was brought up to date: an admin has to give them more.
      person('a3', 'gwen', 'Gwen Guest', 'guest', 'active', { guest_until: k < 2 ? /^20\d\d-/ : guestEnds }),
      person('a4', 'olive', 'Ned', 'member', 'pending', { issuer: 'https://other.invalid', email: 'ned@example.org', created_at: t3, signed_in_at: t3 }),
      person('a5', 'dora', 'Dora', 'member', 'deactivated', { signed_in_at: t1 }),
    ],
    sessions: [
      session('b1', 'a1', 'olive', '192.0.2.1', 'admin', 'active', { user_agent: 'Firefox',
        ...k >= 3 && { previous_secret_hash: hash('olive-before'), previous_until: t3, exchange_salt: 'salt' } }),
      session('b2', 'a2', 'mona', '2001:db8::1', 'member', 'active', { user_agent: 'Chrome' }),
      ...k < 3 ? [] : [session('b4', 'a4', 'ned', '192.0.2.4', 'guest', 'pending', { user_agent: 'Safari', created_at: t3 })],
    ],
    tokens: [
      { id: id('c1'), person_id: id('a1'), name: 'Kitchen script', prefix: 'sct_fixtur', secret_hash: hash('sct_fixture'),
        scopes: ['read', 'switch'], created_at: t2, expires_at: far, last_used_at: used, revoked_at: null },
      { id: id('c2'), person_id: id('a1'), name: 'Lost phone', scopes: ['manage'], created_at: t1, last_used_at: null, revoked_at: t2 },
    ],
    devices: [
      { id: hall, name: 'Hall board', first_seen_at: t1, adopted_at: t2, online: true, online_changed_at: t3,
        info: { firmware: '1.0.0', pins: [5], certificateNotAfter: 4070908800000 }, telemetry: { rssi: -60, temperature: 20.5 }, telemetry_at: t3,
        revoked_at: null },
      { id: 'f'.repeat(32), name: null, first_seen_at: t3, adopted_at: null, online: false, info: null, telemetry: null,
        revoked_at: k < 7 ? null : t3 },
    ],
    outlets: [
      { id: id('d1'), device_id: hall, name: 'Hall lamp', room: 'Hall', icon: 'lamp', created_at: t2, state_on: true, state_source: 'remote',
        state_at: t3, control: { kind: 'rf', on: code(5393), off: code(5396), repeat: 10 } },
      { id: id('d2'), device_id: hall, name: 'Fan', room: null, icon: 'fan', control: { kind: 'pin', pin: 5 }, state_on: null, state_source: null },
    ],
    shares: k < 5 ? [
      // What was shared before there were rights may be used.
      { person_id: id('a2'), outlet_id: id('d1'), device_id: null, right: 'use', created_at: t2, id: /^[0-9a-f-]{36}$/ },
      { person_id: id('a3'), outlet_id: id('d2'), device_id: null, right: 'use', created_at: t3, id: /^[0-9a-f-]{36}$/ },
    ] : [
      { person_id: id('a2'), outlet_id: id('d1'), device_id: null, right: 'use', created_at: t2, id: id('e1') },
      { person_id: id('a3'), outlet_id: id('d2'), device_id: null, right: 'manage', created_at: t3, id: id('e2') },
      { person_id: id('a5'), outlet_id: null, device_id: hall, right: 'use', created_at: t3, id: id('e3') },
    ],
    commands: [
      { id: id('f1'), outlet_id: id('d1'), person_id: id('a1'), token_id: null, on: true, requested_at: t2, outcome: 'transmitted', ms: 31.4 },
      { id: id('f2'), outlet_id: id('d1'), person_id: id('a1'), token_id: id('c1'), on: false, requested_at: t3, outcome: 'offline', ms: null },
      { id: id('f3'), outlet_id: id('d2'), person_id: id('a2'), token_id: null, on: true, requested_at: t3, outcome: null, ms: null },
    ],
    audit: k < 4 ? [] : [
      { at: t2, actor_kind: 'token', person_id: id('a1'), person_name: 'Olive Owner', token_name: 'Kitchen script', action: 'outlet.switch',
        target_kind: 'outlet', target_id: id('d1'), target_name: 'Hall lamp', address: '192.0.2.1', outcome: 'transmitted', detail: { on: true, ms: 31.4 } },
      { at: t3, actor_kind: 'remote', person_id: null, action: 'outlet.switch', outcome: 'done', detail: { heardBy: 'Hall board' } },
    ],
    invitations: k < 5 ? [] : [
      { id: id('91'), secret_hash: hash('invitation-1'), name: 'Gwen', role: 'guest', guest_until: guestEnds, created_by: id('a1'), used_at: t3,
        used_by: id('a3'), revoked_at: null },
      { id: id('92'), name: 'Ivy', role: 'member', guest_until: null, created_at: t3, expires_at: far, used_at: null, used_by: null },
    ],
    invitation_shares: k < 5 ? [] : [
      { invitation_id: id('92'), outlet_id: null, device_id: hall, right: 'manage' },
      { invitation_id: id('92'), outlet_id: id('d1'), device_id: null, right: 'use' },
    ],
    scenes: k < 6 ? [] : [{ id: id('71'), name: 'Evening', icon: 'lamp', created_at: t3 }],
    scene_steps: k < 6 ? [] : [
      { scene_id: id('71'), outlet_id: id('d1'), on: true, position: 0 },
      { scene_id: id('71'), outlet_id: id('d2'), on: false, position: 2 },
    ],
    certificate_warnings: k < 7 ? [] : [
      { name: 'board 0123456789abcdef0123456789abcdef', level: 60, ends: far, way: 'email', told_at: t3 },
      { name: 'broker', level: 7, ends: used, way: 'log', told_at: t2 },
    ],
  };
}

async function tablesOf(db: Db): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`select tablename::text as name from pg_tables
    where schemaname = 'public' and tablename not like 'kysely%' order by tablename`.execute(db);
  return rows.map(({ name }) => name);
}

/** As JSON, so that both drivers say the same. */
async function rowsOf(db: Db, table: string): Promise<object[]> {
  const { rows } = await sql<object>`select * from ${sql.table(table)} x order by x::text collate "C"`.execute(db);
  return JSON.parse(JSON.stringify(rows)) as object[];
}

for (const [kind, open] of Object.entries(databases)) {
  t.test(kind, async (t) => {
    const { db, stop } = await open();
    t.teardown(stop);
    const migrator = new Migrator({ db, provider: { getMigrations: () => Promise.resolve(migrations) } });
    for (const [at, name] of names.entries()) {
      const k = at + 1;
      await t.test(`a household kept in the schema of ${name}`, async (t) => {
        for (const statement of ['drop schema public cascade', 'create schema public']) await sql.raw(statement).execute(db);
        const { error } = await migrator.migrateTo(name);
        t.equal(error, undefined);
        for (const statement of fixture(name).split(/;\n/).filter((one) => one.trim() !== '')) await sql.raw(statement).execute(db);
        for (const table of await tablesOf(db)) t.ok((await rowsOf(db, table)).length > 0, `the fixture has rows of ${table}`);

        const household = await Household.on(db);
        t.teardown(() => household.close());
        const is = expected(k);
        t.same(await tablesOf(db), Object.keys(is).sort(), 'every table of today is spoken of');
        for (const [table, rows] of Object.entries(is)) {
          const found = await rowsOf(db, table);
          t.equal(found.length, rows.length, `${table}: none lost, none added`);
          t.match(found, rows, `${table}: they mean the same`);
        }
        await livesOn(t, household);
      });
    }
  });
}

/** What people had opens as before. */
async function livesOn(t: Test, household: Household): Promise<void> {
  const script = household.as({ authorization: 'Bearer sct_fixture' });
  t.match((await script('GET', '/api/v1/outlets')).json(), [
    { name: 'Hall lamp', state: { on: true, source: 'remote' }, lastCommand: { outcome: 'offline', by: 'Olive Owner (Kitchen script)' } },
    { name: 'Fan', lastCommand: { outcome: null, by: 'Mona' } },
  ], 'a token reads');
  t.match((await household.as({ authorization: 'Bearer sct_lost' })('GET', '/api/v1/me')).json(), { code: 'token_invalid' });
  const browser = (secret: string) => {
    const session = household.app.createSecureSession({ secret, __ts: Math.round(Date.now() / 1000) });
    return household.as({ cookie: `__Host-session=${encodeURIComponent(household.app.encodeSecureSession(session))}` });
  };
  t.match((await browser('olive-session')('GET', '/api/v1/me')).json(), { name: 'Olive Owner', role: 'admin' }, 'nobody is signed out');
  const shared = await browser('mona-session')('GET', '/api/v1/outlets');
  t.match(shared.json(), [{ name: 'Hall lamp', right: 'use' }], 'and sees what was shared');
  t.equal(shared.json<object[]>().length, 1);
}
