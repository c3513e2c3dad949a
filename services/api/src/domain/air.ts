import type { DeviceId } from '@sconce/protocol/ids';
import { limits } from '@sconce/protocol/limits';
import type { Received, RfCode } from '@sconce/protocol/messages';
import { codeKey } from './control.ts';
import type { Peers, Said } from './peers.ts';

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

/** `by`: the process that has it sent. */
type Sent = { entry: string; by: number; code: string; from: number; until: number };

/**
 * What this household's boards send and hear, for as long as it matters. In the memory of every process: each tells the
 * others what it has sent, or they would take that for a press of a remote; and the one that judges what is heard tells
 * which presses it knows, so that another can take its place in the middle of one.
 */
export class Air {
  readonly #peers: Peers;
  #count = 0;
  readonly #sent: Sent[] = [];
  readonly #presses = new Map<string, number>();
  readonly #heard = new WeakMap<Frame, Hearing>();

  constructor(peers: Peers) {
    this.#peers = peers;
    peers.onWord((said) => this.#hearOf(said));
    peers.onGone((process) => {
      // Nobody will say any more when it ended. At its deadline, at the latest.
      for (const sent of this.#sent) {
        if (sent.by === process && sent.until === Number.POSITIVE_INFINITY) sent.until = sent.from + limits.commandDeadlineMs + echoMs;
      }
    });
  }

  #hearOf(said: Said): void {
    if (said.about === 'sending') {
      const { entry, from: by, code } = said;
      while (this.#sent[0] && this.#sent[0].until < said.at - rememberedMs) this.#sent.shift();
      this.#sent.push({ entry, by, code, from: said.at, until: Number.POSITIVE_INFINITY });
    } else if (said.about === 'sent') {
      const sent = this.#sent.find(({ entry }) => entry === said.entry);
      if (sent) sent.until = said.until;
    } else if (said.about === 'heard') {
      this.#presses.set(said.what, Math.max(said.at, this.#presses.get(said.what) ?? 0));
    }
  }

  /** A board is asked to send. @param atMs milliseconds since 1970; @returns to be told when that has ended, or not been */
  sending(code: RfCode, atMs: number): { ended(atMs: number): void; never(): void } {
    this.#count += 1;
    const entry = `${this.#peers.self} ${this.#count}`;
    this.#peers.tell({ about: 'sending', entry, code: codeKey(code), at: atMs });
    return {
      ended: (endMs) => this.#peers.tell({ about: 'sent', entry, until: endMs + echoMs }),
      never: () => this.#peers.tell({ about: 'sent', entry, until: Number.NEGATIVE_INFINITY }),
    };
  }

  hear(frame: Frame): Hearing {
    const known = this.#heard.get(frame);
    if (known) return known;
    const key = codeKey(frame.value);
    const at = frame.at.getTime();
    const own = this.#sent.some((sent) => sent.code === key && sent.from <= at && at <= sent.until);
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
    const latest = goesOn ? Math.max(last, at) : at;
    this.#presses.set(what, latest);
    if (this.#peers.several) this.#peers.tell({ about: 'heard', what, at: latest });
    return !goesOn;
  }

  #forgetPresses(at: number): void {
    for (const [what, last] of this.#presses) {
      if (Math.abs(at - last) >= pressGapMs) this.#presses.delete(what);
    }
    if (this.#presses.size >= mostPresses) this.#presses.clear();
  }
}
