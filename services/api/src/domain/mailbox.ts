/** Radio frames that wait at most; a person at a hand remote makes a few a second. */
const mostFrames = 16;

/**
 * What one board has said and what is not stored yet. It is bounded, however fast the board speaks and however slow the
 * database is: of what describes the board only the last counts, and of the frames it heard the last few are kept.
 */
export class Mailbox<T extends { channel: 'status' | 'info' | 'telemetry' | 'rf/received' }> {
  readonly #last = new Map<T['channel'], T>();
  readonly #frames: T[] = [];

  /** @returns whether the board says more than can be kept: some telemetry or an old frame was dropped for this */
  put(message: T): 'kept' | 'dropped' {
    if (message.channel !== 'rf/received') {
      const dropped = message.channel === 'telemetry' && this.#last.has('telemetry');
      this.#last.set(message.channel, message);
      return dropped ? 'dropped' : 'kept';
    }
    this.#frames.push(message);
    if (this.#frames.length <= mostFrames) return 'kept';
    this.#frames.shift();
    return 'dropped';
  }

  /** The one of this channel that waits. */
  waiting(channel: T['channel']): T | undefined {
    return this.#last.get(channel);
  }

  /** Takes out the most important one. */
  take(): T | undefined {
    return this.#takeLast('status') ?? this.#takeLast('info') ?? this.#frames.shift() ?? this.#takeLast('telemetry');
  }

  #takeLast(channel: T['channel']): T | undefined {
    const message = this.#last.get(channel);
    this.#last.delete(channel);
    return message;
  }
}
