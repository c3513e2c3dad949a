import { ClearReader } from './reader.ts';

/** Types of handshake messages (RFC 8446, 4; RFC 5246, 7.4). */
const clientHello = 1, serverHello = 2, certificate = 11, certificateVerify = 15;

/** Bytes of an encrypted record of TLS 1.3 that holds an alert and nothing else: 2, its type 1, the tag 16. */
const alertBytes13 = 19;

/** Which side an alert is from. */
export type Side = 'broker' | 'board';

/**
 * How a TLS connection begins, as far as both sides say it in clear: at TLS 1.2 all until the keys are agreed on, the
 * board's certificate and the reason for a refusal included; at TLS 1.3 the hellos only, the rest by its length.
 */
export class Opening {
  readonly board: ClearReader;
  readonly broker: ClearReader;
  /** The board has begun; the broker has answered; the broker has shown its certificate. */
  begun = false;
  answered = false;
  brokerShown = false;
  tls13 = false;
  /** The board's certificates in DER, its own first; empty: it has said that it has none. */
  chain: Buffer[] | undefined;
  /** It has shown that it has the certificate's key, or has tried to. */
  proved = false;
  alert: { number: number; by: Side } | undefined;
  /** TLS 1.3: what each side has said last has the length of an alert. */
  hiddenAlert: Side | undefined;
  /** Both have agreed: what comes now is MQTT. */
  over = false;
  #boardCiphered = false;
  #brokerCiphered = false;

  constructor() {
    this.board = new ClearReader([certificate], {
      message: (type, body) => this.#fromBoard(type, body),
      alert: (number) => { this.alert ??= { number, by: 'board' }; },
      cipherChanged: () => {
        this.#boardCiphered = true;
        this.#agree();
      },
      encrypted: (bytes) => {
        // Its first is then its certificate, or that it has none; it may be cut up, but not as small as that.
        if (this.tls13) this.hiddenAlert = bytes === alertBytes13 ? 'board' : undefined;
        this.#boardSpoke ||= this.tls13;
      },
    });
    this.broker = new ClearReader([serverHello], {
      message: (type, body) => this.#fromBroker(type, body),
      alert: (number) => { this.alert ??= { number, by: 'broker' }; },
      cipherChanged: () => {
        this.#brokerCiphered = true;
        this.#agree();
      },
      encrypted: (bytes) => {
        if (!this.tls13 || !this.#boardSpoke) return;
        if (bytes === alertBytes13) this.hiddenAlert = 'broker';
        else this.over = this.hiddenAlert === undefined;
      },
    });
  }

  /** TLS 1.3: the board has said something that is encrypted. */
  #boardSpoke = false;

  #fromBoard(type: number, body: Buffer | undefined): void {
    if (type === clientHello) this.begun = true;
    if (type === certificateVerify) this.proved = true;
    if (type === certificate && body) this.chain ??= certificatesIn(body);
  }

  #fromBroker(type: number, body: Buffer | undefined): void {
    if (type === certificate) this.brokerShown = true;
    if (type !== serverHello) return;
    this.answered = true;
    this.tls13 ||= body !== undefined && agreesOn13(body);
  }

  #agree(): void {
    if (!this.tls13 && this.#boardCiphered && this.#brokerCiphered) this.over = true;
  }
}

/** What Certificate lists (RFC 5246, 7.4.2); undefined if it makes no sense, which is for the broker to say. */
function certificatesIn(body: Buffer): Buffer[] | undefined {
  if (body.length < 3 || body.readUIntBE(0, 3) !== body.length - 3) return undefined;
  const chain: Buffer[] = [];
  for (let at = 3; at < body.length;) {
    if (at + 3 > body.length) return undefined;
    const end = at + 3 + body.readUIntBE(at, 3);
    if (end > body.length) return undefined;
    chain.push(body.subarray(at + 3, end));
    at = end;
  }
  return chain;
}

/** Whether a ServerHello says TLS 1.3: by supported_versions, as its old field says 1.2 for ever (RFC 8446, 4.1.3). */
function agreesOn13(body: Buffer): boolean {
  // Version 2, random 32, session id, cipher suite 2, compression 1, length of the extensions 2.
  let at = 34;
  at += 1 + (body[at] ?? 0) + 2 + 1 + 2;
  for (; at + 4 <= body.length; at += 4 + body.readUInt16BE(at + 2)) {
    if (body.readUInt16BE(at) === 43) return at + 6 <= body.length && body.readUInt16BE(at + 4) === 0x0304;
  }
  return false;
}
