import type { DeviceId } from '@sconce/protocol/ids';

/**
 * How long after its code must have left the antenna a board that has not answered keeps the air, in milliseconds: its
 * answer may be slow, but a board that has lost its power must not hold up the others until the deadline.
 */
const lateMs = 500;

type Holder = { board: DeviceId; sending: number; endsAt: number; overdue?: NodeJS.Timeout };
type Waiter = { board: DeviceId; airMs: number; granted(end: () => void): void };

/**
 * Whose turn it is on the air. Boards of one household are mostly in reach of one another, and two that send at the same
 * time spoil each other's frames: no lamp switches, and nobody is told. Who reaches whom Sconce does not know, so only
 * one board has the air at a time, in the order of asking. One board's own codes wait on the board itself.
 *
 * In memory: of the one process, or of the first of several (peers.ts).
 */
export class Turns {
  #holder: Holder | undefined;
  readonly #waiting: Waiter[] = [];

  /**
   * Waits for a board's turn.
   * @param airMs milliseconds that its code takes on the air
   * @param patienceMs milliseconds after which it is not worth waiting any more
   * @returns to be called when the board has sent; undefined if others had the air for so long
   */
  take(board: DeviceId, airMs: number, patienceMs: number): Promise<(() => void) | undefined> {
    if (!this.#holder || this.#holder.board === board && this.#waiting.length === 0) {
      return Promise.resolve(this.#grant(board, airMs));
    }
    return new Promise((resolve) => {
      const giveUp = setTimeout(() => {
        this.#waiting.splice(this.#waiting.indexOf(waiter), 1);
        resolve(undefined);
      }, patienceMs);
      const waiter: Waiter = { board, airMs, granted(end) {
        clearTimeout(giveUp);
        resolve(end);
      } };
      this.#waiting.push(waiter);
    });
  }

  #grant(board: DeviceId, airMs: number): () => void {
    const now = performance.now();
    const holder = this.#holder ??= { board, sending: 0, endsAt: now };
    holder.sending += 1;
    holder.endsAt = Math.max(holder.endsAt, now) + airMs;
    clearTimeout(holder.overdue);
    holder.overdue = setTimeout(() => this.#pass(holder), holder.endsAt - now + lateMs);
    return () => {
      holder.sending -= 1;
      if (holder.sending === 0) this.#pass(holder);
    };
  }

  /** To the first that waits, and what waits behind it for the same board. */
  #pass(from: Holder): void {
    clearTimeout(from.overdue);
    // One that was overdue has lost it already.
    if (this.#holder !== from) return;
    this.#holder = undefined;
    const board = this.#waiting[0]?.board;
    while (board !== undefined && this.#waiting[0]?.board === board) {
      const { airMs, granted } = this.#waiting.shift() as Waiter;
      granted(this.#grant(board, airMs));
    }
  }
}
