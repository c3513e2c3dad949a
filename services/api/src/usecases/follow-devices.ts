import type { DeviceId } from '@sconce/protocol/ids';
import { failOrphanedCommands } from '../db/commands.ts';
import { listDevices, listRevoked } from '../db/devices.ts';
import { Mailbox } from '../domain/mailbox.ts';
import { Seldom } from '../domain/seldom.ts';
import type { DeviceMessage } from '../mqtt/bus.ts';
import { announceDevice, announceOutlet } from './announce.ts';
import type { Context } from './context.ts';
import { Renewals } from './renewals.ts';
import { storeHeard, type Heard } from './store-heard.ts';
import { untilStored } from './until-stored.ts';

/**
 * How long after connecting the broker's retained statuses are waited for, in milliseconds, before whoever has not
 * shown up counts as gone. They follow the SUBACK at once; boards that reconnect need longer and come as news.
 */
const settleMs = 2000;

/** How long past its deadline a command is waited for at most, in milliseconds; then its process must have ended. */
const orphanAfterMs = 5000;

/**
 * Keeps presence, database and watchers in step with what devices say. Of several processes each hears it, so that each
 * knows who is there; the one that leads stores it. When that one dies another takes over: the broker tells it again how
 * every board stands. A press of a remote in that very moment may be lost; it is never counted twice.
 * @param sweepMs milliseconds between two looks for commands whose process has ended
 * @returns `idle`: everything heard so far is stored; `stop`: no more retries, then the same
 */
export function followDevices(context: Context, sweepMs = 15_000): { idle(): Promise<void>; stop(): Promise<void> } {
  const { bus, log, presence, revoked, feed, meter, peers, now } = context;
  const boards = new Map<DeviceId, { box: Mailbox<Heard>; emptied: Promise<void> }>();
  const stopping = new AbortController();
  const notes = new Seldom();
  const renewals = new Renewals(context);
  let settling: NodeJS.Timeout | undefined;
  /** Taking over: what the one before has told the watchers is not known, so that everything counts as news. */
  let takingOver = false;
  let work: Promise<void> = Promise.resolve();

  /**
   * Who is there is known the moment it is heard: a connection that is lost while something waits for the database must
   * not be overtaken by a status from before.
   */
  function hear(message: DeviceMessage): void {
    // What was under way when it was cut off.
    if (revoked.has(message.device)) return;
    const changed = message.channel === 'status' && presence.set(message.device, message.value.online);
    if (!peers.leads) return;
    // The database has no part in it: it is the authority that knows.
    if (message.channel === 'certificate') return renewals.request(message.device, message.value.request);
    if (message.channel === 'info') renewals.info(message.device, message.value);
    const news = changed || (takingOver && message.channel === 'status');
    keep({ ...message, at: now(), news });
  }

  function keep(heard: Heard): void {
    const { device } = heard;
    const board = boards.get(device);
    const box = board?.box ?? new Mailbox<Heard>();
    const news = heard.news || (heard.channel === 'status' && box.waiting('status')?.news === true);
    if (box.put({ ...heard, news }) === 'dropped') {
      meter.dropped(heard.channel, 'flood');
      if (notes.isDue(`flood ${device}`, now().getTime())) {
        log.warn({ device, channel: heard.channel }, 'a board says more than can be stored; only the last of it is kept');
      }
    }
    if (!board) boards.set(device, { box, emptied: empty(device, box) });
  }

  /** One device's messages one after the other; different devices do not wait for one another. */
  async function empty(device: DeviceId, box: Mailbox<Heard>): Promise<void> {
    for (let heard = box.take(); heard; heard = box.take()) {
      const one = heard;
      await untilStored(context, () => storeHeard(context, one), stopping.signal).catch((error: unknown) => {
        if (!notes.isDue(`store ${device}`, now().getTime())) return;
        log.error({ err: error, device, channel: one.channel }, 'could not store what a device said');
      });
    }
    boards.delete(device);
  }

  function inBackground(step: () => Promise<void>): void {
    work = work.then(() => untilStored(context, step, stopping.signal))
      .catch((error: unknown) => log.error({ err: error }, 'could not follow the broker'));
  }

  /** Devices that were there when we last looked and have not shown up since are gone, from now on at the latest. */
  async function settle(): Promise<void> {
    takingOver = false;
    for (const { id: device, online } of await listDevices(context.db)) {
      if (!bus.connected) return;
      if (!online || presence.isOnline(device)) continue;
      keep({ device, channel: 'status', value: { online: false, since: 0 }, at: now(), news: true });
    }
  }

  async function sweep(): Promise<void> {
    if (!peers.leads) return;
    const before = new Date(now().getTime() - orphanAfterMs);
    for (const outlet of await failOrphanedCommands(context.db, before)) await announceOutlet(context, outlet);
  }

  const settleSoon = () => {
    clearTimeout(settling);
    settling = setTimeout(() => inBackground(settle), settleMs);
  };

  peers.onLead(() => {
    takingOver = true;
    bus.askAgain();
    settleSoon();
    inBackground(sweep);
  });
  bus.start({
    onMessage: hear,
    onConnection(connected) {
      feed.publishHere({ type: 'bus', connected });
      clearTimeout(settling);
      if (connected) {
        if (peers.leads) settleSoon();
        return;
      }
      // Out of reach: nobody can be said to be there, and the watchers are told.
      const were = presence.clear();
      if (!peers.leads) return;
      inBackground(async () => {
        for (const device of were) await announceDevice(context, device);
      });
    },
  });
  revoked.onRevoked((device) => {
    if (!presence.set(device, false) || !peers.leads) return;
    keep({ device, channel: 'status', value: { online: false, since: 0 }, at: now(), news: true });
  });
  inBackground(async () => revoked.load(await listRevoked(context.db)));
  inBackground(sweep);
  const sweeping = setInterval(() => inBackground(sweep), sweepMs);

  const idle = async () => {
    await work;
    while (boards.size > 0) await Promise.all([...boards.values()].map(({ emptied }) => emptied));
  };
  return {
    idle,
    async stop() {
      clearTimeout(settling);
      clearInterval(sweeping);
      stopping.abort();
      await renewals.stop();
      await idle();
    },
  };
}
