import { randomBytes } from 'node:crypto';
import oauth2, { type FastifyOAuth2Options, type OAuth2Namespace } from '@fastify/oauth2';
import cookie from '@fastify/cookie';
import Fastify, { type FastifyReply, type FastifyRequest } from 'fastify';
import { createRemoteJWKSet, jwtVerify, type JWTVerifyGetKey } from 'jose';
import { z } from 'zod';
import type { Config } from '../config.ts';
import type { Identity } from '../db/people.ts';
import { Failure } from '../domain/failure.ts';

/** What is needed of an issuer's metadata (OpenID Connect Discovery 1.0, section 3). */
const Metadata = z.object({
  issuer: z.string(),
  authorization_endpoint: z.url(),
  token_endpoint: z.url(),
  jwks_uri: z.url(),
});

/** OpenID Connect Core 1.0, section 5.1. Google sends the boolean; some issuers send it as a word. */
const Claims = z.object({
  sub: z.string().min(1).max(255),
  nonce: z.string(),
  azp: z.string().optional(),
  aud: z.union([z.string(), z.array(z.string())]),
  email: z.email(),
  email_verified: z.union([z.boolean(), z.enum(['true', 'false']).transform((word) => word === 'true')]).default(false),
  name: z.string().optional(),
  picture: z.url({ protocol: /^https$/ }).optional().catch(undefined),
});

/** Signatures only: an HMAC would be keyed with the client secret, `none` with nothing. */
const algorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];
const clockToleranceSeconds = 60;

/** Milliseconds in which the issuer must answer. */
const answerWithinMs = 5000;

type Client = { oauth: OAuth2Namespace; issuer: string; keys: JWTVerifyGetKey };

/**
 * Signing in at one OpenID Connect issuer: code flow with PKCE, state and nonce.
 * The issuer's metadata is fetched at the first sign-in, not at start: lamps must work while Google does not.
 */
export function createOidc({ issuer, clientId, clientSecret }: Config['oidc'], publicUrl: string) {
  let client: Promise<Client> | undefined;

  function ready(): Promise<Client> {
    client ??= connect().catch((error: unknown) => {
      client = undefined;
      throw error;
    });
    return client;
  }

  async function connect(): Promise<Client> {
    const metadata = await discover(issuer);
    // The plugin fixes its endpoints when it is registered: hence an instance of its own, made when they are known.
    const host = Fastify({ logger: false });
    await host.register(cookie);
    await host.register(oauth2, {
      name: 'oidc',
      scope: ['openid', 'email', 'profile'],
      credentials: {
        client: { id: clientId, secret: clientSecret },
        auth: endpoints(metadata),
        // Without it a silent issuer would hold the request, and the browser, for ever.
        http: { timeout: answerWithinMs },
      },
      callbackUri: `${publicUrl}/auth/callback`,
      pkce: 'S256',
      hostPrefixedCookies: true,
      cookie: { path: '/', secure: true, httpOnly: true, sameSite: 'lax', maxAge: 600 },
    } satisfies FastifyOAuth2Options);
    await host.ready();
    const oauth = host.getDecorator<OAuth2Namespace>('oidc');
    return { oauth, issuer: metadata.issuer, keys: createRemoteJWKSet(new URL(metadata.jwks_uri)) };
  }

  return {
    /** Sets the cookies for state and PKCE. @returns where to send the browser, and the nonce to keep */
    async begin(request: FastifyRequest, reply: FastifyReply): Promise<{ location: string; nonce: string }> {
      const { oauth } = await ready();
      const location = new URL(await oauth.generateAuthorizationUri(request, reply));
      const nonce = randomBytes(16).toString('base64url');
      location.searchParams.set('nonce', nonce);
      return { location: location.href, nonce };
    },

    /**
     * Checks state and PKCE, trades the code for an ID token, and checks that: signature, issuer, audience, time,
     * nonce.
     * @throws when anything is not as it must be
     */
    async finish(request: FastifyRequest, reply: FastifyReply, nonce: string):
      Promise<{ identity: Identity; verified: boolean }> {
      const { oauth, issuer: iss, keys } = await ready();
      const { token } = await oauth.getAccessTokenFromAuthorizationCodeFlow(request, reply);
      const { payload } = await jwtVerify(String(token.id_token), keys,
        { issuer: iss, audience: clientId, algorithms, clockTolerance: clockToleranceSeconds });
      const claims = Claims.parse(payload);
      if (claims.nonce !== nonce) throw new Error('the ID token was made for another sign-in (nonce)');
      if (Array.isArray(claims.aud) && claims.aud.length > 1 && claims.azp !== clientId) {
        throw new Error('the ID token was made for another client (azp)');
      }
      const { sub: subject, email, name = email, picture = null } = claims;
      return { identity: { issuer: iss, subject, email, name, picture }, verified: claims.email_verified };
    },
  };
}

async function discover(issuer: string): Promise<z.infer<typeof Metadata>> {
  const address = `${issuer}/.well-known/openid-configuration`;
  const fail = (cause: unknown) => new Failure('issuer_unreachable',
    `The sign-in service ${new URL(issuer).host} does not answer as it should. Try again in a moment.`, { cause });
  let body: unknown;
  try {
    const response = await fetch(address, { signal: AbortSignal.timeout(answerWithinMs), redirect: 'error' });
    if (!response.ok) throw new Error(`${address} answered ${response.status}`);
    body = await response.json();
  } catch (error) {
    throw fail(error);
  }
  const metadata = Metadata.safeParse(body);
  if (!metadata.success) throw fail(metadata.error);
  // Discovery 1.0, 4.3: they must be equal, or one issuer could speak for another.
  if (metadata.data.issuer.replace(/\/$/, '') !== issuer) throw fail(new Error(`${address} names another issuer`));
  return metadata.data;
}

function endpoints({ authorization_endpoint, token_endpoint }: z.infer<typeof Metadata>) {
  const authorize = new URL(authorization_endpoint);
  const token = new URL(token_endpoint);
  return {
    authorizeHost: authorize.origin, authorizePath: authorize.pathname + authorize.search,
    tokenHost: token.origin, tokenPath: token.pathname + token.search,
  };
}
