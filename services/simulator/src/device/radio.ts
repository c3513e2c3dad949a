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

/** The transmitter: one code on the air at a time, in the order of asking. */
export class Radio {
  readonly #clock: Clock;
  readonly #airtime: number;
  readonly #queue: Job[] = [];
  #onAir: { job: Job; cancel(): void } | undefined;

  /** `airtime`: 1 takes as long as a real radio, 0 no time at all. */
  constructor({ clock, airtime }: { clock: Clock; airtime: number }) {
    this.#clock = clock;
    this.#airtime = airtime;
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
    const end = () => {
      this.#onAir = undefined;
      job.sent(began);
    };
    const ms = airMicros(job.code) / 1000 * job.repeat * this.#airtime;
    if (ms === 0) return end();
    this.#onAir = { job, cancel: this.#clock.after(ms, () => { end(); this.#next(); }) };
  }
}
