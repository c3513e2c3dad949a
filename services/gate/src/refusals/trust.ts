import { createHash, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DeviceId } from '@sconce/protocol/ids';

/** What the household trusts: the folder `trust` of the store that the pki scripts keep. */
export interface Trust {
  /** SHA-256 of SHA256SUMS: names this set. */
  sum: string;
  /** Roots of the boards' certificates, the authorities that sign them, and the roots of the services'. */
  devices: X509Certificate[];
  issuing: X509Certificate[];
  services: X509Certificate[];
  revoked: ReadonlySet<DeviceId>;
}

/** What is wrong with a trust set, with the remedy. */
export class TrustError extends Error {}

const remedy = 'run make pki, or restore the folder from a backup';

/** The set's name, by which a change of it is noticed. @throws TrustError */
export function sumOf(dir: string): string {
  return sha256(read(dir, 'SHA256SUMS'));
}

/** Reads the trust set in `dir`: as a whole, or not at all. @throws TrustError */
export function readTrust(dir: string): Trust {
  const sums = read(dir, 'SHA256SUMS');
  const wanted = new Map(sums.toString().split('\n').map((line) => {
    const [sum = '', file = ''] = line.split(/ [ *]/);
    return [file, sum] as const;
  }));
  const sound = (file: string) => {
    const content = read(dir, file);
    if (wanted.get(file) !== sha256(content)) {
      throw new TrustError(`${join(dir, file)} is damaged, or is being written (SHA256SUMS has another sum); ${remedy}`);
    }
    return content.toString();
  };
  const certificates = (file: string) => {
    try {
      return (sound(file).match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [])
        .map((pem) => new X509Certificate(pem));
    } catch (error) {
      if (error instanceof TrustError) throw error;
      throw new TrustError(`${join(dir, file)} is not made of certificates; ${remedy}`, { cause: error });
    }
  };
  const revoked = sound('revoked').split('\n').filter((line) => line !== '').map((line) => {
    const id = DeviceId.safeParse(line);
    if (!id.success) throw new TrustError(`${join(dir, 'revoked')} has a line that is no board's id; ${remedy}`);
    return id.data;
  });
  return {
    sum: sha256(sums), devices: certificates('devices.pem'), issuing: certificates('issuing.pem'),
    services: certificates('services.pem'), revoked: new Set(revoked),
  };
}

function read(dir: string, file: string): Buffer {
  try {
    return readFileSync(join(dir, file));
  } catch (error) {
    throw new TrustError(`${join(dir, file)} cannot be read (${(error as NodeJS.ErrnoException).code ?? String(error)}); ${remedy}`,
      { cause: error });
  }
}

function sha256(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

const lookEveryMs = 500;

/** Looks at the trust set again and again. Of one that is not sound it says so once, and the one before stays. */
export function watchTrust(dir: string, first: Trust, onChange: (trust: Trust, before: Trust) => void,
  onFault: (words: string) => void): { stop(): void } {
  let trust = first;
  let told = '';
  // A set that is being written is not whole for a moment: a fault counts at the second look.
  let fault = '';
  const timer = setInterval(() => {
    const before = fault;
    fault = '';
    try {
      if (sumOf(dir) === trust.sum) return;
      const old = trust;
      trust = readTrust(dir);
      onChange(trust, old);
    } catch (error) {
      if (!(error instanceof TrustError)) throw error;
      fault = error.message;
      if (fault === before && fault !== told) onFault(fault);
      if (fault === before) told = fault;
    }
    if (fault === '') told = '';
  }, lookEveryMs);
  return { stop: () => clearInterval(timer) };
}
