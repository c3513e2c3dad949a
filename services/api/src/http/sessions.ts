import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { Session } from '@sconce/protocol/http';
import { SessionId } from '@sconce/protocol/ids';
import { requireSession } from '../domain/viewer.ts';
import type { Context } from '../usecases/context.ts';
import { endOtherSessions, endSessionWithId, sessionsOf } from '../usecases/sessions.ts';

const tags = ['sessions'];
const params = z.strictObject({ id: SessionId });

/** Only for people in a browser: a token can neither see nor end sessions. */
export function sessionRoutes(context: Context) {
  return async (scope: FastifyInstance): Promise<void> => {
    const app = scope.withTypeProvider<ZodTypeProvider>();

    app.get('/', {
      schema: { tags, summary: 'Where you are signed in', response: { 200: z.array(Session) } },
    }, (request) => sessionsOf(context, request.viewer));

    app.delete('/', {
      schema: { tags, summary: 'Sign out everywhere but here', response: { 204: z.null() } },
    }, async (request, reply) => {
      await endOtherSessions(context, request.viewer);
      return reply.code(204).send(null);
    });

    app.delete('/:id', {
      schema: { tags, summary: 'Sign out there', params, response: { 204: z.null() } },
    }, async (request, reply) => {
      requireSession(request.viewer);
      await endSessionWithId(context, request.viewer, request.params.id);
      if (request.params.id === request.viewer.sessionId) request.session.delete();
      return reply.code(204).send(null);
    });
  };
}
