// Before @peculiar/x509: the library that it finds its parts with asks for it.
import 'reflect-metadata';
import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { Pkcs10CertificateRequestGenerator } from '@peculiar/x509';
import type { DeviceId } from '@sconce/protocol/ids';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

/** EC P-256: what an ESP8266 can sign with in time. */
export const makeKey = (): KeyObject => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;

/** A request for a certificate for this key (PKCS #10, DER): the board's id as the one name, and no wish besides. */
export async function makeRequest(id: DeviceId, key: KeyObject): Promise<Buffer> {
  const keys = {
    privateKey: key.toCryptoKey(algorithm, false, ['sign']) as CryptoKey,
    publicKey: createPublicKey(key).toCryptoKey(algorithm, true, ['verify']) as CryptoKey,
  };
  const request = await Pkcs10CertificateRequestGenerator.create({ name: `CN=${id}`, keys, signingAlgorithm: algorithm });
  return Buffer.from(request.rawData);
}
