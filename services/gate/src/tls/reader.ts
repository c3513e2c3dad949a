/** Types of records (RFC 8446, 5.1; RFC 5246, 6.2.1). */
const changeCipherSpec = 20, alert = 21, handshake = 22, applicationData = 23;

/** Bytes of a record (RFC 5246, 6.2.3; TLS 1.3 allows less). */
const longestRecord = 2 ** 14 + 2048;

/** Bytes of a handshake message that is kept. A board's two certificates are about 1,000; Mosquitto would take 100,000. */
const longestKept = 8192;

/** What is told of one side, as it comes. */
export interface Listener {
  /** A handshake message; `body` only if it is of a type that is kept. */
  message(type: number, body: Buffer | undefined): void;
  alert(number: number): void;
  /** Says whether it speaks encrypted from here on: so in TLS 1.2; in 1.3 it means nothing. */
  cipherChanged(): boolean;
  /** A record that is encrypted, and how long. */
  encrypted(bytes: number): void;
}

/** This is no TLS. */
export class NotTls extends Error {}
/** A message that is to be kept is longer than may be. */
export class TooLong extends Error {}

/**
 * Reads what one side of a TLS connection says in clear, however it is cut into pieces. Holds a record's head, a message's
 * head and the messages of the types in `keep`, and nothing else.
 */
export class ClearReader {
  readonly #keep: ReadonlySet<number>;
  readonly #tell: Listener;
  /** Bytes of the record's head so far, then its type and how many bytes of it are still to come. */
  readonly #head: number[] = [];
  #type = 0;
  #left = 0;
  /** The same of the handshake message; a record may hold several, and a message span several. */
  readonly #messageHead: number[] = [];
  #messageLeft = 0;
  #kept: Buffer | undefined;
  readonly #alert: number[] = [];
  #ciphered = false;

  constructor(keep: readonly number[], tell: Listener) {
    this.#keep = new Set(keep);
    this.#tell = tell;
  }

  /** @throws NotTls, TooLong */
  read(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#head.length < 5) {
        this.#head.push(chunk[at++] ?? 0);
        if (this.#head.length === 5) this.#beginRecord();
        continue;
      }
      const part = chunk.subarray(at, at + this.#left);
      at += part.length;
      this.#left -= part.length;
      if (!this.#ciphered && this.#type === handshake) this.#messages(part);
      if (!this.#ciphered && this.#type === alert) this.#alerts(part);
      this.#endRecord();
    }
  }

  #beginRecord(): void {
    const [type = 0, major, , high = 0, low = 0] = this.#head;
    const length = high * 256 + low;
    if (type < changeCipherSpec || type > applicationData || major !== 3 || length > longestRecord) {
      throw new NotTls(`a record of type ${type}, version ${major}, ${length} bytes`);
    }
    this.#type = type;
    this.#left = length;
    if (type === applicationData || (this.#ciphered && type !== changeCipherSpec)) this.#tell.encrypted(length);
    this.#endRecord();
  }

  #endRecord(): void {
    if (this.#left > 0) return;
    this.#head.length = 0;
    if (this.#type !== changeCipherSpec || this.#ciphered) return;
    this.#ciphered = this.#tell.cipherChanged();
  }

  #alerts(part: Buffer): void {
    for (const byte of part) {
      this.#alert.push(byte);
      if (this.#alert.length === 2) this.#tell.alert(this.#alert.splice(0)[1] ?? 0);
    }
  }

  #messages(part: Buffer): void {
    let at = 0;
    while (at < part.length) {
      if (this.#messageHead.length < 4) {
        this.#messageHead.push(part[at++] ?? 0);
        if (this.#messageHead.length === 4) this.#beginMessage();
        continue;
      }
      const piece = part.subarray(at, at + this.#messageLeft);
      at += piece.length;
      this.#kept?.set(piece, this.#kept.length - this.#messageLeft);
      this.#messageLeft -= piece.length;
      this.#endMessage();
    }
  }

  #beginMessage(): void {
    const [type = 0, high = 0, middle = 0, low = 0] = this.#messageHead;
    this.#messageLeft = high * 65536 + middle * 256 + low;
    if (this.#keep.has(type)) {
      if (this.#messageLeft > longestKept) throw new TooLong(`${this.#messageLeft} bytes`);
      this.#kept = Buffer.alloc(this.#messageLeft);
    }
    this.#endMessage();
  }

  #endMessage(): void {
    if (this.#messageLeft > 0) return;
    const [type = 0] = this.#messageHead.splice(0);
    const body = this.#kept;
    this.#kept = undefined;
    this.#tell.message(type, body);
  }
}
