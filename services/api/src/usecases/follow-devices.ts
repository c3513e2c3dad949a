import type { DeviceId } from '@sconce/protocol/ids';
import type { Received, Status } from '@sconce/protocol/messages';
import {
  findDevice, insertDeviceIfNew, listDevices, setDeviceInfo, setDeviceOnline, setDeviceTelemetry,
} from '../db/devices.ts';
import { failOrphanedCommands } from '../db/commands.ts';
import { outletsByCode, setOutletState } from '../db/outlets.ts';
import type { DeviceMessage } from '../mqtt/bus.ts';
import { announceDevice, announceOutlet } from './announce.ts';
import type { Context } from './context.ts';

/**
 * How long after connecting the broker's retained statuses are waited for, in milliseconds, before whoever has not
 * shown up counts as gone. They follow the SUBACK at once; boards that reconnect need longer and come as news.
 */
const settleMs = 2000;

/**
 * Keeps presence, database and watchers in step with what devices say.
 * @returns stops: waits for what is being written
 */
export function followDevices(context: Context): { stop(): Promise<void> } {
  const { bus, log } = context;
  const chains = new Map<DeviceId, Promise<void>>();
  let settling: NodeJS.Timeout | undefined;
  let work: Promise<void> = Promise.resolve();

  /** One device's messages in their order; different devices do not wait for one another. */
  function enqueue(message: DeviceMessage): void {
    const before = chains.get(message.device) ?? Promise.resolve();
    const after = before.then(() => take(context, message)).catch((error: unknown) => {
      log.error({ err: error, device: message.device, channel: message.channel }, 'could not store what a device said');
    });
    chains.set(message.device, after);
    void after.then(() => {
      if (chains.get(message.device) === after) chains.delete(message.device);
    });
  }

  function inBackground(step: () => Promise<void>): void {
    work = work.then(step).catch((error: unknown) => log.error({ err: error }, 'could not follow the broker'));
  }

  bus.start({
    onMessage: enqueue,
    onConnection(connected) {
      context.feed.publish({ type: 'bus', connected }, { to: 'everyone' });
      clearTimeout(settling);
      if (connected) settling = setTimeout(() => inBackground(() => settle(context)), settleMs);
      else inBackground(() => lose(context));
    },
  });
  inBackground(async () => {
    for (const outlet of await failOrphanedCommands(context.db, context.now())) await announceOutlet(context, outlet);
  });

  return {
    async stop() {
      clearTimeout(settling);
      await Promise.all([work, ...chains.values()]);
    },
  };
}

async function take(context: Context, message: DeviceMessage): Promise<void> {
  const { db, now } = context;
  if (await insertDeviceIfNew(db, message.device, now())) {
    context.log.info({ device: message.device }, 'a new board: an admin can adopt it in the dashboard');
  }
  switch (message.channel) {
    case 'status': return takeStatus(context, message.device, message.value);
    case 'info':
      await setDeviceInfo(db, message.device, message.value);
      return announceDevice(context, message.device);
    case 'telemetry':
      await setDeviceTelemetry(db, message.device, message.value, now());
      return announceDevice(context, message.device);
    case 'rf/received': return takeReceived(context, message.device, message.value);
  }
}

async function takeStatus(context: Context, device: DeviceId, { online, since }: Status): Promise<void> {
  const { db, presence, now } = context;
  const news = presence.set(device, online);
  // A last will was written when the connection began: its end is now. A board's clock may be ahead of ours.
  const changedAt = online ? new Date(Math.min(since, now().getTime())) : now();
  await setDeviceOnline(db, device, online, changedAt);
  if (news || !online) await announceDevice(context, device);
}

/** The hand remote was pressed: what it switches has changed. The word of a board that nobody has adopted counts for nothing. */
async function takeReceived(context: Context, device: DeviceId, frame: Received): Promise<void> {
  const heardBy = await findDevice(context.db, device);
  if (!heardBy || heardBy.adopted_at === null) return;
  for (const { id, on } of await outletsByCode(context.db, frame)) {
    await setOutletState(context.db, id, on, 'remote', context.now());
    await announceOutlet(context, id);
  }
}

/** The broker is out of reach: nobody can be said to be there, and the watchers are told. */
async function lose(context: Context): Promise<void> {
  for (const device of context.presence.clear()) await announceDevice(context, device);
}

/** Devices that were there when we last looked and have not shown up since are gone, from now on at the latest. */
async function settle(context: Context): Promise<void> {
  const { db, presence, now } = context;
  for (const { id, online } of await listDevices(db)) {
    if (!online || presence.isOnline(id)) continue;
    await setDeviceOnline(db, id, false, now());
    await announceDevice(context, id);
  }
}
