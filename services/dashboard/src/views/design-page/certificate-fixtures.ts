import type { Certificates, CertificateView, RefusalView, RevokeResult } from '@sconce/protocol/certificates-api';
import type { DoctorReport, Finding } from '@sconce/protocol/doctor';
import type { DeviceId } from '@sconce/protocol/ids';
import { Failure } from '../../api/client.ts';
import { hallBoard, moment } from './fixtures.ts';

const dayMs = 86_400_000;
const day = (days: number) => new Date(moment + days * dayMs + 3_600_000).toISOString();

/** Of a life of so many days, so many are left. */
const life = (days: number, left: number) => ({
  notBefore: day(left - days), notAfter: day(left), renewAt: day(left - days / 3), daysLeft: Math.floor(left),
});

const hall: CertificateView = {
  kind: 'board', name: 'Hall board', device: hallBoard.id, serial: '4f1c0b9e7a524d13', ...life(730, 341), issuer: 'issuing authority',
  state: 'valid', warning: null, advice: null,
};
const board = (name: string, change: Partial<CertificateView>): CertificateView =>
  ({ ...hall, name, serial: `4f${name.length}a${change.daysLeft ?? 0}`.replace('-', ''), ...change });
const service = (kind: CertificateView['kind'], name: string, change: Partial<CertificateView> = {}): CertificateView =>
  ({ ...hall, kind, name, device: null, issuer: 'services authority', ...change });
const list = (name: string, change: Partial<CertificateView>) => service('crl', name, { serial: null, ...change });

const well: CertificateView[] = [
  hall,
  board('Shed board', life(730, 640)),
  service('broker', 'broker', life(730, 412)),
  service('api', 'api', life(730, 411)),
  service('metrics', 'metrics', life(730, 411)),
  service('root', 'devices authority', { ...life(7300, 7100), issuer: null }),
  service('issuing', 'issuing authority', { ...life(3650, 3450), issuer: 'devices authority' }),
  service('services', 'services authority', { ...life(7300, 7100), issuer: null }),
  list('issuing authority', life(30, 24)),
  list('services authority', life(30, 24)),
  service('web', 'lamps.example.org', { ...life(90, 61), issuer: 'Let’s Encrypt' }),
];

const renewNow = 'Check that the board is online. It renews by itself as soon as it is; if it does not, run `make doctor DEVICE="Attic board"`.';

const cellar = board('Cellar board', { ...life(730, -3), warning: 0, advice: 'Mint it anew and flash it: `make pki DEVICE="Cellar board"`.', state: 'expired' });
const attic = board('Attic board', { ...life(730, 6), warning: 7, advice: renewNow });
const porch = board('Porch board', { ...life(730, 41), warning: 60, advice: renewNow });
const oldList = list('issuing authority', { ...life(30, 2), warning: 7, advice: 'Run `pki/refresh` on the server; its words say what is in the way.' });

const ill: CertificateView[] = [
  cellar, attic, porch, oldList,
  board('The little board behind the grandparents’ sofa', life(730, 700)),
  board('Greenhouse board', { ...life(730, 731), state: 'not_yet_valid' }),
  board('Shed board', { ...life(730, 120), state: 'superseded' }),
  board('Garage board', { ...life(730, 200), state: 'revoked' }),
];

const idOf = (digits: string) => digits.repeat(16) as DeviceId;
const sound: Certificates = { at: day(0), certificates: well, rotation: null, rootKey: 'away', faults: [] };
const only = (change: Partial<Certificates>): Certificates => ({ ...sound, certificates: [], ...change });

/** The page in its states, then each part that comes seldom. */
export const certificateSamples: { what: string; certificates: Certificates }[] = [
  { what: 'All well', certificates: sound },
  { what: 'Some need somebody', certificates: { ...sound, certificates: ill, rootKey: 'plain' } },
  { what: 'The authority does not answer', certificates: only({ rootKey: null,
    faults: ['The household’s authority does not answer, so boards cannot renew. Start it: `docker compose up -d authority`.'] }) },
  { what: 'The boards’ authority is being changed', certificates: only({ rootKey: 'encrypted',
    rotation: { authority: 'devices', step: 'trusting', of: 50, moved: 0, waiting: [] } }) },
  { what: 'Boards are moving', certificates: only({
    rotation: { authority: 'devices', step: 'moving', of: 50, moved: 47, waiting: [hallBoard.id, idOf('b2'), idOf('c3')] } }) },
  { what: 'All have moved', certificates: only({
    rotation: { authority: 'devices', step: 'moving', of: 50, moved: 50, waiting: [] } }) },
  { what: 'The services’ authority, one board is away', certificates: only({
    rotation: { authority: 'services', step: 'trusting', of: 3, moved: 2, waiting: [idOf('a1')] } }) },
  { what: 'The services’ authority, the last step', certificates: only({
    rotation: { authority: 'services', step: 'moving', of: 3, moved: 3, waiting: [] } }) },
];

/** What the home page warns of. */
export const warningSamples: { what: string; warned: CertificateView[]; faults: number }[] = [
  { what: 'Ends soon', warned: [porch], faults: 0 },
  { what: 'Ends within the week, and more', warned: [oldList, attic, porch], faults: 1 },
  { what: 'Has ended', warned: [cellar], faults: 0 },
  { what: 'A service’s', warned: [service('broker', 'broker', { ...life(730, 25), warning: 30 })], faults: 0 },
  { what: 'Not looked at', warned: [], faults: 1 },
];

const refusal: RefusalView = {
  reason: 'expired', first: day(-1.2), last: day(-0.05), count: 412, address: '192.0.2.7',
  device: { id: hallBoard.id, name: 'Cellar board' }, genuine: true,
  what: 'The board “Cellar board”, at 192.0.2.7, was turned away: its certificate ended on 2026-11-20 18:30 UTC.',
  advice: 'Mint it anew under another name with “make pki DEVICE="…"”, put that onto its chip with “make flash”, and adopt it.',
};

export const refusalSamples: { what: string; refusal: RefusalView }[] = [
  { what: 'A board of ours', refusal },
  { what: 'A revoked one', refusal: { ...refusal, reason: 'revoked', count: 1, device: { id: hallBoard.id, name: 'Garage board' },
    what: 'The board “Garage board”, at 192.0.2.7, was turned away: its certificate has been revoked.',
    advice: 'If that was meant, there is nothing to do: it is kept out for good.' } },
  { what: 'One that was never adopted', refusal: { ...refusal, device: { id: idOf('a1'), name: null },
    what: `A board with the id ${idOf('a1')}, at 192.0.2.7, was turned away: its certificate ended on 2026-11-20 18:30 UTC.` } },
  { what: 'Somebody says to be ours', refusal: { ...refusal, reason: 'unknown_authority', genuine: false,
    device: { id: hallBoard.id, name: 'Hall board' },
    what: 'Somebody at 192.0.2.7 who claims to be the board “Hall board” was turned away: its certificate was signed by “Other authority”, which this household does not trust.',
    advice: 'If it is none of your boards, there is nothing to do: whoever knocks on a port of the internet is turned away like this.' } },
  { what: 'A stranger', refusal: { ...refusal, reason: 'not_tls', device: null, genuine: false, address: '2001:db8:85a3:8d3:1319:8a2e:370:7348',
    what: 'Somebody at 2001:db8:85a3:8d3:1319:8a2e:370:7348 spoke without TLS on the port that takes TLS only.', advice: '' } },
];

export const revokeFailure = new Failure({ code: 'authority_unreachable', status: 503,
  detail: 'The household’s authority does not answer, so nothing was revoked.' });

export const revokeSamples: { what: string; result: RevokeResult }[] = [
  { what: 'Cut off', result: { certificates: 1, ms: 912, why: null } },
  { what: 'Revoked, but nobody says that it is cut off', result: { certificates: 1, ms: null,
    why: 'The broker has not taken the new list. Look at its log: docker compose logs mosquitto.' } },
];

const fine = (area: Finding['area'], subject: string, what: string): Finding =>
  ({ area, code: 'fine', severity: 'ok', subject, what, why: '', do: '' });
const findings: Finding[] = [
  fine('clock', 'this machine', 'The clock agrees with the time servers.'),
  fine('names', 'lamps.example.org', 'The name leads to this server.'),
  fine('broker', 'lamps.example.org:8883', 'The broker answers, and asks for a certificate.'),
  fine('database', 'postgres', 'The database answers in 2 ms.'),
  { area: 'web', code: 'acme_away', severity: 'skipped', subject: 'acme', what: 'Whether the certificate of the web address renews was not looked at.',
    why: 'It can only be seen on the server itself.', do: 'Run `make doctor` there.' },
];
const problem: Finding = {
  area: 'certificates', code: 'certificate_expired', severity: 'problem', subject: 'Cellar board',
  what: 'The certificate of Cellar board ended 3 days ago.',
  why: 'The broker turns the board away, so its outlets cannot be switched.',
  do: 'make pki DEVICE="Cellar board 2" && make flash DEVICE="Cellar board 2"',
};
const warning: Finding = {
  area: 'machine', code: 'disk_low', severity: 'warning', subject: '/var/lib/docker',
  what: 'The disk is 91 % full.', why: 'When it is full, the database stops.', do: 'Free some space: old images go with `docker image prune`.',
};
const wordsOnly: Finding = { ...warning, area: 'sign-in', code: 'issuer_slow', subject: 'https://accounts.google.com',
  what: 'The sign-in service takes 4 s to answer.', why: 'Nobody can sign in while it is away.', do: 'Wait a while and look again.' };

export const reportSamples: { what: string; report: DoctorReport }[] = [
  { what: 'All well', report: { at: moment - 240_000, worst: 'ok', findings } },
  { what: 'Something to do', report: { at: moment, worst: 'problem', findings: [problem, warning, wordsOnly, ...findings] } },
];
