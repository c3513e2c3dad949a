import { X509Certificate } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Inventory } from '@sconce/protocol/authority';
import type { Certificates, CertificateView } from '@sconce/protocol/certificates-api';
import type { DeviceId } from '@sconce/protocol/ids';
import { AuthorityRefused, AuthorityUnreachable } from '../authority/client.ts';
import { listDevices } from '../db/devices.ts';
import { byEnd, viewsOf, webView, type KnownBoard } from '../domain/certificates.ts';
import { requireAdmin, type Viewer } from '../domain/viewer.ts';
import type { Context } from './context.ts';

/** Files that are looked at in one folder, at most, and characters of each. */
const mostFiles = 200;
const mostCharacters = 1_000_000;

/**
 * Every certificate and revocation list of the household, and the web's.
 * @param watched folders with certificates besides
 * @throws Failure `forbidden`, `scope_missing`
 */
export async function certificatesFor(context: Context, viewer: Viewer, watched: readonly string[]): Promise<Certificates> {
  requireAdmin(viewer);
  const faults: string[] = [];
  const inventory = await inventoryOr(context, faults);
  return {
    at: context.now().toISOString(),
    certificates: await allViews(context, inventory, watched, faults),
    rotation: inventory?.rotation ?? null,
    rootKey: inventory?.rootKey ?? null,
    faults: [...faults, ...inventory?.faults ?? []],
  };
}

/** @param faults is told why it is not there */
export async function inventoryOr({ authority }: Pick<Context, 'authority'>, faults: string[]): Promise<Inventory | undefined> {
  try {
    return await authority.inventory();
  } catch (error) {
    if (!(error instanceof AuthorityUnreachable || error instanceof AuthorityRefused)) throw error;
    faults.push(`${error.message} Until then the household’s own certificates are not shown.`);
    return undefined;
  }
}

export async function allViews(context: Context, inventory: Inventory | undefined, watched: readonly string[],
  faults: string[]): Promise<CertificateView[]> {
  const now = context.now();
  const own = inventory ? viewsOf(inventory, await knownBoards(context), now) : [];
  const ours = new Set(own.map(({ serial }) => serial));
  const others = (await Promise.all(watched.map((folder) => certificatesIn(folder, faults)))).flat()
    .filter(({ serialNumber, ca }) => !ca && !ours.has(serialOf(serialNumber)));
  return byEnd([...own, ...others.map((one) => webView(one, now))]);
}

async function knownBoards({ db, presence }: Context): Promise<ReadonlyMap<DeviceId, KnownBoard>> {
  return new Map((await listDevices(db)).map(({ id, name, info }) =>
    [id, { name, renews: info?.capabilities.includes('renew') ?? false, online: presence.isOnline(id) }]));
}

/** As the ledger has it: no zeros in front, small letters. */
const serialOf = (hex: string): string => hex.toLowerCase().replace(/^0+(?=.)/, '');

/** The first certificate of each file: those behind it are its issuers'. */
async function certificatesIn(folder: string, faults: string[]): Promise<X509Certificate[]> {
  const names = await readdir(folder).catch((error: unknown) => {
    faults.push(`The folder ${folder} cannot be read (${(error as Error).message}): WATCHED_CERTIFICATES names it.`);
    return [];
  });
  const found: X509Certificate[] = [];
  for (const name of names.filter((one) => one.endsWith('.pem')).sort().slice(0, mostFiles)) {
    const path = join(folder, name);
    try {
      const text = (await readFile(path, 'utf8')).slice(0, mostCharacters);
      if (text.includes('-----BEGIN CERTIFICATE-----')) found.push(new X509Certificate(text));
    } catch (error) {
      faults.push(`The certificate ${path} cannot be read: ${(error as Error).message}.`);
    }
  }
  return found;
}
