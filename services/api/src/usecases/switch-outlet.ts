import { randomUUID } from 'node:crypto';
import { CommandId, type DeviceId, type OutletId } from '@sconce/protocol/ids';
import type { AuditDetail } from '@sconce/protocol/audit';
import type { SwitchResult } from '@sconce/protocol/http';
import { limits } from '@sconce/protocol/limits';
import { finishCommand, insertCommand } from '../db/commands.ts';
import { isUnreachable } from '../db/faults.ts';
import { setOutletState, type SeenOutlet } from '../db/outlets.ts';
import { actionFor, onAirMs, toggles } from '../domain/control.ts';
import { Failure } from '../domain/failure.ts';
import { requireScope, type Viewer } from '../domain/viewer.ts';
import { requireOutlet } from './access.ts';
import { afterwards, announceOutlet } from './announce.ts';
import { recordLater } from './audit.ts';
import type { Context } from './context.ts';
import { count, failureOf, outcomeOf } from './deliver.ts';
import { sendersOf, sendFromAll } from './senders.ts';
import { untilStored } from './until-stored.ts';

/**
 * Switches an outlet and waits for the one outcome that its command has. One that only toggles is sent its code.
 * @returns milliseconds from the call to the board's answer
 * @throws Failure `outlet_not_found`, `scope_missing`, `device_offline`, `command_expired`, `command_refused`,
 *   `command_failed`, `broker_unreachable`
 */
export async function switchOutlet(context: Context, viewer: Viewer, id: OutletId, on: boolean): Promise<SwitchResult> {
  requireScope(viewer, 'switch');
  return command(context, viewer, await requireOutlet(context, viewer, id), on);
}

/** What a command of a scene has of it. */
export type InRun = {
  /** Facts for the audit log: which scene. */
  detail: AuditDetail;
  /** Boards that have not answered in this run: they are not asked again. */
  silent: Set<DeviceId>;
  /** Milliseconds that each may wait until no other board is on the air: so many others may be set at the same time. */
  turnMs: number;
};

/**
 * Sets an outlet as one step of several: the same as a tap, but what only toggles cannot be set.
 * @throws Failure as `switchOutlet`, and `outlet_toggles`
 */
export async function setOutlet(context: Context, viewer: Viewer, id: OutletId, on: boolean, run: InRun):
  Promise<SwitchResult> {
  const outlet = await requireOutlet(context, viewer, id);
  if (!toggles(outlet.control)) return command(context, viewer, outlet, on, run);
  recordLater(context, viewer, {
    action: 'outlet.switch', target: { kind: 'outlet', id, name: outlet.name }, outcome: 'refused',
    detail: { on, ...run.detail, toggles: true },
  });
  count(context, 'scene_step', meansOf(outlet.control), { outcome: 'refused' }, 0);
  throw cannotBeSet(outlet.name);
}

const meansOf = ({ kind }: SeenOutlet['control']) => kind === 'rf' ? 'radio' : 'pin';

export const cannotBeSet = (name: string) => new Failure('outlet_toggles',
  `“${name}” has one code for on and off, so nobody can know what it would become. Switch it by itself, or teach it two codes.`);

async function command(context: Context, viewer: Viewer, outlet: SeenOutlet, on: boolean, run?: InRun):
  Promise<SwitchResult> {
  const { db, now } = context;
  const { id, control } = outlet;
  const started = performance.now();
  const requestedAt = now();
  const senders = await sendersOf(db, outlet);
  const commandId = CommandId.parse(randomUUID());
  await insertCommand(db, {
    id: commandId, outlet_id: id, person_id: viewer.person.id, token_id: viewer.via === 'token' ? viewer.tokenId : null,
    // Each board has the whole time, one after the other, and may begin to send at the end of it.
    on, requested_at: requestedAt,
    deadline: new Date(requestedAt.getTime()
      + senders.length * ((run?.turnMs ?? 0) + limits.commandDeadlineMs + onAirMs(actionFor(control, on)))),
  });
  afterwards(context, () => announceOutlet(context, id));

  const { result, answeredAt, others } = await sendFromAll(context, senders, commandId, control, on, run);
  const endedAt = now();
  const ms = Math.round((answeredAt - started) * 10) / 10;
  const made = toggles(control) ? null : on;
  await storeEnd(context, async () => {
    await finishCommand(db, commandId, outcomeOf(result), result.outcome === 'transmitted' ? ms : null);
    if (result.outcome === 'transmitted') await setOutletState(db, id, made, 'command', endedAt);
    afterwards(context, () => announceOutlet(context, id));
  });

  recordLater(context, viewer, {
    action: 'outlet.switch', target: { kind: 'outlet', id, name: outlet.name }, outcome: outcomeOf(result),
    at: requestedAt, detail: { on: made, ...result.outcome === 'transmitted' && { ms }, ...others, ...run?.detail },
  });

  count(context, run ? 'scene_step' : 'switch', meansOf(control), result, ms);
  const failure = failureOf(result, outlet.device_name ?? outlet.device_id, commandId);
  if (failure) throw failure;
  return { commandId, outcome: 'transmitted', ms };
}

/**
 * What the board did is done, and the person is told so, even if the database goes away in this very moment: then it is
 * stored when it is back.
 */
async function storeEnd(context: Context, store: () => Promise<void>): Promise<void> {
  try {
    await store();
  } catch (error) {
    if (!isUnreachable(error)) throw error;
    afterwards(context, () => untilStored(context, store));
  }
}
