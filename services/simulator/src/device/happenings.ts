import type { Ack, Command, RfCode } from '@sconce/protocol/messages';
import type { CommandId } from '@sconce/protocol/ids';

/** What happens on a board, told to whoever watches it: the process writes each as one line of its record. */
export type Happening =
  | { event: 'connected'; broker: string; handshakeMs: number }
  | { event: 'disconnected'; why: string; nextTryMs?: number }
  /** A well-formed command has arrived for the first time. */
  | { event: 'command'; id: CommandId; do: Command['do'] }
  /**
   * The radio has sent a code. `began` (ISO 8601) to the line's own `at` is the time on the air;
   * `ms`: from the command's arrival to the end of sending.
   */
  | { event: 'transmitted'; id: CommandId; began: string; ms: number; repeat: number } & RfCode
  | { event: 'learn'; id: CommandId; seconds: number }
  | { event: 'pin'; id: CommandId; pin: number; on: boolean }
  | { event: 'identify'; id: CommandId }
  | { event: 'restart'; id: CommandId }
  /** Somebody pressed a hand remote, and the board has told the broker; `learning`: each frame of it is told. */
  | { event: 'received'; learning?: true } & RfCode
  /** A certificate was asked for; one was taken into use; the broker did not let the board in with it, so back it was. */
  | { event: 'renew' }
  | { event: 'installed'; serial: string; notAfter: string }
  | { event: 'former'; serial: string; why: string }
  /** Whose certificate a broker may show from now on: as in `Info.trusts`. */
  | { event: 'trusted'; authorities: string[] }
  | { event: 'refused'; id?: CommandId; reason?: Ack['reason']; why: string }
  | { event: 'expired'; id: CommandId; lateMs: number }
  | { event: 'duplicate'; id: CommandId }
  /** A fault, in words that name the remedy. `code` is for programs. */
  | { event: 'error'; code: string; message: string };

export type Tell = (happening: Happening) => void;
