import { z } from 'zod';
import { Name, Right, Role, Time } from './http.ts';
import { DeviceId, InvitationId, OutletId, PersonId, ShareId } from './ids.ts';
import { limits } from './limits.ts';

/** What is shared with whom, and invitations, which share before somebody is known. */

/** One outlet, or a whole board: all its outlets, those that it will have too. */
export const Thing = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('outlet'), id: OutletId }),
  z.strictObject({ kind: z.literal('device'), id: DeviceId }),
]);
export type Thing = z.infer<typeof Thing>;

const named = { name: z.string() };
export const NamedThing = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('outlet'), id: OutletId, ...named }),
  z.object({ kind: z.literal('device'), id: DeviceId, ...named }),
]);
export type NamedThing = z.infer<typeof NamedThing>;

export const Share = z.object({
  id: ShareId,
  person: z.object({ id: PersonId, name: z.string() }),
  thing: NamedThing,
  right: Right,
  createdAt: Time,
});
export type Share = z.infer<typeof Share>;

/** `GET /api/v1/shares`: all that is given must hold. An outlet's include those of its board. */
export const ShareFilter = z.strictObject({
  person: PersonId.optional(),
  outlet: OutletId.optional(),
  device: DeviceId.optional(),
});
export type ShareFilter = z.infer<typeof ShareFilter>;

/**
 * `PUT /api/v1/shares`: shares a thing with a person, or gives them another right to it. It counts once they are let
 * in, and while they are no admin.
 */
export const NewShare = z.strictObject({ personId: PersonId, thing: Thing, right: Right });
export type NewShare = z.infer<typeof NewShare>;

/** `POST /api/v1/invitations` */
export const NewInvitation = z.strictObject({
  /** Whom it is for, as admins call them. */
  name: Name,
  role: Role,
  /** When the guest's access ends; a guest needs one, as far ahead as `limits.guestMinutes` says, nobody else has one. */
  guestUntil: Time.nullable().default(null),
  /** What is shared with them straight away. Admins need none of it: they may use everything. */
  shares: z.array(z.strictObject({ thing: Thing, right: Right })).max(limits.invitationShares)
    .refine((all) => new Set(all.map(({ thing }) => thing.id)).size === all.length, 'each thing once').default([]),
  /** For how long the link can be used. */
  hours: z.int().min(limits.invitationHours.min).max(limits.invitationHours.max).default(72),
});
export type NewInvitation = z.infer<typeof NewInvitation>;

/** `ended`: nobody used it in time, or the admin who made it is none any more. */
export const invitationStates = ['open', 'used', 'ended', 'revoked'] as const;
export const InvitationState = z.enum(invitationStates);
export type InvitationState = z.infer<typeof InvitationState>;

export const Invitation = z.object({
  id: InvitationId,
  name: z.string(),
  role: Role,
  guestUntil: Time.nullable(),
  /** Things that are gone by now are left out. */
  shares: z.array(z.object({ thing: NamedThing, right: Right })),
  state: InvitationState,
  createdAt: Time,
  /** The name of the admin who made it. */
  createdBy: z.string(),
  expiresAt: Time,
  usedAt: Time.nullable(),
  /** The name of who used it. */
  usedBy: z.string().nullable(),
});
export type Invitation = z.infer<typeof Invitation>;

/** With the link, for the only time: `<PUBLIC_URL>/invitation#<secret>`. What follows the # is sent to no server. */
export const MadeInvitation = Invitation.extend({ link: z.url() });
export type MadeInvitation = z.infer<typeof MadeInvitation>;

/**
 * `POST /auth/invitation`, without a session: what the link offers, to be used by the next sign-in in this browser.
 * Looking does not use it up.
 */
export const InvitationSecret = z.strictObject({ secret: z.string().regex(/^[\w-]{43}$/, 'is not a whole invitation link') });
export type InvitationSecret = z.infer<typeof InvitationSecret>;
export const Offer = Invitation.pick({ name: true, role: true, guestUntil: true, shares: true, createdBy: true, expiresAt: true });
export type Offer = z.infer<typeof Offer>;
