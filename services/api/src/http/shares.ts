import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { ShareId } from '@sconce/protocol/ids';
import { NewShare, Share, ShareFilter } from '@sconce/protocol/sharing';
import type { Context } from '../usecases/context.ts';
import { endShare, share, sharesFor } from '../usecases/shares.ts';

const tags = ['sharing'];
const params = z.strictObject({ id: ShareId });

export function shareRoutes(context: Context) {
  return async (scope: FastifyInstance): Promise<void> => {
    const app = scope.withTypeProvider<ZodTypeProvider>();

    app.get('/', {
      schema: {
        tags, querystring: ShareFilter, response: { 200: z.array(Share) },
        summary: 'What is shared with whom (admin)',
        description: 'All that is given must hold. An outlet’s shares include those of its whole board.',
      },
    }, (request) => sharesFor(context, request.viewer, request.query));

    app.put('/', {
      schema: {
        tags, body: NewShare, response: { 200: Share },
        summary: 'Share an outlet or a whole board, or change the right (admin)',
        description: '`use`: see and switch. `manage`: rename, schedule, learn; on a whole board also add and remove '
          + 'outlets, and rename it. A board’s share counts for all its outlets, those added later too; of several '
          + 'the stronger counts. A token cannot share with its own person.',
      },
    }, (request) => share(context, request.viewer, request.body));

    app.delete('/:id', {
      schema: { tags, summary: 'End a share (admin)', params, response: { 204: z.null() } },
    }, async (request, reply) => {
      await endShare(context, request.viewer, request.params.id);
      return reply.code(204).send(null);
    });
  };
}
