import { readFileSync } from 'node:fs';
import { connectAsync } from 'mqtt';
import type { IClientOptions, MqttClient } from 'mqtt';
import { credentials } from '../src/pki.ts';
import type { Identity } from '../src/pki.ts';

export interface Heard {
  topic: string;
  payload: string;
  retain: boolean;
}

export interface Client {
  mqtt: MqttClient;
  /** All that was delivered since the connection began. */
  heard: Heard[];
  /** Resolves once a message with this payload has been delivered; rejects after 5 s. */
  hears(payload: string): Promise<Heard>;
  /** Publishes at QoS 1 and waits for the answer, whichever it is: what counts is delivery. */
  say(topic: string, payload: string, options?: { retain?: boolean; qos?: 0 | 1 }): Promise<void>;
  /** Breaks the connection without a DISCONNECT. */
  drop(): void;
}

export type Version = 4 | 5;
export const versions: [Version, string][] = [[4, 'MQTT 3.1.1'], [5, 'MQTT 5']];

/** Connects once, without retries; rejects with the reason. With `ca` alone it shows no certificate. */
export async function connect(port: number, identity: Identity | { ca: string }, options: IClientOptions = {}):
  Promise<Client> {
  const secrets = 'key' in identity ? credentials(identity) : { ca: readFileSync(identity.ca) };
  const once = { ...secrets, protocolVersion: 5, reconnectPeriod: 0, connectTimeout: 3000, keepalive: 15 } as const;
  const mqtt = await connectAsync(`mqtts://localhost:${port}`, { ...once, ...options }, false);
  const heard: Heard[] = [];
  const waiting = new Set<() => void>();
  mqtt.on('message', (topic, payload, { retain }) => {
    heard.push({ topic, payload: payload.toString(), retain });
    for (const look of waiting) look();
  });
  // A broken connection is what some tests are after; `close` says it, too.
  mqtt.on('error', () => {});
  return {
    mqtt,
    heard,
    hears: (payload) => new Promise((resolve, reject) => {
      const end = (settle: () => void) => {
        clearTimeout(timer);
        waiting.delete(look);
        settle();
      };
      const look = () => {
        const found = heard.find((message) => message.payload === payload);
        if (found !== undefined) end(() => resolve(found));
      };
      const timer = setTimeout(() => end(() => reject(new Error(`"${payload}" was not delivered within 5 s`))), 5000);
      waiting.add(look);
      look();
    }),
    async say(topic, payload, { retain = false, qos = 1 } = {}) {
      await mqtt.publishAsync(topic, payload, { qos, retain }).catch(() => undefined);
    },
    drop: () => { mqtt.stream.destroy(); },
  };
}
