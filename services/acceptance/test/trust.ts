import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const files = ['devices.pem', 'devices.crl.pem', 'services.pem', 'services.crl.pem', 'issuing.pem', 'revoked'];

/** Writes SHA256SUMS of a store's trust set anew, as the pki scripts do last: what a test has done to it is meant. */
export function seal(pkiDir: string): void {
  const trust = (file: string) => join(pkiDir, 'trust', file);
  for (const file of ['issuing.pem', 'revoked']) if (!existsSync(trust(file))) writeFileSync(trust(file), '');
  const sums = files.map((file) => `${createHash('sha256').update(readFileSync(trust(file))).digest('hex')}  ${file}\n`);
  writeFileSync(trust('SHA256SUMS.new'), sums.join(''));
  renameSync(trust('SHA256SUMS.new'), trust('SHA256SUMS'));
}
