import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import t from 'tap';
import type { AuditPage } from '@sconce/protocol/audit';
import type { DeviceId } from '@sconce/protocol/ids';
import { startAuthority } from '../../acceptance/src/authority.ts';
import { initPki, mintDevice, repository } from '../../acceptance/src/pki.ts';
import { until } from '../../acceptance/src/until.ts';
import { createAuthority } from '../src/authority/client.ts';
import { RenewalPace } from '../src/domain/renewal-pace.ts';
import { Household, startServer } from './household.ts';

// Short, as a socket's path holds 107 characters.
const dir = mkdtempSync(join(tmpdir(), 'sconce-renewals-'));
t.teardown(() => rmSync(dir, { recursive: true, force: true }));
const pkiDir = join(dir, 'pki');
await initPki(pkiDir);
const hall = (await mintDevice(pkiDir, 'Hall board')).id;
const attic = (await mintDevice(pkiDir, 'Attic board')).id;
const authority = await startAuthority({ pkiDir, socket: join(dir, 'a.sock') });
t.teardown(() => authority.stop());
const server = await startServer();
t.teardown(server.stop);

const lines: { level: number; msg: string; device?: string }[] = [];
const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(JSON.parse(line) as (typeof lines)[number]) });
const home = await Household.on(server.db, { log, authority: createAuthority(authority.socket) });
t.teardown(() => home.close());
const { client: olive } = await home.person('olive');

const pki = (script: string, ...args: string[]) => execFileSync(join(repository, 'pki', script), args,
  { env: { PATH: process.env.PATH, PKI_DIR: pkiDir }, encoding: 'utf8', stdio: 'pipe' });
function request(id: string): string {
  const out = join(dir, `${Math.random()}.der`);
  execFileSync('openssl', ['req', '-new', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', `${out}.key`,
    '-subj', `/CN=${id}`, '-outform', 'DER', '-out', out], { stdio: 'pipe' });
  return readFileSync(out).toString('base64');
}
const asks = (device: DeviceId, id: string = device) => home.boardSays({ channel: 'certificate', value: { request: request(id) } }, device);
const info = (more: object = {}) => ({ firmware: '1.0.0', hardware: 'test', capabilities: ['renew'], pins: [], resetReason: 'power on',
  certificateNotAfter: Date.now() + 1e9, ...more });
const audit = async (device: DeviceId) => (await olive('GET',
  `/api/v1/audit?device=${device}&action=device.renew&action=device.renew_refused`)).json<AuditPage>().entries;
const nextEntry = (device: DeviceId, before: number) => until('the log', async () => {
  const entries = await audit(device);
  return entries.length > before && entries[0];
}, 30_000);
const told = (device: DeviceId) => home.bus.sent.filter((one) => one.device === device).map(({ action }) => action.do);

t.test('a request is answered with who has signed, then with what was signed', async (t) => {
  await home.boardSays({ channel: 'status', value: { online: true, since: Date.now() } }, hall);
  await asks(hall);
  const entry = await nextEntry(hall, 0);
  t.match(entry, { action: 'device.renew', outcome: 'done', actor: { kind: 'board', name: null }, target: { id: hall },
    detail: { serial: /^[0-9a-f]+$/, notAfter: /^20\d\d-/ } });
  t.same(told(hall), ['certificate.issuer', 'certificate.install']);
  t.ok(pki('list', '--json').includes(String(entry.detail.serial)), 'the ledger has it');

  await asks(hall);
  await asks(hall);
  t.equal(told(hall).length, 2, 'a board that has just renewed is not heard');
  t.equal((await audit(hall)).length, 1);
  t.equal(lines.filter(({ msg, device }) => device === hall && msg.includes('faster than it could need')).length, 1, 'which is said once');
});

t.test('what is refused, and what a board does not take, is heard of more and more seldom', async (t) => {
  await home.boardSays({ channel: 'status', value: { online: true, since: Date.now() } }, attic);
  await asks(attic, hall);
  t.match(await nextEntry(attic, 0), { action: 'device.renew_refused', outcome: 'refused', detail: { code: 'wrong_name' } });
  await asks(attic);
  t.equal((await audit(attic)).length, 1, 'not at once');

  home.later(5000);
  home.bus.answer = async (_device, { do: what }) => what === 'certificate.install'
    ? { outcome: 'refused', reason: 'wrong_certificate' } : { outcome: 'transmitted' };
  await asks(attic);
  t.match(await nextEntry(attic, 1), { action: 'device.renew', outcome: 'refused', detail: { reason: 'wrong_certificate' } });
  home.bus.answer = async () => ({ outcome: 'transmitted' });
  home.later(5000);
  await asks(attic);
  t.equal((await audit(attic)).length, 2, 'after the second, five seconds are not enough');
  home.later(5000);
  await asks(attic);
  t.match(await nextEntry(attic, 2), { action: 'device.renew', outcome: 'done' });
});

t.test('the pace', async (t) => {
  const pace = new RenewalPace<string>();
  const waits = (now: number) => {
    let ms = 0;
    while (!pace.isDue('a', now + ms)) ms += 1000;
    return ms / 1000;
  };
  t.same([1, 2, 3, 4].map(() => { pace.inVain('a', 0); return waits(0); }), [5, 10, 20, 40]);
  for (let i = 0; i < 40; i += 1) pace.inVain('a', 0);
  t.equal(waits(0), 3600, 'an hour at most');
  t.ok(pace.isDue('b', 0), 'others are heard');
  pace.asked('a');
  t.equal(waits(0), 0, 'it was asked to');
  pace.renewed('a', 60_000, 0);
  t.equal(waits(0), 5);
  pace.renewed('a', 730 * 86_400_000, 0);
  t.equal(waits(0), 3600);
});

t.test('what a board says it uses is told to the authority', async () => {
  const { detail } = await nextEntry(hall, 0);
  const serial = String(detail.serial);
  await home.boardSays({ channel: 'info', value: info({ certificateSerial: serial, trusts: ['00112233445566ff'] }) }, hall);
  await until('it', () => existsSync(join(pkiDir, 'seen', hall)) && readFileSync(join(pkiDir, 'seen', hall), 'utf8').trim() === `${serial} 00112233445566ff`, 30_000);
});

t.test('in a rotation each board is asked to move; one whose firmware cannot is named in the log', async (t) => {
  const sinceRotation = home.bus.sent.length;
  pki('rotate', 'devices');
  pki('rotate');
  await home.boardSays({ channel: 'info', value: info({ capabilities: ['identify'] }) }, attic);
  await until('the question', () => home.bus.sent.slice(sinceRotation).find(({ device, action }) => device === hall && action.do === 'certificate.renew'), 30_000);
  await until('the word', () => lines.find(({ device, msg }) => device === attic && /firmware cannot renew.*make update/.test(msg)), 30_000);
  t.same(home.bus.sent.slice(sinceRotation).filter(({ device }) => device === attic), []);

  const before = (await audit(hall)).length;
  await asks(hall);
  const { detail } = await nextEntry(hall, before);
  t.match(pki('rotate', '--status'), /0 of 2/);
  await home.boardSays({ channel: 'info', value: info({ certificateSerial: detail.serial }) }, hall);
  await until('its move', () => /1 of 2/.test(pki('rotate', '--status')), 30_000);
  t.equal(home.bus.sent.slice(sinceRotation).filter(({ action }) => action.do === 'certificate.renew').length, 1, 'nobody is asked twice');
});

t.test('without an authority, or with one that is away, the log says so; nothing else suffers', async (t) => {
  await authority.stop();
  lines.length = 0;
  home.later(3_600_000);
  await asks(hall);
  await until('a word', () => lines.find(({ msg }) => /cannot have one now: The authority does not answer at .*a\.sock/.test(msg)));
  t.equal((await olive('GET', '/api/v1/devices')).statusCode, 200);
  const none = createAuthority(undefined);
  t.notOk(none.present);
  await t.rejects(none.inventory(), { name: 'AuthorityUnreachable', message: /AUTHORITY_SOCKET is not set/ });
});
