import type { FastifyInstance, FastifyRequest } from 'fastify';
import { fastifySSE } from '@fastify/sse';
import { z } from 'zod';
import { eventTypes, type Event } from '@sconce/protocol/events';
import type { Me } from '@sconce/protocol/http';
import { Failure } from '../domain/failure.ts';
import { forViewer, type FeedItem } from '../domain/feed.ts';
import { credentialOf, hasEnded, refuseShutOut, requireScope, type Person, type Viewer } from '../domain/viewer.ts';
import type { Context } from '../usecases/context.ts';
import { holderOfSession } from '../usecases/sessions.ts';
import { viewerOf } from './guard.ts';

/** Proxies close silent connections after 60 s; and this often it is checked whether the session still lives. */
const heartbeatMs = 15_000;

/** Bytes that may wait for a slow reader before the stream is ended; the browser comes back and fetches everything. */
const backlogBytes = 256 * 1024;

/** The largest delay that setTimeout takes, about 24 days (Node, `TIMEOUT_MAX`). */
const longestTimerMs = 2 ** 31 - 1;

/** `GET /events`: what happens, as it happens, as far as it concerns the viewer; `Last-Event-ID` resumes. */
export function eventRoutes(context: Context) {
  return async (app: FastifyInstance): Promise<void> => {
    await app.register(fastifySSE, { heartbeatInterval: heartbeatMs });
    const open = new Set<() => void>();
    let closing = false;
    // Streams never end by themselves, and a closing server waits for its connections.
    app.addHook('preClose', () => {
      closing = true;
      for (const close of open) close();
    });

    app.get('/events', {
      sse: { kind: 'only' },
      config: { carriesNoCookie: true },
      schema: {
        tags: ['events'],
        summary: 'Server-sent events',
        description: 'Each has the type as `event:` and the whole as JSON in `data:`. '
          + '`reset` means: fetch everything anew. A token needs the scope `read`.',
        response: { 200: z.string().describe(`text/event-stream; types: ${eventTypes.join(', ')}`) },
      },
    }, async (request, reply) => {
      let viewer = request.viewer;
      requireScope(viewer, 'read');
      refuseShutOut(viewer, context.now());
      const { sse: stream, raw } = reply;
      // Somebody who left while they were looked up: the end that the rest waits for has been.
      if (raw.destroyed) return;

      const close = () => {
        // Who does not read what waits for them would not read the end of it either.
        const stuck = raw.writableNeedDrain;
        stream.close();
        if (stuck) raw.destroy();
      };
      const send = (message: { id?: string | undefined; event: Event }) => {
        if (!stream.isConnected) return;
        const { id, event } = message;
        stream.send({ ...id !== undefined && { id }, event: event.type, data: event }).catch(close);
      };
      let ending: NodeJS.Timeout | undefined;
      /** A guest's stream ends with their time, to the moment. */
      const endInTime = () => {
        clearTimeout(ending);
        const { guestUntil } = viewer.person;
        if (guestUntil === null) return;
        const left = guestUntil.getTime() - context.now().getTime();
        if (left <= 0) close();
        // Node's timers reach no further; who stays longer is looked at again at every heartbeat.
        else if (left <= longestTimerMs) ending = setTimeout(endInTime, left);
      };
      const tell = (item: FeedItem) => {
        if (hasEnded(viewer.person, context.now())) return close();
        const event = forViewer(item, viewer);
        if (!event) return;
        if (raw.writableLength > backlogBytes) return close();
        send({ id: item.id, event });
        if (event.type !== 'me') return;
        viewer = { ...viewer, person: personOf(event.me) };
        if (event.me.state === 'deactivated') close();
        else endInTime();
      };
      const recheck = async () => {
        const now = await stillAllowed(context, request, viewer);
        if (!now) return close();
        viewer = now;
        endInTime();
      };

      const unsubscribe = context.feed.subscribe(tell);
      const stopEnding = context.feed.onEnd((ended) => {
        if (ended === credentialOf(viewer)) close();
      });
      const timer = setInterval(() => void recheck(), heartbeatMs);
      open.add(close);
      const counted = context.meter.streamOpened();
      stream.onClose(() => {
        unsubscribe();
        stopEnding();
        clearInterval(timer);
        clearTimeout(ending);
        open.delete(close);
        counted();
      });

      // The plugin adds a listener for each event that waits; backlogBytes bounds them.
      raw.setMaxListeners(0);
      stream.keepAlive();
      const missed = stream.lastEventId === null ? undefined : context.feed.since(stream.lastEventId);
      if (missed) for (const item of missed) tell(item);
      else send({ id: context.feed.lastId, event: { type: 'reset' } });
      send({ event: { type: 'bus', connected: context.bus.connected } });
      // Who was being looked up when the server began to close.
      if (closing) return close();
      // What was ended or changed after the guard looked, and before this listened, was told to nobody.
      await recheck();
    });
  };
}

const personOf = ({ guestUntil, ...me }: Me): Person =>
  ({ ...me, guestUntil: guestUntil === null ? null : new Date(guestUntil) });

/**
 * Who they are by now, or undefined if the session or token has ended. Another process may have changed their role. A
 * database that is out of reach for a moment ends nobody's stream.
 */
async function stillAllowed(context: Context, request: FastifyRequest, was: Viewer): Promise<Viewer | undefined> {
  try {
    // By its id: another request may have exchanged the secret that this one came with.
    const now = was.via === 'session' ? await holderOfSession(context, was.sessionId) : await viewerOf(context, request);
    if (now?.person.id !== was.person.id) return undefined;
    const viewer = { ...now, address: was.address };
    refuseShutOut(viewer, context.now());
    return viewer;
  } catch (error) {
    return error instanceof Failure ? undefined : was;
  }
}
