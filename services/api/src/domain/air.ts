import type { DeviceId } from '@sconce/protocol/ids';
import { limits } from '@sconce/protocol/limits';
import type { Received, RfCode } from '@sconce/protocol/messages';
import { airMicros } from '@sconce/protocol/radio';
import { codeKey } from './control.ts';
import type { Peers, Said } from './peers.ts';

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

/** Milliseconds that an ordinary code takes, ten times in a row. */
const tenRepeatsMs = 450;

/** Boards tell a code from noise by its second frame (frame_decoder.h): what is heard before that is not ours. */
const framesToHear = 2;

/** How long what was sent is remembered, in milliseconds: a frame may wait for a database that is away. */
const rememberedMs = 60_000;

/** Codes that are told apart at most; past that, those whose press is over are forgotten. */
const mostPresses = 1000;

/** Of one code so many are remembered: in a minute a radio does not send it oftener. */
const mostAlike = 100;

/**
 * A code that a board was asked to send, by a process of the API; other boards may hear it from `from` until `until`,
 * milliseconds since 1970.
 */
type Sent = { entry: string; asker: number; board: DeviceId; from: number; until: number };

/** A frame that a board heard, as one object: asked about again, it is the same frame. */
export type Frame = { readonly device: DeviceId; readonly value: Received; readonly at: Date };

/**
 * `own`: a board of this household was sending that code. `press`: the first that the household hears of a press;
 * `pressHere`: the first that this board does.
 */
export type Hearing = { own: boolean; press: boolean; pressHere: boolean };

/**
 * What this household's boards send and hear, for as long as it matters. In the memory of every process: each tells the
 * others what it has sent, or they would take that for a press of a remote; and the one that judges what is heard tells
 * which presses it knows, so that another can take its place in the middle of one.
 */
export class Air {
  readonly #peers: Peers;
  #count = 0;
  readonly #sent = new Map<string, Sent[]>();
  #forgotAt = Number.NEGATIVE_INFINITY;
  readonly #presses = new Map<string, number>();
  readonly #heard = new WeakMap<Frame, Hearing>();

  constructor(peers: Peers) {
    this.#peers = peers;
    peers.onWord((said) => this.#hearOf(said));
    peers.onGone((process) => {
      // Nobody will say any more when it ended: the board may have begun at its deadline.
      for (const sent of [...this.#sent.values()].flat()) {
        if (sent.asker === process && sent.until === Number.POSITIVE_INFINITY) sent.until = sent.from + limits.commandDeadlineMs + tenRepeatsMs + reportMs;
      }
    });
  }

  #hearOf(said: Said): void {
    if (said.about === 'sending') {
      const { entry, from: asker, board, code, at, heardFrom } = said;
      if (Math.abs(at - this.#forgotAt) >= rememberedMs) this.#forgetSent(at);
      const sent = { entry, asker, board, from: heardFrom, until: Number.POSITIVE_INFINITY };
      this.#sent.set(code, [...worthIt(this.#sent.get(code) ?? [], at), sent].slice(-mostAlike));
    } else if (said.about === 'sent') {
      const sent = this.#sent.get(said.code)?.find(({ entry }) => entry === said.entry);
      if (sent) sent.until = said.until;
    } else if (said.about === 'heard') {
      this.#remember(said.what, Math.max(said.at, this.#presses.get(said.what) ?? 0));
    }
  }

  /**
   * A board is asked to send. It does not hear itself: only what others report of it is an echo.
   * @param atMs milliseconds since 1970
   * @returns to be told when that has ended, or not been
   */
  sending(board: DeviceId, code: RfCode, atMs: number): { ended(atMs: number): void; never(): void } {
    this.#count += 1;
    const entry = `${this.#peers.self} ${this.#count}`;
    const key = codeKey(code);
    const heardFrom = atMs + framesToHear * airMicros(code) / 1000;
    this.#peers.tell({ about: 'sending', entry, board, code: key, at: atMs, heardFrom });
    return {
      ended: (endMs) => this.#peers.tell({ about: 'sent', entry, code: key, until: endMs + reportMs }),
      never: () => this.#peers.tell({ about: 'sent', entry, code: key, until: Number.NEGATIVE_INFINITY }),
    };
  }

  hear(frame: Frame): Hearing {
    const known = this.#heard.get(frame);
    if (known) return known;
    const key = codeKey(frame.value);
    const at = frame.at.getTime();
    const own = this.#sent.get(key)?.some(({ board, from, until }) => board !== frame.device && from <= at && at <= until) ?? false;
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
    const latest = goesOn ? Math.max(last, at) : at;
    this.#remember(what, latest);
    if (this.#peers.several) this.#peers.tell({ about: 'heard', what, at: latest });
    return !goesOn;
  }

  /** What others tell is bounded as what is heard here: noise is a new code each time. */
  #remember(what: string, at: number): void {
    if (this.#presses.size >= mostPresses) this.#forgetPresses(at);
    this.#presses.set(what, at);
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
