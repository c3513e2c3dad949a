import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import { readCrl, type Crl } from './crl.ts';

const block = /-----BEGIN ([A-Z0-9 ]+)-----([A-Za-z0-9+/=\s]+)-----END \1-----/g;

export type Pem = { certificates: X509Certificate[]; crls: Crl[] };

/**
 * Certificates and revocation lists of a PEM file, in their order.
 * @throws when one is damaged, or a block has begun and does not end
 */
export function parsePem(text: string): Pem {
  const pem: Pem = { certificates: [], crls: [] };
  let ended = 0;
  for (const [whole, what, body = ''] of text.matchAll(block)) {
    ended += 1;
    if (what === 'CERTIFICATE') pem.certificates.push(new X509Certificate(whole));
    if (what === 'X509 CRL') pem.crls.push(readCrl(Buffer.from(body, 'base64')));
  }
  if (ended !== (text.match(/-----BEGIN /g) ?? []).length) throw new Error('it is cut short');
  return pem;
}

/** @returns undefined if it is damaged; `encrypted` if only its passphrase opens it */
export function parseKey(text: string): KeyObject | 'encrypted' | undefined {
  if (/ENCRYPTED/.test(text)) return 'encrypted';
  try {
    return createPrivateKey(text);
  } catch {
    return undefined;
  }
}
