import { randomBytes, randomUUID } from 'node:crypto';
import { CommandId, ReplicaId, type DeviceId } from '@sconce/protocol/ids';
import { limits } from '@sconce/protocol/limits';
import { Ack, parsePayload, type Action } from '@sconce/protocol/messages';
import { parseDeviceTopic, topicRoot, topics } from '@sconce/protocol/topics';
import mqtt from 'mqtt';
import { credentials, type Pki } from '../pki.ts';
import { Heard } from './heard.ts';

/** A message of a device. `json` is what its payload says; a payload that is not JSON stays a string. */
export interface Message {
  channel: string; device: DeviceId; replica?: ReplicaId; json: unknown; bytes: Uint8Array; retained: boolean;
}

/**
 * The other side: asks as the API asks, with its certificate, on the services' listener, and hears everything that any
 * device says.
 */
export interface Asker {
  replica: ReplicaId;
  heard: Heard<Message>;
  /** Publishes a command and gives its id. `redelivered`: with MQTT's DUP flag. */
  ask(device: DeviceId, action: Action,
    more?: { id?: CommandId; deadline?: number; replyTo?: ReplicaId; redelivered?: boolean }):
    Promise<CommandId>;
  /** Publishes anything on the device's command topic. */
  raw(device: DeviceId, payload: string | Uint8Array): Promise<void>;
  /** The answer with this id; the `count`th, the first unless told. */
  answer(id: CommandId, options?: { count?: number; ms?: number }): Promise<Ack>;
  answers(id: CommandId): Ack[];
  close(): Promise<void>;
}

export async function connectAsker(pki: Pick<Pki, 'api'>, port: number): Promise<Asker> {
  const client = await mqtt.connectAsync({
    protocol: 'mqtts', host: '127.0.0.1', servername: 'localhost', port, ...credentials(pki.api), protocolVersion: 5,
    clientId: `conformance-${randomBytes(4).toString('hex')}`, reconnectPeriod: 0,
  });
  client.on('error', () => { /* the suite kills brokers; whoever waits for an answer is told that none came */ });
  const socket = client.stream as unknown as { setNoDelay(on: boolean): void };
  socket.setNoDelay(true);
  const replica = ReplicaId.parse(randomBytes(4).toString('hex'));
  const heard = new Heard<Message>();
  client.on('message', (topic, bytes, { retain }) => {
    const parsed = parseDeviceTopic(topic);
    if (!parsed) return;
    let json: unknown = bytes.toString();
    try { json = JSON.parse(bytes.toString()); } catch { /* stays a string, which no schema accepts */ }
    heard.add({ ...parsed, json, bytes, retained: retain });
  });
  await client.subscribeAsync(`${topicRoot}/+/#`, { qos: 1 });

  const isAnswer = (id: CommandId) => ({ channel, json }: Message) =>
    channel === 'ack' && (json as { id?: unknown }).id === id;
  const answers = (id: CommandId) => heard.all.filter(isAnswer(id)).map(({ bytes }) => readAck(bytes));
  const raw = async (device: DeviceId, payload: string | Uint8Array) => {
    await client.publishAsync(topics.command(device), payload as string | Buffer, { qos: 1 });
  };
  return {
    replica, heard, raw, answers,
    async ask(device, action, more = {}) {
      const { id = CommandId.parse(randomUUID()), deadline, replyTo = replica, redelivered = false } = more;
      const message = { id, replyTo, deadline: deadline ?? Date.now() + limits.commandDeadlineMs, ...action };
      await client.publishAsync(topics.command(device), JSON.stringify(message), { qos: 1, dup: redelivered });
      return id;
    },
    async answer(id, { count = 1, ms = 20_000 } = {}) {
      const enough = (message: Message) => isAnswer(id)(message) && answers(id).length >= count;
      if (answers(id).length < count) {
        await heard.first(`answer ${count} to ${id}`, enough, { from: heard.all.length, ms });
      }
      return answers(id)[count - 1] as Ack;
    },
    close: () => client.endAsync(true),
  };
}

function readAck(bytes: Uint8Array): Ack {
  const read = parsePayload(Ack, bytes, limits.deviceMessageBytes);
  if (!read.ok) throw new Error(`an ack that the protocol does not know: ${read.why}`);
  return read.value;
}
