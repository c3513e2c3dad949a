import { RfCode } from '@sconce/protocol/messages';
import { z } from 'zod';
import type { Clock } from '../device/clock.ts';
import { type Frame, Row, sameCode } from './frames.ts';

/** What a socket knows of one remote's button pair. */
const Learned = z.strictObject({ on: RfCode, off: RfCode.optional() });
export type Learned = z.infer<typeof Learned>;

/** Remotes that a socket remembers; the next takes the place of the first. */
const remembers = 5;

export const SocketSettings = z.strictObject({
  name: z.string().min(1),
  /** What it has learned already. */
  learned: z.array(Learned).max(remembers).default([]),
  on: z.boolean().default(false),
  /** Equal frames in a row that it needs to react, and to learn. */
  reactsTo: z.int().min(1).default(2),
  learnsFrom: z.int().min(1).default(3),
  /** How long it listens for a code to learn, once its button has been held; 5 to 10 with real ones. */
  learnSeconds: z.number().positive().default(8),
});
export type SocketSettings = z.infer<typeof SocketSettings>;

export interface SocketState { socket: string; on: boolean; learning: boolean; learned: Learned[] }

/** Told whenever one of its parts has changed. */
export type SocketHappening = SocketState & {
  event: 'socket';
  why: 'radio' | 'button' | 'held' | 'learned' | 'learned nothing' | 'forgot';
};

/**
 * The other button of the pair, for the usual remotes (PT2262 and its kin): 20 bits say which remote and which row, four
 * say on (0001) or off (0100).
 */
export function offOf(on: RfCode): RfCode | undefined {
  return on.bits === 24 && (on.code & 0xf) === 0b0001 ? { ...on, code: on.code - 0b0001 + 0b0100 } : undefined;
}

/**
 * A radio socket that learns, as the cheap ones do. Its button held until it blinks, it takes the first code that it hears
 * several equal frames of for On; Off follows from it (offOf), or else is the next code that it hears before it gives up.
 * An Off that it knows, heard while it blinks, makes it forget that remote; held on, it forgets all.
 */
export class Socket {
  readonly #settings: SocketSettings;
  readonly #clock: Clock;
  readonly #tell: (happening: SocketHappening) => void;
  readonly #row = new Row();
  #on: boolean;
  #learned: Learned[];
  /** While it blinks; `fresh`: what it has learned since, whose Off is still to come. */
  #blinking: { fresh?: Learned; cancel(): void } | undefined;

  constructor(settings: SocketSettings, clock: Clock, tell: (happening: SocketHappening) => void) {
    this.#settings = settings;
    this.#clock = clock;
    this.#tell = tell;
    this.#on = settings.on;
    this.#learned = settings.learned;
  }

  get state(): SocketState {
    return { socket: this.#settings.name, on: this.#on, learning: this.#blinking !== undefined, learned: this.#learned };
  }

  hears(frame: Frame): void {
    const count = this.#row.next(frame);
    if (this.#blinking) {
      if (count === this.#settings.learnsFrom) this.#learn(frame.code);
    } else if (count === this.#settings.reactsTo) {
      if (this.#learned.some(({ on }) => sameCode(on, frame.code))) this.#switch(true, 'radio');
      else if (this.#learned.some(({ off }) => off && sameCode(off, frame.code))) this.#switch(false, 'radio');
    }
  }

  /** Its button, pressed for a moment. */
  tap(): void {
    this.#switch(!this.#on, 'button');
  }

  /** Its button, held until it blinks: it listens for a code. */
  hold(): void {
    this.#blinking?.cancel();
    this.#row.forget();
    const giveUp = () => this.#stopBlinking(this.#blinking?.fresh ? 'learned' : 'learned nothing');
    this.#blinking = { cancel: this.#clock.after(this.#settings.learnSeconds * 1000, giveUp) };
    this.#say('held');
  }

  /** Its button, held on until it has forgotten everything. */
  forget(): void {
    this.#learned = [];
    this.#stopBlinking('forgot');
  }

  #learn(code: RfCode): void {
    const { fresh } = this.#blinking ?? {};
    if (fresh) {
      if (sameCode(fresh.on, code)) return;
      this.#learned = this.#learned.map((one) => one === fresh ? { ...fresh, off: code } : one);
      return this.#stopBlinking('learned');
    }
    if (this.#learned.some(({ off }) => off && sameCode(off, code))) {
      this.#learned = this.#learned.filter(({ off }) => !off || !sameCode(off, code));
      return this.#stopBlinking('forgot');
    }
    const off = offOf(code);
    const learned = { on: code, ...off && { off } };
    this.#learned = [...this.#learned.filter(({ on }) => !sameCode(on, code)), learned].slice(-remembers);
    if (off) return this.#stopBlinking('learned');
    if (this.#blinking) this.#blinking.fresh = learned;
  }

  #stopBlinking(why: SocketHappening['why']): void {
    this.#blinking?.cancel();
    this.#blinking = undefined;
    this.#say(why);
  }

  #switch(on: boolean, why: SocketHappening['why']): void {
    if (on === this.#on) return;
    this.#on = on;
    this.#say(why);
  }

  #say(why: SocketHappening['why']): void {
    this.#tell({ event: 'socket', ...this.state, why });
  }
}
