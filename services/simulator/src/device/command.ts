import { CommandId, ReplicaId } from '@sconce/protocol/ids';
import { limits } from '@sconce/protocol/limits';
import { Command, parsePayload } from '@sconce/protocol/messages';
import { z } from 'zod';

/** Just enough to answer, whatever else is wrong with the message. */
const Envelope = z.object({ id: CommandId, replyTo: ReplicaId, do: z.unknown().optional() });
const known: readonly unknown[] = Command.options.map((option) => option.shape.do.value);

export type Read =
  | { kind: 'command'; command: Command }
  | { kind: 'refused'; id: CommandId; replyTo: ReplicaId; reason: 'malformed' | 'unknown_command' | 'too_large'; why: string }
  /** Nobody can be answered. */
  | { kind: 'unreadable'; why: string };

/** Reads a payload of the command topic. `why` says in words what is wrong with it, for the record. */
export function readCommand(payload: Uint8Array): Read {
  const whole = parsePayload(Command, payload, limits.commandBytes);
  if (whole.ok) return { kind: 'command', command: whole.value };

  const envelope = parsePayload(Envelope, payload, Infinity);
  if (!envelope.ok) return { kind: 'unreadable', why: whole.why };
  const { id, replyTo, do: what } = envelope.value;
  const reason = payload.byteLength > limits.commandBytes ? 'too_large'
    : typeof what === 'string' && !known.includes(what) ? 'unknown_command'
    : 'malformed';
  return { kind: 'refused', id, replyTo, reason, why: whole.why };
}
