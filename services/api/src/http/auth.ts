import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { ProblemCode } from '@sconce/protocol/http';
import type { Config } from '../config.ts';
import { isUnreachable } from '../db/faults.ts';
import { Failure } from '../domain/failure.ts';
import { Seldom } from '../domain/seldom.ts';
import type { Context } from '../usecases/context.ts';
import { endSession, endSessionOf, openSession } from '../usecases/sessions.ts';
import { refuseSignIn, signIn } from '../usecases/sign-in.ts';
import { guard, sessionSecretKey } from './guard.ts';
import { takeInvitation } from './invitations.ts';
import { createOidc } from './oidc.ts';

/** A path of ours: one slash, then anything but a second one (`//evil.example` is another site, and `/\` as well). */
const LocalPath = z.string().max(500).regex(/^\/(?![/\\])[\x21-\x7e]*$/).catch('/');

const nonceKey = 'nonce';
const returnToKey = 'returnTo';

/** `/auth/login`, `/auth/callback`, `/auth/logout`. What goes wrong on the way ends on the dashboard's sign-in page. */
export function authRoutes(context: Context, config: Config) {
  const oidc = createOidc(config.oidc, config.publicUrl);
  // Anybody on the internet can cause one: the audit log tells of them once a minute and address.
  const refusals = new Seldom();

  return async (scope: FastifyInstance): Promise<void> => {
    const app = scope.withTypeProvider<ZodTypeProvider>();

    app.get('/login', {
      schema: {
        tags: ['sign-in'], summary: 'Sends the browser to the issuer',
        querystring: z.object({ returnTo: LocalPath.default('/') }),
      },
    }, async (request, reply) => {
      try {
        const { location, nonce } = await oidc.begin(request, reply);
        request.session.set(nonceKey, nonce);
        request.session.set(returnToKey, request.query.returnTo);
        return await reply.redirect(location);
      } catch (error) {
        request.log.error({ err: error instanceof Failure ? error.cause : error }, 'sign-in cannot begin');
        return reply.redirect(`/sign-in?problem=${problemCodeOf(error)}`);
      }
    });

    app.get('/callback', {
      schema: {
        tags: ['sign-in'], summary: 'Where the issuer sends the browser back to', querystring: z.looseObject({}),
      },
    }, async (request, reply) => {
      const nonce: unknown = request.session.get(nonceKey);
      const returnTo = LocalPath.parse(request.session.get(returnToKey));
      const before = request.session.get(sessionSecretKey);
      // One use, whatever comes of it. A session that is there stays: a link to here must not sign anybody out.
      request.session.set(nonceKey, undefined);
      request.session.set(returnToKey, undefined);
      const invitation = takeInvitation(request, context.now());
      try {
        if (typeof nonce !== 'string') throw new Error('no sign-in is under way in this browser');
        const { identity, verified } = await oidc.finish(request, reply, nonce);
        const person = await signIn(context, identity, {
          verified, ownerEmail: config.ownerEmail,
          ...invitation !== undefined && { invited: { secret: invitation, address: request.ip } },
        });
        const secret = await openSession(context, person,
          { userAgent: request.headers['user-agent'] ?? '', address: request.ip });
        // Nothing that stood in the cookie before the sign-in survives it, nor does the session that it stood for.
        request.session.regenerate();
        if (before !== undefined) await endSessionOf(context, before, request.ip);
        request.session.set(sessionSecretKey, secret);
        return await reply.redirect(returnTo);
      } catch (error) {
        // The cause stays here: the issuer's words may hold codes and tokens, and the person can do nothing with them.
        const reason = error instanceof Error ? error.message || error.name : String(error);
        request.log.warn({ reason }, 'sign-in failed');
        const code = problemCodeOf(error);
        const due = refusals.isDue(`${request.ip} ${code}`, context.now().getTime());
        if (due) refuseSignIn(context, request.ip, code);
        return reply.redirect(`/sign-in?problem=${code}`);
      }
    });

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

/** What the sign-in page is told: our own failures by their code, and no more of anything else than that it failed. */
function problemCodeOf(error: unknown): ProblemCode {
  if (error instanceof Failure) return error.code;
  return isUnreachable(error) ? 'database_unreachable' : 'sign_in_failed';
}
