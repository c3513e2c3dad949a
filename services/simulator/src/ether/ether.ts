import type { RfCode } from '@sconce/protocol/messages';
import { airMicros } from '@sconce/protocol/radio';
import type { Clock } from '../device/clock.ts';
import type { Antenna } from '../device/radio.ts';
import type { Frame } from './frames.ts';

export interface Station {
  /** No two have the same. */
  name: string;
  hears?(frame: Frame): void;
}

/** Who hears whom, and how well. `from` and `to` are names of stations. */
export interface Links {
  reaches(from: string, to: string): boolean;
  /** The share of frames that get lost on the way, 0 to 1. */
  loss(from: string, to: string): number;
}

/** A transmission that is over. `began` (ISO 8601) to the moment at which it is told is the time on the air. */
export type OnAir = {
  event: 'air'; from: string; began: string;
  /** Frames that were sent whole. */
  frames: number;
  /** Of those, how many another's frame has overlapped. */
  clashed: number;
} & RfCode;

export interface EtherOptions {
  clock: Clock;
  /** 1: a frame takes as long as on a real radio; 0: no time at all. */
  airtime: number;
  random(): number;
  links: Links;
  tell(transmission: OnAir): void;
}

interface FrameOnAir extends Frame {
  from: string;
  /** Whose frames it overlaps. */
  with: Set<string>;
}

/**
 * The air that stations share. A frame takes its time; it reaches whom the links say, but for what gets lost; two that
 * overlap destroy each other for all who are in reach of both, and whoever sends is deaf meanwhile.
 */
export class Ether {
  readonly #options: EtherOptions;
  readonly #stations: Station[] = [];
  readonly #onAir = new Set<FrameOnAir>();

  constructor(options: EtherOptions) {
    this.#options = options;
  }

  /** Puts a station there; what it sends goes out by the antenna that is given back. */
  join(station: Station): Antenna {
    this.#stations.push(station);
    return { send: (code, repeat, ended) => this.#send(station.name, code, repeat, ended) };
  }

  /** What a station of another process has sent by now: heard at once, `repeat` times in a row up to this moment. */
  sent(from: string, code: RfCode, repeat: number): void {
    const { clock, airtime, tell } = this.#options;
    const ms = airMicros(code) / 1000 * airtime;
    const first = clock.ticks() - repeat * ms;
    const transmission = Symbol(from);
    for (let index = 0; index < repeat; index++) {
      this.#deliver({ from, code, transmission, start: first + index * ms, end: first + (index + 1) * ms, with: new Set() });
    }
    const began = new Date(clock.now() - repeat * ms).toISOString();
    tell({ event: 'air', from, ...code, began, frames: repeat, clashed: 0 });
  }

  #send(from: string, code: RfCode, repeat: number, ended: () => void): () => void {
    const { clock, airtime, tell } = this.#options;
    const began = new Date(clock.now()).toISOString();
    const ms = airMicros(code) / 1000 * airtime;
    const first = clock.ticks();
    const transmission = Symbol(from);
    let frames = 0;
    let clashed = 0;
    let onAir: { frame: FrameOnAir; stop(): void } | undefined;
    const over = () => {
      onAir = undefined;
      tell({ event: 'air', from, ...code, began, frames, clashed });
    };
    const next = (): void => {
      // By the plan, not by the timer, which may have rung late: frames of one transmission have no gap between them.
      const [start, end] = [first + frames * ms, first + (frames + 1) * ms];
      const frame = this.#begin({ from, code, transmission, start, end, with: new Set() });
      const done = (): void => {
        this.#onAir.delete(frame);
        frames += 1;
        clashed += frame.with.size > 0 ? 1 : 0;
        this.#deliver(frame);
        if (frames < repeat) return next();
        over();
        ended();
      };
      if (ms === 0) return done();
      onAir = { frame, stop: clock.after(frame.end - clock.ticks(), done) };
    };
    next();
    return () => {
      if (!onAir) return;
      onAir.stop();
      this.#onAir.delete(onAir.frame);
      over();
    };
  }

  #begin(frame: FrameOnAir): FrameOnAir {
    for (const other of this.#onAir) {
      // One whose timer is late is over all the same.
      if (other.end <= frame.start) continue;
      other.with.add(frame.from);
      frame.with.add(other.from);
    }
    this.#onAir.add(frame);
    return frame;
  }

  #deliver({ from, code, start, end, transmission, with: others }: FrameOnAir): void {
    const { random, links } = this.#options;
    for (const { name, hears } of this.#stations) {
      if (!hears || name === from || !links.reaches(from, name)) continue;
      const spoilt = [...others].some((other) => other === name || links.reaches(other, name));
      if (!spoilt && random() >= links.loss(from, name)) hears({ code, start, end, transmission });
    }
  }
}
