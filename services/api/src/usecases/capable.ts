import type { Control } from '@sconce/protocol/http';
import type { DeviceId } from '@sconce/protocol/ids';
import type { DeviceRow } from '../db/devices.ts';
import { toggles } from '../domain/control.ts';
import { Failure } from '../domain/failure.ts';
import type { Viewer } from '../domain/viewer.ts';
import { requireManagedDevice } from './access.ts';
import type { Context } from './context.ts';

/**
 * A board that is known to lack the radio or the pin can't drive the outlet; one that has not said may.
 * @throws Failure `device_not_adopted`, `device_revoked`, `device_not_capable`
 */
export function requireCapable(device: DeviceRow, control: Control): void {
  if (control.kind === 'rf') return requireRadio(device, 'rf.send');
  requireAdopted(device);
  if (device.info && !device.info.pins.includes(control.pin)) {
    throw new Failure('device_not_capable', `The board “${device.name ?? ''}” has no relay on pin ${control.pin}; `
      + `it has: ${device.info.pins.join(', ') || 'none'}.`);
  }
}

const lacks = {
  'rf.send': 'has no radio transmitter.',
  'rf.learn': 'cannot listen for a remote: it has no radio receiver, or its firmware is too old.',
} as const;

/** @throws Failure `device_not_adopted`, `device_revoked`, `device_not_capable` */
export function requireRadio(device: DeviceRow, capability: keyof typeof lacks): void {
  requireAdopted(device);
  if (device.info && !device.info.capabilities.includes(capability)) {
    throw new Failure('device_not_capable', `The board “${device.name ?? ''}” ${lacks[capability]}`);
  }
}

function requireAdopted(device: DeviceRow): void {
  requireNotRevoked(device);
  if (device.adopted_at === null) {
    throw new Failure('device_not_adopted', 'This board is new: adopt it first, under Boards.');
  }
}

/** @throws Failure `device_revoked` */
export function requireNotRevoked({ revoked_at, name }: DeviceRow): void {
  if (revoked_at === null) return;
  throw new Failure('device_revoked', `${name === null ? 'This board' : `The board “${name}”`} has been revoked: it is kept out for `
    + 'good. Use another one.');
}

/**
 * The boards that send an outlet's code again are others than its own, can send, and are managed by who names them;
 * those that stood there before may stay.
 * @throws Failure `invalid_request`, `outlet_toggles`, `device_not_found`, `forbidden`, `device_not_adopted`,
 *   `device_not_capable`
 */
export async function requireSenders(context: Context, viewer: Viewer, own: DeviceId, control: Control,
  before?: Control): Promise<void> {
  const also = alsoOf(control);
  if (also.length === 0) return;
  if (toggles(control)) {
    throw new Failure('outlet_toggles',
      'It has one code for on and off: sent by a second board, it would be switched back. Let one board send it.');
  }
  if (new Set([own, ...also]).size <= also.length) {
    throw new Failure('invalid_request', 'control.also: Name each further board once, and not the outlet’s own.',
      { errors: [{ path: 'control.also', message: 'each board once' }] });
  }
  const stood = before ? alsoOf(before) : [];
  for (const id of also.filter((one) => !stood.includes(one))) {
    requireRadio(await requireManagedDevice(context, viewer, id), 'rf.send');
  }
}

const alsoOf = (control: Control): readonly DeviceId[] => control.kind === 'rf' ? control.also ?? [] : [];
