import type { Outcome, ProblemCode } from '@sconce/protocol/http';
import type { DeviceChannel } from '@sconce/protocol/topics';

/** How a command was asked for; `scene_step`: one outlet of a scene, or of "all off". */
export const commandKinds = ['switch', 'scene_step', 'transmit', 'learn', 'identify'] as const;
export type CommandKind = (typeof commandKinds)[number];

/** What of the board carries it out: a radio takes 45 ms a frame, a pin no time. */
export const commandMeans = ['radio', 'pin', 'board'] as const;
export type CommandMeans = (typeof commandMeans)[number];

/** Why what a board said was dropped: no such message, an answer that nobody waits for, or more than can be kept. */
export const dropReasons = ['unreadable', 'unasked', 'flood'] as const;
export type DropReason = (typeof dropReasons)[number];

/**
 * What is counted for whoever watches over the server; nothing here decides by it. Words only from small closed sets,
 * never a name, an address or a secret: each becomes a label.
 */
export type Meter = {
  /** `route`: the pattern, never the address. */
  request(of: { method: string; route: string; status: number; seconds: number }): void;
  problem(code: ProblemCode): void;
  /** `seconds`: from the request to the board's answer; counts for what was transmitted. */
  command(of: { kind: CommandKind; means: CommandMeans; outcome: Outcome; seconds: number }): void;
  message(channel: DeviceChannel | 'ack'): void;
  dropped(channel: DeviceChannel | 'ack', why: DropReason): void;
  /** The broker did not take a command. */
  commandNotTaken(): void;
  broker(is: 'connected' | 'lost'): void;
  signIn(result: 'signed_in' | ProblemCode): void;
  limited(what: string, by: 'address' | 'person'): void;
  /** @returns to be called when it ends */
  streamOpened(): () => void;
};
