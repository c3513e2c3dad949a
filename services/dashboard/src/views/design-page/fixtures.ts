import type { AuditEntry } from '@sconce/protocol/audit';
import type { CertificateView } from '@sconce/protocol/certificates-api';
import type { Device, Outlet, Person, SignInIssuer } from '@sconce/protocol/http';
import type { CommandId, DeviceId, OutletId, PersonId } from '@sconce/protocol/ids';
import { Failure } from '../../api/client.ts';
import type { Attempt } from '../../state/outlets.ts';

/** One moment for the whole page, so that it looks the same whenever it is looked at. */
export const moment = new Date(2026, 10, 23, 18, 30).getTime();
const at = (hour: number, minute: number) => new Date(2026, 10, 23, hour, minute).toISOString();
const inDays = (days: number) => new Date(moment + days * 86_400_000 + 3_600_000).toISOString();

const hall: Outlet['device'] = {
  id: '6f1c0b9e7a524d13a0c4e5d2b8f39a71' as DeviceId,
  name: 'Hall board',
  online: true,
  since: at(6, 12),
};

export const lamp = {
  id: '5b8f0f64-6f0e-4c36-9a55-0a4b7c2f1d10' as OutletId,
  name: 'Hall lamp',
  room: 'Hall',
  icon: 'lamp',
  device: hall,
  state: { on: true, certainty: 'assumed', source: 'command', at: at(18, 4) },
  lastCommand: {
    id: '0d9c2f4e-93b5-4c7e-8a54-6a3f1e2b7c90' as CommandId,
    on: true,
    outcome: 'transmitted',
    ms: 31,
    at: at(18, 4),
    by: 'Maya',
  },
  right: 'use',
} satisfies Outlet;

const off = { ...lamp.state, on: false } satisfies Outlet['state'];
const never = { on: null, certainty: 'assumed', source: null, at: null } satisfies Outlet['state'];
const confirmed = { ...lamp.state, certainty: 'confirmed' } satisfies Outlet['state'];
const shed = { ...hall, name: 'Shed board', online: false, since: at(14, 2) } satisfies Outlet['device'];
const attic: Outlet['device'] = { ...shed, name: 'Attic board', since: null };

const like = (name: string, icon: Outlet['icon'], state: Outlet['state'] = lamp.state, device = lamp.device) =>
  ({ ...lamp, name, icon, state, device }) satisfies Outlet;

const failed = (code: string, detail = '', on = true): Attempt =>
  ({ phase: 'failed', on, failure: new Failure({ code, status: 409, detail }) });

const queueFull = 'The board has too many commands waiting. Wait a moment and try again.';

/** Every state that a tile can be in. */
export const outletSamples: { what: string; outlet: Outlet; attempt?: Attempt }[] = [
  { what: 'On, assumed', outlet: lamp },
  { what: 'Off, assumed', outlet: like('Reading lamp', 'lamp-floor', { ...off, at: at(9, 41) }) },
  { what: 'On, confirmed by the board', outlet: like('Porch', 'lamp-ceiling', confirmed) },
  { what: 'Off, confirmed', outlet: like('Fan', 'fan', { ...confirmed, on: false }) },
  { what: 'By the hand remote', outlet: like('Tree', 'tree', { ...lamp.state, source: 'remote', at: at(17, 55) }) },
  { what: 'Never switched', outlet: { ...like('Coffee', 'coffee', never), lastCommand: null } },
  { what: 'Being sent', outlet: like('Desk', 'lamp-desk', off), attempt: { phase: 'busy', on: true } },
  { what: 'One of several, waiting', outlet: like('Desk', 'lamp-desk', off), attempt: { phase: 'waiting', on: true } },
  { what: 'Toggled: nobody knows', outlet: like('Desk', 'lamp-desk', { ...never, source: 'command', at: at(18, 4) }) },
  { what: 'Just sent', outlet: like('Desk', 'lamp-desk'), attempt: { phase: 'sent', on: true, ms: 31 } },
  { what: 'Board offline', outlet: like('Shed light', 'lightbulb', off, shed) },
  { what: 'Board never seen', outlet: like('Attic', 'lightbulb', never, attic) },
  { what: 'Failed: offline', outlet: like('Shed light', 'lightbulb', off, shed), attempt: failed('device_offline') },
  { what: 'Failed: no answer in time', outlet: like('Hall lamp', 'lamp', off), attempt: failed('command_expired') },
  { what: 'Failed: while on', outlet: lamp, attempt: failed('command_expired', '', false) },
  { what: 'Failed: refused', outlet: like('Hall lamp', 'lamp', off), attempt: failed('command_refused', queueFull) },
  { what: 'Failed: no boards', outlet: like('Hall lamp', 'lamp', off), attempt: failed('broker_unreachable') },
  { what: 'Failed: no network', outlet: like('Hall lamp', 'lamp', off), attempt: failed('unreachable') },
  { what: 'A long name', outlet: like('The little green lamp behind the grandparents’ sofa', 'lights', off) },
];

export const hallBoard = {
  id: hall.id,
  name: 'Hall board',
  adopted: true,
  online: true,
  since: at(6, 12),
  firmware: '1.4.0',
  hardware: 'NodeMCU v2',
  capabilities: ['rf.send', 'rf.receive', 'rf.learn', 'pin.set', 'identify', 'restart', 'renew'],
  pins: [5],
  resetReason: 'Power On',
  lastError: null,
  revokedAt: null,
  certificateNotAfter: inDays(341),
  rssi: -58,
  uptime: 44_280,
  telemetryAt: at(18, 29),
  outlets: 3,
} satisfies Device;

const valid: CertificateView = {
  kind: 'board', name: 'Hall board', device: hall.id, serial: '4f1c', notBefore: inDays(-389), notAfter: inDays(341), renewAt: inDays(98),
  issuer: 'issuing authority', state: 'valid', daysLeft: 341, warning: null, advice: null,
};

/** `known`: as admins see it. */
export const deviceSamples: { what: string; device: Device; known?: CertificateView }[] = [
  { what: 'Well', device: hallBoard, known: valid },
  { what: 'To somebody who manages it', device: hallBoard },
  { what: 'It should have renewed, weak signal', known: { ...valid, renewAt: inDays(-12) }, device: {
    ...hallBoard, name: 'Shed board', rssi: -78, certificateNotAfter: inDays(41) } },
  { what: 'Offline, certificate urgent, an error, old firmware', device: {
    ...hallBoard, name: 'Attic board', online: false, since: at(14, 2), rssi: -86, certificateNotAfter: inDays(3),
    capabilities: ['rf.send'],
    lastError: 'The clock was not set: no time server answered. Check that the network lets NTP (UDP 123) out.' } },
  { what: 'Certificate over', device: {
    ...hallBoard, name: 'Cellar board', online: false, since: at(9, 12), certificateNotAfter: inDays(-4) } },
  { what: 'Little known', device: {
    ...hallBoard, name: 'Cellar board', online: false, since: null, firmware: null, hardware: null, resetReason: null,
    certificateNotAfter: null, rssi: null, uptime: null, telemetryAt: null } },
];

/** Kept out for good. */
export const revokedSamples: { what: string; device: Device }[] = [
  { what: 'Revoked', device: { ...hallBoard, name: 'Garage board', online: false, revokedAt: at(14, 2) } },
  { what: 'Revoked before it had a name', device: { ...hallBoard, name: null, adopted: false, online: false, revokedAt: inDays(-9) } },
];

const maya = {
  id: '3c1d6a52-8d3f-4b7e-9b1c-5f0f7a6d2e11' as PersonId,
  name: 'Maya Okafor',
  email: 'maya@example.org',
  picture: null,
  role: 'admin',
  state: 'active',
  guestUntil: null,
  issuer: 'https://accounts.google.com',
  createdAt: at(9, 0),
  lastSeenAt: at(18, 29),
} satisfies Person;

const guest = { ...maya, name: 'Gwen', role: 'guest', lastSeenAt: at(15, 2) } satisfies Person;

const google = { id: 'first', name: 'Google' } satisfies SignInIssuer;

export const issuerSamples: { what: string; issuers: SignInIssuer[] }[] = [
  { what: 'One way', issuers: [google] },
  { what: 'Several', issuers: [google, { id: 'family', name: 'The family' },
    { id: 'work', name: 'login.a-long-company-name.example.com' }] },
];

export const personSamples: { what: string; person: Person; you?: boolean; bare?: boolean }[] = [
  { what: 'Waiting', person: { ...maya, name: 'Ned Newcomer', email: 'ned@example.org', role: 'member',
    state: 'pending', createdAt: at(18, 26) } },
  { what: 'A long name, waiting', person: { ...maya, name: 'Maximiliana von und zu Hohenlohe-Waldenburg',
    email: 'maximiliana.von.hohenlohe-waldenburg@mail.example.org', role: 'member', state: 'pending' } },
  { what: 'Yourself', person: maya, you: true },
  { what: 'A member', person: { ...maya, name: 'Sam', role: 'member', lastSeenAt: at(7, 40) } },
  { what: 'A member with nothing shared', person: { ...maya, name: 'Sam', role: 'member' }, bare: true },
  { what: 'A guest', person: { ...guest, guestUntil: inDays(4) } },
  { what: 'A guest whose time is over', person: { ...guest, guestUntil: at(18, 0) } },
  { what: 'Switched off', person: { ...maya, name: 'Ed', email: 'ed@example.org', role: 'member', state: 'deactivated' } },
];

const happened = (more: Partial<AuditEntry>, hour = 18, minute = 4): AuditEntry => ({
  id: `${hour * 60 + minute}`,
  at: at(hour, minute),
  actor: { kind: 'person', personId: '3d9c2f4e-93b5-4c7e-8a54-6a3f1e2b7c90' as PersonId, name: 'Maya', token: null },
  action: 'outlet.switch',
  target: { kind: 'outlet', id: lamp.id, name: lamp.name },
  address: '192.0.2.7',
  outcome: 'transmitted',
  detail: { on: true, ms: 31 },
  ...more,
});
const nobody = { personId: null, name: null, token: null };

export const auditSamples: AuditEntry[] = [
  happened({}, 18, 4),
  happened({ outcome: 'offline', detail: { on: false } }, 17, 58),
  happened({ actor: { kind: 'remote', ...nobody }, outcome: 'done', detail: { on: true, heardBy: 'Hall board' } }, 17, 55),
  happened({ actor: { ...happened({}).actor, kind: 'token', token: 'Doorbell' } }, 16, 20),
  happened({ actor: { kind: 'person', ...nobody }, action: 'sign_in.refused', target: null, outcome: 'refused', detail: {} }, 12, 1),
  happened({ action: 'outlet.change', outcome: 'done', detail: { name: 'Reading lamp' } }, 9, 41),
  happened({ action: 'invitation.make', outcome: 'done', detail: { role: 'guest', hours: 72, shares: 1 },
    target: { kind: 'invitation', id: 'x', name: 'Gwen' } }, 9, 12),
  { ...happened({ action: 'person.approve', outcome: 'done', detail: { role: 'member' },
    target: { kind: 'person', id: 'x', name: 'Ned' } }), at: inDays(-1) },
];
