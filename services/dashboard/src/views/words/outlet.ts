import type { Outlet } from '@sconce/protocol/http';
import { limits } from '@sconce/protocol/limits';
import type { Failure, FailureCode } from '../../api/client.ts';
import type { Attempt } from '../../state/outlets.ts';
import { when } from './times.ts';

/**
 * What a tile says. "Switched on" tells what was done, which is all that a radio socket lets anybody know;
 * "On" alone is kept for a pin that the board itself has set.
 */
export function stateWords(outlet: Outlet, attempt: Attempt | undefined, now: number): string {
  if (attempt?.phase === 'busy') return 'Sending…';
  if (attempt?.phase === 'waiting') return 'Waiting its turn…';
  if (attempt?.phase === 'sent') return sent(outlet, attempt.ms);
  // Where a tap has just failed, the words beneath say that the board is away.
  if (!outlet.device.online && !attempt) return boardAway(outlet, now);
  return settled(outlet, now);
}

/** The state without regard to what is under way, with its age: "Switched on by the remote, 14:02". */
export function settled({ state }: Outlet, now: number): string {
  if (state.on === null) return state.at ? `Switched over, ${when(state.at, now)}` : 'Not switched yet';
  const turned = state.on ? 'on' : 'off';
  const words = state.certainty === 'confirmed' ? capital(turned) : `Switched ${turned}`;
  const by = state.source === 'remote' ? (state.certainty === 'confirmed' ? ', by the remote' : ' by the remote') : '';
  return state.at ? `${words}${by}, ${when(state.at, now)}` : words + by;
}

/** "Hall board has been offline since 14:02". */
export function boardAway({ device: { name, since } }: Outlet, now: number): string {
  return since ? `${name} has been offline since ${when(since, now)}` : `${name} is not connected`;
}

/** A radio code is sent; a pin is set, and the board has said so. */
export const sent = ({ state }: Outlet, ms: number) =>
  `${state.certainty === 'confirmed' ? 'Done' : 'Sent'} in ${Math.max(1, Math.round(ms))} ms`;

const deadline = limits.commandDeadlineMs / 1000;

interface Failed { on: boolean; failure: Pick<Failure, 'code' | 'detail'> }

/** Why a switch did not happen, and what to do. One or two sentences; the server's own where it knows best. */
export function troubleWords(outlet: Outlet, { on, failure }: Failed, now: number): string {
  return troubles[failure.code]?.(outlet, on ? 'on' : 'off', now) ?? failure.detail;
}

const troubles: Partial<Record<FailureCode, (outlet: Outlet, turned: string, now: number) => string>> = {
  // The answer may be here before the event that says since when.
  device_offline: (outlet, _, now) => {
    const away = outlet.device.online ? `${outlet.device.name} is offline` : boardAway(outlet, now);
    return `${away}. Check its power and its network.`;
  },
  // The board may have sent it and its answer got lost; what is certain is that nothing happens after the deadline.
  command_expired: ({ device }, turned) =>
    `No answer from ${device.name} within ${deadline} s. It will not switch ${turned} later by itself.`,
  broker_unreachable: () => 'The server has lost touch with its boards. Nothing was sent; it is reconnecting.',
  unreachable: (_, turned) =>
    `No answer from your Sconce server. Perhaps it was switched ${turned}, perhaps not: look, and try again.`,
  outlet_not_found: () => 'This outlet was removed, or is no longer shared with you.',
};

/** How the last command ended, for the details: "Sent in 31 ms". */
export function outcomeWords(outlet: Outlet, command: NonNullable<Outlet['lastCommand']>): string {
  switch (command.outcome) {
    case null: return 'Under way';
    case 'transmitted': return command.ms === null ? 'Sent' : sent(outlet, command.ms);
    case 'expired': return 'No answer in time, and not carried out later';
    case 'offline': return 'Not sent: the board was offline';
    case 'refused': return 'The board refused it';
    case 'failed': return 'The board could not do it';
  }
}

/** Why the state is only assumed, or not. */
export function certaintyWords({ state }: Outlet): string {
  if (state.on === null && state.at) return 'Its remote has one button for on and off, so nobody knows which it is.';
  if (state.on === null) return 'Nothing has been sent since it was added.';
  if (state.certainty === 'confirmed') return 'Confirmed: the board set it itself.';
  return state.source === 'remote'
    ? 'Assumed: the board heard the remote. A radio socket cannot answer.'
    : 'Assumed: this was the last thing sent. A radio socket cannot answer.';
}

const small = ['Nothing', 'One', 'Two', 'Three', 'Four', 'Five', 'Six', 'Seven', 'Eight', 'Nine', 'Ten'];

/** The house in three words. */
export function summary(all: Outlet[]): string {
  const on = all.filter((outlet) => outlet.state.on).length;
  if (all.length > 1 && on === all.length) return 'Everything switched on';
  return `${small[on] ?? on} switched on`;
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
