import { randomBytes, randomUUID } from 'node:crypto';
import { CommandId, ReplicaId, type DeviceId } from '@sconce/protocol/ids';
import { limits } from '@sconce/protocol/limits';
import { Ack, Info, parsePayload, Status, type Action } from '@sconce/protocol/messages';
import { parseDeviceTopic, topics } from '@sconce/protocol/topics';
import { connectAsync } from 'mqtt';
import { Problem } from './problem.ts';

/** A piece of firmware may have to wait until the flash is erased, and before that until the radio has sent. */
const deadlineMs = 10_000;

export interface Broker { host: string; port: number; ca: Buffer; cert: Buffer; key: Buffer }

/** The line to one board, by way of the broker. */
export interface Line {
  /** What the board last said of itself; undefined: nothing yet. */
  readonly status: Status | undefined;
  readonly info: Info | undefined;
  /** Sends a command. Its answer; undefined if none comes before its deadline, or the line or the board's is lost. */
  ask(action: Action): Promise<Ack | undefined>;
  /** Resolves as soon as it holds, `false` when it does not within `ms`. Looks again whenever the board says something. */
  until(holds: () => boolean, ms: number): Promise<boolean>;
  close(): Promise<void>;
}

/** Connects as the API does, and again whenever the line is lost. @throws Problem if it cannot be had at first */
export async function openLine(device: DeviceId, broker: Broker): Promise<Line> {
  const { host, port, ...credentials } = broker;
  const client = await connectAsync(`mqtts://${host}:${port}`, { ...credentials, protocolVersion: 5, reconnectPeriod: 1000,
    clientId: `update-${randomBytes(4).toString('hex')}` }, false).catch((error: unknown) => {
    throw new Problem(`There is no broker for services at ${host}:${port} (${(error as Error).message}). `
      + 'Run this where the API runs, or say where it is: BROKER=HOST:PORT', { cause: error });
  });
  // Nagle's algorithm would hold each command back until the one before is acknowledged.
  const hurry = () => { (client.stream as unknown as { setNoDelay(on: boolean): void }).setNoDelay(true); };
  hurry();
  client.on('connect', hurry);
  client.on('error', () => { /* it connects again; who waits for an answer is told that none came */ });
  const replica = ReplicaId.parse(randomBytes(4).toString('hex'));
  const answered = new Map<string, (ack?: Ack) => void>();
  const looking = new Set<() => void>();
  let status: Status | undefined;
  let info: Info | undefined;
  // Whatever was on its way may be lost, and does no harm when it comes twice.
  const giveUp = () => { for (const settle of answered.values()) settle(); };
  client.on('close', giveUp);
  const hear = (said: Status | undefined) => {
    if (said && status && said.since !== status.since) giveUp();
    status = said ?? status;
  };
  client.on('message', (topic, bytes) => {
    const read = <T>(schema: Parameters<typeof parsePayload<T>>[0]) => {
      const payload = parsePayload(schema, bytes, limits.deviceMessageBytes);
      return payload.ok ? payload.value : undefined;
    };
    const channel = parseDeviceTopic(topic)?.channel;
    if (channel === 'status') hear(read(Status));
    if (channel === 'info') info = read(Info) ?? info;
    const ack = channel === 'ack' ? read(Ack) : undefined;
    if (ack) answered.get(ack.id)?.(ack);
    for (const look of [...looking]) look();
  });
  await client.subscribeAsync([topics.status(device), topics.info(device), topics.ack(device, replica)], { qos: 1 });

  return {
    get status() { return status; },
    get info() { return info; },
    ask(action) {
      const id = CommandId.parse(randomUUID());
      const command = { id, replyTo: replica, deadline: Date.now() + deadlineMs, ...action };
      return new Promise((resolve) => {
        const settle = (ack?: Ack) => {
          clearTimeout(timer);
          answered.delete(id);
          resolve(ack);
        };
        const timer = setTimeout(settle, deadlineMs);
        answered.set(id, settle);
        client.publishAsync(topics.command(device), JSON.stringify(command),
          { qos: 1, properties: { messageExpiryInterval: deadlineMs / 1000 } }).catch(() => { settle(); });
      });
    },
    until: (holds, ms) => new Promise((resolve) => {
      const settle = (held: boolean) => {
        clearTimeout(timer);
        looking.delete(look);
        resolve(held);
      };
      const look = () => { if (holds()) settle(true); };
      const timer = setTimeout(() => { settle(false); }, ms);
      looking.add(look);
      look();
    }),
    close: () => client.endAsync(true),
  };
}
