import type { Outlet } from '@sconce/protocol/http';
import type { OutletId } from '@sconce/protocol/ids';
import { sameCode } from '@sconce/protocol/radio';
import { computed, signal } from '@preact/signals';
import * as api from '../api/calls.ts';
import { asFailure, type Failure } from '../api/client.ts';

/** What this page itself asked of an outlet, until the answer has been read. */
export type Attempt =
  | { phase: 'busy'; on: boolean }
  /** One of several, whose turn comes. */
  | { phase: 'waiting'; on: boolean }
  | { phase: 'sent'; on: boolean; ms: number }
  | { phase: 'failed'; on: boolean; failure: Failure };

type Known = ReadonlyMap<OutletId, Outlet>;

/** undefined: not fetched yet. */
export const outlets = signal<Known | undefined>(undefined);
export const attempts = signal<ReadonlyMap<OutletId, Attempt>>(new Map());

export interface Room { name: string | null; outlets: Outlet[] }

/** By name; outlets without a room come last. */
export const rooms = computed(() => byRoom([...outlets.value?.values() ?? []]));
export const roomNames = computed(() => rooms.value.map((room) => room.name).filter((name) => name !== null));

export function byRoom(all: Outlet[]): Room[] {
  const order = new Intl.Collator('en-GB', { numeric: true }).compare;
  const groups = new Map<string | null, Outlet[]>();
  for (const outlet of all) groups.set(outlet.room, [...groups.get(outlet.room) ?? [], outlet]);
  return [...groups]
    .map(([name, members]) => ({ name, outlets: members.toSorted((a, b) => order(a.name, b.name)) }))
    .sort((a, b) => (a.name === null ? 1 : b.name === null ? -1 : order(a.name, b.name)));
}

/** Takes in the whole list, as after a loss of the connection. */
export function setOutlets(all: Outlet[]) {
  const before = outlets.peek();
  outlets.value = new Map(all.map((outlet) => [outlet.id, outlet]));
  for (const outlet of all) endFailure(before?.get(outlet.id), outlet);
}

/** Takes in news of an outlet. */
export function putOutlet(next: Outlet) {
  const before = outlets.peek()?.get(next.id);
  outlets.value = new Map(outlets.peek()).set(next.id, next);
  endFailure(before, next);
}

/** A failure shown on a tile ends when the outlet has moved on without it. */
function endFailure(before: Outlet | undefined, next: Outlet) {
  const moved = before && (before.state.at !== next.state.at || before.device.online !== next.device.online);
  if (moved && attempts.peek().get(next.id)?.phase === 'failed') setAttempt(next.id, undefined);
}

export function dropOutlet(id: OutletId) {
  const rest = new Map(outlets.peek());
  rest.delete(id);
  outlets.value = rest;
  setAttempt(id, undefined);
}

export function setAttempt(id: OutletId, attempt: Attempt | undefined) {
  const next = new Map(attempts.peek());
  if (attempt) next.set(id, attempt);
  else next.delete(id);
  attempts.value = next;
}

/** How long "Sent in 31 ms" stays before the tile goes back to the state and its age. */
const sentShownMs = 6000;

/** Asks the server to switch and waits for the outcome. Taps while one is under way are dropped, not queued. */
export async function switchOutlet(id: OutletId, on: boolean): Promise<Attempt | undefined> {
  const before = attempts.peek().get(id)?.phase;
  if (before === 'busy' || before === 'waiting') return undefined;
  setAttempt(id, { phase: 'busy', on });
  const attempt = await api.switchOutlet(id, on).then(
    ({ ms }) => ({ phase: 'sent', on, ms }) as const,
    (error: unknown) => ({ phase: 'failed', on, failure: asFailure(error) }) as const,
  );
  settleAttempt(id, attempt);
  return attempt;
}

/** Takes in how an attempt ended. */
export function settleAttempt(id: OutletId, attempt: Extract<Attempt, { phase: 'sent' | 'failed' }>) {
  const outlet = outlets.peek()?.get(id);
  // The event stream says the same, a moment later or before; if it is down, the tile must still tell what it knows.
  if (outlet && attempt.phase === 'sent') {
    const on = isToggle(outlet) ? null : attempt.on;
    putOutlet({ ...outlet, state: { ...outlet.state, on, source: 'command', at: new Date().toISOString() } });
  }
  setAttempt(id, attempt);
  if (attempt.phase === 'sent') {
    setTimeout(() => { if (attempts.peek().get(id) === attempt) setAttempt(id, undefined); }, sentShownMs);
  }
}

/** Its remote has one button for both, as far as this person may see its codes: what it is after that nobody knows. */
export const isToggle = ({ control }: Outlet) => control?.kind === 'rf' && sameCode(control.on, control.off);
