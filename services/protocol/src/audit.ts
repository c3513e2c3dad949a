import { z } from 'zod';
import { outcomes, Time } from './http.ts';
import { DeviceId, OutletId, PersonId } from './ids.ts';

/** The audit log, as the API tells it and the dashboard shows it: who did what to which thing, and what came of it. */

/** Whatever changes anything, or lets somebody in, is one of these. A log outlives releases: add, never rename. */
export const auditActions = [
  'outlet.switch', 'outlet.add', 'outlet.change', 'outlet.remove',
  'device.appear', 'device.adopt', 'device.rename', 'device.remove', 'device.identify',
  'device.revoke', 'device.renew', 'device.renew_refused', 'authority.rotate',
  'scene.add', 'scene.change', 'scene.remove',
  'radio.learn', 'radio.transmit',
  'person.join', 'person.approve', 'person.refuse', 'person.role', 'person.deactivate', 'person.reactivate',
  'person.end_at',
  'share.give', 'share.change', 'share.end',
  'invitation.make', 'invitation.revoke', 'invitation.use',
  'session.begin', 'session.end', 'session.end_others', 'sign_in.refused',
  'token.make', 'token.revoke',
  'audit.prune',
] as const;
export const AuditAction = z.enum(auditActions);
export type AuditAction = z.infer<typeof AuditAction>;

/** `person`: in a browser; `token`: a script of theirs; `system`: Sconce itself, as when it is told to by its owner. */
export const actorKinds = ['person', 'token', 'schedule', 'remote', 'board', 'system'] as const;
export const ActorKind = z.enum(actorKinds);
export type ActorKind = z.infer<typeof ActorKind>;

export const targetKinds = ['outlet', 'device', 'scene', 'person', 'session', 'token', 'invitation'] as const;
export const TargetKind = z.enum(targetKinds);
export type TargetKind = z.infer<typeof TargetKind>;

/** How a command ended, or `done` for what the server did by itself. */
export const AuditOutcome = z.enum(['done', ...outcomes]);
export type AuditOutcome = z.infer<typeof AuditOutcome>;

/** A few facts more, such as `{on: true, ms: 31}`. Never a secret: this is read and exported. */
export const AuditDetail = z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]));
export type AuditDetail = z.infer<typeof AuditDetail>;

export const AuditEntry = z.object({
  /** Grows in the order in which entries were written. */
  id: z.string(),
  /** When it was asked or heard. */
  at: Time,
  actor: z.object({
    kind: ActorKind,
    /** The person behind it, if they were known; they may be gone by now. */
    personId: PersonId.nullable(),
    /** As they were called then. */
    name: z.string().nullable(),
    /** The token that a script used. */
    token: z.string().nullable(),
  }),
  action: AuditAction,
  target: z.object({
    kind: TargetKind,
    id: z.string().nullable(),
    /** As it was called then. */
    name: z.string().nullable(),
  }).nullable(),
  /** The client's network address. */
  address: z.string().nullable(),
  outcome: AuditOutcome,
  detail: AuditDetail,
});
export type AuditEntry = z.infer<typeof AuditEntry>;

const actions = z.union([AuditAction, z.array(AuditAction).max(auditActions.length)])
  .transform((one) => typeof one === 'string' ? [one] : one);

/** What `GET /api/v1/audit` and `audit.csv` can be narrowed to; all that is given must hold. */
export const AuditFilter = z.strictObject({
  /** Who did it, or to whom it was done. */
  person: PersonId.optional(),
  outlet: OutletId.optional(),
  device: DeviceId.optional(),
  /** May be given several times. */
  action: actions.optional(),
  from: Time.optional(),
  /** The moment itself is left out. */
  to: Time.optional(),
});
export type AuditFilter = z.infer<typeof AuditFilter>;

export const AuditQuery = AuditFilter.extend({
  /** Only what was written before the entry with this id: the `next` of the page before. */
  before: z.string().regex(/^[1-9]\d{0,17}$/, 'is the `next` of another page').optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});
export type AuditQuery = z.infer<typeof AuditQuery>;

/** Newest first. `next` is null on the last page. */
export const AuditPage = z.object({ entries: z.array(AuditEntry), next: z.string().nullable() });
export type AuditPage = z.infer<typeof AuditPage>;
