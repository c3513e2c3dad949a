import type { Inventory } from '@sconce/protocol/authority';
import type { RevokeResult } from '@sconce/protocol/certificates-api';
import type { DeviceId } from '@sconce/protocol/ids';
import type { Tx } from '../db/database.ts';
import { findDevice, markRevoked } from '../db/devices.ts';
import { Failure } from '../domain/failure.ts';
import { requireAdmin, type Viewer } from '../domain/viewer.ts';
import { afterwards, announceDevice } from './announce.ts';
import { askAuthority } from './ask-authority.ts';
import { record, recorded, type Target } from './audit.ts';
import type { Context } from './context.ts';

/**
 * Keeps a board out for good, its live connection included. It stays in the list with its outlets until it is removed; to
 * revoke it once more does no harm.
 * @throws Failure `forbidden`, `scope_missing`, `device_not_found`, `authority_unreachable`, `authority_failed`
 */
export async function revokeDevice(context: Context, viewer: Viewer, id: DeviceId): Promise<RevokeResult> {
  requireAdmin(viewer);
  const { authority, revoked, now } = context;
  const name = await nameOf(context, id);
  const started = performance.now();
  revoked.tell(id, 'begun', now().getTime());
  try {
    const done = await askAuthority(() => authority.revoke(id));
    const all = done.brokerMs !== null && done.gateMs !== null;
    const ms = all ? Math.round(performance.now() - started) : null;
    await recorded(context, viewer, async (tx, note) => {
      await markRevoked(tx, id, now());
      note({ action: 'device.revoke', target: target(id, name), detail: { certificates: done.certificates, ms } });
    });
    keepOut(context, id);
    return { certificates: done.certificates, ms, why: done.why ?? null };
  } catch (error) {
    revoked.tell(id, 'failed', now().getTime());
    throw error instanceof Failure && error.code === 'authority_unreachable'
      ? new Failure(error.code, `${error.message} The board is not revoked. On the server itself it can be: make pki-revoke DEVICE=${id}`,
        { cause: error })
      : error;
  }
}

/** @throws Failure `device_not_found`, for a board that neither has been here nor was ever minted */
async function nameOf({ db, authority }: Context, id: DeviceId): Promise<string | null> {
  const row = await findDevice(db, id);
  if (row) return row.name;
  const { certificates } = await askAuthority(() => authority.inventory());
  const known = certificates.find((one) => one.id === id);
  if (!known) throw new Failure('device_not_found', 'There is no such board, and none with this id was ever minted.');
  return known.name;
}

/**
 * Notes what was revoked by somebody else, as with "make pki-revoke" on the server.
 * @returns the boards of which that is news
 */
export async function noteRevocations(context: Context, { revoked: all }: Pick<Inventory, 'revoked'>): Promise<DeviceId[]> {
  const { db, revoked, audit, now, log } = context;
  const news: DeviceId[] = [];
  for (const { id, at } of all) {
    // Whoever is about to revoke it writes that down; this would say that nobody did.
    if (revoked.has(id) || revoked.isUnderWay(id, now().getTime())) continue;
    const marked = await db.transaction().execute((tx) => noteOne(tx, context, id, new Date(at)));
    if (marked) {
      audit.announce();
      log.info({ device: id }, 'a board has been revoked on the server itself');
      news.push(id);
    }
    keepOut(context, id);
  }
  return news;
}

async function noteOne(tx: Tx, { now }: Context, id: DeviceId, at: Date): Promise<boolean> {
  const marked = await markRevoked(tx, id, at);
  if (marked) {
    await record(tx, now(), { via: 'system' }, { action: 'device.revoke', target: target(id, marked.name), at,
      detail: { commandLine: true } });
  }
  return marked !== undefined;
}

/**
 * From now on it counts as gone, in every process: the broker does not pass on the last will of a board whose rights
 * have been taken. What it has retained of it is forgotten, or the board would be there again at the next start.
 */
function keepOut(context: Context, id: DeviceId): void {
  const { revoked, bus, feed, now } = context;
  revoked.tell(id, 'done', now().getTime());
  bus.clearRetained(id);
  afterwards(context, () => announceDevice(context, id));
  feed.publish({ type: 'certificates' }, { to: 'admins' });
}

const target = (id: DeviceId, name: string | null): Target => ({ kind: 'device', id, name });
