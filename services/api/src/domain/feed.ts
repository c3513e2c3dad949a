import type { OutletId, PersonId, SessionId, TokenId } from '@sconce/protocol/ids';
import type { Event } from '@sconce/protocol/events';
import type { Right } from '@sconce/protocol/http';
import type { Peers, Said } from './peers.ts';
import { rightOf } from './sharing.ts';
import { isAdmin, mayManage, type Viewer } from './viewer.ts';

type Rights = ReadonlyMap<PersonId, Right>;

/**
 * Who is told. `and`: those with whom it is shared, and by which right; admins see everything. `unshared`: of these
 * people those who are no admins: they do not see it any more. `each`: the same as `and`, of the outlets in the event.
 */
export type Audience =
  | { to: 'everyone' }
  | { to: 'admins'; and?: Rights; each?: ReadonlyMap<OutletId, Rights> }
  | { to: 'unshared'; people: readonly PersonId[] }
  | { to: 'person'; id: PersonId };

export type Told = { event: Event; audience: Audience };
/** Without an id: said in this process alone, and never again to who comes back. */
export type FeedItem = Told & { id?: string | undefined };

/**
 * Reads how something stands, and who may know.
 * @param lost those who may have seen it until now, and are to be told if they may not any more
 */
type Load = (lost: readonly PersonId[]) => Promise<readonly Told[]>;
type Loading = {
  again: boolean;
  lost: PersonId[];
  done: Promise<void>;
  /** What was told of it and has not come round yet; whom to tell when it has. */
  underWay: number;
  /** All of it has come round: what another process tells from now on is newer than what was loaded here. */
  toldAll: boolean;
  arrived?: () => void;
};

/** Events kept for browsers that come back after a short loss (`Last-Event-ID`); older ones fetch everything anew. */
const kept = 512;

/**
 * What happens, for everyone who watches, in whichever process: a feed with a short memory. Each process has the same
 * events by the same ids, so that who comes back may come to another one. Ids begin with a word of this start's own, so
 * that an id from before it is recognised as unknown instead of being taken for a newer one.
 */
export class Feed {
  readonly #listeners = new Set<(item: FeedItem) => void>();
  readonly #closing = new Set<(ended: SessionId | TokenId) => void>();
  readonly #recent: FeedItem[] = [];
  readonly #loading = new Map<string, Loading>();
  readonly #peers: Peers;
  #last: number;

  constructor(peers: Peers) {
    this.#peers = peers;
    this.#last = peers.lastEvent;
    peers.onWord((said) => {
      if (said.about === 'event') this.#hear(said);
      else if (said.about === 'ended') for (const close of this.#closing) close(said.id);
    });
  }

  publish(event: Event, audience: Audience): void {
    this.#peers.tell({ about: 'event', told: { event, audience } });
  }

  /** For what concerns this process alone, such as its own connection to the broker. */
  publishHere(event: Event): void {
    for (const listener of this.#listeners) listener({ event, audience: { to: 'everyone' } });
  }

  #hear({ told, key, from, number }: Extract<Said, { about: 'event' }>): void {
    this.#last = number;
    const item = { id: this.lastId, ...told };
    this.#recent.push(item);
    if (this.#recent.length > kept) this.#recent.shift();
    for (const listener of this.#listeners) listener(item);
    const loading = key === undefined ? undefined : this.#loading.get(key);
    if (!loading) return;
    if (from === this.#peers.self) {
      loading.underWay -= 1;
      if (loading.underWay > 0) return;
      loading.toldAll = true;
      loading.arrived?.();
    } else if (!loading.toldAll) {
      // Another process loaded it at the same time. Which of the two was first at the database nobody knows.
      loading.again = true;
    }
  }

  /**
   * Publishes how something stands, loaded for the purpose. Asked again while it loads, it loads once more afterwards:
   * two loads at the same time could end in the wrong order, and the older one would stay on everybody's screen. For
   * the same reason whoever may have lost sight of it is told in this order, too: a load that still knew of their share
   * would bring it back. Two processes that load it at the same time are both heard, and one of them loads it again.
   * @param key names the thing
   */
  publishLatest(key: string, load: Load, lost: readonly PersonId[] = []): Promise<void> {
    const running = this.#loading.get(key);
    if (running) {
      running.again = true;
      running.lost.push(...lost);
      return running.done;
    }
    const entry: Loading = { again: false, lost: [...lost], done: Promise.resolve(), underWay: 0, toldAll: false };
    this.#loading.set(key, entry);
    entry.done = this.#loadAndPublish(key, entry, load);
    return entry.done;
  }

  async #loadAndPublish(key: string, entry: Loading, load: Load): Promise<void> {
    try {
      do {
        entry.again = false;
        entry.toldAll = false;
        const told = await load(entry.lost.splice(0));
        entry.underWay += told.length;
        for (const one of told) this.#peers.tell({ about: 'event', told: one, key });
        if (entry.underWay > 0) await new Promise<void>((resolve) => { entry.arrived = resolve; });
      } while (entry.again);
    } finally {
      this.#loading.delete(key);
    }
  }

  get lastId(): string {
    return `${this.#peers.epoch}-${this.#last}`;
  }

  /** What came after `id`; undefined when that can't be told any more. */
  since(id: string): FeedItem[] | undefined {
    if (id === this.lastId) return [];
    const at = this.#recent.findIndex((item) => item.id === id);
    return at < 0 ? undefined : this.#recent.slice(at + 1);
  }

  /** A session or a token has been ended: what is open with it closes at once, in every process. */
  end(id: SessionId | TokenId): void {
    this.#peers.tell({ about: 'ended', id });
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
  const right = rightOf(viewer, 'and' in audience ? audience.and?.get(viewer.person.id) : undefined);
  switch (event.type) {
    case 'outlet': {
      if (right === 'manage') return event;
      const { control: _, ...outlet } = event.outlet;
      return { type: 'outlet', outlet: { ...outlet, right: 'use' } };
    }
    case 'radio': {
      if (right !== 'manage') return undefined;
      const each = 'each' in audience ? audience.each : undefined;
      const outlets = event.frame.outlets.filter(({ id }) => rightOf(viewer, each?.get(id)?.get(viewer.person.id)) === 'manage');
      return { type: 'radio', frame: { ...event.frame, outlets } };
    }
    case 'device': return right === 'manage' ? event : undefined;
    case 'device.removed': return audience.to === 'unshared' || right === 'manage' ? event : undefined;
    case 'person':
    case 'refusals':
    case 'certificates':
    case 'audit': return mayManage(viewer) ? event : undefined;
    case 'reset':
    case 'me':
    case 'outlet.removed':
    case 'run':
    case 'scene':
    case 'scene.removed':
    case 'bus': return event;
  }
}

function hears(audience: Audience, viewer: Viewer): boolean {
  const { person } = viewer;
  if (audience.to === 'person') return audience.id === person.id;
  if (person.state !== 'active') return false;
  switch (audience.to) {
    case 'everyone': return true;
    case 'admins': return isAdmin(viewer) || (audience.and?.has(person.id) ?? false);
    case 'unshared': return !isAdmin(viewer) && audience.people.includes(person.id);
  }
}
