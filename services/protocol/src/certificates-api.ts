import { z } from 'zod';
import { certificateKinds, certificateStates, Rotation } from './authority.ts';
import { refusalReasons } from './gate.ts';
import { Time } from './http.ts';
import { DeviceId } from './ids.ts';

/** What admins are told of certificates, revocations and refused boards. Times are ISO 8601, UTC. */

/** Days before an end at which people are warned, the most urgent last. */
export const warnDays = [60, 30, 7] as const;

export const CertificateView = z.object({
  kind: z.enum([...certificateKinds, 'crl', 'web']),
  /** "Hall board", "broker", "devices authority", "lamps.example.org". */
  name: z.string(),
  device: DeviceId.nullable(),
  serial: z.string().nullable(),
  notBefore: Time,
  notAfter: Time,
  renewAt: Time.nullable(),
  issuer: z.string().nullable(),
  state: z.enum(certificateStates),
  /** Whole days left, negative once it has ended. */
  daysLeft: z.int(),
  /** The smallest of `warnDays` that it is below, 0 once it has ended; null: all is well, or it no longer matters. */
  warning: z.int().nullable(),
  /** What to do, if there is a warning. */
  advice: z.string().nullable(),
});
export type CertificateView = z.infer<typeof CertificateView>;

/** `GET /api/v1/certificates` (admin) */
export const Certificates = z.object({
  at: Time,
  certificates: z.array(CertificateView),
  rotation: Rotation.nullable(),
  rootKey: z.enum(['plain', 'encrypted', 'away']).nullable(),
  /** In words, with the remedy: what could not be looked at, and what the authority could not do. */
  faults: z.array(z.string()),
});
export type Certificates = z.infer<typeof Certificates>;

/** `POST /api/v1/devices/:id/revoke` (admin): keeps a board out for good, its live connection included. */
export const RevokeResult = z.object({
  certificates: z.int(),
  /** Milliseconds from the request until broker and gate had cut it; null: not yet, `why` says what to do. */
  ms: z.number().nullable(),
  why: z.string().nullable(),
});
export type RevokeResult = z.infer<typeof RevokeResult>;

/** `GET /api/v1/refusals` (admin), newest first: who tried to connect as a board and was turned away. */
export const RefusalView = z.object({
  reason: z.enum(refusalReasons),
  first: Time,
  last: Time,
  count: z.int(),
  address: z.string(),
  device: z.object({ id: DeviceId, name: z.string().nullable() }).nullable(),
  /** Whether the certificate is from this household: if not, the id is only what somebody claims. */
  genuine: z.boolean(),
  /** What happened, and what to do, in words. */
  what: z.string(),
  advice: z.string(),
});
export type RefusalView = z.infer<typeof RefusalView>;
