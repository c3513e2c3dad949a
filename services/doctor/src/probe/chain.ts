import type { X509Certificate } from 'node:crypto';

export const signedBy = (certificate: X509Certificate, authority: X509Certificate): boolean =>
  certificate.checkIssued(authority) && certificate.verify(authority.publicKey);

/**
 * How a certificate hangs together with those that are trusted.
 * `with`: what is shown along with it; `known`: authorities between, that somebody could have shown.
 */
export type Chain =
  { state: 'whole'; path: X509Certificate[] } | { state: 'missing'; missing: X509Certificate } | { state: 'stranger' };

/** Longer ones than the household's root, issuing authority, leaf come with the web's. */
const longest = 6;

export function chainOf(leaf: X509Certificate, { shown, trusted, known = [] }:
  { shown: X509Certificate[]; trusted: X509Certificate[]; known?: X509Certificate[] }): Chain {
  const path = [leaf];
  for (let last = leaf; path.length <= longest;) {
    const root = trusted.find((one) => signedBy(last, one));
    if (root) return { state: 'whole', path: [...path, root] };
    const next = shown.find((one) => !path.includes(one) && signedBy(last, one));
    if (!next) {
      const missing = known.find((one) => signedBy(last, one));
      return missing && trusted.some((one) => signedBy(missing, one)) ? { state: 'missing', missing }
        : { state: 'stranger' };
    }
    path.push(next);
    last = next;
  }
  return { state: 'stranger' };
}

/** Object identifiers of the extended key usage (RFC 5280, 4.2.1.12). */
export const uses = { server: '1.3.6.1.5.5.7.3.1', client: '1.3.6.1.5.5.7.3.2' } as const;
export type Use = keyof typeof uses;

/** One that does not say what it is for is for everything; Node then has no list, whatever its types say. */
export const isFor = (certificate: X509Certificate, use: Use): boolean =>
  (certificate.keyUsage as string[] | undefined)?.includes(uses[use]) ?? true;

/** The common name in a distinguished name as Node writes it. */
export const nameIn = (distinguished: string): string => /^CN=(.*)$/m.exec(distinguished)?.[1] ?? '';
export const commonName = (certificate: X509Certificate): string => nameIn(certificate.subject);
