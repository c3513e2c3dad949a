import { connect, type Socket } from 'node:net';
import type { RefusalReason } from '@sconce/protocol/gate';
import type { DeviceId } from '@sconce/protocol/ids';
import type { Event } from '../refusals/book.ts';
import { judge } from '../refusals/judge.ts';
import { certificateOf, idIn, readShown } from '../refusals/shown.ts';
import type { Trust } from '../refusals/trust.ts';
import { Opening, type Side } from '../tls/opening.ts';
import { TooLong } from '../tls/reader.ts';
import type { Sessions } from './sessions.ts';

export interface Way {
  broker: { host: string; port: number };
  /** Milliseconds until both sides must have agreed. */
  handshakeMs: number;
  trust(): Trust;
  sessions: Sessions;
  note(event: Event): void;
  /** A connection has come, has been let in, or has gone. */
  changed(): void;
}

/** Milliseconds for a side to take what is left for it, and to go, after the other has gone. */
const lingerMs = 5000;

/** A fatal alert in clear: handshake_failure (RFC 5246, 7.2). */
const failure = Buffer.from([21, 3, 3, 0, 2, 2, 40]);

/**
 * One board's way to the broker: bytes go on as they come, in both directions, as fast as the other side takes them. Until
 * both have agreed it listens in.
 */
export class Connection {
  readonly #way: Way;
  readonly #address: string;
  readonly #board: Socket;
  #broker: Socket | undefined;
  #reached = false;
  /** Undefined once there is nothing more to learn. */
  #seen: Opening | undefined = new Opening();
  #leaf: Buffer | undefined;
  #timer: NodeJS.Timeout;
  /** The broker has let it in. */
  agreed = false;
  /** Whose it is. Undefined: not known yet, or for good: TLS 1.3 does not show it. */
  id: DeviceId | undefined;

  constructor(board: Socket, address: string, way: Way, onEnd: () => void) {
    this.#board = board;
    this.#address = address;
    this.#way = way;
    this.#timer = setTimeout(() => this.#late(), way.handshakeMs);
    board.setNoDelay(true);
    board.once('data', (chunk: Buffer) => this.#begin(chunk));
    // What went wrong says `close`.
    board.on('error', () => {});
    board.once('end', () => this.#left('board'));
    board.once('close', () => {
      this.#left('board');
      this.#broker?.destroy();
      clearTimeout(this.#timer);
      onEnd();
    });
  }

  /** The broker learns of a connection only when somebody speaks, and in TLS it is the board that speaks first. */
  #begin(chunk: Buffer): void {
    // Every record that a client may begin with is a handshake; what is not would make the broker hang up, too.
    if (chunk[0] !== 22) return this.#refuse('not_tls');
    const broker = connect({ ...this.#way.broker, noDelay: true, allowHalfOpen: true });
    this.#broker = broker;
    broker.once('connect', () => { this.#reached = true; });
    broker.on('error', () => { if (!this.#reached) this.#refuse('broker_unreachable'); });
    broker.once('end', () => this.#left('broker'));
    broker.once('close', () => {
      this.#left('broker');
      this.#board.destroySoon();
    });
    this.#board.on('data', this.#fromBoard);
    broker.on('data', this.#fromBroker);
    this.#fromBoard(chunk);
    if (broker.destroyed) return;
    broker.write(chunk);
    this.#board.pipe(broker).pipe(this.#board);
  }

  readonly #fromBoard = (chunk: Buffer) => this.#listen('board', chunk);
  readonly #fromBroker = (chunk: Buffer) => this.#listen('broker', chunk);

  #listen(side: Side, chunk: Buffer): void {
    const seen = this.#seen;
    if (!seen) return;
    try {
      seen[side].read(chunk);
    } catch (error) {
      return this.#refuse(error instanceof TooLong && seen.begun ? 'bad_certificate' : 'not_tls');
    }
    if (seen.resumed) this.#resume(seen);
    else if (seen.over) this.#begun(seen);
  }

  #begun({ tls13, session, chain }: Opening): void {
    if (tls13) return this.#agree(undefined);
    if (!chain?.[0]) return this.#refuse('no_certificate');
    this.#way.sessions.began(session, chain);
    this.#agree(chain[0]);
  }

  /**
   * The broker takes up a session without asking for the certificate, which may have ended. Who it is known of may, as long
   * as that has not. A ticket says nothing in clear that could be known.
   */
  #resume(seen: Opening): void {
    const known = seen.tls13 || seen.ticket ? undefined : this.#way.sessions.get(seen.session);
    if (known && known.ends >= Date.now()) {
      seen.chain = [known.leaf];
      if (seen.over) this.#agree(known.leaf);
      return;
    }
    seen.chain = known && [known.leaf];
    // A board (BearSSL) would come with the same session again and again. At a fatal alert the broker forgets it (RFC 5246,
    // 7.2.2), and the board's next attempt is a whole handshake. In TLS 1.2 an alert at this point is in clear.
    if (!seen.tls13) this.#broker?.write(failure);
    if (known) this.#refuse('expired');
    else this.#refuse(seen.tls13 || seen.ticket ? 'no_certificate' : 'closed_early');
  }

  #agree(leaf: Buffer | undefined): void {
    this.#settle();
    this.agreed = true;
    // A copy of its own: what it is cut from holds more.
    this.#leaf = leaf && Buffer.from(new Uint8Array(leaf).buffer);
    this.id = idIn(leaf);
    // Its certificate was shown before the broker had heard that it is revoked.
    if (this.id !== undefined && this.#way.trust().revoked.has(this.id)) this.cut();
    this.#way.changed();
  }

  /** Ends a connection that the broker has let in. */
  cut(): void {
    const shown = this.#leaf && readShown([this.#leaf], this.#way.trust());
    if (shown) this.#way.note({ reason: 'cut', address: this.#address, certificate: certificateOf(shown) });
    this.drop();
  }

  drop(): void {
    this.#settle();
    this.#board.destroy();
    this.#broker?.destroy();
  }

  #refuse(reason: RefusalReason): void {
    this.#note(reason);
    this.drop();
  }

  #late(): void {
    this.#refuse(this.#seen?.begun && !this.#seen.answered ? 'broker_unreachable' : 'silent');
  }

  /** A side has said its last word; the other has some time to hear it. */
  #left(side: Side): void {
    const seen = this.#seen;
    // Who has said nothing has only looked whether there is somebody, and was refused nothing.
    if (seen && this.#broker) {
      this.#note(judge(seen, seen.chain && readShown(seen.chain, this.#way.trust()), side, Date.now()));
    }
    this.#settle();
    if (!this.#broker) this.#board.destroy();
    this.#timer = setTimeout(() => this.drop(), lingerMs);
  }

  #note(reason: RefusalReason): void {
    const seen = this.#seen;
    if (!seen) return;
    const shown = seen.chain && readShown(seen.chain, this.#way.trust());
    this.#way.note({ reason, address: this.#address, alert: seen.alert, certificate: shown && certificateOf(shown) });
    this.#settle();
  }

  #settle(): void {
    clearTimeout(this.#timer);
    this.#board.off('data', this.#fromBoard);
    this.#broker?.off('data', this.#fromBroker);
    this.#seen = undefined;
  }
}
