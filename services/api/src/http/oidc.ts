import { randomBytes } from 'node:crypto';
import oauth2, { type FastifyOAuth2Options, type OAuth2Namespace } from '@fastify/oauth2';
import cookie from '@fastify/cookie';
import Fastify, { type FastifyReply, type FastifyRequest } from 'fastify';
import { createRemoteJWKSet, errors, jwtVerify, type JWTPayload, type JWTVerifyGetKey } from 'jose';
import { z } from 'zod';
import { firstIssuer, type Issuer } from '../config/issuers.ts';
import type { Identity } from '../db/people.ts';
import { attemptOver, clockFault, keysFault, refusedBy, tokenFault, unreachable } from './sign-in-faults.ts';

/** What is needed of an issuer's metadata (OpenID Connect Discovery 1.0, section 3). */
const Metadata = z.object({
  issuer: z.string(),
  authorization_endpoint: z.url(),
  token_endpoint: z.url(),
  jwks_uri: z.url(),
  /** RFC 9207, section 3. */
  authorization_response_iss_parameter_supported: z.boolean().default(false),
});
type Metadata = z.infer<typeof Metadata>;

/** What the issuer sends the browser back with (RFC 6749, 4.1.2; RFC 9207, 2). */
const Answer = z.object({
  state: z.string(),
  iss: z.string().optional(),
  code: z.string().optional(),
  error: z.string().optional(),
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

const stateCookie = '__Host-oauth2-redirect-state';
const verifierCookie = '__Host-oauth2-code-verifier';

type Client = { oauth: OAuth2Namespace; metadata: Metadata; keys: JWTVerifyGetKey };

/**
 * Signing in at one OpenID Connect issuer: code flow with PKCE, state and nonce.
 * The issuer's metadata is fetched at the first sign-in, not at start: lamps must work while Google does not.
 */
export function createOidc(issuer: Issuer, publicUrl: string, clock: () => Date) {
  // A way back of its own for each issuer, so that none can pass another's answer off as its own (RFC 9700, 4.4.2).
  const callbackPath = issuer.id === firstIssuer ? '/callback' : `/callback/${issuer.id}`;
  const redirectUri = `${publicUrl}/auth${callbackPath}`;
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
        client: { id: issuer.clientId, secret: issuer.clientSecret },
        auth: endpoints(metadata),
        // Without it a silent issuer would hold the request, and the browser, for ever.
        http: { timeout: answerWithinMs },
      },
      callbackUri: redirectUri,
      pkce: 'S256',
      redirectStateCookieName: stateCookie,
      verifierCookieName: verifierCookie,
      cookie: { path: '/', secure: true, httpOnly: true, sameSite: 'lax', maxAge: 600 },
    } satisfies FastifyOAuth2Options);
    await host.ready();
    const keys = createRemoteJWKSet(new URL(metadata.jwks_uri), { timeoutDuration: answerWithinMs });
    return {
      oauth: host.getDecorator<OAuth2Namespace>('oidc'), metadata,
      keys: (header, token) => keys(header, token).catch((error: unknown) => { throw keysFault(issuer, error); }),
    };
  }

  /** The address that the browser came back with: from this browser's sign-in, from this issuer, and with a code. */
  function checkAnswer(request: FastifyRequest, { metadata }: Client): void {
    const { [stateCookie]: began, [verifierCookie]: verifier } = request.cookies;
    const answer = Answer.safeParse(request.query);
    if (!answer.success) throw new Error('the issuer’s answer cannot be read');
    const { state, iss, code, error } = answer.data;
    if (!began || !verifier) throw attemptOver('the cookies of this sign-in are gone: it took too long, or was ended already');
    if (state !== began) throw attemptOver('the answer is to another sign-in (state)');
    if (iss === undefined ? metadata.authorization_response_iss_parameter_supported : iss !== metadata.issuer) {
      throw new Error('the answer is another issuer’s, or does not say whose it is (iss)');
    }
    if (error !== undefined) throw refusedBy(issuer, redirectUri, error);
    if (!code) throw new Error('the issuer’s answer holds neither a code nor an error');
  }

  async function verify(idToken: unknown, { metadata, keys }: Client): Promise<JWTPayload> {
    const now = clock();
    const wrongClock = (claims: JWTPayload) => clockFault(claims, Math.floor(now.getTime() / 1000), clockToleranceSeconds);
    try {
      const { payload } = await jwtVerify(String(idToken), keys, {
        issuer: metadata.issuer, audience: issuer.clientId, algorithms, requiredClaims: ['exp', 'iat'],
        clockTolerance: clockToleranceSeconds, currentDate: now,
      });
      // The library looks at `exp` and `nbf`; most issuers send no `nbf`.
      const fault = wrongClock(payload);
      if (fault) throw fault;
      return payload;
    } catch (error) {
      const timed = error instanceof errors.JWTExpired
        || error instanceof errors.JWTClaimValidationFailed && error.claim === 'nbf';
      throw timed ? wrongClock(error.payload) ?? error : error;
    }
  }

  return {
    /** Under `/auth`. */
    callbackPath,

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
     * @throws when anything is not as it must be: what sign-in-faults.ts makes of it
     */
    async finish(request: FastifyRequest, reply: FastifyReply, nonce: string):
      Promise<{ identity: Identity; verified: boolean }> {
      const client = await ready();
      checkAnswer(request, client);
      const { token } = await client.oauth.getAccessTokenFromAuthorizationCodeFlow(request, reply)
        .catch((error: unknown) => { throw tokenFault(issuer, redirectUri, error); });
      const claims = Claims.parse(await verify(token.id_token, client));
      if (claims.nonce !== nonce) throw new Error('the ID token was made for another sign-in (nonce)');
      if (Array.isArray(claims.aud) && claims.aud.length > 1 && claims.azp !== issuer.clientId) {
        throw new Error('the ID token was made for another client (azp)');
      }
      const { sub: subject, email, name = email, picture = null } = claims;
      return { identity: { issuer: client.metadata.issuer, subject, email, name, picture }, verified: claims.email_verified };
    },
  };
}

export type Oidc = ReturnType<typeof createOidc>;

async function discover(issuer: Issuer): Promise<Metadata> {
  const address = `${issuer.url}/.well-known/openid-configuration`;
  const fail = (reason: string, error?: unknown) => unreachable(issuer, `${address} ${reason}`, error);
  const response = await fetch(address, { signal: AbortSignal.timeout(answerWithinMs), redirect: 'error' })
    .catch((error: unknown) => { throw fail('cannot be fetched', error); });
  if (!response.ok) {
    await response.body?.cancel();
    throw fail(`answered ${response.status}: does ${issuer.prefix}ISSUER name the issuer?`);
  }
  const body: unknown = await response.json().catch((error: unknown) => { throw fail('holds no JSON', error); });
  const metadata = Metadata.safeParse(body);
  if (!metadata.success) throw fail(`lacks ${metadata.error.issues.map(({ path }) => path.join('.')).join(', ')}`);
  // Discovery 1.0, 4.3: they must be equal, or one issuer could speak for another.
  if (metadata.data.issuer.replace(/\/$/, '') !== issuer.url) throw fail(`names another issuer than ${issuer.prefix}ISSUER`);
  return metadata.data;
}

function endpoints({ authorization_endpoint, token_endpoint }: Metadata) {
  const authorize = new URL(authorization_endpoint);
  const token = new URL(token_endpoint);
  return {
    authorizeHost: authorize.origin, authorizePath: authorize.pathname + authorize.search,
    tokenHost: token.origin, tokenPath: token.pathname + token.search,
  };
}
