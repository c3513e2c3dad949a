/** What has been heard so far, in order, and a way to wait for what is still to come. */
export class Heard<T> {
  readonly all: T[] = [];
  readonly #waiting = new Set<(item: T) => void>();

  add(item: T): void {
    this.all.push(item);
    for (const look of [...this.#waiting]) look(item);
  }

  /**
   * The first that matches, among what was heard since `from` (an earlier `all.length`; 0 unless told) or what comes.
   * Rejects after `ms` with what was heard instead.
   */
  async first<U extends T>(what: string, matches: (item: T) => item is U, options?: { from?: number; ms?: number }):
    Promise<U>;
  async first(what: string, matches: (item: T) => boolean, options?: { from?: number; ms?: number }): Promise<T>;
  async first(what: string, matches: (item: T) => boolean, { from = 0, ms = 20_000 } = {}): Promise<T> {
    const found = this.all.slice(from).find(matches);
    if (found !== undefined) return found;
    return new Promise((resolve, reject) => {
      const done = () => {
        this.#waiting.delete(look);
        clearTimeout(timer);
      };
      const look = (item: T) => {
        if (!matches(item)) return;
        done();
        resolve(item);
      };
      const timer = setTimeout(() => {
        done();
        const heard = this.all.slice(from).map((item) => JSON.stringify(item)).join('\n');
        reject(new Error(`${what} did not come within ${ms} ms. Heard instead:\n${heard || '(nothing)'}`));
      }, ms);
      this.#waiting.add(look);
    });
  }
}
