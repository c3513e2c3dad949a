/** Milliseconds between two requests of one board that are heard, at least, and at most. */
const leastMs = 5000;
const mostMs = 3_600_000;
/** Of a certificate's life: a board does not ask again sooner (simulator/src/device/renewal.ts). */
const part = 1 / 20;

/** Boards that are remembered at most: those that have asked in the last hour. */
const remembered = 10_000;

/**
 * How often a board's requests for a certificate are heard. Each costs a signature and a line in the ledger that stays
 * for good; one that has lost its mind, or is somebody else's by now, must not fill the disk with them: after each that
 * came to nothing it is heard half as often.
 */
export class RenewalPace<Id extends string> {
  readonly #boards = new Map<Id, { notBefore: number; inVain: number }>();

  /** @param now milliseconds since 1970 */
  isDue(board: Id, now: number): boolean {
    return now >= (this.#boards.get(board)?.notBefore ?? 0);
  }

  /** It was asked to renew: its next request is heard. */
  asked(board: Id): void {
    this.#boards.delete(board);
  }

  /** @param lifeMs of the certificate that it has taken into use */
  renewed(board: Id, lifeMs: number, now: number): void {
    this.#keep(board, { notBefore: now + Math.max(leastMs, Math.min(lifeMs * part, mostMs)), inVain: 0 });
  }

  /** It was refused, or did not take what it was given. */
  inVain(board: Id, now: number): void {
    const inVain = Math.min(30, (this.#boards.get(board)?.inVain ?? 0) + 1);
    this.#keep(board, { notBefore: now + Math.min(mostMs, leastMs * 2 ** (inVain - 1)), inVain });
  }

  #keep(board: Id, pace: { notBefore: number; inVain: number }): void {
    if (this.#boards.size >= remembered && !this.#boards.has(board)) this.#boards.clear();
    this.#boards.set(board, pace);
  }
}
