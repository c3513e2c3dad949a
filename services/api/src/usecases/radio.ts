import { randomInt, randomUUID } from 'node:crypto';
import { CommandId, type DeviceId } from '@sconce/protocol/ids';
import { limits } from '@sconce/protocol/limits';
import type { Control } from '@sconce/protocol/http';
import { freshCodes } from '@sconce/protocol/fresh-codes';
import type { TransmitRequest } from '@sconce/protocol/radio-api';
import { codePairsInUse, outletsByCode, setOutletState } from '../db/outlets.ts';
import type { Viewer } from '../domain/viewer.ts';
import { requireManagedDevice } from './access.ts';
import { afterwards, announceOutlet } from './announce.ts';
import { recordLater } from './audit.ts';
import { requireRadio } from './capable.ts';
import type { Context } from './context.ts';
import { count, deliver, failureOf, outcomeOf } from './deliver.ts';

/**
 * Has a board report each frame that it hears, so that a code can be learned from a remote.
 * @returns when it ends
 * @throws Failure as `transmit`
 */
export async function learn(context: Context, viewer: Viewer, id: DeviceId, seconds: number): Promise<{ until: string }> {
  const device = await requireManagedDevice(context, viewer, id);
  requireRadio(device, 'rf.learn');
  const at = context.now();
  const started = performance.now();
  const result = await deliver(context, id, newCommand(), { do: 'rf.learn', seconds }, deadlineFrom(at));
  recordLater(context, viewer, {
    action: 'radio.learn', target: { kind: 'device', id, name: device.name }, at, outcome: outcomeOf(result),
    detail: { seconds },
  });
  count(context, 'learn', 'board', result, performance.now() - started);
  const failure = failureOf(result, device.name ?? id);
  if (failure) throw failure;
  return { until: new Date(context.now().getTime() + seconds * 1000).toISOString() };
}

/**
 * Codes that no outlet of the household has, for a socket to learn. They are nobody's until an outlet is made of them.
 * @throws Failure `forbidden`, `scope_missing`, `device_not_found`, `device_not_adopted`, `device_not_capable`
 */
export async function newCodes(context: Context, viewer: Viewer, id: DeviceId): Promise<{ control: Control }> {
  requireRadio(await requireManagedDevice(context, viewer, id), 'rf.send');
  const { on, off } = freshCodes((await codePairsInUse(context.db)).flatMap(({ on, off }) => [on, off]), random);
  return { control: { kind: 'rf', on, off, repeat: 10 } };
}

/** Whoever could guess it could switch the socket, once they know its neighbour. */
const random = () => randomInt(2 ** 32) / 2 ** 32;

/**
 * Sends a code by a board, to try it or to pair a socket. Outlets that have the code follow, as they do in the room.
 * @returns milliseconds from the call to the board's answer
 * @throws Failure `forbidden`, `scope_missing`, `device_not_found`, `device_not_adopted`, `device_not_capable`,
 *   `device_offline`, `command_expired`, `command_refused`, `command_failed`, `broker_unreachable`
 */
export async function transmit(context: Context, viewer: Viewer, id: DeviceId, code: TransmitRequest):
  Promise<{ outcome: 'transmitted'; ms: number }> {
  const { db, now } = context;
  const started = performance.now();
  const device = await requireManagedDevice(context, viewer, id);
  requireRadio(device, 'rf.send');
  const at = now();
  const result = await deliver(context, id, newCommand(), { do: 'rf.send', ...code }, deadlineFrom(at));
  const ms = Math.round((performance.now() - started) * 10) / 10;
  // The protocol says what was tried; which code it was is no business of a log.
  const { protocol, bits, repeat } = code;
  recordLater(context, viewer, {
    action: 'radio.transmit', target: { kind: 'device', id, name: device.name }, at, outcome: outcomeOf(result),
    detail: { protocol, bits, repeat, ...result.outcome === 'transmitted' && { ms } },
  });
  count(context, 'transmit', 'radio', result, ms);
  const failure = failureOf(result, device.name ?? id);
  if (failure) throw failure;
  const endedAt = now();
  afterwards(context, async () => {
    for (const outlet of await outletsByCode(db, code)) {
      await setOutletState(db, outlet.id, outlet.on, 'command', endedAt);
      await announceOutlet(context, outlet.id);
    }
  });
  return { outcome: 'transmitted', ms };
}

const newCommand = () => CommandId.parse(randomUUID());
const deadlineFrom = (at: Date) => new Date(at.getTime() + limits.commandDeadlineMs);
