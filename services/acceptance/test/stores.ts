import { execFileSync } from 'node:child_process';
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { verify } from './openssl.ts';

// As `make init` has it on a server: root runs the scripts, the store belongs to the containers' user.
export const isRoot = process.getuid?.() === 0;
export const nobody = 65534;

/** A copy of a store, in place of what is there; where this is root, somebody else's. */
export function copyStore(from: string, store: string): string {
  rmSync(store, { recursive: true, force: true });
  cpSync(from, store, { recursive: true });
  if (isRoot) execFileSync('chown', ['-R', String(nobody), store]);
  return store;
}

/** Throws if the trust set is not what its sums say. */
export function sumsFit(store: string): void {
  execFileSync('sha256sum', ['--check', '--quiet', '--strict', 'SHA256SUMS'], { cwd: join(store, 'trust'), stdio: 'pipe' });
}

/** Whether the board is let in; anything but yes and "revoked" is thrown. */
export function isIn(store: string, id: string): boolean {
  try {
    verify(store, join(store, 'devices', id, 'cert.pem'));
    return true;
  } catch (error) {
    if (/certificate revoked/.test(String(error))) return false;
    throw error;
  }
}
