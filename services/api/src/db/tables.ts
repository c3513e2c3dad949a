import type { ColumnType, Generated, GeneratedAlways } from 'kysely';
import type { ActorKind, AuditAction, AuditDetail, AuditOutcome, TargetKind } from '@sconce/protocol/audit';
import type {
  CommandId, DeviceId, InvitationId, OutletId, PersonId, SceneId, SessionId, ShareId, TokenId,
} from '@sconce/protocol/ids';
import type { Control, Icon, Outcome, PersonState, Right, Role, Scope } from '@sconce/protocol/http';
import type { Info, Telemetry } from '@sconce/protocol/messages';
import type { WarningWay } from '../domain/warnings.ts';

/** jsonb is written as text and read as what it holds: both drivers agree on that and on nothing else. */
type Json<T> = ColumnType<T, string, string>;
type NullableJson<T> = ColumnType<T | null, string | null | undefined, string | null>;

/** An outlet, or a whole board with the outlets that it has and will have: one of the two, a constraint says so. */
type OneThing = { outlet_id: OutletId | null; device_id: DeviceId | null };

export type Tables = {
  people: {
    id: Generated<PersonId>;
    issuer: string;
    /** The issuer's `sub`: with the issuer, what a person is known by. The e-mail is for showing only. */
    subject: string;
    email: string;
    name: string;
    picture: string | null;
    role: Role;
    state: PersonState;
    /** Guests have one, and nobody else: a constraint says so. */
    guest_until: Date | null;
    created_at: Date;
    signed_in_at: Date;
  };
  sessions: {
    id: Generated<SessionId>;
    person_id: PersonId;
    /** SHA-256 of the secret in the cookie, hexadecimal. */
    secret_hash: string;
    user_agent: string;
    address: string;
    created_at: Date;
    last_used_at: Date;
    expires_at: Date;
    /** The rights for which the secret was handed out; once they differ from the person's, it is exchanged. */
    issued_role: Role;
    issued_state: PersonState;
    /** The secret before, which opens until `previous_until`, and what this one was derived from it with. */
    previous_secret_hash: string | null;
    previous_until: Date | null;
    exchange_salt: string | null;
  };
  tokens: {
    id: Generated<TokenId>;
    person_id: PersonId;
    name: string;
    prefix: string;
    /** SHA-256 of the token, hexadecimal: 256 random bits need no slow hash. */
    secret_hash: string;
    scopes: Scope[];
    created_at: Date;
    expires_at: Date;
    last_used_at: Date | null;
    revoked_at: Date | null;
  };
  devices: {
    id: DeviceId;
    /** Null until an admin adopts it. */
    name: string | null;
    first_seen_at: Date;
    adopted_at: Date | null;
    /** As last heard; Presence knows whether it still holds. */
    online: boolean;
    online_changed_at: Date | null;
    info: NullableJson<Info>;
    telemetry: NullableJson<Telemetry>;
    telemetry_at: Date | null;
    /** It is kept out for good since then. */
    revoked_at: Date | null;
  };
  outlets: {
    id: Generated<OutletId>;
    device_id: DeviceId;
    name: string;
    room: string | null;
    icon: Icon;
    control: Json<Control>;
    created_at: Date;
    state_on: boolean | null;
    state_source: 'command' | 'remote' | null;
    state_at: Date | null;
  };
  scenes: {
    id: Generated<SceneId>;
    name: string;
    icon: Icon;
    created_at: Date;
  };
  scene_steps: {
    scene_id: SceneId;
    outlet_id: OutletId;
    /** What it sets the outlet to. */
    on: boolean;
    /** From 0, in the order in which they are sent; an outlet that was removed leaves a gap. */
    position: number;
  };
  /** What members and guests may use or manage; admins manage everything without. */
  shares: OneThing & {
    id: Generated<ShareId>;
    person_id: PersonId;
    right: Right;
    created_at: Date;
  };
  invitations: {
    id: Generated<InvitationId>;
    /** SHA-256 of the secret in the link, hexadecimal. */
    secret_hash: string;
    name: string;
    role: Role;
    /** Guests have one, and nobody else: a constraint says so. */
    guest_until: Date | null;
    created_by: PersonId;
    created_at: Date;
    expires_at: Date;
    used_at: Date | null;
    used_by: PersonId | null;
    revoked_at: Date | null;
  };
  invitation_shares: OneThing & { invitation_id: InvitationId; right: Right };
  commands: {
    id: CommandId;
    outlet_id: OutletId;
    person_id: PersonId;
    token_id: TokenId | null;
    on: boolean;
    requested_at: Date;
    deadline: Date;
    /** Null while under way. */
    outcome: Outcome | null;
    ms: number | null;
  };
  /** What people have been warned of, by which way. */
  certificate_warnings: {
    /** What `Warning.key` says. */
    name: string;
    level: number;
    ends: Date;
    way: WarningWay;
    told_at: Date;
  };
  /** Only ever added to. No ids that refer to other tables, and names beside them: it outlives what it speaks of. */
  audit: {
    /** A bigint, written out. */
    id: GeneratedAlways<string>;
    at: Date;
    actor_kind: ActorKind;
    person_id: PersonId | null;
    person_name: string | null;
    token_name: string | null;
    action: AuditAction;
    target_kind: TargetKind | null;
    target_id: string | null;
    target_name: string | null;
    address: string | null;
    outcome: AuditOutcome;
    detail: Json<AuditDetail>;
  };
};
