import { createHash, verify, X509Certificate } from 'node:crypto';
import type { Fault } from '@sconce/protocol/faults';
import type { DeviceId } from '@sconce/protocol/ids';
import type { Ack, CertificateRequest, Command } from '@sconce/protocol/messages';
import type { Clock } from './clock.ts';
import type { Tell } from './happenings.ts';
import { type Keyring, same } from './keyring.ts';
import { makeKey, makeRequest } from './request.ts';

/** A board asks again after this part of the certificate's life, and after an hour at most, but not before `leastMs`. */
const againPart = 1 / 20;
const againMs = 3_600_000;
const leastMs = 5000;
/**
 * The key that waits for a certificate is asked for again, so that an answer that is late still fits, and one that got lost
 * can be given again; but not for ever: the household may have its reasons to want another.
 */
const asksOfOneKey = 3;
const oneKeyMs = 3_600_000;
/** Connections in a row that the broker must refuse before the board takes the certificate of before again. */
const refusedTimes = 3;
/** A server whose clock is ahead by no more than this may sign what begins "now". */
const aheadMs = 300_000;

/** Why a command is not carried out. */
export interface Refusal { reason: NonNullable<Ack['reason']>; why: string }

export interface RenewalOptions {
  id: DeviceId;
  keyring: Keyring;
  clock: Clock;
  random(): number;
  tell: Tell;
  /** Hands the request to the broker; rejects when the line is lost. */
  send(request: CertificateRequest): Promise<void>;
}

/**
 * Keeps the board's certificate alive: asks for the next one from two thirds of its life on, judges what it is given, and
 * goes back to the one before if the broker does not let it in with the new one.
 */
export class Renewal {
  readonly #options: RenewalOptions;
  #issuer: X509Certificate | undefined;
  #askAgainAt = -Infinity;
  #refused = 0;
  #asks = 0;
  #firstAskAt = -Infinity;
  #cancel: () => void = () => {};

  constructor(options: RenewalOptions) {
    this.#options = options;
  }

  /** The line is up: from now on the board asks when it is time. */
  begin(): void {
    this.#refused = 0;
    this.#askAgainAt = -Infinity;
    this.#look();
  }

  /** The line is gone. */
  pause(): void {
    this.#cancel();
  }

  /** The broker has not let the board in. */
  refusedBy(fault: Fault): void {
    const { keyring, clock, tell } = this.#options;
    if (!fault.code.startsWith('own_certificate_')) return;
    this.#refused += 1;
    if (this.#refused < refusedTimes || !keyring.goBack(clock.now())) return;
    this.#refused = 0;
    tell({ event: 'former', serial: serialOf(keyring.current.leaf), why: fault.message });
  }

  /** Asks for a certificate, for the key that waits for one or else for a new one. */
  ask(): void {
    const { clock, keyring, random, tell } = this.#options;
    const { leaf } = keyring.current;
    const life = leaf.validToDate.getTime() - leaf.validFromDate.getTime();
    const pause = Math.max(leastMs, Math.min(life * againPart, againMs));
    this.#askAgainAt = clock.ticks() + pause * (1 + random() / 4);
    this.#send().catch((error: unknown) => tell({ event: 'error', code: 'request_failed',
      message: `No certificate could be asked for (${(error as Error).message}); trying again later.` }));
    this.#look();
  }

  /** @returns why not, if not */
  takeIssuer({ certificate }: Extract<Command, { do: 'certificate.issuer' }>): Refusal | undefined {
    if (!this.#options.keyring.pending) return notAsked;
    const issuer = parse(certificate);
    this.#issuer = undefined;
    if (!issuer?.ca) return { reason: 'wrong_certificate', why: 'this is not an authority\'s certificate' };
    this.#issuer = issuer;
    return undefined;
  }

  /** @returns why not, if not; otherwise the board is to connect anew */
  install({ certificate }: Extract<Command, { do: 'certificate.install' }>): Refusal | undefined {
    const { keyring, tell } = this.#options;
    const issuer = this.#issuer;
    if (!keyring.pending || !issuer) return notAsked;
    const leaf = parse(certificate);
    const why = leaf ? this.#wrongWith(leaf, issuer) : 'it cannot be read';
    if (!leaf || why !== undefined) return { reason: 'wrong_certificate', why: why ?? '' };
    keyring.install(leaf, issuer);
    this.#issuer = undefined;
    tell({ event: 'installed', serial: serialOf(leaf), notAfter: leaf.validToDate.toISOString() });
    return undefined;
  }

  /** @returns why not, if not */
  trust({ certificate, signature, alone }: Extract<Command, { do: 'authority.trust' }>): Refusal | undefined {
    const { keyring, tell } = this.#options;
    const authority = parse(certificate);
    if (!authority?.ca) return { reason: 'wrong_certificate', why: 'this is not an authority\'s certificate' };
    const text = trustText(authority, alone);
    const by = keyring.trusted.find(({ publicKey }) => verify('sha256', text, publicKey, Buffer.from(signature, 'base64')));
    if (!by) return { reason: 'not_signed', why: 'no authority that is trusted has signed this' };
    if (alone || !keyring.trusted.some((one) => same(one, authority))) {
      keyring.trust(authority, { besides: alone ? undefined : by });
    }
    tell({ event: 'trusted', authorities: keyring.fingerprints });
    return undefined;
  }

  #wrongWith(leaf: X509Certificate, issuer: X509Certificate): string | undefined {
    const { id, keyring, clock } = this.#options;
    const now = clock.now();
    if (!keyring.pending || !leaf.checkPrivateKey(keyring.pending)) return 'it is not for the key that was made for it';
    if (leaf.subject !== `CN=${id}`) return 'it is for another name';
    if (leaf.ca) return 'it is an authority\'s';
    if (!leaf.verify(issuer.publicKey)) return 'the issuer that was named has not signed it';
    if (leaf.validToDate.getTime() <= now) return 'it has ended';
    if (leaf.validFromDate.getTime() > now + aheadMs) return 'it is not valid yet';
    return undefined;
  }

  async #send(): Promise<void> {
    const { id, clock, keyring, tell, send } = this.#options;
    const inVain = this.#asks >= asksOfOneKey && clock.ticks() - this.#firstAskAt >= oneKeyMs;
    if (!keyring.pending || inVain) {
      keyring.expect(makeKey());
      this.#issuer = undefined;
      this.#asks = 0;
    }
    if (this.#asks === 0) this.#firstAskAt = clock.ticks();
    this.#asks += 1;
    const { pending } = keyring;
    if (!pending) return;
    tell({ event: 'renew' });
    await send({ request: (await makeRequest(id, pending)).toString('base64') });
  }

  /** Asks if it is time; looks again when it will be. Every hour at least: the clock may be set meanwhile. */
  #look(): void {
    const { clock, keyring } = this.#options;
    this.#cancel();
    const { leaf } = keyring.current;
    const [from, to] = [leaf.validFromDate.getTime(), leaf.validToDate.getTime()];
    const dueInMs = Math.max(from + (to - from) * 2 / 3 - clock.now(), this.#askAgainAt - clock.ticks());
    if (dueInMs <= 0) return this.ask();
    this.#cancel = clock.after(Math.min(dueInMs, againMs), () => this.#look());
  }
}

const notAsked: Refusal = { reason: 'not_asked', why: 'no certificate has been asked for' };

/** As in `Info.certificateSerial`. */
export const serialOf = (certificate: X509Certificate) => certificate.serialNumber.toLowerCase().replace(/^0+(?=.)/, '');

/** What pki/rotate signs. */
function trustText(authority: X509Certificate, alone: boolean): Buffer {
  const digest = createHash('sha256').update(authority.raw).digest('hex');
  return Buffer.from(`sconce authority v1\n${alone ? 'alone' : 'add'}\n${digest}\n`);
}

function parse(der: string): X509Certificate | undefined {
  try {
    return new X509Certificate(Buffer.from(der, 'base64'));
  } catch {
    return undefined;
  }
}
