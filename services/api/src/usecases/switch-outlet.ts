import { randomUUID } from 'node:crypto';
import { CommandId, type OutletId } from '@sconce/protocol/ids';
import type { Control, Outcome, SwitchResult } from '@sconce/protocol/http';
import { limits } from '@sconce/protocol/limits';
import type { Ack, Action } from '@sconce/protocol/messages';
import { finishCommand, insertCommand } from '../db/commands.ts';
import { findOutlet, setOutletState, type OutletRow } from '../db/outlets.ts';
import { Failure } from '../domain/failure.ts';
import { requireScope, type Viewer } from '../domain/viewer.ts';
import { BusUnreachable, type Delivery } from '../mqtt/bus.ts';
import { afterwards, announceOutlet } from './announce.ts';
import type { Context } from './context.ts';

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
  const outlet = await findOutlet(db, viewer, id);
  if (!outlet) throw new Failure('outlet_not_found', 'There is no such outlet, or it is not shared with you.');

  const requestedAt = now();
  const deadline = new Date(requestedAt.getTime() + limits.commandDeadlineMs);
  const commandId = CommandId.parse(randomUUID());
  await insertCommand(db, {
    id: commandId, outlet_id: id, person_id: viewer.person.id, token_id: viewer.via === 'token' ? viewer.tokenId : null,
    on, requested_at: requestedAt, deadline,
  });
  afterwards(context, () => announceOutlet(context, id));

  const delivery = await deliver(context, outlet, commandId, actionFor(outlet.control, on), deadline);
  const ms = Math.round((performance.now() - started) * 10) / 10;
  await finishCommand(db, commandId, outcomeOf(delivery), delivery.outcome === 'transmitted' ? ms : null);
  if (delivery.outcome === 'transmitted') await setOutletState(db, id, on, 'command', now());
  afterwards(context, () => announceOutlet(context, id));

  if (delivery.outcome !== 'transmitted') throw failureOf(delivery, outlet, commandId);
  return { commandId, outcome: 'transmitted', ms };
}

function actionFor(control: Control, on: boolean): Action {
  switch (control.kind) {
    case 'rf': return { do: 'rf.send', ...(on ? control.on : control.off), repeat: control.repeat };
    case 'pin': return { do: 'pin.set', pin: control.pin, on };
  }
}

type Result = Delivery | { outcome: 'unreachable' };

async function deliver(context: Context, outlet: OutletRow, id: CommandId, action: Action, deadline: Date): Promise<Result> {
  const { bus, presence } = context;
  if (bus.connected && !presence.isOnline(outlet.device_id)) return { outcome: 'offline' };
  try {
    return await bus.send(outlet.device_id, id, action, deadline);
  } catch (error) {
    if (error instanceof BusUnreachable) return { outcome: 'unreachable' };
    throw error;
  }
}

/** Without a broker the command never left the house: for the history that is a failure, not the board's absence. */
const outcomeOf = ({ outcome }: Result): Outcome => outcome === 'unreachable' ? 'failed' : outcome;

function failureOf(result: Result, outlet: OutletRow, commandId: CommandId): Failure {
  const board = `The board “${outlet.device_name ?? outlet.device_id}”`;
  switch (result.outcome) {
    case 'unreachable': return new Failure('broker_unreachable',
      'The server cannot reach its message broker, so nothing was sent. It keeps trying; try again in a moment.', { commandId });
    case 'offline': return new Failure('device_offline',
      `${board} is offline, so nothing was sent. Check its power and its Wi-Fi.`, { commandId });
    case 'expired': return new Failure('command_expired',
      `${board} did not answer within ${limits.commandDeadlineMs / 1000} s. It will not switch this late; try again.`, { commandId });
    case 'refused': return new Failure('command_refused', `${board} refused: ${reasonWords(result)}`, { commandId });
    case 'failed': return new Failure('command_failed', `${board} tried and failed: ${reasonWords(result)}`, { commandId });
    case 'transmitted': throw new Error('not a failure');
  }
}

const reasons: Record<NonNullable<Ack['reason']>, string> = {
  unknown_command: 'its firmware does not know this command. Update the board.',
  malformed: 'it could not read the command. Update the board or the server: they differ in version.',
  too_large: 'the command is larger than it can take.',
  not_capable: 'it has no radio or no such pin. Check how the outlet is set up.',
  queue_full: 'too much is waiting for its radio. Try again in a moment.',
  deadline_too_far: 'its clock and the server’s differ. Check the time on the server.',
  clock_not_set: 'it does not know the time yet. Try again in a minute.',
  hardware: 'its radio or pin did not respond. Check the wiring.',
};

function reasonWords(result: Result): string {
  return 'reason' in result && result.reason ? reasons[result.reason] : 'it gave no reason.';
}
