import { isIP } from 'node:net';
import { checkServerIdentity, connect as connectTls, type TLSSocket } from 'node:tls';
import { limits } from '@sconce/protocol/limits';
import { type IClientPublishOptions, MqttClient } from 'mqtt';
import { backoffMs, type BackoffBounds } from './backoff.ts';
import type { Clock } from './clock.ts';
import { faultOf, type Fault } from '@sconce/protocol/faults';
import type { Identity } from './identity.ts';

/** Long enough for an ESP8266's handshake (1 to 2 s) over a bad line; no use in waiting longer. */
const connectTimeoutMs = 10_000;
/** A connection that ends sooner has not been a success: the next try waits longer than the one before. */
const steadyMs = 10_000;

export interface ConnectionOptions {
  identity: Pick<Identity, 'id' | 'broker'>;
  /** What to show and whom to trust, at each connection: a board is given others while it runs. PEM, `notAfter` ms since 1970. */
  credentials(): { ca: string; cert: string; key: string; notAfter: number };
  /** Where to knock. Whom the certificate must be for is `identity.broker.host`, wherever one knocks. */
  broker: { host: string; port: number };
  backoff: BackoffBounds;
  clock: Clock;
  random(): number;
  subscribeTo: string;
  /** Topic and payload of the last will. `since`: when this connection began, ms since 1970. */
  will(since: number): { topic: string; payload: string };
  /** Connected and subscribed. */
  onUp(since: number, handshakeMs: number): void;
  onMessage(payload: Uint8Array): void;
  /** The connection, or an attempt at one, has ended by a fault; the next try follows in `nextTryMs`. */
  onFault(fault: Fault, wasUp: boolean, nextTryMs: number): void;
}

/** The line to the broker: MQTT 3.1.1 over mutual TLS 1.2, as the chip speaks it. Comes back by itself until it is closed. */
export class Connection {
  readonly #options: ConnectionOptions;
  #client: MqttClient | undefined;
  #tries = 0;
  #cancelRetry: (() => void) | undefined;
  #closing = false;

  constructor(options: ConnectionOptions) {
    this.#options = options;
  }

  get up(): boolean {
    return this.#client?.connected ?? false;
  }

  /** Connects, and keeps connecting. */
  open(): void {
    const { clock, backoff, random, onFault } = this.#options;
    this.#closing = false;
    this.#cancelRetry?.();
    this.#cancelRetry = undefined;
    this.#client?.end(true);
    const began = clock.now();
    let socket: TLSSocket | undefined;
    let error: unknown;
    let upAt: number | undefined;
    let handshakeMs = 0;

    // One client for one connection: nothing half-sent is carried over to the next by a store that nobody sees.
    const client = new MqttClient(() => {
      socket = this.#socket((ms) => { handshakeMs = ms; });
      return socket;
    }, this.#mqttOptions(began));
    this.#client = client;
    client.on('error', (reason) => { error ??= reason; });
    client.on('message', (_topic, payload) => this.#options.onMessage(payload));
    client.once('connect', () => {
      client.subscribe(this.#options.subscribeTo, { qos: 1 }, (failed) => {
        if (failed) return void client.end(true);
        upAt = clock.ticks();
        this.#options.onUp(began, handshakeMs);
      });
    });
    client.once('close', () => {
      // Tells every publish that still waits for its acknowledgement that it will not come.
      client.end(true);
      // Another has taken its place.
      if (this.#client !== client) return;
      this.#client = undefined;
      if (this.#closing) return;
      this.#tries = upAt !== undefined && clock.ticks() - upAt >= steadyMs ? 1 : this.#tries + 1;
      const nextTryMs = backoffMs(backoff, this.#tries, random());
      this.#cancelRetry = clock.after(nextTryMs, () => this.open());
      onFault(this.#faultOf(error, upAt !== undefined), upAt !== undefined, nextTryMs);
    });
  }

  /** Resolves when the broker has acknowledged (QoS 1) or the bytes have left (QoS 0); rejects when the line is lost. */
  async publish(topic: string, payload: string, options: IClientPublishOptions): Promise<void> {
    if (!this.#client?.connected) throw new Error('not connected');
    await this.#client.publishAsync(topic, payload, options);
  }

  /** Says DISCONNECT, so that the broker keeps the last will to itself, and stays away. */
  async close(): Promise<void> {
    this.#closing = true;
    this.#cancelRetry?.();
    await this.#client?.endAsync(!this.up);
  }

  /** Drops the line without a word. */
  drop(): void {
    this.#closing = true;
    this.#cancelRetry?.();
    this.#client?.end(true);
  }

  #faultOf(error: unknown, connected: boolean): Fault {
    const { identity, broker, clock, credentials } = this.#options;
    return faultOf(error, connected, { party: 'board', ...broker, name: identity.broker.host, notAfter: credentials().notAfter, now: clock.now() });
  }

  #mqttOptions(since: number) {
    const { identity, will } = this.#options;
    return {
      protocolVersion: 4 as const,
      clientId: identity.id,
      clean: true,
      keepalive: limits.keepAliveSeconds,
      connectTimeout: connectTimeoutMs,
      will: { ...will(since), payload: Buffer.from(will(since).payload), qos: 1 as const, retain: true },
      // We come back ourselves, with back-off and chance; mqtt.js knows a fixed period only.
      reconnectPeriod: 0,
      queueQoSZero: false,
      resubscribe: false,
    };
  }

  #socket(onHandshake: (ms: number) => void): TLSSocket {
    const { identity, broker, clock, credentials } = this.#options;
    const name = identity.broker.host;
    const { ca, cert, key } = credentials();
    const socket = connectTls({
      ...broker, ca, cert, key,
      minVersion: 'TLSv1.2',
      maxVersion: 'TLSv1.2',
      // An address must not stand in the TLS server name (RFC 6066, 3).
      ...isIP(name) ? {} : { servername: name },
      checkServerIdentity: (_host, certificate) => checkServerIdentity(name, certificate),
    });
    let began = clock.ticks();
    socket.once('connect', () => {
      began = clock.ticks();
      // Nagle's algorithm holds a QoS 1 acknowledgement back for 44 ms.
      socket.setNoDelay(true);
    });
    socket.once('secureConnect', () => onHandshake(clock.ticks() - began));
    return socket;
  }
}
