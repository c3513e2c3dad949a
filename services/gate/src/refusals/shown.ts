import { X509Certificate } from 'node:crypto';
import type { Refusal } from '@sconce/protocol/gate';
import { DeviceId } from '@sconce/protocol/ids';
import type { Trust } from './trust.ts';

export type Certificate = NonNullable<Refusal['certificate']>;

/** A certificate that was shown, and whose it is. */
export interface Shown extends Certificate {
  /** Which authority of the household has signed it. */
  by: 'devices' | 'issuing' | 'services' | undefined;
  /** The chain lacks the authority that has signed it, and the broker does not know that by itself. */
  incomplete: boolean;
}

/** The board's id, if the certificate has one as its name. */
export function idIn(der: Buffer | undefined): DeviceId | undefined {
  const certificate = der && parse(der);
  const id = DeviceId.safeParse(certificate && nameIn(certificate.subject));
  return id.success ? id.data : undefined;
}

/** What stands in the chain that somebody has shown; undefined if there is none, or it cannot be read. */
export function readShown(chain: readonly Buffer[], trust: Trust): Shown | undefined {
  const leaf = chain[0] && parse(chain[0]);
  if (!leaf) return undefined;
  const signed = (by: X509Certificate) => leaf.issuer === by.subject && verifies(leaf, by);
  const by = (['devices', 'issuing', 'services'] as const).find((name) => trust[name].some(signed));
  const name = nameIn(leaf.subject);
  const id = DeviceId.safeParse(name);
  const others = chain.slice(1, 4).map(parse).filter((one) => one !== undefined);
  return {
    name: clean(name), ...id.success && { id: id.data },
    serial: leaf.serialNumber.toLowerCase().replace(/^0+(?=.)/, '').slice(0, 64),
    issuer: clean(nameIn(leaf.issuer)),
    notBefore: Date.parse(leaf.validFrom), notAfter: Date.parse(leaf.validTo),
    genuine: by !== undefined,
    by, incomplete: by === 'issuing' && !others.some(signed),
  };
}

/** When the first of these certificates ends, in milliseconds since 1970; 0 if one of them cannot be read. */
export function endOf(chain: readonly Buffer[]): number {
  return Math.min(...chain.map((der) => Date.parse(parse(der)?.validTo ?? '') || 0));
}

/** As it is told to others. */
export function certificateOf({ by: _by, incomplete: _incomplete, ...certificate }: Shown): Certificate {
  return certificate;
}

function parse(der: Buffer): X509Certificate | undefined {
  try {
    return new X509Certificate(der);
  } catch {
    return undefined;
  }
}

function verifies(leaf: X509Certificate, by: X509Certificate): boolean {
  try {
    return leaf.verify(by.publicKey);
  } catch {
    return false;
  }
}

/** The common name in a subject as Node writes it: one part a line, characters that matter escaped. */
function nameIn(subject: string | undefined): string {
  return /^CN=(.*)$/m.exec(subject ?? '')?.[1] ?? '';
}

/** Anybody may write anything into a certificate: what is shown of it is short and has no control characters. */
function clean(text: string): string {
  return Array.from(text.replace(/[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g, '\ufffd')).slice(0, 64).join('');
}
