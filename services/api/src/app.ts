import { randomUUID } from 'node:crypto';
import secureSession from '@fastify/secure-session';
import Fastify, { LogController, type FastifyBaseLogger, type FastifyInstance } from 'fastify';
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';
import { Me } from '@sconce/protocol/http';
import { limits } from '@sconce/protocol/limits';
import type { Config } from './config.ts';
import { auditRoutes } from './http/audit.ts';
import { authRoutes } from './http/auth.ts';
import { certificateRoutes } from './http/certificates.ts';
import { deviceRoutes } from './http/devices.ts';
import { eventRoutes } from './http/events.ts';
import { guard } from './http/guard.ts';
import { healthRoutes } from './http/health.ts';
import { invitationRoutes, offerRoute } from './http/invitations.ts';
import { countRequests } from './http/limits.ts';
import { openApi } from './http/openapi.ts';
import { outletRoutes } from './http/outlets.ts';
import { peopleRoutes } from './http/people.ts';
import { answerWithProblems } from './http/problems.ts';
import { sceneRoutes } from './http/scenes.ts';
import { sessionRoutes } from './http/sessions.ts';
import { shareRoutes } from './http/shares.ts';
import { tokenRoutes } from './http/tokens.ts';
import type { Context } from './usecases/context.ts';
import { sessionLifetimes } from './usecases/sessions.ts';
import { meView } from './usecases/views.ts';

/** Milliseconds between two looks for connections that have become idle, while the server closes. */
const closeLookMs = 50;

/** The HTTP side, whole, without a port: `listen` is main's, `inject` is the tests'. */
export async function buildApp(context: Context, config: Config, logger: FastifyBaseLogger): Promise<FastifyInstance> {
  const app: FastifyInstance = Fastify({
    loggerInstance: logger,
    // One line a request, below: two cost a fifth of the throughput.
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    genReqId: () => randomUUID(),
    bodyLimit: limits.requestBytes,
    // Whose X-Forwarded-For is believed. nginx writes it anew (nginx/proxy.conf), so that nobody outside can.
    trustProxy: config.trustedProxies,
  });
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  // JSON only: a form on another site can send text/plain, but not JSON, without asking first.
  app.removeContentTypeParser('text/plain');
  answerWithProblems(app, context.meter);

  app.addHook('onSend', async (request, reply) => {
    reply.header('x-request-id', request.id).header('cache-control', 'no-store');
  });
  app.addHook('onResponse', async (request, reply) => {
    const { method, routeOptions } = request;
    // The route's pattern, not the address: the address of a sign-in's way back holds a code.
    const { url: route = 'none' } = routeOptions;
    const { statusCode: status, elapsedTime } = reply;
    context.meter.request({ method, route, status, seconds: elapsedTime / 1000 });
    request.log.info({ method, route, status, ms: Math.round(elapsedTime) }, 'request');
  });

  // Closing, Node ends the connections that are idle at that moment. Those that are answered after it, or whose stream
  // ends, would be kept open for the client's next request, and hold the whole process up.
  app.addHook('preClose', (done) => {
    const ending = setInterval(() => app.server.closeIdleConnections(), closeLookMs);
    app.server.once('close', () => clearInterval(ending));
    ending.unref();
    done();
  });

  await app.register(secureSession, {
    cookieName: '__Host-session',
    key: config.sessionKeys,
    expiry: sessionLifetimes.absoluteMs / 1000,
    // Here and not where somebody signs in: a cookie that is written anew, after a rotation of the keys, must keep it.
    cookie: { path: '/', httpOnly: true, secure: true, sameSite: 'lax', maxAge: sessionLifetimes.absoluteMs / 1000 },
  });
  await countRequests(app, context);
  await app.register(openApi);
  await app.register(healthRoutes(context));
  await app.register(authRoutes(context, config), { prefix: '/auth' });
  await app.register(offerRoute(context, config.publicUrl), { prefix: '/auth' });

  await app.register(async (signedIn) => {
    signedIn.addHook('onRequest', guard(context, config.publicUrl, 'anyone'));
    signedIn.withTypeProvider<ZodTypeProvider>().get('/me', {
      schema: { tags: ['people'], summary: 'Who am I, and may I come in', response: { 200: Me } },
    }, async (request) => meView(request.viewer.person));
    await signedIn.register(eventRoutes(context));
  }, { prefix: '/api/v1' });

  await app.register(async (household) => {
    household.addHook('onRequest', guard(context, config.publicUrl, 'active'));
    await household.register(outletRoutes(context), { prefix: '/outlets' });
    await household.register(deviceRoutes(context), { prefix: '/devices' });
    await household.register(sceneRoutes(context), { prefix: '/scenes' });
    await household.register(tokenRoutes(context), { prefix: '/tokens' });
    await household.register(peopleRoutes(context), { prefix: '/people' });
    await household.register(shareRoutes(context), { prefix: '/shares' });
    await household.register(invitationRoutes(context, config.publicUrl), { prefix: '/invitations' });
    await household.register(auditRoutes(context));
    await household.register(certificateRoutes(context, config));
    await household.register(sessionRoutes(context), { prefix: '/sessions' });
  }, { prefix: '/api/v1' });

  return app;
}
