import { z } from 'zod';
import { CommandId, ReplicaId } from './ids.ts';
import { limits } from './limits.ts';

const within = ({ min, max }: { min: number; max: number }) => z.int().min(min).max(max);

/** Milliseconds since 1970-01-01 UTC. Seconds would make a deadline up to a second unfair. */
const EpochMs = z.int().min(0);

/**
 * One radio code as rc-switch counts it.
 * `code`: the bits as a number; `bits`: how many; `protocol`: row of rc-switch's table; `pulse`: µs of one pulse.
 */
const rfCodeFields = {
  code: z.int().min(0).max(2 ** limits.rfBits.max - 1),
  bits: within(limits.rfBits),
  protocol: within(limits.rfProtocol),
  pulse: within(limits.rfPulse),
};
const fits = ({ code, bits }: { code: number; bits: number }) => code < 2 ** bits;
const fitsMessage = { path: ['code'], error: 'the code has more bits than `bits` says' };

export const RfCode = z.strictObject(rfCodeFields).refine(fits, fitsMessage);
export type RfCode = z.infer<typeof RfCode>;

const header = { id: CommandId, replyTo: ReplicaId, deadline: EpochMs };

/** Sends a radio code `repeat` times in a row. */
const RfSend = z.strictObject({ ...header, do: z.literal('rf.send'), ...rfCodeFields, repeat: within(limits.rfRepeat) })
  .refine(fits, fitsMessage);
/**
 * For `seconds` from now the device reports each frame that it hears, marked `learning`, so that a code can be learned
 * from a remote: answered at once. Another takes the place of the one before; a restart ends it.
 */
const RfLearn = z.strictObject({ ...header, do: z.literal('rf.learn'), seconds: within(limits.learnSeconds) });
/** Sets a pin, in the words of the person: `on` is on, whatever the relay's polarity. */
const PinSet = z.strictObject({ ...header, do: z.literal('pin.set'), pin: within(limits.pin), on: z.boolean() });
/** Blinks the board's own light for some seconds, so that a person finds it. */
const Identify = z.strictObject({ ...header, do: z.literal('identify') });
/** Acknowledges, then restarts the board. */
const Restart = z.strictObject({ ...header, do: z.literal('restart') });

const Sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'a SHA-256 is 64 lowercase hexadecimal digits');

/** Base64 (RFC 4648, 4) in its one canonical form: padded, and what no byte needs is zero. */
const base64 = /^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{4}|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=|[A-Za-z0-9+/][AQgw]==)$/;
const bytesInBase64 = ({ min, max }: { min: number; max: number }) => z.string().regex(base64, 'not base64')
  .refine((text) => {
    const bytes = text.length / 4 * 3 - (text.length - text.replaceAll('=', '').length);
    return bytes >= min && bytes <= max;
  }, `${min} to ${max} bytes`);

/**
 * Offers new firmware, which the household must have signed: `pki/sign-firmware` makes all but the envelope, and says
 * what the signature is over. The answer's `at` says from which byte to send: not 0 if the board has a part of it already.
 */
const UpdateBegin = z.strictObject({
  ...header, do: z.literal('update.begin'), size: within(limits.updateBytes), sha256: Sha256,
  signedAt: EpochMs, signature: bytesInBase64(limits.signatureBytes),
});
/** A piece of the firmware, `at` its first byte. In their order; one that comes again is acknowledged again. */
const UpdateData = z.strictObject({
  ...header, do: z.literal('update.data'), at: z.int().min(0).max(limits.updateBytes.max - 1),
  data: bytesInBase64(limits.updateChunkBytes),
});
/** An X.509 certificate in DER. */
const Certificate = bytesInBase64(limits.certificateBytes);
/** Asks the board for a certificate request (`certificate` channel), with a new key that never leaves it. */
const CertificateRenew = z.strictObject({ ...header, do: z.literal('certificate.renew') });
/** The authority that has signed what follows; kept until then. */
const CertificateIssuer = z.strictObject({ ...header, do: z.literal('certificate.issuer'), certificate: Certificate });
/**
 * The answer to a request, after `certificate.issuer`: for the key that was made for it and for this board's id, or it is
 * refused. The board acknowledges, then connects anew with it; the one of before stays for the case that it is not let in.
 */
const CertificateInstall = z.strictObject({ ...header, do: z.literal('certificate.install'), certificate: Certificate });
/**
 * Names an authority of the broker's certificates to trust besides the present ones, or, with `alone`, instead of them.
 * `signature`: by the key of an authority that the board trusts already (for `alone`: of this or another) over the text
 * that pki/rotate makes.
 */
const AuthorityTrust = z.strictObject({
  ...header, do: z.literal('authority.trust'), certificate: Certificate, signature: bytesInBase64(limits.signatureBytes),
  alone: z.boolean(),
});

/** All is there: if it is what was signed, the board acknowledges and restarts with it. */
const UpdateEnd = z.strictObject({ ...header, do: z.literal('update.end') });

/**
 * API → device, on `command`: QoS 1, never retained.
 * `deadline`: ms since 1970; a command is not carried out at or after it, however late it is delivered.
 * Unknown keys are refused: a device must not carry out half of what it was asked.
 */
export const Command = z.discriminatedUnion('do',
  [RfSend, RfLearn, PinSet, Identify, Restart, UpdateBegin, UpdateData, UpdateEnd,
    CertificateRenew, CertificateIssuer, CertificateInstall, AuthorityTrust]);
export type Command = z.infer<typeof Command>;
/** What is asked, without the envelope (id, replyTo, deadline). */
export type Action = Command extends infer C
  ? C extends Command ? Omit<C, 'id' | 'replyTo' | 'deadline'> : never
  : never;

export const capabilities = ['rf.send', 'rf.receive', 'rf.learn', 'pin.set', 'identify', 'restart', 'update', 'renew'] as const;

/** Why a device refused or failed; words for people are made where they are shown. */
export const ackReasons = [
  'unknown_command', 'malformed', 'too_large', 'not_capable', 'queue_full', 'deadline_too_far', 'clock_not_set',
  'hardware', 'not_signed', 'out_of_order', 'update_failed', 'not_asked', 'wrong_certificate',
] as const;

/**
 * Device → API, on `ack/<replyTo>`: QoS 1. Exactly one outcome for each command id; a repeated id is answered with the
 * first outcome again. `ms`: from the command's arrival at the device to the end of sending.
 */
export const Ack = z.object({
  id: CommandId,
  outcome: z.enum(['transmitted', 'expired', 'refused', 'failed']),
  ms: z.number().min(0),
  reason: z.enum(ackReasons).optional(),
  /** While an update is under way, to its commands: from which byte to go on. */
  at: z.int().min(0).max(limits.updateBytes.max).optional(),
});
export type Ack = z.infer<typeof Ack>;

/**
 * Device → all, on `status`: QoS 1, retained; `{online:false}` is also the last will.
 * `since`: when this connection began, ms since 1970. In the last will, too: the moment of its end is for the one who
 * hears it, a dead board has no clock.
 */
export const Status = z.object({ online: z.boolean(), since: EpochMs });
export type Status = z.infer<typeof Status>;

/** Device → all, on `info`: QoS 1, retained, once a connection. */
export const Info = z.object({
  firmware: z.string().min(1).max(40),
  hardware: z.string().min(1).max(40),
  capabilities: z.array(z.enum(capabilities).or(z.string().max(40))).max(32),
  /** GPIO numbers that have a relay. */
  pins: z.array(within(limits.pin)).max(17),
  resetReason: z.string().max(80),
  /** When the device's own certificate ends, ms since 1970. */
  certificateNotAfter: EpochMs,
  /** Its serial number, as hexadecimal digits without zeros in front. */
  certificateSerial: z.string().regex(/^[0-9a-f]{1,40}$/).optional(),
  /** Authorities of the broker's certificate that the device trusts: the SHA-256 of each, the first 16 digits. */
  trusts: z.array(z.string().regex(/^[0-9a-f]{16}$/)).max(2).optional(),
  /** The last fault in words, with its remedy, if there was one. */
  lastError: z.string().max(200).optional(),
});
export type Info = z.infer<typeof Info>;

/**
 * Device → API, on `rf/received`: QoS 0. A frame that the device heard; never an echo of what it has just sent.
 * Each press of a button is reported once, until it has not been heard for 500 ms; during a learning window each frame
 * is, at most one in `learnGapMs` on the average. So whoever follows the remote counts `learning` frames as presses himself. A server
 * that does not know the mark drops it.
 */
export const Received = z.object({ ...rfCodeFields, learning: z.boolean().optional() }).refine(fits, fitsMessage);
export type Received = z.infer<typeof Received>;

/**
 * Device → API, on `certificate`: QoS 1, not retained. A request for a new certificate (PKCS #10, RFC 2986, in DER): for a
 * new key of the board's own, its id as the one name, and no wish besides. From two thirds of the present one's lifetime
 * on, and when `certificate.renew` asks for it.
 */
export const CertificateRequest = z.object({ request: bytesInBase64(limits.certificateBytes) });
export type CertificateRequest = z.infer<typeof CertificateRequest>;

/** Device → API, on `telemetry`: QoS 0. */
export const Telemetry = z.object({
  /** dBm */
  rssi: z.int().min(-127).max(0),
  /** Bytes. */
  heapFree: z.int().min(0),
  /** Bytes; much less than heapFree means a fragmented heap. */
  heapLargestBlock: z.int().min(0),
  /** Seconds since the board started. */
  uptime: z.int().min(0),
  tlsHandshakeMs: z.int().min(0),
  /** °C, where a sensor is fitted. */
  temperature: z.number().min(-60).max(125).optional(),
  /** % relative, where a sensor is fitted. */
  humidity: z.number().min(0).max(100).optional(),
});
export type Telemetry = z.infer<typeof Telemetry>;

/**
 * Reads a payload.
 * Messages from devices may carry keys that this version does not know (they are dropped): a board flashed tomorrow
 * must not fall silent for a server of today. Commands may not.
 */
export function parsePayload<T>(schema: z.ZodType<T>, payload: Uint8Array, maxBytes: number):
  { ok: true; value: T } | { ok: false; why: string } {
  if (payload.byteLength > maxBytes) return { ok: false, why: `${payload.byteLength} bytes, ${maxBytes} allowed` };
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload));
  } catch (error) {
    return { ok: false, why: error instanceof Error ? error.message : String(error) };
  }
  const result = schema.safeParse(json);
  return result.success
    ? { ok: true, value: result.data }
    : { ok: false, why: result.error.issues.map((i) => `${i.path.join('.') || 'message'}: ${i.message}`).join('; ') };
}
