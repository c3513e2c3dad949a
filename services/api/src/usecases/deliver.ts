import type { CommandId, DeviceId } from '@sconce/protocol/ids';
import type { Outcome } from '@sconce/protocol/http';
import { limits } from '@sconce/protocol/limits';
import type { Ack, Action } from '@sconce/protocol/messages';
import { onAirMs } from '../domain/control.ts';
import { Failure } from '../domain/failure.ts';
import type { CommandKind, CommandMeans } from '../domain/meter.ts';
import { BusUnreachable, type Delivery } from '../mqtt/bus.ts';
import type { Context } from './context.ts';

export type Delivered = Delivery | { outcome: 'unreachable' | 'revoked' };
type Undelivered = Exclude<Delivered['outcome'], 'transmitted'>;

/**
 * Sends a command to a board and waits for what comes of it; a board that is known to be away is not asked, nor is one
 * that is kept out for good. A radio code
 * waits until no other board is on the air, and counts as refused if that takes until its deadline. What other boards
 * hear of it is known to be ours.
 * @param turnMs for who can wait longer: milliseconds in which the turn must come; the deadline counts from then
 */
export async function deliver(context: Context, device: DeviceId, id: CommandId, action: Action, deadline: Date,
  turnMs?: number): Promise<Delivered> {
  const { bus, presence, revoked, air, peers, now } = context;
  if (revoked.has(device)) return { outcome: 'revoked' };
  if (bus.connected && !presence.isOnline(device)) return { outcome: 'offline' };
  if (action.do !== 'rf.send') return ask(context, device, id, action, deadline);
  const end = await peers.takeTurn(device, onAirMs(action), turnMs ?? deadline.getTime() - now().getTime());
  if (!end) return { outcome: 'refused', reason: 'queue_full' };
  const until = turnMs === undefined ? deadline : new Date(now().getTime() + limits.commandDeadlineMs);
  const sending = air.sending(device, action, now().getTime());
  try {
    const delivery = await ask(context, device, id, action, until);
    if (notSent.includes(delivery.outcome)) sending.never();
    else sending.ended(now().getTime());
    return delivery;
  } catch (error) {
    sending.never();
    throw error;
  } finally {
    end();
  }
}

const notSent: readonly Delivered['outcome'][] = ['offline', 'refused', 'unreachable', 'revoked'];

async function ask({ bus }: Context, device: DeviceId, id: CommandId, action: Action, deadline: Date): Promise<Delivered> {
  try {
    return await bus.send(device, id, action, deadline);
  } catch (error) {
    if (error instanceof BusUnreachable) return { outcome: 'unreachable' };
    throw error;
  }
}

/**
 * Without a broker the command never left the house: for the history that is a failure, not the board's absence. To a
 * revoked one it was not sent on purpose.
 */
export function outcomeOf({ outcome }: Delivered): Outcome {
  if (outcome === 'unreachable') return 'failed';
  return outcome === 'revoked' ? 'refused' : outcome;
}

/** Counts a command that has ended. @param ms from the request to the answer */
export function count({ meter }: Pick<Context, 'meter'>, kind: CommandKind, means: CommandMeans, result: Delivered,
  ms: number): void {
  meter.command({ kind, means, outcome: outcomeOf(result), seconds: ms / 1000 });
}

/** What to tell the person; undefined if all went well. @param board its name */
export function failureOf(result: Delivered, board: string, commandId?: CommandId): Failure | undefined {
  if (result.outcome === 'transmitted') return undefined;
  const [code, words] = failures[result.outcome];
  const why = 'reason' in result && result.reason ? reasons[result.reason] : 'it gave no reason.';
  return new Failure(code, words(`The board “${board}”`, why), commandId && { commandId });
}

const failures: Record<Undelivered, readonly [Failure['code'], (board: string, why: string) => string]> = {
  unreachable: ['broker_unreachable', () =>
    'The server cannot reach its message broker, so nothing was sent. It keeps trying; try again in a moment.'],
  revoked: ['device_revoked', (board) =>
    `${board} has been revoked: it is kept out for good, so nothing was sent. Add its outlets to another board.`],
  offline: ['device_offline', (board) =>
    `${board} is offline, so nothing was sent. Check its power and its Wi-Fi.`],
  expired: ['command_expired', (board) =>
    `${board} did not answer within ${limits.commandDeadlineMs / 1000} s. It will not do it this late; try again.`],
  refused: ['command_refused', (board, why) => `${board} refused: ${why}`],
  failed: ['command_failed', (board, why) => `${board} tried and failed: ${why}`],
};

const reasons: Record<NonNullable<Ack['reason']>, string> = {
  unknown_command: 'its firmware does not know this command. Update the board.',
  malformed: 'it could not read the command. Update the board or the server: they differ in version.',
  too_large: 'the command is larger than it can take.',
  not_capable: 'it has no radio or no such pin. Check how the outlet is set up.',
  queue_full: 'too much is waiting for its radio. Try again in a moment.',
  deadline_too_far: 'its clock and the server’s differ. Check the time on the server.',
  clock_not_set: 'it does not know the time yet. Try again in a minute.',
  hardware: 'its radio or pin did not respond. Check the wiring.',
  not_signed: 'nobody of this household has signed this firmware. Sign it where the certificates were made.',
  out_of_order: 'it expects another part of the firmware. Send it again.',
  not_asked: 'it has not asked for a certificate, or has forgotten that it did. It will ask again.',
  wrong_certificate: 'the certificate is not for its key, or not for this board.',
  update_failed: 'the new firmware did not arrive as it was signed, so it keeps the old one. Send it again.',
};
