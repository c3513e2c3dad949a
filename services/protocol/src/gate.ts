import { z } from 'zod';
import { DeviceId } from './ids.ts';

/**
 * What the gate (services/gate) writes of connections that came to nothing: `refusals.json`, replaced as a whole at most
 * once a second, the newest first. It sits before the broker's listener for boards, passes bytes on unread, and reads of
 * TLS what stands there in clear: in TLS 1.2 the board's certificate, and why the broker turned it away.
 */

/** Why somebody was turned away, as the broker's TLS alert and the certificate itself say. Words: refusals.ts. */
export const refusalReasons = [
  'expired', 'not_yet_valid', 'revoked', 'unknown_authority', 'missing_intermediate', 'wrong_use', 'no_certificate',
  'bad_certificate', 'key_mismatch', 'not_tls', 'tls_version', 'tls_ciphers', 'distrusts_broker', 'silent',
  'closed_early', 'broker_unreachable', 'too_many', 'cut',
] as const;
export const RefusalReason = z.enum(refusalReasons);
export type RefusalReason = z.infer<typeof RefusalReason>;

export const Refusal = z.object({
  reason: RefusalReason,
  /** Milliseconds since 1970. */
  first: z.int(), last: z.int(),
  /** How often: the same reason, certificate and address. */
  count: z.int().min(1),
  /** Network address that it came from. */
  address: z.string(),
  /** The alert's number (RFC 8446, 6), if one was seen; `by`: who sent it. */
  alert: z.object({ number: z.int(), by: z.enum(['broker', 'board']) }).optional(),
  certificate: z.object({
    /** CN, cut at 64 characters, control characters replaced: anybody may write anything there. */
    name: z.string(),
    /** The name, if it is an id. */
    id: DeviceId.optional(),
    serial: z.string(),
    issuer: z.string(),
    notBefore: z.int(), notAfter: z.int(),
    /** Signed by an authority of this household's. `false`: who shows it may be anybody. */
    genuine: z.boolean(),
  }).optional(),
});
export type Refusal = z.infer<typeof Refusal>;

export const Refusals = z.object({
  /** When it was written. */
  at: z.int(),
  /** The trust set (SHA-256 of trust/SHA256SUMS) that the gate goes by: revoked boards in it have been cut. */
  trust: z.string(),
  /** Connections that are open, and boards among them whose certificate was seen. */
  open: z.int(), boards: z.int(),
  refusals: z.array(Refusal),
});
export type Refusals = z.infer<typeof Refusals>;
