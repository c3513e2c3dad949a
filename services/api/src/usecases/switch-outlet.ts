import { randomUUID } from 'node:crypto';
import { CommandId, type OutletId } from '@sconce/protocol/ids';
import type { Control, SwitchResult } from '@sconce/protocol/http';
import { limits } from '@sconce/protocol/limits';
import type { Action } from '@sconce/protocol/messages';
import { finishCommand, insertCommand } from '../db/commands.ts';
import { isUnreachable } from '../db/faults.ts';
import { setOutletState } from '../db/outlets.ts';
import { requireScope, type Viewer } from '../domain/viewer.ts';
import { requireOutlet } from './access.ts';
import { afterwards, announceOutlet } from './announce.ts';
import { recordLater } from './audit.ts';
import type { Context } from './context.ts';
import { deliver, failureOf, outcomeOf } from './deliver.ts';
import { untilStored } from './until-stored.ts';

/**
 * Switches an outlet and waits for the one outcome that its command has.
 * @returns milliseconds from the call to the board's answer
 * @throws Failure `outlet_not_found`, `scope_missing`, `device_offline`, `command_expired`, `command_refused`,
 *   `command_failed`, `broker_unreachable`
 */
export async function switchOutlet(context: Context, viewer: Viewer, id: OutletId, on: boolean): Promise<SwitchResult> {
  requireScope(viewer, 'switch');
  const { db, now } = context;
  const started = performance.now();
  const outlet = await requireOutlet(context, viewer, id);

  const requestedAt = now();
  const deadline = new Date(requestedAt.getTime() + limits.commandDeadlineMs);
  const commandId = CommandId.parse(randomUUID());
  await insertCommand(db, {
    id: commandId, outlet_id: id, person_id: viewer.person.id, token_id: viewer.via === 'token' ? viewer.tokenId : null,
    on, requested_at: requestedAt, deadline,
  });
  afterwards(context, () => announceOutlet(context, id));

  const result = await deliver(context, outlet.device_id, commandId, actionFor(outlet.control, on), deadline);
  const endedAt = now();
  const ms = Math.round((performance.now() - started) * 10) / 10;
  await storeEnd(context, async () => {
    await finishCommand(db, commandId, outcomeOf(result), result.outcome === 'transmitted' ? ms : null);
    if (result.outcome === 'transmitted') await setOutletState(db, id, on, 'command', endedAt);
    afterwards(context, () => announceOutlet(context, id));
  });

  recordLater(context, viewer, {
    action: 'outlet.switch', target: { kind: 'outlet', id, name: outlet.name }, outcome: outcomeOf(result),
    at: requestedAt, detail: { on, ...result.outcome === 'transmitted' && { ms } },
  });

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

function actionFor(control: Control, on: boolean): Action {
  switch (control.kind) {
    case 'rf': return { do: 'rf.send', ...(on ? control.on : control.off), repeat: control.repeat };
    case 'pin': return { do: 'pin.set', pin: control.pin, on };
  }
}
