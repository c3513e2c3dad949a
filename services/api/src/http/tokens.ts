import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { MadeToken, NewToken, Token } from '@sconce/protocol/http';
import { TokenId } from '@sconce/protocol/ids';
import type { Context } from '../usecases/context.ts';
import { endToken, makeToken, tokensOf } from '../usecases/tokens.ts';

const tags = ['tokens'];
const params = z.strictObject({ id: TokenId });

/** Only for people in a browser: a token can neither see nor make tokens. */
export function tokenRoutes(context: Context) {
  return async (scope: FastifyInstance): Promise<void> => {
    const app = scope.withTypeProvider<ZodTypeProvider>();

    app.get('/', {
      schema: { tags, summary: 'Your tokens, without their secrets', response: { 200: z.array(Token) } },
    }, (request) => tokensOf(context, request.viewer));

    app.post('/', {
      preHandler: app.limit.makeToken,
      schema: {
        tags, summary: 'Make one; its secret is shown this once', body: NewToken, response: { 201: MadeToken },
      },
    }, async (request, reply) => reply.code(201).send(await makeToken(context, request.viewer, request.body)));

    app.delete('/:id', {
      schema: { tags, summary: 'Revoke one', params, response: { 204: z.null() } },
    }, async (request, reply) => {
      await endToken(context, request.viewer, request.params.id);
      return reply.code(204).send(null);
    });
  };
}
