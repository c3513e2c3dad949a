import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import Provider, { type Configuration } from 'oidc-provider';
import { page } from './issuer-page.ts';

export type IssuerPerson = { sub: string; name: string; email: string; email_verified: boolean; says: string };

/** The people that the local issuer knows, unless it is told of others. Its word is all there is to it: whoever clicks a name is that person. */
const demoPeople: readonly IssuerPerson[] = [
  { sub: 'olive', name: 'Olive Owner', email: 'olive@example.org', email_verified: true, says: 'owns this household' },
  { sub: 'ned', name: 'Ned Newcomer', email: 'ned@example.org', email_verified: true, says: 'has not been let in yet' },
  { sub: 'gwen', name: 'Gwen Guest', email: 'gwen@example.org', email_verified: true, says: 'stays for the weekend' },
];

export type Issuer = { url: string; clientId: string; clientSecret: string; stop(): Promise<void> };

type Settings = {
  port: number;
  /** Behind a proxy: the address under which it is known, and where it listens for the proxy. */
  behind?: { url: string; host: string };
  dir: string;
  /** The only addresses to which it sends browsers back. */
  redirectUris: readonly string[];
  people?: readonly IssuerPerson[];
  /** A second client, with the same secret and addresses: what is made out to it is not for Sconce. */
  otherClientId?: string;
  /** Stands before the provider, as somebody on the way would. @returns whether it has answered in its place */
  intercept?: (request: IncomingMessage, response: ServerResponse) => boolean;
};

/**
 * A real OpenID Connect provider (oidc-provider) on this machine, in Google's place. Its keys and the client's secret
 * stay in `dir`, so that a second start knows the browsers of the first.
 */
export async function startIssuer({ port, dir, redirectUris, people = demoPeople, otherClientId, intercept, behind }:
  Settings): Promise<Issuer> {
  const url = behind?.url ?? `http://localhost:${port}`;
  const { jwk, clientSecret, cookieKey } = loadOrCreate(join(dir, 'issuer.json'));
  const provider = new Provider(url, {
    clients: ['sconce', ...otherClientId === undefined ? [] : [otherClientId]].map((client_id) =>
      ({ client_id, client_secret: clientSecret, redirect_uris: [...redirectUris] })),
    jwks: { keys: [jwk] },
    cookies: { keys: [cookieKey] },
    findAccount: (_ctx, id) => {
      const person = people.find(({ sub }) => sub === id);
      if (!person) return undefined;
      const { says: _, ...claims } = person;
      return { accountId: id, claims: () => claims };
    },
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
    // As Google does: the claims stand in the ID token itself.
    conformIdTokenClaims: false,
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
    // The clients are this household's own: nobody needs to be asked.
    loadExistingGrant: async (ctx) => {
      const { client, session } = ctx.oidc;
      if (!client || !session?.accountId) return undefined;
      const grant = new ctx.oidc.provider.Grant({ clientId: client.clientId, accountId: session.accountId });
      grant.addOIDCScope('openid email profile');
      await grant.save();
      return grant;
    },
    ttl: { Session: 3600, Interaction: 600, Grant: 3600, IdToken: 600, AccessToken: 600, AuthorizationCode: 60 },
  } satisfies Configuration);

  // X-Forwarded-Proto and X-Forwarded-Host count.
  provider.proxy = behind !== undefined;
  provider.use(async (ctx, next) => {
    if (!ctx.path.startsWith('/interaction/')) return next();
    if (ctx.method === 'GET') {
      await provider.interactionDetails(ctx.req, ctx.res);
      ctx.type = 'html';
      ctx.body = page(ctx.path, people);
      return undefined;
    }
    const chosen = people.find(({ sub }) => sub === new URLSearchParams(ctx.querystring).get('as'));
    const result = chosen
      ? { login: { accountId: chosen.sub, remember: false } }
      : { error: 'access_denied', error_description: 'the person cancelled' };
    ctx.redirect(await provider.interactionResult(ctx.req, ctx.res, result));
    return undefined;
  });

  const answer = provider.callback();
  const server = createServer((request, response) => {
    if (!intercept?.(request, response)) void answer(request, response);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, behind?.host ?? 'localhost', resolve);
  });
  return {
    url, clientId: 'sconce', clientSecret,
    stop: () => new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    }),
  };
}

type Keys = { jwk: { kty: string; [member: string]: unknown }; clientSecret: string; cookieKey: string };

function loadOrCreate(path: string): Keys {
  if (existsSync(path)) return JSON.parse(readFileSync(path, 'utf8')) as Keys;
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const keys = {
    jwk: { ...privateKey.export({ format: 'jwk' }), kty: 'RSA', use: 'sig', alg: 'RS256' },
    clientSecret: randomBytes(32).toString('hex'),
    cookieKey: randomBytes(32).toString('hex'),
  };
  writeFileSync(path, JSON.stringify(keys), { mode: 0o600 });
  return keys;
}
