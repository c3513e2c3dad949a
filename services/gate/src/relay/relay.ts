import { createServer, type Server, type Socket } from 'node:net';
import type { DeviceId } from '@sconce/protocol/ids';
import { Admission, type Bounds } from './admission.ts';
import { Connection, type Way } from './connection.ts';

/** Milliseconds after which connections that do not show whose they are are cut once more. */
const againMs = 3000;

/** The port that boards connect to. */
export class Relay {
  readonly #way: Way;
  readonly #admission: Admission;
  readonly #connections = new Set<Connection>();
  readonly #server: Server;

  constructor(way: Way, bounds: Bounds) {
    this.#way = way;
    this.#admission = new Admission(bounds);
    this.#server = createServer({ allowHalfOpen: true }, (board) => this.#accept(board));
  }

  async listen(port: number, host?: string): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen({ port, ...host !== undefined && { host }, backlog: 1024 }, resolve);
    });
  }

  get open(): number {
    return this.#connections.size;
  }

  /** Connections whose certificate was seen. */
  get boards(): number {
    return this.#connections.values().filter(({ id }) => id !== undefined).reduce((sum) => sum + 1, 0);
  }

  /**
   * Cuts the connections of boards that have been revoked, and those that do not show whose they are: one of them may be
   * it. These once more when the broker must have heard of it, too, for one that came back in between.
   */
  cut(revoked: ReadonlySet<DeviceId>): void {
    for (const connection of this.#connections) {
      if (connection.id !== undefined && revoked.has(connection.id)) connection.cut();
    }
    this.#cutUnknown();
    setTimeout(() => this.#cutUnknown(), againMs).unref();
  }

  #cutUnknown(): void {
    for (const connection of this.#connections) if (connection.agreed && connection.id === undefined) connection.cut();
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => { this.#server.close(resolve); });
    for (const connection of this.#connections) connection.drop();
    await closed;
  }

  #accept(board: Socket): void {
    const address = board.remoteAddress?.replace(/^::ffff:(?=[\d.]+$)/, '');
    // It has gone already.
    if (address === undefined) return void board.destroy();
    if (!this.#admission.admits(address, this.open, performance.now())) {
      board.on('error', () => {});
      this.#way.note({ reason: 'too_many', address });
      return void board.destroy();
    }
    const connection = new Connection(board, address, this.#way, () => {
      this.#connections.delete(connection);
      this.#way.changed();
    });
    this.#connections.add(connection);
    this.#way.changed();
  }
}
