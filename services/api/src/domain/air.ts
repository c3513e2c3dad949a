import type { DeviceId } from '@sconce/protocol/ids';
import type { Received, RfCode } from '@sconce/protocol/messages';
import { codeKey } from './control.ts';

/**
 * A remote repeats its frame for as long as its button is held: a gap of this many milliseconds makes it a new press.
 * Boards count alike (receiver.cpp).
 */
const pressGapMs = 500;

/** For so long after a board has sent, in milliseconds, what others hear of it may still be on its way here. */
const echoMs = 1000;

/** How long what was sent is remembered, in milliseconds: a frame may wait for a database that is away. */
const rememberedMs = 60_000;

/** Codes that are told apart at most; past that, those whose press is over are forgotten. */
const mostPresses = 1000;

/** A frame that a board heard, as one object: asked about again, it is the same frame. */
export type Frame = { readonly device: DeviceId; readonly value: Received; readonly at: Date };

/**
 * `own`: a board of this household was sending that code. `press`: the first that the household hears of a press;
 * `pressHere`: the first that this board does.
 */
export type Hearing = { own: boolean; press: boolean; pressHere: boolean };

/**
 * What this household's boards send and hear, for as long as it matters. In memory, and of this process alone: several
 * processes would take one another's commands for presses of a remote, which set the state that the command sets.
 */
export class Air {
  readonly #sent: { key: string; from: number; until: number }[] = [];
  readonly #presses = new Map<string, number>();
  readonly #heard = new WeakMap<Frame, Hearing>();

  /** A board is asked to send. @param atMs milliseconds since 1970; @returns to be told when that has ended, or not been */
  sending(code: RfCode, atMs: number): { ended(atMs: number): void; never(): void } {
    while (this.#sent[0] && this.#sent[0].until < atMs - rememberedMs) this.#sent.shift();
    const entry = { key: codeKey(code), from: atMs, until: Number.POSITIVE_INFINITY };
    this.#sent.push(entry);
    return {
      ended: (endMs) => { entry.until = endMs + echoMs; },
      never: () => { entry.until = Number.NEGATIVE_INFINITY; },
    };
  }

  hear(frame: Frame): Hearing {
    const known = this.#heard.get(frame);
    if (known) return known;
    const key = codeKey(frame.value);
    const at = frame.at.getTime();
    const own = this.#sent.some((sent) => sent.key === key && sent.from <= at && at <= sent.until);
    const hearing = {
      own,
      press: !own && this.#isFirst(key, at),
      pressHere: !own && this.#isFirst(`${frame.device} ${key}`, at),
    };
    this.#heard.set(frame, hearing);
    return hearing;
  }

  #isFirst(what: string, at: number): boolean {
    const last = this.#presses.get(what);
    // A last one that lies ahead is from before the clock was put back, or from a board that was heard out of turn.
    const goesOn = last !== undefined && Math.abs(at - last) < pressGapMs;
    if (this.#presses.size >= mostPresses) this.#forgetPresses(at);
    this.#presses.set(what, goesOn ? Math.max(last, at) : at);
    return !goesOn;
  }

  #forgetPresses(at: number): void {
    for (const [what, last] of this.#presses) {
      if (Math.abs(at - last) >= pressGapMs) this.#presses.delete(what);
    }
    if (this.#presses.size >= mostPresses) this.#presses.clear();
  }
}
