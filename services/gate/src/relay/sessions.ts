import { endOf } from '../refusals/shown.ts';

/** TLS sessions that are known. Mosquitto holds 20,480, each for two hours (OpenSSL's defaults). */
const most = 4096;

export interface Session {
  /** The certificate that was shown when it began, in DER. */
  leaf: Buffer;
  /** Milliseconds since 1970: when that, or one that was shown beside it, ends. */
  ends: number;
}

/**
 * TLS 1.2 sessions by the id that the broker gave them. Who takes one up again shows no certificate, and OpenSSL does not
 * look at the one of before: it may have ended since.
 */
export class Sessions {
  /** The oldest first. */
  readonly #known = new Map<string, Session>();

  /** Of a handshake that both sides have agreed on: the broker has then checked the chain, and the board's key. */
  began(id: string, chain: readonly Buffer[]): void {
    const [leaf] = chain;
    if (id === '' || !leaf) return;
    // A copy of its own: what it is cut from holds more.
    this.#known.set(id, { leaf: Buffer.from(new Uint8Array(leaf).buffer), ends: endOf(chain) });
    const [oldest] = this.#known.keys();
    if (this.#known.size > most && oldest !== undefined) this.#known.delete(oldest);
  }

  get(id: string): Session | undefined {
    return this.#known.get(id);
  }
}
