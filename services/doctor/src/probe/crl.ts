import { verify, type X509Certificate } from 'node:crypto';
import { AsnConvert } from '@peculiar/asn1-schema';
import { CertificateList } from '@peculiar/asn1-x509';

/** A certificate revocation list (RFC 5280, 5), which Node does not read. */
export type Crl = {
  thisUpdate: number;
  nextUpdate: number;
  /** Serial numbers, as hexadecimal digits without zeros in front. */
  revoked: Set<string>;
  signedBy(authority: X509Certificate): boolean;
};

/** Hash by the signature algorithm's identifier: what pki/openssl.cnf makes, and its neighbours. */
const hashes: Record<string, string> = {
  '1.2.840.10045.4.3.2': 'sha256', '1.2.840.10045.4.3.3': 'sha384', '1.2.840.10045.4.3.4': 'sha512',
  '1.2.840.113549.1.1.11': 'sha256',
};

/** @throws when it is not whole */
export function readCrl(der: Buffer): Crl {
  const list = AsnConvert.parse(der, CertificateList);
  const { tbsCertList: tbs, tbsCertListRaw, signature, signatureAlgorithm } = list;
  if (tbs.nextUpdate === undefined || tbsCertListRaw === undefined) {
    throw new Error('it does not say when the next one comes');
  }
  return {
    thisUpdate: tbs.thisUpdate.getTime().getTime(),
    nextUpdate: tbs.nextUpdate.getTime().getTime(),
    revoked: new Set((tbs.revokedCertificates ?? []).map(({ userCertificate }) =>
      serial(Buffer.from(userCertificate).toString('hex')))),
    signedBy(authority) {
      const hash = hashes[signatureAlgorithm.algorithm];
      return hash !== undefined
        && verify(hash, Buffer.from(tbsCertListRaw), authority.publicKey, Buffer.from(signature));
    },
  };
}

/** As Node and openssl write them, they differ in case and in zeros. */
export const serial = (hex: string) => hex.toLowerCase().replace(/^0+(?=.)/, '');
