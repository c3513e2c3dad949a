import type { CommandId, ReplicaId } from '@sconce/protocol/ids';
import { limits } from '@sconce/protocol/limits';
import type { Ack, Info, Received, RfCode, Status, Telemetry } from '@sconce/protocol/messages';
import { topics } from '@sconce/protocol/topics';
import type { BackoffBounds } from './backoff.ts';
import type { Clock } from './clock.ts';
import { Commands } from './commands.ts';
import { Connection } from './connection.ts';
import type { Fault } from '@sconce/protocol/faults';
import type { Tell } from './happenings.ts';
import type { Identity } from './identity.ts';
import { Keyring } from './keyring.ts';
import { type Antenna, Radio } from './radio.ts';
import { Receiver } from './receiver.ts';
import { Renewal, serialOf } from './renewal.ts';

export interface BoardOptions {
  identity: Identity;
  /** Where to connect, if not where the identity says. */
  broker?: { host: string; port: number } | undefined;
  /** GPIO numbers that have a relay. */
  pins: readonly number[];
  /** 1: a code takes as long as on a real radio; 0: no time at all. */
  airtime: number;
  /** Of an air that others share; by its own nobody hears it. */
  antenna?: Antenna | undefined;
  backoff: BackoffBounds;
  clock: Clock;
  random(): number;
  tell: Tell;
}

/** After a connection, wait this long for the first telemetry, so that it does not compete with the first tap. */
const firstTelemetryMs = 200;
/** What an ESP8266 takes to boot and join its Wi-Fi again; the handshake comes on top. */
const bootMs = 300;
/** A clean stop is given up after this. */
const stopMs = 1500;
/** `Info.lastError` may be as long as this. */
const lastErrorCharacters = 200;

/** One simulated board: everything that its chip would do, at the same pace. */
export class SimulatedBoard {
  readonly #options: BoardOptions;
  readonly #radio: Radio;
  readonly #receiver: Receiver;
  readonly #keyring: Keyring;
  readonly #renewal: Renewal;
  readonly #commands: Commands;
  readonly #connection: Connection;
  /** Answers that the broker has not acknowledged; given again at the next connection. */
  readonly #unconfirmed = new Map<string, { replyTo: ReplicaId; ack: Ack }>();
  #since = 0;
  #startedAt: number;
  #resetReason = 'power on';
  #lastFault: Fault | undefined;
  #handshakeMs = 0;
  #rssi: number;
  #cancelTimer: () => void = () => {};
  /** Counts what has been begun with the line: whoever finds it changed has been overtaken. */
  #errand = 0;
  #stopped = false;

  constructor(options: BoardOptions) {
    const { identity, pins, airtime, antenna, backoff, clock, random, tell } = options;
    this.#options = options;
    this.#startedAt = clock.ticks();
    this.#rssi = -50 - Math.round(random() * 25);
    this.#radio = new Radio({ clock, airtime, antenna });
    this.#receiver = new Receiver({
      clock,
      isSending: () => this.#radio.sending,
      report: (code, learning) => this.#report(code, learning),
    });
    this.#keyring = new Keyring(identity, clock.now());
    if (this.#keyring.complaint !== undefined) tell({ event: 'error', code: 'damaged', message: this.#keyring.complaint });
    this.#renewal = new Renewal({
      id: identity.id, keyring: this.#keyring, clock, random, tell,
      send: (request) => this.#connection.publish(topics.certificate(identity.id), JSON.stringify(request), { qos: 1 }),
    });
    // Made once: a command asked twice, with its restart in between, restarts once.
    this.#commands = new Commands({
      clock, radio: this.#radio, renewal: this.#renewal, pins, tell,
      answer: (replyTo, ack) => this.#answer(replyTo, ack),
      transmitted: ({ code, bits, protocol, pulse }) => {
        const sent = { code, bits, protocol, pulse };
        this.#receiver.sent(sent);
        // The receiver sits beside the transmitter: it hears the last frame, a little late.
        this.#receiver.frame(sent);
      },
      learn: (seconds) => this.#receiver.learn(seconds),
      restart: () => void this.#restart(),
      connectAnew: () => void this.#connectAnew(),
      trustsChanged: () => this.#sayWhoIAm(),
    });
    this.#connection = new Connection({
      identity, backoff, clock, random,
      credentials: () => {
        const { key, chain, leaf } = this.#keyring.current;
        return { ca: this.#keyring.ca, cert: chain, key, notAfter: leaf.validToDate.getTime() };
      },
      broker: options.broker ?? identity.broker,
      subscribeTo: topics.command(identity.id),
      will: (since) => ({ topic: topics.status(identity.id), payload: JSON.stringify({ online: false, since } satisfies Status) }),
      onUp: (since, handshakeMs) => this.#up(since, handshakeMs),
      onMessage: (payload) => this.#commands.receive(payload),
      onFault: (fault, wasUp, nextTryMs) => this.#down(fault, wasUp, nextTryMs),
    });
  }

  start(): void {
    this.#connection.open();
  }

  /** A code is on the air near the board: a hand remote's, or another board's. */
  hear(code: RfCode): void {
    this.#receiver.frame(code);
  }

  /** Falls silent, says goodbye and disconnects, for good. Takes at most 1.5 s, whatever the broker does. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#halt();
  }

  async #halt(): Promise<void> {
    this.#radio.stop();
    await this.#leave('stopped');
  }

  /** Says goodbye and drops the line; takes at most 1.5 s. */
  async #leave(why: string): Promise<void> {
    this.#errand += 1;
    this.#cancelTimer();
    this.#renewal.pause();
    const { clock, tell } = this.#options;
    let cancel = () => {};
    const tooLong = new Promise<void>((resolve) => { cancel = clock.after(stopMs, resolve); });
    const wasUp = this.#connection.up;
    await Promise.race([this.#sayGoodbye(), tooLong]);
    cancel();
    this.#connection.drop();
    if (wasUp) tell({ event: 'disconnected', why });
  }

  async #sayGoodbye(): Promise<void> {
    if (this.#connection.up) await this.#say(topics.status, { online: false, since: this.#since } satisfies Status, true);
    await this.#connection.close();
  }

  #up(since: number, handshakeMs: number): void {
    const { identity, broker = identity.broker, clock, tell } = this.#options;
    this.#since = since;
    this.#handshakeMs = Math.round(handshakeMs);
    tell({ event: 'connected', broker: `${broker.host}:${broker.port}`, handshakeMs: this.#handshakeMs });
    void this.#say(topics.status, { online: true, since } satisfies Status, true);
    this.#sayWhoIAm();
    for (const { replyTo, ack } of this.#unconfirmed.values()) this.#answer(replyTo, ack);
    this.#cancelTimer = clock.after(firstTelemetryMs, () => this.#tellTelemetry());
    this.#renewal.begin();
  }

  #sayWhoIAm(): void {
    const { pins } = this.#options;
    const { leaf } = this.#keyring.current;
    void this.#say(topics.info, {
      firmware: '1.0.0',
      hardware: 'simulator',
      capabilities: ['rf.send', 'rf.receive', 'rf.learn', ...pins.length ? ['pin.set'] : [], 'identify', 'restart', 'renew'],
      pins: [...pins],
      resetReason: this.#resetReason,
      certificateNotAfter: leaf.validToDate.getTime(),
      certificateSerial: serialOf(leaf),
      trusts: this.#keyring.fingerprints,
      ...this.#lastFault && { lastError: this.#lastFault.message.slice(0, lastErrorCharacters) },
    } satisfies Info, true);
  }

  #down(fault: Fault, wasUp: boolean, nextTryMs: number): void {
    this.#cancelTimer();
    this.#renewal.pause();
    if (!wasUp) this.#renewal.refusedBy(fault);
    this.#lastFault = fault;
    this.#options.tell({ event: 'error', ...fault });
    if (wasUp) this.#options.tell({ event: 'disconnected', why: fault.message, nextTryMs });
  }

  #answer(replyTo: ReplicaId, ack: Ack): void {
    const key: `${CommandId}/${ReplicaId}` = `${ack.id}/${replyTo}`;
    const answer = { replyTo, ack };
    this.#unconfirmed.set(key, answer);
    for (const oldest of this.#unconfirmed.keys()) {
      if (this.#unconfirmed.size <= limits.commandsRemembered) break;
      this.#unconfirmed.delete(oldest);
    }
    const topic = topics.ack(this.#options.identity.id, replyTo);
    this.#connection.publish(topic, JSON.stringify(ack), { qos: 1 }).then(() => {
      if (this.#unconfirmed.get(key) === answer) this.#unconfirmed.delete(key);
    }, () => { /* the line is lost, which #down tells; the answer stays and is given again */ });
  }

  #report({ code, bits, protocol, pulse }: RfCode, learning: boolean): void {
    const received = { code, bits, protocol, pulse, ...learning && { learning } } satisfies Received;
    this.#options.tell({ event: 'received', ...received });
    void this.#say(topics.received, received, false);
  }

  #tellTelemetry(): void {
    const { clock, random } = this.#options;
    this.#rssi = Math.max(-90, Math.min(-40, this.#rssi + Math.round(random() * 4 - 2)));
    // About what a board with TLS up has left: 46 kB of heap without it, of which 14 kB go to TLS.
    const heapFree = 30_000 + Math.round(random() * 2000);
    void this.#say(topics.telemetry, {
      rssi: this.#rssi,
      heapFree,
      heapLargestBlock: heapFree - 4000 - Math.round(random() * 1000),
      uptime: Math.floor((clock.ticks() - this.#startedAt) / 1000),
      tlsHandshakeMs: this.#handshakeMs,
    } satisfies Telemetry, false);
    this.#cancelTimer = clock.after(limits.telemetrySeconds * 1000, () => this.#tellTelemetry());
  }

  /** Status, info (retained, QoS 1) and what may be lost (QoS 0). A lost line is told by #down, and up again says all anew. */
  async #say(topic: (device: Identity['id']) => string, message: object, retain: boolean): Promise<void> {
    const options = { qos: retain ? 1 : 0, retain } as const;
    await this.#connection.publish(topic(this.#options.identity.id), JSON.stringify(message), options).catch(() => {});
  }

  async #restart(): Promise<void> {
    const { clock } = this.#options;
    const halting = this.#halt();
    const errand = this.#errand;
    await halting;
    if (this.#stopped) return;
    this.#receiver.learn(0);
    this.#startedAt = clock.ticks() + bootMs;
    this.#resetReason = 'restart by command';
    this.#lastFault = undefined;
    this.#cancelTimer = clock.after(bootMs, () => errand === this.#errand && this.start());
  }

  /** With the certificate that has just been taken into use. What is on the air goes on, its answer comes after. */
  async #connectAnew(): Promise<void> {
    const leaving = this.#leave('connecting anew with the new certificate');
    const errand = this.#errand;
    await leaving;
    if (!this.#stopped && errand === this.#errand) this.start();
  }
}
