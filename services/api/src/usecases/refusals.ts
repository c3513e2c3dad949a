import type { RefusalView } from '@sconce/protocol/certificates-api';
import type { DeviceId } from '@sconce/protocol/ids';
import { listDevices } from '../db/devices.ts';
import { refusalView } from '../domain/refusals.ts';
import { requireAdmin, type Viewer } from '../domain/viewer.ts';
import { readRefusals } from '../gate/refusals-file.ts';
import { inventoryOr } from './certificates.ts';
import type { Context } from './context.ts';

/**
 * Who tried to connect as a board and was turned away, newest first.
 * @param file what the gate writes; undefined: there is no gate, and nobody knows
 * @throws Failure `forbidden`, `scope_missing`
 */
export async function refusalsFor(context: Context, viewer: Viewer, file: string | undefined): Promise<RefusalView[]> {
  requireAdmin(viewer);
  const found = file === undefined ? undefined : await readRefusals(file);
  if (!found || found.refusals.length === 0) return [];
  const names = new Map<DeviceId, string | null>((await listDevices(context.db)).map(({ id, name }) => [id, name]));
  const unnamed = found.refusals.some(({ certificate }) => certificate?.id !== undefined && (names.get(certificate.id) ?? null) === null);
  // One that was never adopted may have been minted here: then it has a name all the same.
  const minted = unnamed ? (await inventoryOr(context, []))?.certificates ?? [] : [];
  for (const { id, name } of minted) if (id !== undefined && (names.get(id) ?? null) === null) names.set(id, name);
  return found.refusals.toSorted((a, b) => b.last - a.last).map((one) => refusalView(one, (id) => names.get(id) ?? null));
}
