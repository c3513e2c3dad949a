import type { Clock } from '../src/device/clock.ts';

/** A clock that stands until the test moves it; what falls due rings in order, at its own moment. */
export class HandClock implements Clock {
  #ticks = 0;
  #pending: { due: number; what(): void }[] = [];
  readonly #start: number;

  constructor(start: number) {
    this.#start = start;
  }

  now(): number {
    return this.#start + this.#ticks;
  }

  ticks(): number {
    return this.#ticks;
  }

  after(ms: number, what: () => void): () => void {
    const entry = { due: this.#ticks + ms, what };
    this.#pending.push(entry);
    return () => { this.#pending = this.#pending.filter((other) => other !== entry); };
  }

  pass(ms: number): void {
    const until = this.#ticks + ms;
    for (;;) {
      const next = this.#pending.filter(({ due }) => due <= until).sort((a, b) => a.due - b.due)[0];
      if (!next) break;
      this.#pending = this.#pending.filter((other) => other !== next);
      this.#ticks = next.due;
      next.what();
    }
    this.#ticks = until;
  }
}
