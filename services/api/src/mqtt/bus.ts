import { randomBytes, X509Certificate } from 'node:crypto';
import { TLSSocket } from 'node:tls';
import mqtt, { type IClientOptions } from 'mqtt';
import { type CommandId, type DeviceId, ReplicaId } from '@sconce/protocol/ids';
import { faultOf, type About } from '@sconce/protocol/faults';
import { limits } from '@sconce/protocol/limits';
import {
  Ack, type Action, CertificateRequest, type Command, Info, parsePayload, Received, Status, Telemetry,
} from '@sconce/protocol/messages';
import { apiFilters, type DeviceChannel, parseDeviceTopic, topics } from '@sconce/protocol/topics';
import { onAirMs } from '../domain/control.ts';
import type { Meter } from '../domain/meter.ts';
import { Seldom } from '../domain/seldom.ts';

export type DeviceMessage = { device: DeviceId } & (
  | { channel: 'status'; value: Status }
  | { channel: 'info'; value: Info }
  | { channel: 'telemetry'; value: Telemetry }
  | { channel: 'rf/received'; value: Received }
  | { channel: 'certificate'; value: CertificateRequest });

/**
 * What came of a command as far as the bus can tell: the device's own answer, `expired` (none by the deadline), or
 * `offline` (the broker knows of nobody who listens to it).
 */
export type Delivery = { outcome: Ack['outcome'] | 'offline'; reason?: NonNullable<Ack['reason']> };

export type BusListener = {
  onMessage(message: DeviceMessage): void;
  /** `true` only when subscriptions stand, so that what is retained is on its way. */
  onConnection(connected: boolean): void;
};

/** The way to the devices. `send` never throws for a device's sake; it does when the broker is out of reach. */
export type Bus = {
  readonly connected: boolean;
  /** When the certificate ends that the broker showed when it was last connected to. */
  readonly brokerCertificateEnds: Date | undefined;
  /** When the certificate ends that the API shows. */
  readonly ownCertificateEnds: Date | undefined;
  start(listener: BusListener): void;
  /** @throws BusUnreachable before anything was sent */
  send(device: DeviceId, id: CommandId, action: Action, deadline: Date): Promise<Delivery>;
  /** Connects anew with these, as soon as no board is waited for. */
  use(credentials: Credentials): void;
  /** Has the broker tell again what it has retained: how every board stands. */
  askAgain(): void;
  /** Makes the broker forget a device's retained status and info. */
  clearRetained(device: DeviceId): void;
  close(): Promise<void>;
};

/** Who the API is to the broker, and whom it believes to be the broker. PEM. */
export type Credentials = { ca: Buffer; cert: Buffer; key: Buffer };

export class BusUnreachable extends Error {
  override name = 'BusUnreachable';
}

type Log = {
  info(fields: object, text: string): void;
  warn(fields: object, text: string): void;
  error(fields: object, text: string): void;
};
type Options = Credentials & {
  url: string; log: Log;
  meter: Pick<Meter, 'message' | 'dropped' | 'commandNotTaken' | 'broker'>;
};

/**
 * How long after the deadline an answer is waited for, in milliseconds: a board may begin to send up to its deadline. Ten
 * repeats take 448 ms, forty of a slow code seconds; then the answer is on its way.
 */
const answerGraceMs = (action: Action): number => Math.max(500, onAirMs(action) + 50);

const schemas = { status: Status, info: Info, telemetry: Telemetry, 'rf/received': Received, certificate: CertificateRequest } as const satisfies
  Record<DeviceChannel, unknown>;

/** Milliseconds that the broker has for the farewell. */
const farewellMs = 1000;

/** MQTT 5, 3.4.2.1: the broker took the message and found nobody to give it to. */
const noMatchingSubscribers = 0x10;

/** Connects to Mosquitto's services listener with the API's own certificate; comes back by itself when it is lost. */
export function createBus({ url, ca, cert, key, log, meter }: Options): Bus {
  const replica = ReplicaId.parse(randomBytes(4).toString('hex'));
  const waiting = new Map<CommandId, { device: DeviceId; settle: (delivery: Delivery) => void }>();
  const notes = new Seldom();
  /** Publishes that the broker had nobody for. mqtt.js hands the callback our own packet, not the broker's answer. */
  const unheard = new Set<number>();
  let client: mqtt.MqttClient | undefined;
  let subscribed = false;
  let listener: BusListener | undefined;
  let lastFault = '';
  let brokerCertificateEnds: Date | undefined;
  let credentials: Credentials = { ca, cert, key };
  /** To be used when nobody waits any more. */
  let next: Credentials | undefined;
  const ownEnd = () => Date.parse(new X509Certificate(credentials.cert).validTo);
  const { hostname, port } = new URL(url);
  const about = (): About => ({
    party: 'api', host: hostname, port: Number(port), name: hostname, notAfter: ownEnd(), now: Date.now(),
  });

  const options: IClientOptions = {
    protocolVersion: 5,
    clientId: `api-${replica}`,
    clean: true,
    // An answer that waits for the next connection would be late; a command must not wait at all.
    resubscribe: false,
    queueQoSZero: false,
    keepalive: limits.keepAliveSeconds,
    reconnectPeriod: 500,
    connectTimeout: 5000,
  };

  async function onConnect(): Promise<void> {
    const connection = client;
    // Nagle's algorithm and delayed ACKs cost 44 ms a command at QoS 1; mqtt.js leaves it on.
    const stream = connection?.stream;
    if (stream && 'setNoDelay' in stream && typeof stream.setNoDelay === 'function') stream.setNoDelay(true);
    if (stream instanceof TLSSocket) {
      const presented = stream.getPeerX509Certificate();
      brokerCertificateEnds = presented && new Date(presented.validTo);
    }
    const { channels, acks } = apiFilters(replica);
    try {
      await connection?.subscribeAsync([acks, ...channels], { qos: 1 });
    } catch (error) {
      // A connection that was lost meanwhile says so itself, and the next one asks again.
      if (connection?.connected !== true) return;
      log.error({ err: error },
        'The broker refused a subscription: mosquitto/acl/services must give the API its topics.');
      return;
    }
    if (client !== connection) return;
    subscribed = true;
    lastFault = '';
    log.info({ replica }, 'connected to the broker');
    meter.broker('connected');
    listener?.onConnection(true);
  }

  function onClose(): void {
    // The ids of publishes begin anew with the next connection.
    unheard.clear();
    if (!subscribed) return;
    subscribed = false;
    log.warn({}, 'lost the broker; trying to reach it again');
    meter.broker('lost');
    listener?.onConnection(false);
  }

  function onError(error: unknown): void {
    const { message: words } = faultOf(error, subscribed, about());
    // Every attempt fails alike: one line is enough.
    if (words !== lastFault) log.error({ err: error }, words);
    lastFault = words;
  }

  function onMessage(topic: string, payload: Uint8Array): void {
    const where = parseDeviceTopic(topic);
    if (!where) return;
    if (where.channel === 'ack') return onAck(where.device, payload);
    // What clearRetained() sends comes back to its sender.
    if (payload.byteLength === 0) return;
    const read = parsePayload<DeviceMessage['value']>(schemas[where.channel], payload, limits.deviceMessageBytes);
    if (!read.ok) {
      meter.dropped(where.channel, 'unreadable');
      return complain(where.device, { channel: where.channel, why: read.why }, 'unreadable message');
    }
    meter.message(where.channel);
    // The channel chose the schema: value and channel belong together.
    listener?.onMessage({ ...where, value: read.value } as DeviceMessage);
  }

  /** A board that floods must not fill the disk with what is said of it. */
  function complain(device: DeviceId, fields: object, text: string): void {
    if (notes.isDue(`${device} ${text}`, Date.now())) log.warn({ device, ...fields }, `${text}, from a board`);
  }

  function onAck(device: DeviceId, payload: Uint8Array): void {
    const read = parsePayload(Ack, payload, limits.deviceMessageBytes);
    if (!read.ok) {
      meter.dropped('ack', 'unreadable');
      return complain(device, { why: read.why }, 'unreadable answer');
    }
    meter.message('ack');
    const { id, outcome, reason } = read.value;
    const asked = waiting.get(id);
    // Ids are shown to people: only the board that was asked can answer.
    if (asked?.device !== device) {
      meter.dropped('ack', 'unasked');
      return complain(device, { commandId: id, outcome }, 'an answer that nobody waits for');
    }
    asked.settle({ outcome, ...reason && { reason } });
  }

  function send(device: DeviceId, id: CommandId, action: Action, deadline: Date): Promise<Delivery> {
    const connection = client;
    // mqtt.js would keep it and send it at the next connection.
    if (!connection || !subscribed) return Promise.reject(new BusUnreachable());
    const command = { id, replyTo: replica, deadline: deadline.getTime(), ...action } as Command;
    const left = deadline.getTime() - Date.now();
    return new Promise((resolve) => {
      const settle = (delivery: Delivery) => {
        clearTimeout(timer);
        waiting.delete(id);
        resolve(delivery);
        changeOver();
      };
      const timer = setTimeout(() => settle({ outcome: 'expired' }), left + answerGraceMs(action));
      waiting.set(id, { device, settle });
      connection.publish(topics.command(device), JSON.stringify(command), {
        qos: 1,
        retain: false,
        properties: { messageExpiryInterval: Math.max(1, Math.ceil(left / 1000)) },
      }, (error, packet) => {
        if (error) {
          meter.commandNotTaken();
          log.warn({ err: error, commandId: id }, 'the broker did not take a command');
        }
        if (packet?.messageId !== undefined && unheard.delete(packet.messageId)) settle({ outcome: 'offline' });
      });
    });
  }

  function open(): mqtt.MqttClient {
    const opened = mqtt.connect(url, { ...options, ...credentials });
    // What one says that was put aside concerns nobody any more.
    const ifCurrent = <A extends unknown[]>(listen: (...args: A) => void) =>
      (...args: A) => void (client === opened && listen(...args));
    opened.on('connect', ifCurrent(() => void onConnect()));
    opened.on('close', ifCurrent(onClose));
    opened.on('error', ifCurrent(onError));
    opened.on('packetreceive', ifCurrent((packet) => {
      if (packet.cmd !== 'puback' || packet.reasonCode !== noMatchingSubscribers) return;
      if (packet.messageId !== undefined) unheard.add(packet.messageId);
    }));
    opened.on('message', ifCurrent(onMessage));
    return opened;
  }

  /** A command that is under way would lose its answer. */
  function changeOver(): void {
    if (!next || waiting.size > 0) return;
    credentials = next;
    next = undefined;
    const before = client;
    if (!before || before.disconnecting) return;
    log.info({}, 'connecting to the broker anew, with the certificate that has been made');
    client = undefined;
    before.end(true);
    onClose();
    client = open();
  }

  return {
    get connected() { return subscribed; },
    get brokerCertificateEnds() { return brokerCertificateEnds; },
    get ownCertificateEnds() { return new Date(ownEnd()); },
    start(to) {
      listener = to;
      client = open();
    },
    send,
    use(credentials) {
      next = credentials;
      changeOver();
    },
    askAgain() {
      // A connection that is lost meanwhile asks by itself when it is back.
      if (subscribed) client?.subscribe(apiFilters(replica).channels, { qos: 1 });
    },
    clearRetained(device) {
      for (const topic of [topics.status(device), topics.info(device)]) {
        client?.publish(topic, '', { qos: 1, retain: true }, (_error, packet) => {
          if (packet?.messageId !== undefined) unheard.delete(packet.messageId);
        });
      }
    },
    async close() {
      subscribed = false;
      // A broker that hangs does not take the farewell, and a process that stops must not wait for it.
      const late = setTimeout(() => client?.stream.destroy(), farewellMs);
      await client?.endAsync();
      clearTimeout(late);
    },
  };
}
