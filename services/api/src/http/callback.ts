import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { firstIssuer } from '../config/issuers.ts';
import type { Config } from '../config.ts';
import { Seldom } from '../domain/seldom.ts';
import type { Context } from '../usecases/context.ts';
import { endSessionOf, openSession } from '../usecases/sessions.ts';
import { refuseSignIn, signIn } from '../usecases/sign-in.ts';
import { takeAttempt } from './attempt.ts';
import { sessionSecretKey } from './guard.ts';
import { takeInvitation } from './invitations.ts';
import type { Oidc } from './oidc.ts';
import { attemptOver, endOnPage, tellFault } from './sign-in-faults.ts';

/** Where the issuers send the browser back to, each to an address of its own: the end of a sign-in, good or bad. */
export function callbackRoutes(context: Context, config: Config, issuers: ReadonlyMap<string, Oidc>) {
  // Anybody on the internet can cause one: the audit log tells of them once a minute and address.
  const refusals = new Seldom();

  return async (scope: FastifyInstance): Promise<void> => {
    for (const [id, oidc] of issuers) {
      scope.withTypeProvider<ZodTypeProvider>().get(oidc.callbackPath, {
        schema: {
          tags: ['sign-in'], summary: 'Where the issuer sends the browser back to', querystring: z.looseObject({}),
          security: [],
        },
      }, async (request, reply) => {
        const attempt = takeAttempt(request);
        const invitation = takeInvitation(request, context.now());
        const before = request.session.get(sessionSecretKey);
        try {
          await scope.limit.signIn(request);
          if (!attempt) throw attemptOver('no sign-in is under way in this browser');
          if (attempt.issuer !== id) throw attemptOver('the sign-in under way in this browser is at another issuer');
          const { identity, verified } = await oidc.finish(request, reply, attempt.nonce);
          // Further issuers say who people are, but not who owns the house: their operators could name themselves.
          const ownerEmail = id === firstIssuer ? config.ownerEmail : undefined;
          await scope.limit.signInAs(request, identity);
          const person = await signIn(context, identity, {
            verified, ownerEmail,
            ...invitation !== undefined && { invited: { secret: invitation, address: request.ip } },
          });
          const secret = await openSession(context, person,
            { userAgent: request.headers['user-agent'] ?? '', address: request.ip });
          // Nothing that stood in the cookie before the sign-in survives it, nor does the session that it stood for.
          request.session.regenerate();
          if (before !== undefined) await endSessionOf(context, before, request.ip);
          request.session.set(sessionSecretKey, secret);
          context.meter.signIn('signed_in');
          return await reply.redirect(attempt.returnTo);
        } catch (error) {
          const code = tellFault(request.log, error, 'sign-in failed', id);
          context.meter.signIn(code);
          const due = refusals.isDue(`${request.ip} ${code}`, context.now().getTime());
          if (due) refuseSignIn(context, request.ip, code);
          return endOnPage(reply, error, code);
        }
      });
    }
  };
}
