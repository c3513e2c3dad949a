import type { Clock } from '../device/clock.ts';
import type { Antenna } from '../device/radio.ts';

/** Noise looks like a frame now and then, seldom like two equal ones in a row: then boards report it. */
const mostFrames = 2;

/** What is always on that band: neighbours' remotes, weather stations, badly shielded lamps. */
export class Noise {
  #perMinute = 0;
  #cancel: () => void = () => {};
  #silence: () => void = () => {};
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #antenna: Antenna;

  constructor({ clock, random, antenna }: { clock: Clock; random(): number; antenna: Antenna }) {
    this.#clock = clock;
    this.#random = random;
    this.#antenna = antenna;
  }

  get perMinute(): number {
    return this.#perMinute;
  }

  /** So many bursts from now on, on the average; one that is on the air breaks off. */
  set(perMinute: number): void {
    this.#cancel();
    this.#silence();
    this.#perMinute = perMinute;
    if (perMinute > 0) this.#next();
  }

  #next(): void {
    // As chance would have it: the waits between independent events are exponentially distributed.
    const waitMs = -Math.log(1 - this.#random()) * 60_000 / this.#perMinute;
    this.#cancel = this.#clock.after(waitMs, () => {
      const code = { code: Math.floor(this.#random() * 2 ** 24), bits: 24, protocol: 1, pulse: 200 + Math.floor(this.#random() * 300) };
      this.#silence = this.#antenna.send(code, 1 + Math.floor(this.#random() * mostFrames), () => {});
      this.#next();
    });
  }
}
