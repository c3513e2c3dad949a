import type { DeviceId, OutletId } from '@sconce/protocol/ids';
import { findDevice, type DeviceRow } from '../db/devices.ts';
import { findOutlet, type SeenOutlet } from '../db/outlets.ts';
import { rightToDevice } from '../db/sharing.ts';
import { Failure } from '../domain/failure.ts';
import { rightOf } from '../domain/sharing.ts';
import { requireScope, type Viewer } from '../domain/viewer.ts';
import type { Context } from './context.ts';

/**
 * What a viewer may change. Of things that they may not even see they are told what they would be told of things that
 * are not there.
 */

/** @throws Failure `scope_missing`, `outlet_not_found`, `forbidden` for who may use it only */
export async function requireManagedOutlet(context: Context, viewer: Viewer, id: OutletId): Promise<SeenOutlet> {
  requireScope(viewer, 'manage');
  const row = await requireOutlet(context, viewer, id);
  if (rightOf(viewer, row.shared) === 'manage') return row;
  throw new Failure('forbidden', `You may switch “${row.name}”, not change it. Ask an admin of this household.`);
}

/** @throws Failure `outlet_not_found` */
export async function requireOutlet({ db }: Context, viewer: Viewer, id: OutletId): Promise<SeenOutlet> {
  const row = await findOutlet(db, viewer, id);
  if (!row) throw new Failure('outlet_not_found', 'There is no such outlet, or it is not shared with you.');
  return row;
}

/** @throws Failure `scope_missing`, `device_not_found`, `forbidden` for who has but some of its outlets */
export async function requireManagedDevice({ db }: Context, viewer: Viewer, id: DeviceId): Promise<DeviceRow> {
  requireScope(viewer, 'manage');
  const row = await findDevice(db, id);
  const right = row && rightOf(viewer, await rightToDevice(db, viewer.person.id, id));
  if (!row || !right) throw new Failure('device_not_found', 'There is no such board, or it is not shared with you.');
  if (right === 'manage') return row;
  throw new Failure('forbidden',
    `You may switch what is on the board “${row.name ?? ''}”, not change the board. Ask an admin of this household.`);
}
