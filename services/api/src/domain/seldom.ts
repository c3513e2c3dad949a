/** What somebody else can cause at will is said once in this time, in milliseconds. */
const quietMs = 60_000;

/** Different things that are remembered at most; past that, it may be said again. */
const remembered = 10_000;

/** For lines of the log that a board can cause: says when it is time for one again. */
export class Seldom {
  readonly #saidAt = new Map<string, number>();

  /** @param what the thing that would be said; @param nowMs milliseconds since 1970 */
  isDue(what: string, nowMs: number): boolean {
    const before = this.#saidAt.get(what);
    if (before !== undefined && nowMs - before < quietMs && nowMs >= before) return false;
    if (this.#saidAt.size >= remembered) this.#saidAt.clear();
    this.#saidAt.set(what, nowMs);
    return true;
  }
}
