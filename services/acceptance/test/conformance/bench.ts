import type { Action } from '@sconce/protocol/messages';
import type { Test } from 'tap';
import { connectAsker, type Asker, type Message } from '../../src/conformance/asker.ts';
import { startDevice, type RunningDevice } from '../../src/conformance/device.ts';
import type { Launcher, LaunchOptions } from '../../src/launchers.ts';
import { startMosquitto } from '../../src/mosquitto.ts';
import { freePorts, type Running } from '../../src/process.ts';
import { hall, pki } from './household.ts';

/** What a kind of board is tested with: a broker of its own, and somebody who asks as the API does. */
export interface Bench {
  launcher: Launcher;
  /** A port at which nothing listens. */
  closedPort: number;
  readonly broker: Running;
  readonly asker: Asker;
  /** Another who asks; gone at the end of the test. */
  anotherAsker(t: Test): Promise<Asker>;
  /** Starts a board, the hall's unless told; it is killed at the end of the test. */
  start(t: Test, options?: Partial<LaunchOptions>, env?: Record<string, string>): RunningDevice;
  /** Starts the broker again, and another who asks in the place of the one that was cut off. */
  restartBroker(): Promise<void>;
}

export async function setUp(t: Test, launcher: Launcher): Promise<Bench> {
  const [devicesPort, servicesPort, closedPort] = await freePorts(3) as [number, number, number];
  const startBroker = () => startMosquitto({ pkiDir: pki.dir, devicesPort, servicesPort });
  let broker = await startBroker();
  t.teardown(() => broker.kill());
  let asker = await connectAsker(pki, servicesPort);
  t.teardown(() => asker.close());
  return {
    launcher, closedPort,
    get broker() { return broker; },
    get asker() { return asker; },
    async anotherAsker(t) {
      const another = await connectAsker(pki, servicesPort);
      t.teardown(() => another.close());
      return another;
    },
    start(t, options = {}, env = {}) {
      const device = startDevice(launcher, {
        identities: [hall.dir], broker: { host: '127.0.0.1', port: devicesPort },
        airtime: 1, pins: [4, 5], backoff: { minMs: 100, maxMs: 400 }, ...options,
      }, env);
      t.teardown(() => device.kill());
      return device;
    },
    async restartBroker() {
      broker = await startBroker();
      asker = await connectAsker(pki, servicesPort);
    },
  };
}

export const red = { code: 5393, bits: 24, protocol: 1, pulse: 350 };
export const blue = { ...red, code: 5396 };
/** rc-switch: 24 bits at 350 µs take 44.8 ms. */
export const frameMs = 44.8;
export const send = (repeat: number, code = red.code): Action => ({ do: 'rf.send', ...red, code, repeat });

/** What a board can do that somebody would notice. */
export const deeds = ['transmitted', 'learn', 'pin', 'identify', 'restart'];
export const deedsOf = (device: RunningDevice, id: string) =>
  device.events(...deeds).filter((line) => line.id === id);

/** A channel's messages from a board, matched by what they say. */
export const says = (channel: string, json: object = {}) => (message: Message) => message.channel === channel
  && Object.entries(json).every(([key, value]) => (message.json as Record<string, unknown>)[key] === value);

/** An answer in a word or two. */
export const inWords = ({ outcome, reason }: { outcome: string; reason?: string | undefined }) =>
  reason ? `${outcome} ${reason}` : outcome;
