import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { SignInIssuer } from '@sconce/protocol/http';
import { firstIssuer } from '../config/issuers.ts';
import type { Config } from '../config.ts';
import { Failure } from '../domain/failure.ts';
import type { Context } from '../usecases/context.ts';
import { endSession } from '../usecases/sessions.ts';
import { keepAttempt, LocalPath } from './attempt.ts';
import { callbackRoutes } from './callback.ts';
import { guard } from './guard.ts';
import { createOidc } from './oidc.ts';
import { endOnPage, tellFault } from './sign-in-faults.ts';

/**
 * `/auth/issuers`, `/auth/login`, `/auth/callback…`, `/auth/logout`. What goes wrong on the way ends on the dashboard's
 * sign-in page.
 */
export function authRoutes(context: Context, config: Config) {
  const issuers = new Map(config.issuers.map((issuer) =>
    [issuer.id, createOidc(issuer, config.publicUrl, context.now)] as const));

  return async (scope: FastifyInstance): Promise<void> => {
    const app = scope.withTypeProvider<ZodTypeProvider>();

    app.get('/issuers', {
      schema: {
        tags: ['sign-in'], summary: 'Where people can sign in, for the sign-in page', security: [],
        response: { 200: z.array(SignInIssuer) },
      },
    }, async () => config.issuers.map(({ id, name }) => ({ id, name })));

    app.get('/login', {
      schema: {
        tags: ['sign-in'], summary: 'Sends the browser to an issuer: the one that /auth/issuers calls so, or the first',
        security: [],
        querystring: z.object({ returnTo: LocalPath.default('/'), with: z.string().max(20).default(firstIssuer).catch('') }),
      },
    }, async (request, reply) => {
      const { returnTo, with: id } = request.query;
      try {
        await app.limit.signIn(request);
        const oidc = issuers.get(id);
        if (!oidc) throw new Failure('issuer_unknown', 'Nobody signs in here that way. Choose one of the ways shown.');
        const { location, nonce } = await oidc.begin(request, reply);
        keepAttempt(request, { issuer: id, nonce, returnTo });
        return await reply.redirect(location);
      } catch (error) {
        const code = tellFault(request.log, error, 'sign-in cannot begin', issuers.has(id) ? id : undefined);
        context.meter.signIn(code);
        return endOnPage(reply, error, code);
      }
    });

    await app.register(callbackRoutes(context, config, issuers));

    await app.register(async (inside) => {
      inside.addHook('onRequest', guard(context, config.publicUrl, 'anyone'));
      inside.withTypeProvider<ZodTypeProvider>().post('/logout', {
        schema: { tags: ['sign-in'], summary: 'Ends this session on the server', response: { 204: z.null() } },
      }, async (request, reply) => {
        await endSession(context, request.viewer);
        request.session.delete();
        return reply.code(204).send(null);
      });
    });
  };
}
