import type { PersonId } from '@sconce/protocol/ids';
import type { Event } from '@sconce/protocol/http';
import { isAdmin, type Viewer } from './viewer.ts';

/** Who is told. `people` are those with whom it is shared; admins see everything. */
export type Audience = { to: 'everyone' } | { to: 'admins'; and?: readonly PersonId[] } | { to: 'person'; id: PersonId };

export type FeedItem = { id: string; event: Event; audience: Audience };

/** Events kept for browsers that come back after a short loss (`Last-Event-ID`); older ones fetch everything anew. */
const kept = 512;

/**
 * What happens, for everyone who watches: an in-process feed with a short memory. Ids begin with a word of this process'
 * own, so that an id from before a restart is recognised as unknown instead of being taken for a newer one.
 */
export class Feed {
  readonly #listeners = new Set<(item: FeedItem) => void>();
  readonly #recent: FeedItem[] = [];
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

  get lastId(): string {
    return `${this.#epoch}-${this.#count}`;
  }

  /** What came after `id`; undefined when that can't be told any more. */
  since(id: string): FeedItem[] | undefined {
    if (id === this.lastId) return [];
    const at = this.#recent.findIndex((item) => item.id === id);
    return at < 0 ? undefined : this.#recent.slice(at + 1);
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
  if (event.type !== 'outlet' || isAdmin(viewer)) return event;
  const { control: _, ...outlet } = event.outlet;
  return { type: 'outlet', outlet };
}

function hears(audience: Audience, viewer: Viewer): boolean {
  if (audience.to === 'person') return audience.id === viewer.person.id;
  if (viewer.person.state !== 'active') return false;
  switch (audience.to) {
    case 'everyone': return true;
    case 'admins': return isAdmin(viewer) || (audience.and?.includes(viewer.person.id) ?? false);
  }
}
