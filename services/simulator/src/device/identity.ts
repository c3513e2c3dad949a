import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DeviceId } from '@sconce/protocol/ids';
import { z } from 'zod';

const DeviceFile = z.object({
  id: DeviceId,
  name: z.string().default(''),
  broker: z.object({ host: z.string().min(1), port: z.int().min(1).max(65535) }),
});

/** Who a board is, as it was minted, and where its broker stands. Keys and certificates are PEM. */
export interface Identity {
  /** Where it stands, and where the board keeps what it is given later (keyring.ts). */
  folder: string;
  id: DeviceId;
  name: string;
  broker: { host: string; port: number };
  ca: string;
  /** Its own, then the issuing authority's. */
  cert: string;
  key: string;
  /** When the certificate ends, ms since 1970, as the certificate itself says. */
  notAfter: number;
}

/** An identity folder that cannot be used; the message says why and what to do. */
export class IdentityError extends Error {}

/** Reads a folder as `pki/mint` makes it: ca.pem, cert.pem, key.pem, device.json. Throws IdentityError. */
export function readIdentity(folder: string): Identity {
  const read = (name: string) => {
    try {
      return readFileSync(join(folder, name), 'utf8');
    } catch (error) {
      throw new IdentityError(`${join(folder, name)} cannot be read (${(error as Error).message}). `
        + 'Name a folder that pki/mint has made: it holds ca.pem, cert.pem, key.pem and device.json.');
    }
  };
  const parsed = (what: string, parse: () => unknown) => {
    try {
      return parse();
    } catch (error) {
      throw new IdentityError(`${join(folder, what)} is damaged (${(error as Error).message}). Mint the device anew.`);
    }
  };
  const [ca, cert, key, json] = [read('ca.pem'), read('cert.pem'), read('key.pem'), read('device.json')];
  const device = parsed('device.json', () => DeviceFile.parse(JSON.parse(json))) as z.infer<typeof DeviceFile>;
  const certificate = parsed('cert.pem', () => new X509Certificate(cert)) as X509Certificate;
  const privateKey = parsed('key.pem', () => createPrivateKey(key)) as ReturnType<typeof createPrivateKey>;
  parsed('ca.pem', () => new X509Certificate(ca));

  if (!certificate.checkPrivateKey(privateKey)) {
    throw new IdentityError(`${folder}: key.pem is not the key of cert.pem. The folder holds parts of two devices; mint anew.`);
  }
  const name = /^CN=(.*)$/m.exec(certificate.subject)?.[1];
  if (name !== device.id) {
    throw new IdentityError(`${folder}: the certificate is for ${name ?? 'nobody'}, device.json says ${device.id}. Mint anew.`);
  }
  return { folder, id: device.id, name: device.name, broker: device.broker, ca, cert, key, notAfter: certificate.validToDate.getTime() };
}
