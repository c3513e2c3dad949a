import { limits } from '@sconce/protocol/limits';
import type { RfCode } from '@sconce/protocol/messages';
import { heardAs } from '@sconce/protocol/radio';
import type { Clock } from './clock.ts';

/** A remote repeats its frame for as long as the button is held; a gap of this many ms makes it a new press. */
const pressGapMs = 500;
/**
 * For this many ms after sending, the code just sent is taken for an echo: the receiver's automatic gain lags, and two
 * more frames would have to be heard.
 */
const echoMs = 250;

/** By whichever name it is heard. The pulse is left out: it is measured anew in every frame and wavers. */
function key(heard: RfCode): string {
  const { code, bits, protocol } = heardAs(heard);
  return `${code}/${bits}/${protocol}`;
}

/** Moments, by the clock's ticks, until which a code counts as the same press, and as our own echo. */
interface Quiet { pressUntil: number; echoUntil: number }

/**
 * The 433 MHz receiver: passes on what people press, and nothing of what the board itself sends: each press once, and
 * during a learning window each frame.
 */
export class Receiver {
  readonly #clock: Clock;
  readonly #isSending: () => boolean;
  readonly #report: (code: RfCode, learning: boolean) => void;
  readonly #quiet = new Map<string, Quiet>();
  #learnUntil = -Infinity;
  /** When the next frame would be due, if those reported while learning had come evenly. */
  #learnNext = -Infinity;

  constructor({ clock, isSending, report }: { clock: Clock; isSending(): boolean; report(code: RfCode, learning: boolean): void }) {
    this.#clock = clock;
    this.#isSending = isSending;
    this.#report = report;
  }

  /** A frame was heard. While the board sends it is deaf: its own transmitter drowns everything, a metre from the remote. */
  frame(code: RfCode): void {
    if (this.#isSending()) return;
    const now = this.#clock.ticks();
    const { pressUntil, echoUntil } = this.#quietFor(code, now);
    // It does not go on as a press would: somebody who presses now and holds on is heard as soon as it cannot be an echo.
    if (now < echoUntil) return;
    // While learning, too: a button that is held beyond the window's end is not pressed anew.
    this.#quiet.set(key(code), { pressUntil: now + pressGapMs, echoUntil });
    if (now >= this.#learnUntil) {
      if (pressUntil <= now) this.#report(code, false);
    } else if (this.#learnNext - (limits.learnAtOnce - 1) * limits.learnGapMs <= now) {
      this.#learnNext = Math.max(this.#learnNext, now) + limits.learnGapMs;
      this.#report(code, true);
    }
  }

  /** The board itself has just sent this code. */
  sent(code: RfCode): void {
    const until = this.#clock.ticks() + echoMs;
    this.#quiet.set(key(code), { pressUntil: until, echoUntil: until });
  }

  /** For so long each frame is reported. Takes the place of the window before; 0 ends it. */
  learn(seconds: number): void {
    this.#learnUntil = this.#clock.ticks() + seconds * 1000;
  }

  #quietFor(code: RfCode, now: number): Quiet {
    for (const [old, { pressUntil }] of this.#quiet) if (pressUntil <= now) this.#quiet.delete(old);
    return this.#quiet.get(key(code)) ?? { pressUntil: -Infinity, echoUntil: -Infinity };
  }
}
