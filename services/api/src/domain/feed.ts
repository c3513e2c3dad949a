import type { PersonId, SessionId, TokenId } from '@sconce/protocol/ids';
import type { Event } from '@sconce/protocol/http';
import { isAdmin, mayManage, type Viewer } from './viewer.ts';

/** Who is told. `people` are those with whom it is shared; admins see everything. */
export type Audience =
  | { to: 'everyone' }
  | { to: 'admins'; and?: readonly PersonId[] }
  | { to: 'person'; id: PersonId };

export type FeedItem = { id: string; event: Event; audience: Audience };

/** Reads how something stands, and who may know; undefined if it is gone. */
type Load = () => Promise<{ event: Event; audience: Audience } | undefined>;

/** Events kept for browsers that come back after a short loss (`Last-Event-ID`); older ones fetch everything anew. */
const kept = 512;

/**
 * What happens, for everyone who watches: an in-process feed with a short memory. Ids begin with a word of this
 * process' own, so that an id from before a restart is recognised as unknown instead of being taken for a newer one.
 */
export class Feed {
  readonly #listeners = new Set<(item: FeedItem) => void>();
  readonly #closing = new Set<(ended: SessionId | TokenId) => void>();
  readonly #recent: FeedItem[] = [];
  readonly #loading = new Map<string, { again: boolean; done: Promise<void> }>();
  readonly #epoch: string;
  #count = 0;

  constructor(epoch: string) {
    this.#epoch = epoch;
  }

  publish(event: Event, audience: Audience): void {
    this.#count += 1;
    const item = { id: this.lastId, event, audience };
    this.#recent.push(item);
    if (this.#recent.length > kept) this.#recent.shift();
    for (const listener of this.#listeners) listener(item);
  }

  /**
   * Publishes how something stands, loaded for the purpose. Asked again while it loads, it loads once more afterwards:
   * two loads at the same time could end in the wrong order, and the older one would stay on everybody's screen.
   * @param key names the thing
   */
  publishLatest(key: string, load: Load): Promise<void> {
    const running = this.#loading.get(key);
    if (running) {
      running.again = true;
      return running.done;
    }
    const entry = { again: false, done: Promise.resolve() };
    this.#loading.set(key, entry);
    entry.done = this.#loadAndPublish(key, entry, load);
    return entry.done;
  }

  async #loadAndPublish(key: string, entry: { again: boolean }, load: Load): Promise<void> {
    try {
      do {
        entry.again = false;
        const found = await load();
        if (found) this.publish(found.event, found.audience);
      } while (entry.again);
    } finally {
      this.#loading.delete(key);
    }
  }

  get lastId(): string {
    return `${this.#epoch}-${this.#count}`;
  }

  /** What came after `id`; undefined when that can't be told any more. */
  since(id: string): FeedItem[] | undefined {
    if (id === this.lastId) return [];
    const at = this.#recent.findIndex((item) => item.id === id);
    return at < 0 ? undefined : this.#recent.slice(at + 1);
  }

  /**
   * A session or a token has been ended: what is open with it closes at once. That is heard in this process alone. With
   * several, each would have to tell the others (PostgreSQL's NOTIFY, sent by the transaction that ends it, would do);
   * until then a stream in another process closes at its next look at the session, http/events.ts.
   */
  end(id: SessionId | TokenId): void {
    for (const close of this.#closing) close(id);
  }

  /** @returns stops listening */
  onEnd(close: (ended: SessionId | TokenId) => void): () => void {
    this.#closing.add(close);
    return () => void this.#closing.delete(close);
  }

  /** @returns stops listening */
  subscribe(listener: (item: FeedItem) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }
}

/** The event as this viewer may see it; undefined if it is not for them. */
export function forViewer({ event, audience }: FeedItem, viewer: Viewer): Event | undefined {
  if (!hears(audience, viewer)) return undefined;
  if (mayManage(viewer)) return event;
  switch (event.type) {
    case 'device':
    case 'device.removed':
    case 'person':
    case 'audit': return undefined;
    case 'outlet': {
      const { control: _, ...outlet } = event.outlet;
      return { type: 'outlet', outlet: { ...outlet, right: 'use' } };
    }
    case 'reset':
    case 'me':
    case 'outlet.removed':
    case 'bus': return event;
  }
}

function hears(audience: Audience, viewer: Viewer): boolean {
  if (audience.to === 'person') return audience.id === viewer.person.id;
  if (viewer.person.state !== 'active') return false;
  switch (audience.to) {
    case 'everyone': return true;
    case 'admins': return isAdmin(viewer) || (audience.and?.includes(viewer.person.id) ?? false);
  }
}
