import { z } from 'zod';
import { DeviceId } from './ids.ts';

/**
 * What the household's authority (services/authority) answers on its Unix socket, to the API and to nobody else. It is the
 * pki scripts with a door: each call is one of them. Times are ms since 1970, certificates base64 of DER.
 */

const EpochMs = z.int().min(0);
export const SerialNumber = z.string().regex(/^[0-9a-f]{1,40}$/);

/**
 * `root`: signs authorities, and may be away from the server. `issuing`: signs boards. `services`: signs broker, api and
 * metrics.
 */
export const certificateKinds = ['root', 'issuing', 'services', 'broker', 'api', 'metrics', 'board'] as const;
export const CertificateKind = z.enum(certificateKinds);
export type CertificateKind = z.infer<typeof CertificateKind>;

/** `superseded`: the board uses a newer one, this one would still be let in. */
export const certificateStates = ['valid', 'not_yet_valid', 'superseded', 'expired', 'revoked'] as const;

export const KnownCertificate = z.object({
  kind: z.enum(certificateKinds),
  /** A board's name as it was minted, or what it is in words: "devices authority". */
  name: z.string(),
  /** A board's. */
  id: DeviceId.optional(),
  serial: SerialNumber,
  notBefore: EpochMs,
  notAfter: EpochMs,
  /** From when on it is to be renewed: two thirds of its lifetime. For an authority: when it is time to rotate it. */
  renewAt: EpochMs,
  /** Name of the authority that signed it; null: itself. */
  issuer: z.string().nullable(),
  state: z.enum(certificateStates),
  /** When it was revoked. */
  revokedAt: EpochMs.optional(),
  /** The board has said that this is the one it has. */
  inUse: z.boolean().optional(),
});
export type KnownCertificate = z.infer<typeof KnownCertificate>;

export const KnownCrl = z.object({
  /** As `issuer` above. */
  name: z.string(),
  thisUpdate: EpochMs,
  nextUpdate: EpochMs,
  /** How many certificates it revokes. */
  entries: z.int().min(0),
});
export type KnownCrl = z.infer<typeof KnownCrl>;

/** A change of an authority that is under way; pki/rotate leads through it. */
export const Rotation = z.object({
  authority: z.enum(['devices', 'services']),
  /**
   * `trusting`: the old and the new are both trusted by the broker (devices) or are being made known to the boards
   * (services). `moving`: what is signed from now on is by the new one; boards are asked to renew. Then it is over.
   */
  step: z.enum(['trusting', 'moving']),
  /** Boards that count: not revoked, and not past the end of all their certificates. */
  of: z.int(),
  moved: z.int(),
  waiting: z.array(DeviceId),
});
export type Rotation = z.infer<typeof Rotation>;

/** An authority that boards are to trust, for `authority.trust`. */
export const TrustNotice = z.object({
  certificate: z.string(), signature: z.string(), alone: z.boolean(),
  /** As in a board's `info`: the SHA-256, the first 16 digits. */
  fingerprint: z.string(),
});
export type TrustNotice = z.infer<typeof TrustNotice>;

/** `GET /inventory` */
export const Inventory = z.object({
  at: EpochMs,
  certificates: z.array(KnownCertificate),
  crls: z.array(KnownCrl),
  /** Boards that are kept out for good. */
  revoked: z.array(z.object({ id: DeviceId, at: EpochMs })),
  /** Whether the devices' root key is on the server as a plain file, encrypted there, or away. */
  rootKey: z.enum(['plain', 'encrypted', 'away']),
  rotation: Rotation.nullable(),
  /** While the services' authority is rotated: what each board is to be told. */
  trust: TrustNotice.nullable(),
  /** What the last scheduled round could not do, in words with the remedy. */
  faults: z.array(z.string()),
});
export type Inventory = z.infer<typeof Inventory>;

/** `POST /certificates`: signs a board's request; the id is the one that the broker vouches for. */
export const SignRequest = z.strictObject({ id: DeviceId, request: z.string() });
export const Signed = z.object({
  serial: SerialNumber, notBefore: EpochMs, notAfter: EpochMs,
  certificate: z.string(),
  /** The issuing authority's. */
  issuer: z.string(),
});
export type Signed = z.infer<typeof Signed>;

/** Why a request is not signed (422). */
export const signRefusals = [
  /** No PKCS #10, or larger than it may be. */
  'malformed',
  /** Not signed by the key that it is for. */
  'bad_signature',
  /** Another name than the id of the board that sent it, or more names than that. */
  'wrong_name',
  /** It asks to be an authority. */
  'authority_asked',
  /** It asks for any other use or extension. */
  'extensions_asked',
  /** Not EC P-256, or the key of an earlier certificate. */
  'wrong_key',
  /** The board is revoked. */
  'revoked',
  /** No certificate was ever made for this id. */
  'unknown_id',
] as const;
export const SignRefusal = z.enum(signRefusals);
export type SignRefusal = z.infer<typeof SignRefusal>;

/** `POST /revocations`: keeps a board out for good. Answers when broker and gate have taken it, or 4 s have passed. */
export const RevokeRequest = z.strictObject({ id: DeviceId });
export const Revoked = z.object({
  /** Certificates of it that would still have been let in. */
  certificates: z.int(),
  /** Milliseconds until the broker had taken it; null: it has not said so, and `why` says what to do. */
  brokerMs: z.number().nullable(),
  /** Milliseconds until the gate had cut its connections; null: as above. */
  gateMs: z.number().nullable(),
  why: z.string().optional(),
});
export type Revoked = z.infer<typeof Revoked>;

/** `POST /in-use`: a board has said which certificate it has, and what it trusts. 204. */
export const InUse = z.strictObject({ id: DeviceId, serial: SerialNumber, trusts: z.array(z.string()) });

/** `POST /own`: makes the API's certificate anew, with a new key, if it is time (204); if not, 409. No body. */

/** Of 4xx and 5xx: words for people, with the remedy. */
export const AuthorityProblem = z.object({ code: z.string(), why: z.string() });
export type AuthorityProblem = z.infer<typeof AuthorityProblem>;
