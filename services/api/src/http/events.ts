import type { FastifyInstance, FastifyRequest } from 'fastify';
import { fastifySSE } from '@fastify/sse';
import { z } from 'zod';
import { Event } from '@sconce/protocol/http';
import { forViewer, type FeedItem } from '../domain/feed.ts';
import type { Viewer } from '../domain/viewer.ts';
import type { Context } from '../usecases/context.ts';
import { viewerOf } from './guard.ts';

/** Proxies close silent connections after 60 s; and this often it is checked whether the session still lives. */
const heartbeatMs = 15_000;

/** Bytes that may wait for a slow reader before the stream is ended; the browser comes back and fetches everything. */
const backlogBytes = 256 * 1024;

/** `GET /events`: what happens, as it happens, as far as it concerns the viewer; `Last-Event-ID` resumes. */
export function eventRoutes(context: Context) {
  return async (app: FastifyInstance): Promise<void> => {
    await app.register(fastifySSE, { heartbeatInterval: heartbeatMs });
    const open = new Set<() => void>();
    // Streams never end by themselves, and a closing server waits for its connections.
    app.addHook('preClose', () => {
      for (const close of open) close();
    });

    app.get('/events', {
      sse: { kind: 'only' },
      schema: {
        tags: ['events'],
        summary: 'Server-sent events',
        description: 'Each has the type as `event:` and the whole as JSON in `data:`. `reset` means: fetch everything anew.',
        response: { 200: z.string().describe(`text/event-stream; types: ${Event.options.map((o) => o.shape.type.value).join(', ')}`) },
      },
    }, async (request, reply) => {
      let viewer = request.viewer;
      const { sse: stream } = reply;

      const tell = (item: FeedItem) => {
        const event = forViewer(item, viewer);
        if (!event) return;
        if (reply.raw.writableLength > backlogBytes) return close();
        void stream.send({ id: item.id, event: event.type, data: event });
        if (event.type !== 'me') return;
        viewer = { ...viewer, person: event.me };
        if (event.me.state === 'deactivated') close();
      };
      const close = () => stream.close();
      const unsubscribe = context.feed.subscribe(tell);
      const recheck = setInterval(() => void stillAllowed(context, request, viewer).then((yes) => { if (!yes) close(); }), heartbeatMs);
      open.add(close);
      stream.onClose(() => {
        unsubscribe();
        clearInterval(recheck);
        open.delete(close);
      });

      stream.keepAlive();
      const missed = stream.lastEventId === null ? undefined : context.feed.since(stream.lastEventId);
      if (missed) for (const item of missed) tell(item);
      else await stream.send({ id: context.feed.lastId, event: 'reset', data: { type: 'reset' } satisfies Event });
      await stream.send({ event: 'bus', data: { type: 'bus', connected: context.bus.connected } satisfies Event });
    });
  };
}

/** Whether the session or token still lives. A database that is out of reach for a moment ends nobody's stream. */
async function stillAllowed(context: Context, request: FastifyRequest, was: Viewer): Promise<boolean> {
  try {
    const now = await viewerOf(context, request);
    return now.person.id === was.person.id && now.person.state !== 'deactivated';
  } catch (error) {
    return !(error instanceof Error && 'code' in error && (error.code === 'not_signed_in' || error.code === 'token_invalid'));
  }
}
