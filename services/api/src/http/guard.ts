import type { FastifyRequest } from 'fastify';
import { Failure } from '../domain/failure.ts';
import { requireActive, type Viewer } from '../domain/viewer.ts';
import type { Context } from '../usecases/context.ts';
import { holderOfSecret } from '../usecases/sessions.ts';
import { viewerOfToken } from '../usecases/tokens.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by the guard of the scope; routes outside such a scope must not read it. */
    viewer: Viewer;
  }
  interface FastifyContextConfig {
    /** The answer is a stream, whose head is written past the hooks: it carries no cookie. */
    carriesNoCookie?: true;
  }
}

declare module '@fastify/secure-session' {
  interface SessionData {
    secret: string;
  }
}

/** The key in the encrypted cookie under which the session's secret lies; nothing else of it is kept there. */
export const sessionSecretKey = 'secret';

/** The methods that change nothing (RFC 9110, 9.2.1). */
const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * The guard of a scope, as an onRequest hook: before a body is read, the request has a viewer or is refused. Guards are
 * put on scopes, never on address prefixes, so that a route cannot fall outside by its name.
 * @param letIn 'active': people of the household; 'anyone': whoever has signed in, the waiting ones too
 */
export function guard(context: Context, publicUrl: string, letIn: 'active' | 'anyone') {
  return async (request: FastifyRequest): Promise<void> => {
    const viewer = await viewerOf(context, request);
    if (viewer.via === 'session') refuseCrossSite(request, publicUrl);
    if (letIn === 'active') requireActive(viewer, context.now());
    request.viewer = viewer;
  };
}

/** @throws Failure `not_signed_in`, `token_invalid` */
export async function viewerOf(context: Context, request: FastifyRequest): Promise<Viewer> {
  const { authorization } = request.headers;
  if (authorization !== undefined) {
    const [scheme, token] = authorization.split(' ', 2);
    const known = scheme?.toLowerCase() === 'bearer' && token ? await viewerOfToken(context, token) : undefined;
    if (known) return { ...known, address: request.ip };
    await request.server.limit.badToken(request);
    throw new Failure('token_invalid', 'This token is unknown, revoked or has ended. Make a new one under Settings.');
  }
  const secret: unknown = request.session.get(sessionSecretKey);
  const exchange = request.routeOptions.config.carriesNoCookie !== true;
  const found = typeof secret === 'string' ? await holderOfSecret(context, secret, { exchange }) : undefined;
  if (!found) throw new Failure('not_signed_in', 'Sign in first; a session ends by itself after a while.');
  if (found.next !== undefined) request.session.set(sessionSecretKey, found.next);
  return { ...found.holder, address: request.ip };
}

/**
 * A browser sends our cookie with requests that other sites cause; `SameSite=Lax` stops most, this the rest. Every
 * current browser says where a request comes from (Fetch Metadata, `Sec-Fetch-Site`), and sends `Origin` with each
 * request that changes something (Fetch, 3.2); who says neither is no browser, and needs a token.
 */
export function refuseCrossSite(request: FastifyRequest, publicUrl: string): void {
  if (safeMethods.has(request.method)) return;
  const { origin, 'sec-fetch-site': site } = request.headers;
  const sameSite = site === undefined || site === 'same-origin';
  if (sameSite && origin === new URL(publicUrl).origin) return;
  throw new Failure('cross_site', 'This change was asked for by a page that is not your Sconce, so it was refused. '
    + 'Open Sconce itself; scripts need a token.');
}
