import type { RfCode } from '@sconce/protocol/messages';
import type { Clock } from './clock.ts';

/** A remote repeats its frame for as long as the button is held; a gap of this many ms makes it a new press. */
const pressGapMs = 500;
/** For this many ms after sending, the code just sent is taken for an echo (a receiver's automatic gain lags). */
const echoMs = 500;

/** The pulse is left out: it is measured anew in every frame and wavers. */
const key = ({ code, bits, protocol }: RfCode) => `${code}/${bits}/${protocol}`;

/** The 433 MHz receiver: passes on what people press, each press once, and nothing of what the board itself sends. */
export class Receiver {
  readonly #clock: Clock;
  readonly #isSending: () => boolean;
  readonly #report: (code: RfCode) => void;
  /** Moments, by the clock's ticks, until which a code is not reported. */
  readonly #quietUntil = new Map<string, number>();

  constructor({ clock, isSending, report }: { clock: Clock; isSending(): boolean; report(code: RfCode): void }) {
    this.#clock = clock;
    this.#isSending = isSending;
    this.#report = report;
  }

  /** A frame was heard. While the board sends it is deaf: its own transmitter drowns everything, a metre from the remote. */
  frame(code: RfCode): void {
    if (this.#isSending()) return;
    const now = this.#clock.ticks();
    const quiet = (this.#quietUntil.get(key(code)) ?? -Infinity) > now;
    this.#keepQuiet(code, pressGapMs);
    if (!quiet) this.#report(code);
  }

  /** The board itself has just sent this code. */
  sent(code: RfCode): void {
    this.#keepQuiet(code, echoMs);
  }

  #keepQuiet(code: RfCode, ms: number): void {
    const now = this.#clock.ticks();
    for (const [old, until] of this.#quietUntil) if (until <= now) this.#quietUntil.delete(old);
    this.#quietUntil.set(key(code), now + ms);
  }
}
