import { limits } from '@sconce/protocol/limits';
import type { RfCode } from '@sconce/protocol/messages';
import { airMicros } from '@sconce/protocol/radio';
import type { Clock } from './clock.ts';

export interface Job {
  code: RfCode;
  repeat: number;
  /** Asked just before sending, for a job may have waited past its deadline. On `false` the job is dropped. */
  mayStart(): boolean;
  /** The last frame has left. `began`: ms since 1970. */
  sent(began: number): void;
  /** The radio was stopped before the last frame had left. */
  cut(): void;
}

/** What the transmitter's signal goes out by. */
export interface Antenna {
  /**
   * Sends the code's frame `repeat` times in a row, and calls `ended` when the last has left: before it returns, if that
   * takes no time. What it returns falls silent at once, without `ended`; nothing happens if it has ended.
   */
  send(code: RfCode, repeat: number, ended: () => void): () => void;
}

/** An antenna that nobody hears: its frames take their time, and that is all. */
const unheard = (clock: Clock, airtime: number): Antenna => ({
  send(code, repeat, ended) {
    const ms = airMicros(code) / 1000 * repeat * airtime;
    if (ms > 0) return clock.after(ms, ended);
    ended();
    return () => {};
  },
});

/** The transmitter: one code on the air at a time, in the order of asking. */
export class Radio {
  readonly #clock: Clock;
  readonly #antenna: Antenna;
  readonly #queue: Job[] = [];
  #onAir: { job: Job; cancel(): void } | undefined;

  /** `airtime`: 1 takes as long as a real radio, 0 no time at all. Without an antenna nobody hears it. */
  constructor({ clock, airtime, antenna = unheard(clock, airtime) }: { clock: Clock; airtime: number; antenna?: Antenna | undefined }) {
    this.#clock = clock;
    this.#antenna = antenna;
  }

  get sending(): boolean {
    return this.#onAir !== undefined;
  }

  /** Sends now or after those that wait. `false`: as many wait already as may. */
  send(job: Job): boolean {
    if (this.#onAir && this.#queue.length >= limits.commandsQueued) return false;
    this.#queue.push(job);
    this.#next();
    return true;
  }

  /** Falls silent: what is on the air and what waits is cut. */
  stop(): void {
    const jobs = [...this.#onAir ? [this.#onAir.job] : [], ...this.#queue];
    this.#onAir?.cancel();
    this.#onAir = undefined;
    this.#queue.length = 0;
    for (const job of jobs) job.cut();
  }

  #next(): void {
    while (!this.#onAir) {
      const job = this.#queue.shift();
      if (!job) return;
      if (job.mayStart()) this.#start(job);
    }
  }

  #start(job: Job): void {
    const began = this.#clock.now();
    const onAir = { job, cancel: () => {} };
    this.#onAir = onAir;
    onAir.cancel = this.#antenna.send(job.code, job.repeat, () => {
      this.#onAir = undefined;
      job.sent(began);
      this.#next();
    });
  }
}
