import { execFile } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { initPki, mintDevice, repository } from './pki.ts';

const kept = join(repository, 'services/.tap');
/** Milliseconds after which it is made anew: revocation lists last for 30 days. */
const lastsMs = 7 * 86_400_000;

/**
 * Makes `folder` a store with so many boards, "Board 0" and on. Fifty take half a minute of a processor, so that they are
 * made once, and kept with tap's files for as long as the scripts are the same. That the scripts do it is for those tests
 * to show that begin without (pki.test).
 */
export async function prepareStore(folder: string, boards: number): Promise<void> {
  const prepared = join(kept, `store-${boards}-${scriptsDigest()}.tar`);
  if (!isFresh(prepared)) await prepare(prepared, boards);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await promisify(execFile)('tar', ['-xpf', prepared, '-C', folder]);
}

function scriptsDigest(): string {
  const digest = createHash('sha256');
  const pki = join(repository, 'pki');
  for (const { name } of readdirSync(pki, { withFileTypes: true }).filter((entry) => entry.isFile()).toSorted((a, b) => a.name < b.name ? -1 : 1)) {
    digest.update(name).update(readFileSync(join(pki, name)));
  }
  return digest.digest('hex').slice(0, 16);
}

function isFresh(file: string): boolean {
  const { mtimeMs } = statSync(file, { throwIfNoEntry: false }) ?? { mtimeMs: 0 };
  return Date.now() - mtimeMs < lastsMs;
}

/** Two that do so at the same time make such as are both good, and either is whole. */
async function prepare(prepared: string, boards: number): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'sconce-store-'));
  try {
    const store = join(dir, 'pki');
    await initPki(store);
    for (let at = 0; at < boards; at += 1) await mintDevice(store, `Board ${at}`);
    const own = `${prepared}.${randomUUID()}`;
    await mkdir(kept, { recursive: true, mode: 0o700 });
    await promisify(execFile)('tar', ['-cpf', own, '-C', store, '.']);
    await rename(own, prepared);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}
