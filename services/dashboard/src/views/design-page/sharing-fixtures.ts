import type { Outlet } from '@sconce/protocol/http';
import type { InvitationId, OutletId } from '@sconce/protocol/ids';
import type { Invitation, NamedThing, Offer } from '@sconce/protocol/sharing';
import type { Access, BoardThings } from '../../state/sharing.ts';
import { hallBoard, lamp, moment } from './fixtures.ts';

const inHours = (hours: number) => new Date(moment + hours * 3_600_000).toISOString();

const board: NamedThing & { kind: 'device' } = { kind: 'device', id: hallBoard.id, name: hallBoard.name };
const other = (name: string, room: string, icon: Outlet['icon']): Outlet =>
  ({ ...lamp, id: `${lamp.id}${name}` as OutletId, name, room, icon });

/** A board with three lamps. */
export const thingSamples: BoardThings[] = [{ board, outlets: [lamp, other('Reading lamp', 'Living room', 'lamp-floor'), other('Porch light', 'Outside', 'lightbulb')] }];

/** Every way in which somebody may, or may not, use a thing. */
export const accessSamples: { what: string; access: Access; name?: string; trouble?: string }[] = [
  { what: 'Not shared', access: { own: undefined, through: undefined } },
  { what: 'To switch', access: { own: 'use', through: undefined } },
  { what: 'To change as well', access: { own: 'manage', through: undefined } },
  { what: 'Through the whole board', access: { own: undefined, through: 'use' } },
  { what: 'More than through the board', access: { own: 'manage', through: 'use' } },
  { what: 'All of it through the board', access: { own: undefined, through: 'manage' } },
  { what: 'A long name, not saved', access: { own: 'use', through: undefined },
    name: 'The little green lamp behind the grandparents’ sofa', trouble: 'The Sconce server can’t be reached.' },
];

export const open: Invitation = {
  id: '1b7e9d10-52c8-4d6e-8f3b-7a9c0e2d4f05' as InvitationId,
  name: 'Gwen',
  role: 'guest',
  guestUntil: inHours(81.5),
  shares: [{ thing: { kind: 'outlet', id: lamp.id, name: lamp.name }, right: 'use' }, { thing: board, right: 'manage' }],
  state: 'open',
  createdAt: inHours(-1),
  createdBy: 'Maya Okafor',
  expiresAt: inHours(71),
  usedAt: null,
  usedBy: null,
};

/** Every state that an invitation can be in. */
export const invitationSamples: { what: string; invitation: Invitation }[] = [
  { what: 'Open', invitation: open },
  { what: 'Open, with nothing shared', invitation: { ...open, name: 'Sam', role: 'member', guestUntil: null, shares: [] } },
  { what: 'Used', invitation: { ...open, state: 'used', usedAt: inHours(-0.5), usedBy: 'Gwen Guest' } },
  { what: 'Ended', invitation: { ...open, state: 'ended', expiresAt: inHours(-2) } },
  { what: 'Ended with its admin', invitation: { ...open, state: 'ended' } },
  { what: 'Taken back', invitation: { ...open, role: 'admin', guestUntil: null, shares: [], state: 'revoked' } },
];

const offer: Offer = open;

export const offerSamples: { what: string; offer: Offer }[] = [
  { what: 'For a guest', offer },
  { what: 'With nothing shared', offer: { ...offer, name: 'Sam', role: 'member', guestUntil: null, shares: [] } },
  { what: 'For an admin', offer: { ...offer, name: 'Dad', role: 'admin', guestUntil: null, shares: [] } },
];

export const link = 'https://lamps.example.org/invitation#Xb1n0tArealSecret-aBcDeFgHiJkLmNoPqRsTuVw01';
