import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PGlite } from '@electric-sql/pglite';
import { repository } from './pki.ts';

const services = join(repository, 'services');
const { version } = JSON.parse(readFileSync(join(services, 'node_modules/@electric-sql/pglite/package.json'), 'utf8')) as { version: string };
/** Of this version of PGlite: another's may have other files. */
const prepared = join(services, `.tap/pglite-${version}.tar`);

/**
 * Makes `folder` one in which PGlite has started before, without tables. Its first start takes 6 s of a processor, most of
 * it PostgreSQL's initdb in WebAssembly; some forty tests would each pay that. Made once, and kept with tap's files. That
 * the first start works all the same is for those tests to show that begin without (main.test, demo.test).
 */
export async function prepareDatabase(folder: string): Promise<void> {
  if (!existsSync(prepared)) await prepare();
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await promisify(execFile)('tar', ['-xf', prepared, '-C', folder]);
}

/** Two that do so at the same time make the same, and either is whole. */
async function prepare(): Promise<void> {
  const db = new PGlite('memory://');
  await db.waitReady;
  const tar = await db.dumpDataDir('none');
  await db.close();
  const own = `${prepared}.${randomUUID()}`;
  await mkdir(join(services, '.tap'), { recursive: true });
  await writeFile(own, Buffer.from(await tar.arrayBuffer()));
  await rename(own, prepared);
}
