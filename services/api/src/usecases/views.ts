import type { Device, Me, Outlet, Person as PersonView, Session, Token } from '@sconce/protocol/http';
import type { SessionId } from '@sconce/protocol/ids';
import type { Invitation, Offer, Share } from '@sconce/protocol/sharing';
import type { SessionRow, TokenRow } from '../db/credentials.ts';
import type { DeviceRow } from '../db/devices.ts';
import type { InvitationRow } from '../db/invitations.ts';
import type { OutletRow, SeenOutlet } from '../db/outlets.ts';
import type { PersonRow } from '../db/people.ts';
import { thingOf, type ShareRow } from '../db/shares.ts';
import { invitationState } from '../domain/invitation.ts';
import type { Presence } from '../domain/presence.ts';
import { rightOf } from '../domain/sharing.ts';
import { browserWords } from '../domain/user-agent.ts';
import type { Person, Viewer } from '../domain/viewer.ts';

/** Rows as people see them: the shapes of @sconce/protocol/http. */

const iso = (date: Date): string => date.toISOString();
/** The end of the year 9999, the last that ISO 8601 writes in four digits. A board may say anything. */
const lastMs = Date.UTC(10_000, 0) - 1;
const sayable = (ms: number): Date | null => ms <= lastMs ? new Date(ms) : null;
const isoOrNull = (date: Date | null): string | null => date && iso(date);

export function meView({ id, name, email, picture, role, state, guestUntil }: Person): Me {
  return { id, name, email, picture, role, state, guestUntil: isoOrNull(guestUntil) };
}

export function personView(row: PersonRow): PersonView {
  const { issuer, created_at, signed_in_at, used_at } = row;
  return {
    ...meView(row), issuer, createdAt: iso(created_at),
    // Sessions are forgotten when they end; the last sign-in is not.
    lastSeenAt: iso(used_at !== null && used_at > signed_in_at ? used_at : signed_in_at),
  };
}

/** `online` comes from presence; the time in the row counts only if the row says the same. */
function onlineView(presence: Presence, id: DeviceRow['id'], row: { online: boolean; changedAt: Date | null }) {
  const online = presence.isOnline(id);
  return { online, since: online === row.online ? isoOrNull(row.changedAt) : null };
}

export function outletView(presence: Presence, row: OutletRow): Outlet {
  return {
    id: row.id,
    name: row.name,
    room: row.room,
    icon: row.icon,
    device: {
      id: row.device_id,
      name: row.device_name ?? '',
      ...onlineView(presence, row.device_id, { online: row.device_online, changedAt: row.device_changed_at }),
    },
    state: {
      on: row.state_on,
      // A radio socket cannot answer; a board knows what it did to its own pin.
      certainty: row.control.kind === 'pin' ? 'confirmed' : 'assumed',
      source: row.state_source,
      at: isoOrNull(row.state_at),
    },
    lastCommand: row.command_id === null || row.command_on === null || row.requested_at === null ? null : {
      id: row.command_id,
      on: row.command_on,
      outcome: row.outcome,
      ms: row.ms,
      at: iso(row.requested_at),
      by: row.by_token === null ? row.by_person ?? '' : `${row.by_person ?? ''} (${row.by_token})`,
    },
    right: 'manage',
    control: row.control,
  };
}

/** Without the radio codes for those who may not change them. */
export function outletFor(viewer: Viewer, presence: Presence, row: SeenOutlet): Outlet {
  const { control: _, ...outlet } = outletView(presence, row);
  return rightOf(viewer, row.shared) === 'manage' ? outletView(presence, row) : { ...outlet, right: 'use' };
}

export function deviceView(presence: Presence, row: DeviceRow): Device {
  return {
    id: row.id,
    name: row.name,
    adopted: row.adopted_at !== null,
    ...onlineView(presence, row.id, { online: row.online, changedAt: row.online_changed_at }),
    firmware: row.info?.firmware ?? null,
    hardware: row.info?.hardware ?? null,
    capabilities: row.info?.capabilities ?? [],
    pins: row.info?.pins ?? [],
    resetReason: row.info?.resetReason ?? null,
    lastError: row.info?.lastError ?? null,
    certificateNotAfter: row.info ? isoOrNull(sayable(row.info.certificateNotAfter)) : null,
    revokedAt: isoOrNull(row.revoked_at),
    rssi: row.telemetry?.rssi ?? null,
    uptime: row.telemetry?.uptime ?? null,
    telemetryAt: isoOrNull(row.telemetry_at),
    outlets: row.outlets ?? 0,
  };
}

export function shareView(row: ShareRow): Share {
  return {
    id: row.id,
    person: { id: row.person_id, name: row.person_name },
    thing: thingOf(row),
    right: row.right,
    createdAt: iso(row.created_at),
  };
}

export function offerView(row: InvitationRow): Offer {
  return {
    name: row.name,
    role: row.role,
    guestUntil: isoOrNull(row.guest_until),
    shares: row.shares,
    createdBy: row.maker_name,
    expiresAt: iso(row.expires_at),
  };
}

export function invitationView(row: InvitationRow, at: Date): Invitation {
  return {
    ...offerView(row),
    id: row.id,
    state: invitationState(row, at),
    createdAt: iso(row.created_at),
    usedAt: isoOrNull(row.used_at),
    usedBy: row.user_name,
  };
}

export function tokenView(row: TokenRow): Token {
  return {
    id: row.id,
    name: row.name,
    prefix: row.prefix,
    scopes: row.scopes,
    createdAt: iso(row.created_at),
    expiresAt: iso(row.expires_at),
    lastUsedAt: isoOrNull(row.last_used_at),
    revokedAt: isoOrNull(row.revoked_at),
  };
}

/** @param current the session that asks; @param idleMs how long one may lie unused */
export function sessionView(current: SessionId, idleMs: number, row: SessionRow): Session {
  const idleEnd = new Date(row.last_used_at.getTime() + idleMs);
  return {
    id: row.id,
    current: row.id === current,
    browser: browserWords(row.user_agent),
    address: row.address,
    createdAt: iso(row.created_at),
    lastUsedAt: iso(row.last_used_at),
    expiresAt: iso(idleEnd < row.expires_at ? idleEnd : row.expires_at),
  };
}
