import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { AuditPage } from '@sconce/protocol/audit';
import type { Inventory, KnownCertificate } from '@sconce/protocol/authority';
import type { Certificates, CertificateView, RefusalView } from '@sconce/protocol/certificates-api';
import { refusalReasons, type Refusal, type RefusalReason } from '@sconce/protocol/gate';
import type { Device, Outlet } from '@sconce/protocol/http';
import { DeviceId } from '@sconce/protocol/ids';
import { initPki } from '../../acceptance/src/pki.ts';
import { until } from '../../acceptance/src/until.ts';
import { buildApp } from '../src/app.ts';
import { createAuthority } from '../src/authority/client.ts';
import { viewsOf, type KnownBoard } from '../src/domain/certificates.ts';
import { refusalView, wordsOf } from '../src/domain/refusals.ts';
import { levelOf } from '../src/domain/warnings.ts';
import { followCertificates } from '../src/usecases/follow-certificates.ts';
import { board, config, databases, Household } from './household.ts';
import { certificate, day, ScriptedAuthority } from './scripted-authority.ts';

const dir = t.testdir();
const now = new Date();
const inDays = (days: number) => new Date(now.getTime() + days * day);
const other = DeviceId.parse('f'.repeat(32));

t.test('how urgent an end is', async (t) => {
  for (const [why, endDays, renewDays, level] of [
    ['a year away', 365, null, null], ['sixty days and a bit', 60.01, null, null], ['just under sixty', 59.9, null, 60],
    ['just under thirty', 29.9, null, 30], ['just under seven', 6.9, null, 7], ['a minute', 1 / 1440, null, 7], ['past', -0.001, null, 0],
    ['renews itself, and that day has not come', 20, 5, null],
    ['renews itself, and has just had the time to', 20, -1, null],
    ['renews itself, and should have', 20, -4, 30],
    ['renews itself, and ended all the same', -1, -240, 0],
    ['a list of thirty days, eleven days old', 19, -1, null], ['the same, seventeen days old', 13, -7, 30],
  ] as const) {
    t.equal(levelOf(inDays(endDays), renewDays === null ? null : inDays(renewDays), now), level, why);
  }
});

const inventory = (certificates: KnownCertificate[], more: Partial<Inventory> = {}): Inventory =>
  ({ at: 0, certificates, crls: [], revoked: [], rootKey: 'plain', rotation: null, trust: null, faults: [], ...more });
const known = (more: Partial<KnownBoard> = {}) => new Map([[board, { name: 'Hall board', renews: false, online: true, ...more }]]);

t.test('whose end matters', async (t) => {
  const one = (endsInDays: number, more: Partial<KnownCertificate> = {}) => certificate(endsInDays, { id: board, ...more });
  for (const [why, given, boards, warnings] of [
    ['a board whose firmware cannot renew', inventory([one(20)]), known(), [30]],
    ['one whose firmware can, and did not', inventory([one(20)]), known({ renews: true }), [30]],
    ['one that has a newer one', inventory([one(5, { state: 'superseded' }), one(700)]), known(), [null, null]],
    ['one that has been given a newer one, and has the old', inventory([one(5, { inUse: true }), one(700)]), known(), [7, null]],
    ['one that has said nothing of two', inventory([one(5), one(700)]), known(), [null, null]],
    ['one that is revoked', inventory([one(5)], { revoked: [{ id: board, at: 0 }] }), known(), [null]],
    ['one whose certificate is', inventory([one(5, { state: 'revoked' })]), known(), [null]],
    ['one that ended', inventory([one(-3, { state: 'expired' })]), known({ renews: true }), [0]],
    ['one that the API has never seen', inventory([certificate(20, { id: other })]), known(), [30]],
    ['the root', inventory([certificate(20, { kind: 'root', name: 'devices authority' })]), known(), [30]],
    ['the broker’s, which the timer renews', inventory([certificate(300, { kind: 'broker' })]), known(), [null]],
    ['the broker’s, which the timer has not renewed', inventory([certificate(20, { kind: 'broker' })]), known(), [30]],
    ['a list that is renewed', inventory([], { crls: [
      { name: 'issuing authority', thisUpdate: now.getTime() - 5 * day, nextUpdate: now.getTime() + 25 * day, entries: 0 }] }), known(), [null]],
    ['a list that is not', inventory([], { crls: [
      { name: 'issuing authority', thisUpdate: now.getTime() - 25 * day, nextUpdate: now.getTime() + 5 * day, entries: 2 }] }), known(), [7]],
  ] as const) {
    const views = viewsOf(given, boards, now);
    t.same(views.map(({ warning }) => warning), warnings, why);
    for (const { warning, advice } of views) t.equal(advice === null, warning === null, `${why}: advice goes with the warning`);
  }
});

t.test('advice fits who is to follow it', async (t) => {
  const advice = (one: KnownCertificate, boards = known()) => viewsOf(inventory([one]), boards, now)[0]?.advice;
  t.match(advice(certificate(20, { id: board })), /cannot renew it by itself.*make update DEVICE="Hall board"/);
  t.match(advice(certificate(20, { id: board }), known({ renews: true, online: false })), /is offline: switch it on/);
  t.match(advice(certificate(20, { id: board }), known({ renews: true })), /should have renewed it by now.*make doctor DEVICE="Hall board"/);
  t.match(advice(certificate(-1, { id: board })), /does not let it in any more.*make pki DEVICE=.*revoke it/);
  t.match(advice(certificate(20, { kind: 'services', name: 'services authority' })), /make pki-rotate AUTHORITY=services/);
  t.match(advice(certificate(20, { kind: 'issuing', name: 'issuing authority' })), /make pki-rotate”/);
  t.match(advice(certificate(20, { kind: 'api' })), /make logs SERVICE=authority/);
});

const refusal = (reason: RefusalReason, more: Partial<Refusal> = {}): Refusal =>
  ({ reason, first: 1_700_000_000_000, last: 1_700_000_060_000, count: 3, address: '192.0.2.7', ...more });
const shown = (genuine: boolean, more: object = {}) => ({ certificate: { name: board as string, id: board, serial: 'a1',
  issuer: 'Sconce issuing', notBefore: Date.UTC(2030, 0, 1), notAfter: Date.UTC(2020, 0, 2), genuine, ...more } });

t.test('every reason has words: what, and what to do', async (t) => {
  const seen = new Set<string>();
  for (const reason of refusalReasons) {
    const { what, advice } = wordsOf(refusal(reason), null);
    t.match(what, /^Somebody at 192\.0\.2\.7 [a-z].*\.$/, reason);
    t.ok(advice.length > 20 && /[.!]$/.test(advice), `${reason}: advice`);
    seen.add(what);
    const ours = wordsOf(refusal(reason, shown(true)), 'Hall board');
    t.match(ours.what, /^The board “Hall board”, at 192\.0\.2\.7, /, `${reason}: by its name`);
    t.notMatch(ours.what, /may be anybody/);
    const claimed = wordsOf(refusal(reason, shown(false)), 'Hall board');
    t.match(claimed.what, /^Somebody at 192\.0\.2\.7 who claims to be the board “Hall board” .* not from this household: whoever shows it may be anybody/,
      `${reason}: a stranger’s certificate is told as one`);
  }
  t.equal(seen.size, refusalReasons.length, 'no two say the same');
  for (const [why, of, words] of [
    ['the day is named', refusal('expired', shown(true)), /ended on 2020-01-02 00:00 UTC/],
    ['and the day from which it counts', refusal('not_yet_valid', shown(true)), /counts from 2030-01-01 00:00 UTC on only/],
    ['who signed it', refusal('unknown_authority', shown(false)), /signed by “Sconce issuing”/],
    ['an id without a name', refusal('revoked', shown(true)), new RegExp(`^A board with the id ${board}, at`)],
    ['a name that is no id', refusal('wrong_use', { certificate: { ...shown(true).certificate, name: 'api', id: undefined } }), /^“api”, at/],
    ['the alert', refusal('distrusts_broker', { alert: { number: 42, by: 'board' } }), /TLS alert 42/],
  ] as const) t.match(wordsOf(of, null).what, words, why);
  t.match(wordsOf(refusal('expired', shown(false)), null).advice, /carries the files of another household/);
  t.strictSame(refusalView(refusal('silent'), () => null), {
    reason: 'silent', first: '2023-11-14T22:13:20.000Z', last: '2023-11-14T22:14:20.000Z', count: 3, address: '192.0.2.7', device: null,
    genuine: false, ...wordsOf(refusal('silent'), null) });
});

const { db, stop } = await databases.PGlite!();
const authority = await ScriptedAuthority.at(join(dir, 'authority.sock'));
const household = await Household.on(db, { authority: createAuthority(join(dir, 'authority.sock')) });
const refusalsFile = join(dir, 'refusals.json');
const watched = join(dir, 'public');
mkdirSync(watched);
const { context } = household;
const app = await buildApp(context, { ...config, refusalsFile, watchedCertificates: [watched] }, context.log as never);
const following = followCertificates(context, { refusalsFile, watched: [watched], ways: [] }, { lookMs: 10, roundMs: 1e9 });
t.teardown(async () => {
  await following.stop();
  await app.close();
  await household.close();
  await authority.close();
  await stop();
});
/** What the gate writes: whole, or not at all. */
function gateWrites(trust: string, refusals: Refusal[] = []): void {
  writeFileSync(refusalsFile, JSON.stringify({ at: Date.now(), trust, open: 0, boards: 0, refusals }));
}
const told: string[] = [];
context.feed.subscribe(({ event, audience }) => void told.push(`${event.type} ${audience.to}`));
const olive = await household.person('olive');
const outlet = await household.withOutlet(olive.client);
const get = async <T>(path: string): Promise<T> => {
  const answer = await app.inject({ url: `/api/v1/${path}`, headers: { cookie: olive.cookie } });
  if (answer.statusCode !== 200) throw new Error(answer.body);
  return answer.json<T>();
};
const auditOf = async (action: string) => (await get<AuditPage>(`audit?action=${action}`)).entries;

t.test('certificates: with the names that people gave, and the web’s', async (t) => {
  const pki = await initPki(join(dir, 'pki'));
  copyFileSync(pki.api.cert, join(watched, 'lamps.example.org.pem'));
  writeFileSync(join(watched, 'broken.pem'), '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n');
  authority.inventory = inventory([certificate(20.5, { id: board, name: 'As it was minted' }), certificate(700, { kind: 'api', name: 'api' })],
    { faults: ['The key of the root is away.'] });
  const { certificates, faults, rootKey } = await get<Certificates>('certificates');
  t.match(certificates.map(({ kind, name, warning }) => ({ kind, name, warning })), [
    { kind: 'board', name: 'Hall board', warning: 30 }, { kind: 'api', name: 'api', warning: null }, { kind: 'web', warning: null }]);
  t.equal(certificates[0]?.daysLeft, 20);
  t.equal(rootKey, 'plain');
  t.match(faults, [/broken\.pem cannot be read/, 'The key of the root is away.']);
  t.ok(certificates.every((one: CertificateView) => one.notBefore < one.notAfter));
});

t.test('an authority that is away: what can be seen is shown, and why not the rest', async (t) => {
  const away = await Household.on(db, { authority: createAuthority(join(dir, 'nowhere.sock')) });
  const { client } = await away.person('olive');
  const found = (await client('GET', '/api/v1/certificates')).json<Certificates>();
  t.match(found, { certificates: [], rootKey: null, faults: [/The authority does not answer at .*nowhere\.sock.*not shown/] });
  const answer = await client('POST', `/api/v1/devices/${board}/revoke`);
  t.equal(answer.statusCode, 503);
  t.match(answer.json(), { code: 'authority_unreachable', detail: /The board is not revoked\. On the server itself it can be: make pki-revoke DEVICE=/ });
  await away.close();
  t.equal((await get<Device[]>('devices'))[0]?.revokedAt, null);
  t.equal((await auditOf('device.revoke')).length, 0);
});

t.test('refusals: newest first, by the names that people gave; the screens are told', async (t) => {
  t.same(await get('refusals'), [], 'before the gate has written anything');
  gateWrites('a');
  await until('the first look', () => authority.asked > 1);
  told.length = 0;
  gateWrites('a', [refusal('expired', shown(true)), refusal('not_tls', { last: 1_800_000_000_000 }),
    refusal('revoked', shown(true, { id: other, name: other }))]);
  await until('the screens to be told', () => told.includes('refusals admins'));
  authority.inventory = inventory([certificate(20, { id: other, name: 'Spare board' })]);
  const found = await get<RefusalView[]>('refusals');
  t.match(found.map(({ reason, device }) => [reason, device?.name ?? null]), [['not_tls', null], ['expired', 'Hall board'], ['revoked', 'Spare board']]);
  writeFileSync(refusalsFile, '{"at":');
  const answer = await app.inject({ url: '/api/v1/refusals', headers: { cookie: olive.cookie } });
  t.equal(answer.statusCode, 500, 'half a file is no word of nobody');
});

t.test('an admin revokes a board', async (t) => {
  told.length = 0;
  authority.revoked.length = 0;
  await household.boardSays({ channel: 'status', value: { online: true, since: Date.now() } });
  const before = (await get<Device[]>('devices'))[0]!;
  t.match(before, { online: true, revokedAt: null });
  const answer = await olive.client('POST', `/api/v1/devices/${board}/revoke`);
  t.equal(answer.statusCode, 200);
  t.match(answer.json(), { certificates: 1, ms: Number, why: null });
  t.same(authority.revoked, [board]);
  await until('it to be stored as gone', async () => (await get<Device[]>('devices'))[0]?.online === false);
  const [device] = await get<Device[]>('devices');
  t.match(device, { online: false, revokedAt: /^20/ });
  t.same(household.bus.cleared, [board], 'the broker is to forget it');
  t.ok(told.includes('certificates admins') && told.includes('device admins'), 'all screens are told');
  t.match(await auditOf('device.revoke'), [{ actor: { kind: 'person', name: 'olive' }, target: { id: board, name: 'Hall board' }, detail: { certificates: 1, ms: Number } }]);

  t.test('what it says still counts for nothing, and nothing is asked of it', async (t) => {
    await household.boardSays({ channel: 'status', value: { online: true, since: Date.now() } });
    t.equal((await get<Device[]>('devices'))[0]?.online, false);
    household.bus.sent.length = 0;
    for (const [path, body] of [[`outlets/${outlet.id}/switch`, { on: true }], [`devices/${board}/identify`, {}], [`devices/${board}/learn`, { seconds: 5 }],
      [`devices/${board}/transmit`, { code: 1, bits: 24, protocol: 1, pulse: 350 }], [`devices/${board}/codes`, {}]] as const) {
      const answer = await olive.client('POST', `/api/v1/${path}`, body);
      t.match([answer.statusCode, answer.json()], [409, { code: 'device_revoked', detail: /“Hall board” has been revoked/ }], path);
    }
    t.same(household.bus.sent, []);
    t.match((await get<Outlet[]>('outlets'))[0]?.lastCommand, { outcome: 'refused' });
  });

  t.test('so it is after a restart', async (t) => {
    const again = await Household.on(db, { authority: createAuthority(join(dir, 'authority.sock')) });
    const { client } = await again.person('olive');
    await until('it to be loaded', () => again.context.revoked.has(board));
    await again.boardSays({ channel: 'status', value: { online: true, since: Date.now() } });
    t.match((await client('POST', `/api/v1/outlets/${outlet.id}/switch`, { on: true })).json(), { code: 'device_revoked' });
    await again.close();
  });

  t.test('once more does no harm, as when the broker had not said that it knows', async (t) => {
    authority.answer = async () => ({ status: 200, body: { certificates: 0, brokerMs: null, gateMs: 3, why: 'Mosquitto does not run.' } });
    t.match((await olive.client('POST', `/api/v1/devices/${board}/revoke`)).json(), { certificates: 0, ms: null, why: 'Mosquitto does not run.' });
    const [same] = await get<Device[]>('devices');
    t.equal(same?.revokedAt, device?.revokedAt, 'the day stays');
  });

  t.test('what the authority will not do is told in its words', async (t) => {
    authority.answer = async () => ({ status: 500, body: { code: 'failed', why: 'The disk is full. Make room.' } });
    const answer = await olive.client('POST', `/api/v1/devices/${board}/revoke`);
    t.match([answer.statusCode, answer.json()], [502, { code: 'authority_failed', detail: 'The disk is full. Make room.' }]);
    authority.answer = async () => ({ status: 200, body: { certificates: 1, brokerMs: 1, gateMs: 1 } });
  });

  t.test('a board that was minted and never came', async (t) => {
    t.equal((await olive.client('POST', `/api/v1/devices/${other}/revoke`)).statusCode, 200);
    t.match((await auditOf('device.revoke'))[0], { target: { id: other, name: 'Spare board' } });
    const answer = await olive.client('POST', `/api/v1/devices/${'0'.repeat(32)}/revoke`);
    t.match([answer.statusCode, answer.json()], [404, { code: 'device_not_found', detail: /none with this id was ever minted/ }]);
  });
});

t.test('a revocation on the server itself is noticed, and written down as nobody’s in the household', async (t) => {
  const attic = DeviceId.parse('ab'.repeat(16));
  await household.boardSays({ channel: 'status', value: { online: true, since: Date.now() } }, attic);
  await olive.client('POST', `/api/v1/devices/${attic}/adopt`, { name: 'Attic board' });
  const at = Date.now() - 1000;
  authority.inventory = inventory([], { revoked: [{ id: board, at }, { id: attic, at }, { id: other, at }] });
  gateWrites('b');
  await until('it to be noticed', async () => (await get<Device[]>('devices')).find(({ id }) => id === attic)?.revokedAt);
  await until('it to be gone', async () => (await get<Device[]>('devices')).find(({ id }) => id === attic)?.online === false);
  const entries = await auditOf('device.revoke');
  t.match(entries[0], { actor: { kind: 'system', name: null }, target: { id: attic, name: 'Attic board' }, at: new Date(at).toISOString(), detail: { commandLine: true } });
  t.equal(entries.filter(({ actor }) => actor.kind === 'system').length, 1, 'and of the others the API knew');
  t.ok(household.bus.cleared.includes(attic));
});

t.test('while an admin’s own revocation is under way, the look does not take it for one of nobody’s', async (t) => {
  const cellar = DeviceId.parse('cd'.repeat(16));
  await household.boardSays({ channel: 'status', value: { online: true, since: Date.now() } }, cellar);
  authority.answer = async (id) => {
    // The gate goes by it before the authority has answered.
    authority.inventory = inventory([], { revoked: [{ id, at: Date.now() }] });
    const asked = authority.asked;
    gateWrites('c');
    await until('the look', () => authority.asked > asked);
    gateWrites('d');
    await until('another look, so that the first has ended', () => authority.asked > asked + 1);
    return { status: 200, body: { certificates: 1, brokerMs: 1, gateMs: 1 } };
  };
  t.equal((await olive.client('POST', `/api/v1/devices/${cellar}/revoke`)).statusCode, 200);
  const entries = (await auditOf('device.revoke')).filter(({ target }) => target?.id === cellar);
  t.match(entries, [{ actor: { kind: 'person' } }]);
  t.equal(entries.length, 1);
});

t.test('the doctor', async (t) => {
  const program = (script: string, env = {}) => ({ command: process.execPath, args: ['-e', script], env: { ...env } });
  const report = '{"at":1,"worst":"problem","findings":[{"area":"broker","code":"x","severity":"problem","subject":"s","what":"w","why":"y","do":"d"}]}';
  const ask = async (doctor: typeof config.doctor, times = 1) => {
    const app = await buildApp(context, { ...config, doctor }, context.log as never);
    const answers = await Promise.all(Array.from({ length: times }, () => app.inject({ url: '/api/v1/doctor', headers: { cookie: olive.cookie } })));
    await app.close();
    return answers.map((answer) => [answer.statusCode, answer.json<object>()] as const);
  };
  t.match(await ask(program(`console.log(process.env.REPORT); process.exitCode = 2`, { REPORT: report })),
    [[200, { worst: 'problem', findings: [{ do: 'd' }] }]], 'what it finds is no failure of its own; it has the environment that it is given');
  const runs = join(dir, 'runs');
  writeFileSync(runs, '');
  const counting = program(`require('node:fs').appendFileSync(${JSON.stringify(runs)}, 'x'); setTimeout(() => console.log(${JSON.stringify(report)}), 300)`);
  t.same((await ask(counting, 3)).map(([status]) => status), [200, 200, 200]);
  t.equal(readFileSync(runs, 'utf8'), 'x', 'one look for all who ask at the same time');
  for (const [why, doctor, words] of [
    ['it breaks down', program('process.exit(3)'), /could not finish: it ended with status 3\. Run “make doctor” on the server/],
    ['it says nothing that can be read', program('console.log("hello")'), /its report cannot be understood/],
    ['it is not there', { command: '/nowhere/node', args: [], env: {} }, /cannot be started/],
  ] as [string, typeof config.doctor, RegExp][]) t.match(await ask(doctor), [[500, { code: 'doctor_failed', detail: words }]], why);
});
