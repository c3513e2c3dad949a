// Before @peculiar/x509: the library that it finds its parts with asks for it.
import 'reflect-metadata';
import { KeyObject, type webcrypto } from 'node:crypto';
import { Pkcs10CertificateRequestGenerator } from '@peculiar/x509';
import type { DeviceId } from '@sconce/protocol/ids';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

/** A new key, and a request for a certificate for it (PKCS #10): the board's id as the one name, and no wish besides. */
export async function makeRequest(id: DeviceId): Promise<{ key: KeyObject; request: Buffer }> {
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const request = await Pkcs10CertificateRequestGenerator.create({ name: `CN=${id}`, keys, signingAlgorithm: algorithm });
  return { key: KeyObject.from(keys.privateKey as webcrypto.CryptoKey), request: Buffer.from(request.rawData) };
}
