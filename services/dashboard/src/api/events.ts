import type { Event } from '@sconce/protocol/events';
import { type Failure, failureOf, unreachable } from './client.ts';
import { messageReader } from './sse.ts';

/** `opening`: the first try, or the first after a loss. `live`: events come in. `lost`: tried again and failed. */
export type Link = 'opening' | 'live' | 'lost';

interface Listener {
  onEvent: (event: Event) => void;
  onLink: (link: Link) => void;
  /** The server will not have us (401, 403): signed out, no longer active, or a guest whose time is over. */
  onRefused: (failure: Failure) => void;
  /** Milliseconds between two tries while a guest's time is over: they may be given more of it. */
  guestAgainMs?: number;
  /** Milliseconds without a byte, heartbeats included, after which the stream is taken for dead. */
  staleMs?: number;
  /** Milliseconds before the n-th try after a loss (n from 1). */
  backoffMs?: (failures: number) => number;
}

/** 2.5 of the server's 15 s heartbeats. */
const heartbeatsMissedMs = 38_000;
const moreTimePerhapsMs = 20_000;
/** 0.5 s to 15 s, spread, so that a household's phones do not all come back in one moment. */
const spread = (failures: number) => Math.min(15_000, 500 * 2 ** (failures - 1)) * (0.75 + Math.random() / 2);

/**
 * Listens to the server's events for as long as the page lives, and comes back by itself after every loss.
 *
 * Not by `EventSource`: it hides the heartbeats, so that a phone waking up goes on showing an hour-old page until the
 * operating system notices that the connection is dead, and it hides why it was refused.
 */
export function listen(url: string, listener: Listener): { close: () => void; wake: () => void } {
  const { staleMs = heartbeatsMissedMs, backoffMs = spread, guestAgainMs = moreTimePerhapsMs } = listener;
  let closed = false;
  let failures = 0;
  let lastId: string | undefined;
  let lastByteAt = 0;
  let current = new AbortController();
  let endPause = () => {};

  async function stream() {
    current = new AbortController();
    let watchdog = setTimeout(() => current.abort(), staleMs);
    try {
      const response = await fetch(url, {
        signal: current.signal,
        cache: 'no-store',
        headers: { accept: 'text/event-stream', ...(lastId !== undefined && { 'last-event-id': lastId }) },
      }).catch(() => { throw unreachable(); });
      if (!response.ok) throw await failureOf(response);
      if (!response.body) throw unreachable();
      const read = messageReader();
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      listener.onLink('live');
      failures = 0;
      for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
        clearTimeout(watchdog);
        watchdog = setTimeout(() => current.abort(), staleMs);
        lastByteAt = Date.now();
        for (const message of read(piece.value)) {
          lastId = message.id ?? lastId;
          const event = eventOf(message.data);
          if (event) listener.onEvent(event);
        }
      }
    } finally {
      clearTimeout(watchdog);
    }
  }

  const pause = (ms: number) => new Promise<void>((resolve) => {
    endPause = resolve;
    setTimeout(resolve, ms);
  });

  async function run() {
    listener.onLink('opening');
    while (!closed) {
      const refused = await stream().then(() => undefined, (error: { status?: number; code?: string }) => error);
      if (closed) return;
      if (refused && (refused.status === 401 || refused.status === 403)) {
        listener.onRefused(refused as Failure);
        if (refused.code !== 'guest_ended') return;
        await pause(guestAgainMs);
        continue;
      }
      failures += 1;
      // One loss is no news: servers restart, phones change cells. The second in a row is.
      listener.onLink(failures > 1 ? 'lost' : 'opening');
      await pause(backoffMs(failures));
    }
  }

  void run();
  return {
    close() {
      closed = true;
      current.abort();
      endPause();
    },
    /** The page is looked at again, or the network is back: do not wait, and do not trust a silent stream. */
    wake() {
      if (Date.now() - lastByteAt > staleMs / 2) current.abort();
      endPause();
    },
  };
}

/** All that an event must have, per type, for the state to take it in; the compiler keeps the list whole. */
const payloads: Record<Event['type'], string | undefined> = {
  'reset': undefined,
  'me': 'me',
  'person': 'person',
  'outlet': 'outlet',
  'outlet.removed': 'id',
  'device': 'device',
  'device.removed': 'id',
  'bus': 'connected',
  'radio': 'frame',
  'run': 'run',
  'scene': 'scene',
  'scene.removed': 'id',
  'refusals': undefined,
  'certificates': undefined,
  'audit': undefined,
};

/** Reads an event; those of a newer server that this page does not know are passed over. */
export function eventOf(data: string): Event | undefined {
  let event: unknown;
  try {
    event = JSON.parse(data);
  } catch {
    return undefined;
  }
  if (typeof event !== 'object' || event === null || !('type' in event)) return undefined;
  const { type } = event;
  if (typeof type !== 'string' || !Object.hasOwn(payloads, type)) return undefined;
  const payload = payloads[type as Event['type']];
  return payload === undefined || payload in event ? event as Event : undefined;
}
