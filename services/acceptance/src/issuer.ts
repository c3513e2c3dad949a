import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import Provider, { type Configuration } from 'oidc-provider';
import { page } from './issuer-page.ts';

/** The people that the local issuer knows. Its word is all there is to it: whoever clicks a name is that person. */
export const people = [
  { sub: 'olive', name: 'Olive Owner', email: 'olive@example.org', email_verified: true, says: 'owns this household' },
  { sub: 'ned', name: 'Ned Newcomer', email: 'ned@example.org', email_verified: true, says: 'has not been let in yet' },
  { sub: 'gwen', name: 'Gwen Guest', email: 'gwen@example.org', email_verified: true, says: 'stays for the weekend' },
] as const;

export type Issuer = { url: string; clientId: string; clientSecret: string; stop(): Promise<void> };

/**
 * A real OpenID Connect provider (oidc-provider) on this machine, in Google's place. Its keys and the client's secret
 * stay in `dir`, so that a second start knows the browsers of the first.
 * @param redirectUri the only address to which it sends browsers back
 */
export async function startIssuer({ port, dir, redirectUri }: { port: number; dir: string; redirectUri: string }):
  Promise<Issuer> {
  const url = `http://localhost:${port}`;
  const { jwk, clientSecret, cookieKey } = loadOrCreate(join(dir, 'issuer.json'));
  const provider = new Provider(url, {
    clients: [{ client_id: 'sconce', client_secret: clientSecret, redirect_uris: [redirectUri] }],
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
    // There is one client, and it is this household's own: nobody needs to be asked.
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

  const server = createServer(provider.callback());
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, 'localhost', resolve);
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
