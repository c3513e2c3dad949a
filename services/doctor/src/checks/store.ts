import type { KeyObject, X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import type { Config } from '../config.ts';
import type { Finding, findingsOf } from '../finding.ts';
import { readText } from '../probe/file.ts';
import { parseKey, parsePem, type Pem } from '../probe/pem.ts';
import type { Crl } from '../probe/crl.ts';

/** What is trusted, read once for those who judge by it. What cannot be read is empty; trust.ts says so. */
export type Trust = {
  devices: X509Certificate[]; services: X509Certificate[]; issuing: X509Certificate[];
  devicesCrls: Crl[]; servicesCrls: Crl[]; revoked: Set<string>;
};

export function readTrust(trustDir: string | undefined): Trust {
  const pem = (name: string) => trustDir === undefined ? nothing : pemOr(join(trustDir, name));
  const revoked = trustDir === undefined ? undefined : readText(join(trustDir, 'revoked'));
  return {
    devices: pem('devices.pem').certificates, services: pem('services.pem').certificates,
    issuing: pem('issuing.pem').certificates,
    devicesCrls: pem('devices.crl.pem').crls, servicesCrls: pem('services.crl.pem').crls,
    revoked: new Set(revoked && 'text' in revoked ? revoked.text.split('\n').filter(Boolean) : []),
  };
}

const nothing: Pem = { certificates: [], crls: [] };

export function pemOr(path: string): Pem {
  const read = readText(path);
  try {
    return 'text' in read ? parsePem(read.text) : nothing;
  } catch {
    return nothing;
  }
}

type Make = ReturnType<typeof findingsOf>;
/** How the remedy of a file that is lost begins. */
type Given = { config: Pick<Config, 'shown'>; make: Make; path: string; remedy: string };

export type Certificates = { leaf: X509Certificate; behind: X509Certificate[] };

/** A file of certificates, the leaf first; or what is wrong with the file. */
export function certificatesIn({ config, make, path, remedy }: Given): Certificates | Finding {
  const file = config.shown(path);
  const read = readText(path);
  if ('fault' in read) return faultOfFile(make, file, read, remedy);
  try {
    const { certificates: [leaf, ...behind] } = parsePem(read.text);
    if (leaf) return { leaf, behind };
  } catch {
    // Said below.
  }
  return make.problem('file_damaged', file, { what: `${file} is damaged or cut short.`,
    why: 'It holds no certificate that can be read: a disk that was full, or a copy that broke off.', do: remedy });
}

/** A private key; or what is wrong with the file. Undefined: it is encrypted, which is right for a root. */
export function keyIn({ config, make, path, remedy }: Given): KeyObject | 'encrypted' | Finding {
  const file = config.shown(path);
  const read = readText(path);
  if ('fault' in read) return faultOfFile(make, file, read, remedy);
  const key = parseKey(read.text);
  if (key === undefined) {
    return make.problem('file_damaged', file, { what: `${file} is damaged or cut short.`,
      why: 'It holds no private key that can be read.',
      do: remedy });
  }
  if ((read.mode & 0o077) !== 0) {
    return make.problem('key_too_open', file, {
      what: `${file} can be read by others than its owner (mode ${read.mode.toString(8)}).`,
      why: 'Whoever has a copy of this key can do all that its owner can.', do: `chmod 400 ${file}` });
  }
  return key;
}

export function faultOfFile(make: Make, file: string,
  { fault, reason }: { fault: 'missing' | 'unreadable'; reason: string }, remedy: string): Finding {
  if (fault === 'missing') return make.problem('file_missing', file, { what: `${file} is missing.`,
    why: 'What needs it does not start, or trusts nobody.',
    do: remedy });
  return make.problem('file_unreadable', file, { what: `${file} cannot be read (${reason}).`,
    why: 'It belongs to another user than the one who runs Sconce, or its folder is closed to that one.',
    do: `sudo chown --reference=${folderOf(file)} ${file}` });
}

/** A folder of the store whose owner is the right one. */
const folderOf = (file: string) => file.split('/').slice(0, -1).join('/') || '.';

export const isFinding = (one: unknown): one is Finding => typeof one === 'object' && one !== null && 'severity' in one;
