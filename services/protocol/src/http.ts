import { z } from 'zod';
import { CommandId, DeviceId, OutletId, PersonId, SessionId, TokenId } from './ids.ts';
import { limits } from './limits.ts';
import { RfCode } from './messages.ts';

/** The HTTP bodies, shared by the API (which checks and documents them) and the dashboard. Times are ISO 8601, UTC. */
export const Time = z.iso.datetime();
export const Name = z.string().trim().min(1).max(limits.nameCharacters);

export const roles = ['admin', 'member', 'guest'] as const;
export const Role = z.enum(roles);
export type Role = z.infer<typeof Role>;
export const PersonState = z.enum(['pending', 'active', 'deactivated']);
export type PersonState = z.infer<typeof PersonState>;

/** `use`: see and switch. `manage`: change it too: its name, room and icon, its codes, when it switches by itself. */
export const rights = ['use', 'manage'] as const;
export const Right = z.enum(rights);
export type Right = z.infer<typeof Right>;
/** `GET /auth/issuers`, for everybody: where people can sign in, as buttons; `/auth/login?with=<id>` goes there. */
export const SignInIssuer = z.object({ id: z.string(), name: z.string() });
export type SignInIssuer = z.infer<typeof SignInIssuer>;

/** `GET /api/v1/me` */
export const Me = z.object({
  id: PersonId,
  name: z.string(),
  email: z.string(),
  picture: z.url().nullable(),
  role: Role,
  state: PersonState,
  /** When a guest's access ends, or ended: from then on nothing but this may be asked. Null for everyone else. */
  guestUntil: Time.nullable(),
});
export type Me = z.infer<typeof Me>;

/** Somebody who has signed in at least once, as admins see them. */
export const Person = Me.extend({
  /** Who vouches for them: the address of the OpenID issuer. Anybody may bear any name there. */
  issuer: z.string(),
  createdAt: Time,
  lastSeenAt: Time,
});
export type Person = z.infer<typeof Person>;

/**
 * `PATCH /api/v1/people/:id`. To let a newcomer in: `state` "active" with a `role`; to refuse them: "deactivated". A
 * guest needs `guestUntil`, as far ahead as `limits.guestMinutes` says; nobody else may have one.
 */
export const PersonChange = z.strictObject({
  role: Role.optional(),
  state: z.enum(['active', 'deactivated']).optional(),
  guestUntil: Time.nullable().optional(),
}).refine((change) => Object.keys(change).length > 0, 'name at least one thing to change');
export type PersonChange = z.infer<typeof PersonChange>;

/** How a command ended. `null` in its place means: still under way. */
export const outcomes = ['transmitted', 'expired', 'offline', 'refused', 'failed'] as const;
export const Outcome = z.enum(outcomes);
export type Outcome = z.infer<typeof Outcome>;

export const icons = [
  'lamp', 'lamp-floor', 'lamp-desk', 'lamp-ceiling', 'lightbulb', 'lights', 'plug', 'fan', 'heater', 'tv', 'coffee',
  'tree',
] as const;
export const Icon = z.enum(icons);
export type Icon = z.infer<typeof Icon>;

/**
 * How a device switches an outlet: a pair of radio codes, or a pin with a relay. Two equal codes are a socket that only
 * toggles: what it is after that nobody knows, and it is never sent again by itself.
 */
const RfControl = z.strictObject({
  kind: z.literal('rf'),
  on: RfCode,
  off: RfCode,
  /** How often the frame is sent in a row; cheap receivers miss single frames. */
  repeat: z.int().min(limits.rfRepeat.min).max(limits.rfRepeat.max).default(10),
  /** Boards that send it again after the outlet's own, where one does not reach the socket; none for one that toggles. */
  also: z.array(DeviceId).max(limits.furtherSenders).optional(),
});
const PinControl = z.strictObject({ kind: z.literal('pin'), pin: z.int().min(limits.pin.min).max(limits.pin.max) });
export const Control = z.discriminatedUnion('kind', [RfControl, PinControl]);
export type Control = z.infer<typeof Control>;

export const Outlet = z.object({
  id: OutletId,
  name: z.string(),
  room: z.string().nullable(),
  icon: Icon,
  device: z.object({
    id: DeviceId,
    name: z.string(),
    online: z.boolean(),
    /** When it came or went; null: not known, as while the API cannot reach the broker. */
    since: Time.nullable(),
  }),
  /**
   * What Sconce holds for true. `assumed`: a radio socket cannot confirm, so "on" means "the last code on the air was
   * on"; `confirmed`: the board itself set the pin. `on` is null before the first command, and after the code of a socket that
   * only toggles.
   */
  state: z.object({
    on: z.boolean().nullable(),
    certainty: z.enum(['assumed', 'confirmed']),
    source: z.enum(['command', 'remote']).nullable(),
    at: Time.nullable(),
  }),
  /** What was last asked, which is not the same as what is. */
  lastCommand: z.object({
    id: CommandId,
    on: z.boolean(),
    outcome: Outcome.nullable(),
    ms: z.number().nullable(),
    at: Time,
    by: z.string(),
  }).nullable(),
  /** What the one who asks may do with it. */
  right: Right,
  /** Shown to those who may change it. */
  control: Control.optional(),
});
export type Outlet = z.infer<typeof Outlet>;

export const NewOutlet = z.strictObject({
  deviceId: DeviceId,
  name: Name,
  room: Name.nullable().default(null),
  icon: Icon.default('lamp'),
  control: Control,
});
export type NewOutlet = z.infer<typeof NewOutlet>;

export const OutletChange = z.strictObject({
  name: Name.optional(),
  room: Name.nullable().optional(),
  icon: Icon.optional(),
  control: Control.optional(),
}).refine((change) => Object.keys(change).length > 0, 'name at least one thing to change');
export type OutletChange = z.infer<typeof OutletChange>;

/** `POST /api/v1/outlets/:id/switch` */
export const SwitchRequest = z.strictObject({ on: z.boolean() });
export const SwitchResult = z.object({
  commandId: CommandId,
  outcome: z.literal('transmitted'),
  /** Milliseconds from the request's arrival at the API to the board's answer. */
  ms: z.number(),
});
export type SwitchResult = z.infer<typeof SwitchResult>;

export const Device = z.object({
  id: DeviceId,
  /** The name it was adopted under; null for a new one. */
  name: z.string().nullable(),
  adopted: z.boolean(),
  online: z.boolean(),
  since: Time.nullable(),
  firmware: z.string().nullable(),
  hardware: z.string().nullable(),
  capabilities: z.array(z.string()),
  pins: z.array(z.int()),
  resetReason: z.string().nullable(),
  lastError: z.string().nullable(),
  certificateNotAfter: Time.nullable(),
  /** When it was revoked: it is kept out for good. */
  revokedAt: Time.nullable(),
  /** dBm */
  rssi: z.int().nullable(),
  /** Seconds. */
  uptime: z.int().nullable(),
  telemetryAt: Time.nullable(),
  outlets: z.int(),
});
export type Device = z.infer<typeof Device>;

export const DeviceName = z.strictObject({ name: Name });

export const scopes = ['read', 'switch', 'manage'] as const;
export const Scope = z.enum(scopes);
export type Scope = z.infer<typeof Scope>;

export const Token = z.object({
  id: TokenId,
  name: z.string(),
  /** The first characters, to tell tokens apart; the whole is shown once, when it is made. */
  prefix: z.string(),
  scopes: z.array(Scope),
  createdAt: Time,
  expiresAt: Time,
  lastUsedAt: Time.nullable(),
  revokedAt: Time.nullable(),
});
export type Token = z.infer<typeof Token>;

export const NewToken = z.strictObject({
  name: Name,
  scopes: z.array(Scope).min(1).refine((all) => new Set(all).size === all.length, 'each scope once'),
  /** Days until it ends by itself. */
  days: z.int().min(1).max(365).default(90),
});
export type NewToken = z.infer<typeof NewToken>;
export const MadeToken = Token.extend({ token: z.string() });
export type MadeToken = z.infer<typeof MadeToken>;

/** A browser in which this person is signed in. */
export const Session = z.object({
  id: SessionId,
  /** The one that asks. */
  current: z.boolean(),
  /** What the browser says that it is, in words: "Chrome on Android". */
  browser: z.string(),
  /** Where it signed in from. */
  address: z.string(),
  createdAt: Time,
  lastUsedAt: Time,
  /** When it ends by itself, unless it is used again before. */
  expiresAt: Time,
});
export type Session = z.infer<typeof Session>;

/** Stable codes of problems; the words beside them may change. */
export const problemCodes = [
  'invalid_request', 'body_too_large', 'unsupported_media_type', 'not_found',
  'not_signed_in', 'pending_approval', 'deactivated', 'guest_ended', 'forbidden', 'scope_missing', 'token_invalid', 'cross_site',
  'too_many_requests',
  'outlet_not_found', 'device_not_found', 'token_not_found', 'session_not_found', 'person_not_found',
  'share_not_found', 'scene_not_found', 'invitation_not_found', 'invitation_used', 'invitation_ended', 'invitation_revoked',
  'device_not_adopted', 'device_adopted_already', 'device_revoked', 'device_not_capable', 'outlet_toggles', 'name_taken', 'last_admin', 'guest_needs_end',
  'device_offline', 'command_expired', 'command_refused', 'command_failed', 'broker_unreachable', 'authority_unreachable', 'authority_failed',
  'doctor_failed',
  'sign_in_failed', 'sign_in_denied', 'sign_in_expired', 'clock_wrong',
  'issuer_refused', 'issuer_unknown', 'issuer_unreachable', 'database_unreachable', 'internal',
  // Said by nginx in the API's place.
  'api_unreachable',
] as const;
export const ProblemCode = z.enum(problemCodes);
export type ProblemCode = z.infer<typeof ProblemCode>;

/** RFC 9457, media type `application/problem+json`. */
export const Problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  /** One or two sentences: what is wrong, and what to do. */
  detail: z.string(),
  code: ProblemCode,
  /** Find the request in the log by this. */
  requestId: z.string(),
  /** For `invalid_request`: what is wrong where. */
  errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  /** For `too_many_requests`: seconds to wait, as in the header `Retry-After`. */
  retryAfter: z.int().optional(),
  /** For a command that did not succeed: its id. */
  commandId: CommandId.optional(),
});
export type Problem = z.infer<typeof Problem>;
