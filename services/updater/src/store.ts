import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DeviceId } from '@sconce/protocol/ids';
import { z } from 'zod';
import { Problem } from './problem.ts';

const Minted = z.object({ id: DeviceId, name: z.string() });
export type Minted = z.infer<typeof Minted>;

/** The board with this name, in whatever letter case, or this id. @throws Problem that names those there are */
export function findBoard(pkiDir: string, wanted: string): Minted {
  const boards = readBoards(join(pkiDir, 'devices'));
  const names = boards.map(({ name }) => `"${name}"`).join(', ');
  if (boards.length === 0) throw new Problem(`No board has been minted in ${pkiDir}. PKI_DIR says where else to look.`);
  const called = boards.filter(({ id, name }) => id === wanted || name.toLowerCase() === wanted.toLowerCase());
  // What takes the place of a revoked board may have its name (pki/mint).
  const revoked = readRevoked(pkiDir);
  const board = called.find(({ id }) => !revoked.has(id)) ?? called[0];
  if (board) return board;
  throw new Problem(wanted === '' ? `Say which board: DEVICE="Hall lamp board". There are: ${names}.`
    : `There is no board "${wanted}" in ${pkiDir}. There are: ${names}.`);
}

function readBoards(dir: string): Minted[] {
  let folders: string[] = [];
  try { folders = readdirSync(dir); } catch { /* no folder, no boards */ }
  return folders.map((id) => Minted.parse(JSON.parse(readFileSync(join(dir, id, 'device.json'), 'utf8'))));
}

function readRevoked(pkiDir: string): Set<string> {
  try {
    return new Set(readFileSync(join(pkiDir, 'trust/revoked'), 'utf8').split('\n'));
  } catch {
    return new Set();
  }
}

/** What the API connects with. @throws Problem */
export function readCredentials(pkiDir: string): { ca: Buffer; cert: Buffer; key: Buffer } {
  const read = (name: string) => readFileSync(join(pkiDir, 'api', name));
  try {
    return { ca: read('ca.pem'), cert: read('cert.pem'), key: read('key.pem') };
  } catch (error) {
    throw new Problem(`The API's certificate cannot be read: ${(error as Error).message}. PKI_DIR says where the store is.`,
      { cause: error });
  }
}
