import { ClearReader } from './reader.ts';

/** Types of handshake messages (RFC 8446, 4; RFC 5246, 7.4). */
const clientHello = 1, serverHello = 2, certificate = 11, certificateVerify = 15;

/** Extensions (RFC 5077, 3.2; RFC 8446, 4.2). */
const sessionTicket = 35, preSharedKey = 41, supportedVersions = 43;

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
  /** The broker takes up a session of before, and asks for no certificate. */
  resumed = false;
  /** TLS 1.2: the session's id, in hex; empty: it has none. Beside a ticket, whatever the board likes. */
  session = '';
  /** The board has a ticket: a session that it keeps itself. */
  ticket = false;
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
    this.board = new ClearReader([clientHello, certificate], {
      message: (type, body) => this.#fromBoard(type, body),
      alert: (number) => { this.alert ??= { number, by: 'board' }; },
      cipherChanged: () => {
        this.#boardCiphered = true;
        this.#agree();
        return !this.tls13;
      },
      encrypted: (bytes) => {
        // Its first is then its certificate, or that it has none; it may be cut up, but not as small as that.
        if (this.tls13) this.hiddenAlert = bytes === alertBytes13 ? 'board' : undefined;
        // What comes before the broker has spoken may be anything: early data that it passes over (RFC 8446, 4.2.10).
        this.#boardSpoke ||= this.tls13 && this.#brokerSpoke;
      },
    });
    this.broker = new ClearReader([serverHello], {
      message: (type, body) => this.#fromBroker(type, body),
      alert: (number) => { this.alert ??= { number, by: 'broker' }; },
      cipherChanged: () => {
        this.#brokerCiphered = true;
        // By the broker's words alone: only of a session that it takes up does it say this without having shown who it is.
        if (!this.tls13) this.resumed = !this.brokerShown;
        this.#agree();
        return !this.tls13;
      },
      encrypted: (bytes) => {
        if (!this.tls13) return;
        if (!this.#boardSpoke) {
          this.#brokerSpoke = true;
          return;
        }
        if (bytes === alertBytes13) this.hiddenAlert = 'broker';
        else this.over = this.hiddenAlert === undefined;
      },
    });
  }

  /** TLS 1.3: the broker has said something that is encrypted; the board has, after that. */
  #brokerSpoke = false;
  #boardSpoke = false;

  #fromBoard(type: number, body: Buffer | undefined): void {
    if (type === clientHello && body) {
      this.begun = true;
      this.ticket ||= (extensionsIn(body, clientExtensionsAt(body)).get(sessionTicket)?.length ?? 0) > 0;
    }
    if (type === certificateVerify) this.proved = true;
    if (type === certificate && body) this.chain ??= certificatesIn(body);
  }

  #fromBroker(type: number, body: Buffer | undefined): void {
    if (type === certificate) this.brokerShown = true;
    if (type !== serverHello || !body) return;
    this.answered = true;
    const extensions = extensionsIn(body, serverExtensionsAt(body));
    // The old field says 1.2 for ever (RFC 8446, 4.1.3).
    this.tls13 ||= extensions.get(supportedVersions)?.toString('hex') === '0304';
    if (this.tls13) this.resumed ||= extensions.has(preSharedKey);
    else this.session = sessionIn(body).toString('hex');
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

/** The session's id in a hello of either side: behind its version, 2, and random bytes, 32. */
function sessionIn(hello: Buffer): Buffer {
  return hello.subarray(35, 35 + (hello[34] ?? 0));
}

/** Where the extensions begin: behind the cipher suites and the methods of compression that the board offers. */
function clientExtensionsAt(hello: Buffer): number {
  const suites = 35 + (hello[34] ?? 0);
  const methods = suites + 2 + (suites + 2 <= hello.length ? hello.readUInt16BE(suites) : 0);
  return methods + 1 + (hello[methods] ?? 0);
}

/** The same, behind those that the broker has chosen. */
function serverExtensionsAt(hello: Buffer): number {
  return 35 + (hello[34] ?? 0) + 2 + 1;
}

/** Extensions by their number; `at`: where their length stands. */
function extensionsIn(hello: Buffer, at: number): Map<number, Buffer> {
  const extensions = new Map<number, Buffer>();
  for (let next = at + 2; next + 4 <= hello.length;) {
    const end = next + 4 + hello.readUInt16BE(next + 2);
    extensions.set(hello.readUInt16BE(next), hello.subarray(next + 4, end));
    next = end;
  }
  return extensions;
}
