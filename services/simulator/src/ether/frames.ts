import type { RfCode } from '@sconce/protocol/messages';

/** A frame as a station hears it. */
export interface Frame {
  code: RfCode;
  /** ms, by the clock's ticks. */
  start: number;
  end: number;
  /** The same for all frames of one transmission. */
  transmission: symbol;
}

/** The pulse is left out: it is measured anew in every frame and wavers. */
export const sameCode = (a: RfCode, b: RfCode) => a.code === b.code && a.bits === b.bits && a.protocol === b.protocol;

/** Of frames that follow one another at once: less than this lies between them, ms. */
const nothingMs = 1;

/**
 * Counts equal frames in a row, as receivers do to tell a code from noise. One that got lost breaks the row, and so does
 * the silence between two transmissions, which may be too short to be measured here.
 */
export class Row {
  #last: Frame | undefined;
  #count = 0;

  /** How many equal ones there have been in a row, with this one. */
  next(frame: Frame): number {
    const follows = frame.transmission === this.#last?.transmission && frame.start - this.#last.end < nothingMs && sameCode(frame.code, this.#last.code);
    this.#count = follows ? this.#count + 1 : 1;
    this.#last = frame;
    return this.#count;
  }

  /** What was heard so far does not count. */
  forget(): void {
    this.#last = undefined;
  }
}
