import type { DeviceId, SessionId, TokenId } from '@sconce/protocol/ids';
import type { Told } from './feed.ts';
import { Turns } from './turns.ts';

/** What one process of the API tells all of them. */
export type Word =
  /** `key`: what it is the latest of, if it is. */
  | { about: 'event'; told: Told; key?: string }
  | { about: 'ended'; id: SessionId | TokenId }
  /** A board is asked to send a code; `until` comes when that has ended. Milliseconds since 1970. */
  | { about: 'sending'; entry: string; board: DeviceId; code: string; at: number; heardFrom: number }
  | { about: 'sent'; entry: string; code: string; until: number }
  | { about: 'heard'; what: string; at: number }
  /** A board is about to be revoked, cannot be after all, or is. Milliseconds since 1970. */
  | { about: 'revocation'; board: DeviceId; is: 'begun' | 'failed' | 'done'; at: number };

/** `from`: the process that said it; `number`: of the last event, this one included. */
export type Said = Word & { from: number; number: number };

/** How often something has happened in its window, and milliseconds until that ends. */
export type Counted = { current: number; ttl: number };

/**
 * The processes of one API, of which this is one. What is told reaches every one of them, the one that told it
 * included, in one order.
 */
export type Peers = {
  readonly self: number;
  readonly several: boolean;
  /** A word of this start's own, with which ids of events begin; and the number of the last before this process came. */
  readonly epoch: string;
  readonly lastEvent: number;
  /** Whether it is this process that follows the boards: judges and stores what they say. One does. */
  readonly leads: boolean;
  tell(word: Word): void;
  onWord(listener: (said: Said) => void): void;
  /** A process has died. */
  onGone(listener: (process: number) => void): void;
  /** From now on it is this process that leads: the one that did has died. */
  onLead(listener: () => void): void;
  /** Counts one more, for all processes together; the window begins with the first. */
  count(key: string, windowMs: number): Promise<Counted>;
  /** Waits for a board's turn on the air, among the boards of all processes: `Turns.take`. */
  takeTurn(board: DeviceId, airMs: number, patienceMs: number): Promise<(() => void) | undefined>;
};

/** For one process alone: what it tells it hears at once. */
export function alone(epoch: string): Peers {
  const listeners: ((said: Said) => void)[] = [];
  const windows = new Windows();
  const turns = new Turns();
  let events = 0;
  return {
    self: 0, several: false, epoch, lastEvent: 0, leads: true,
    tell(word) {
      if (word.about === 'event') events += 1;
      for (const listener of listeners) listener({ ...word, from: 0, number: events });
    },
    onWord: (listener) => void listeners.push(listener),
    onGone: () => undefined,
    onLead: () => undefined,
    count: (key, windowMs) => Promise.resolve(windows.count(key, windowMs, Date.now())),
    takeTurn: (board, airMs, patienceMs) => turns.take(board, airMs, patienceMs),
  };
}

/** Windows that are counted at the same time at most; past that, those that have ended go, and then the oldest. */
const mostWindows = 20_000;

/** Counts within windows of time, each of which begins with the first. */
export class Windows {
  readonly #open = new Map<string, { count: number; endsAt: number }>();

  count(key: string, windowMs: number, nowMs: number): Counted {
    const found = this.#open.get(key);
    if (found && nowMs < found.endsAt) {
      found.count += 1;
      return { current: found.count, ttl: found.endsAt - nowMs };
    }
    this.#open.delete(key);
    if (this.#open.size >= mostWindows) this.#makeRoom(nowMs);
    this.#open.set(key, { count: 1, endsAt: nowMs + windowMs });
    return { current: 1, ttl: windowMs };
  }

  #makeRoom(nowMs: number): void {
    for (const [key, { endsAt }] of this.#open) if (endsAt <= nowMs) this.#open.delete(key);
    for (const key of this.#open.keys()) {
      if (this.#open.size < mostWindows) return;
      this.#open.delete(key);
    }
  }
}
