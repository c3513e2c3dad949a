import type { DeviceId } from '@sconce/protocol/ids';
import type { Received, RfCode } from '@sconce/protocol/messages';
import { airMicros } from '@sconce/protocol/radio';
import { codeKey } from './control.ts';
import { Turns } from './turns.ts';

/**
 * A remote repeats its frame for as long as its button is held: a gap of this many milliseconds makes it a new press.
 * Boards count alike (receiver.cpp).
 */
const pressGapMs = 500;

/**
 * By so much a board's report of what it heard may arrive here after the answer of the board that sent it, in
 * milliseconds: both leave at the end of sending and come over the same Wi-Fi, where a packet that was lost takes its
 * time. No press of a person is so soon after a tap that this matters: who sees the lamp change needs as long.
 */
const reportMs = 250;

/** Boards tell a code from noise by its second frame (frame_decoder.h): what is heard before that is not ours. */
const framesToHear = 2;

/** How long what was sent is remembered, in milliseconds: a frame may wait for a database that is away. */
const rememberedMs = 60_000;

/** Codes that are told apart at most; past that, those whose press is over are forgotten. */
const mostPresses = 1000;

/** Of one code so many are remembered: in a minute a radio does not send it oftener. */
const mostAlike = 100;

/** A code that a board was asked to send; others may hear it from `from` until `until`, milliseconds since 1970. */
type Sent = { by: DeviceId; from: number; until: number };

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
  readonly turns = new Turns();
  readonly #sent = new Map<string, Sent[]>();
  #forgotAt = Number.NEGATIVE_INFINITY;
  readonly #presses = new Map<string, number>();
  readonly #heard = new WeakMap<Frame, Hearing>();

  /**
   * A board is asked to send. It does not hear itself: only what others report of it is an echo.
   * @param atMs milliseconds since 1970
   * @returns to be told when that has ended, or not been
   */
  sending(by: DeviceId, code: RfCode, atMs: number): { ended(atMs: number): void; never(): void } {
    const key = codeKey(code);
    if (Math.abs(atMs - this.#forgotAt) >= rememberedMs) this.#forgetSent(atMs);
    const entry = { by, from: atMs + framesToHear * airMicros(code) / 1000, until: Number.POSITIVE_INFINITY };
    this.#sent.set(key, [...worthIt(this.#sent.get(key) ?? [], atMs), entry].slice(-mostAlike));
    return {
      ended: (endMs) => { entry.until = endMs + reportMs; },
      never: () => { entry.until = Number.NEGATIVE_INFINITY; },
    };
  }

  hear(frame: Frame): Hearing {
    const known = this.#heard.get(frame);
    if (known) return known;
    const key = codeKey(frame.value);
    const at = frame.at.getTime();
    const own = this.#sent.get(key)?.some(({ by, from, until }) => by !== frame.device && from <= at && at <= until) ?? false;
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

  /** Once in a while: what is sent again and again must not cost more each time. */
  #forgetSent(at: number): void {
    this.#forgotAt = at;
    for (const [key, sent] of this.#sent) {
      const left = worthIt(sent, at);
      if (left.length > 0) this.#sent.set(key, left);
      else this.#sent.delete(key);
    }
  }

  #forgetPresses(at: number): void {
    for (const [what, last] of this.#presses) {
      if (Math.abs(at - last) >= pressGapMs) this.#presses.delete(what);
    }
    if (this.#presses.size >= mostPresses) this.#presses.clear();
  }
}

const worthIt = (sent: readonly Sent[], at: number): Sent[] => sent.filter(({ until }) => until >= at - rememberedMs);
