import { Event } from '@sconce/protocol/events';
import { until } from './until.ts';
import type { Visitor } from './visitor.ts';

/** An open event stream, as a dashboard holds it. */
export class Watcher {
  readonly seen: { id: string | undefined; event: Event; at: number }[] = [];
  readonly closed: Promise<void>;
  readonly #abort = new AbortController();

  private constructor(body: ReadableStream<Uint8Array>) {
    this.closed = this.#read(body).catch(() => undefined);
  }

  /** @throws when the stream is refused */
  static async open(visitor: Visitor, lastEventId?: string): Promise<Watcher> {
    const response = await visitor.request('/api/v1/events',
      { headers: { accept: 'text/event-stream', ...lastEventId !== undefined && { 'last-event-id': lastEventId } } });
    if (!response.ok || !response.body) throw new Error(`events: ${response.status} ${await response.text()}`);
    return new Watcher(response.body);
  }

  /** The first event, from now or before, that fits. */
  async event<E extends Event>(what: string, fits: (event: Event) => event is E, ms?: number): Promise<E>;
  async event(what: string, fits: (event: Event) => boolean, ms?: number): Promise<Event>;
  async event(what: string, fits: (event: Event) => boolean, ms = 10_000): Promise<Event> {
    return until(what, () => this.seen.map(({ event }) => event).find(fits), ms);
  }

  forget(): void {
    this.seen.length = 0;
  }

  close(): void {
    this.#abort.abort();
  }

  async #read(body: ReadableStream<Uint8Array>): Promise<void> {
    let text = '';
    const decoder = new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>;
    const reader = body.pipeThrough(decoder, { signal: this.#abort.signal }).getReader();
    for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
      text += chunk.value;
      const blocks = text.split('\n\n');
      text = blocks.pop() ?? '';
      for (const block of blocks) this.#take(block);
    }
  }

  #take(block: string): void {
    const fields = new Map(block.split('\n').map((line) => {
      const at = line.indexOf(':');
      return [line.slice(0, at), line.slice(at + 1).trim()] as const;
    }));
    const data = fields.get('data');
    if (data === undefined) return;
    this.seen.push({ id: fields.get('id'), event: Event.parse(JSON.parse(data)), at: performance.now() });
  }
}
