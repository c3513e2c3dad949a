import { join } from 'node:path';
import { pino } from 'pino';
import t from 'tap';
import type { Me, ProblemCode } from '@sconce/protocol/http';
import { startIssuer, type IssuerPerson } from '../../acceptance/src/issuer.ts';
import { freePorts } from '../../acceptance/src/process.ts';
import { Visitor, type Way } from '../../acceptance/src/visitor.ts';
import { buildApp } from '../src/app.ts';
import { alone } from '../src/domain/peers.ts';
import type { Issuer } from '../src/config/issuers.ts';
import { config, databases, Household } from './household.ts';

/** Signing in against two real OpenID providers, and what somebody on the way could do about it. */

const [port, missetPort, fastPort, slowPort, firstPort, familyPort] =
  await freePorts(6) as [number, number, number, number, number, number];
const url = `http://localhost:${port}`;
const person = (sub: string, more: Partial<IssuerPerson> = {}): IssuerPerson =>
  ({ sub, name: sub, email: `${sub}@example.org`, email_verified: true, says: 'is here for a test', ...more });

/** What the first issuer's token endpoint is to answer in the provider's place, for once. */
let substitute: object | undefined;
/** What the family's issuer was asked. */
const askedOfFamily: string[] = [];
const ways = (path: string) =>
  [port, missetPort, fastPort, slowPort].map((one) => `http://localhost:${one}/auth/callback${path}`);
const dir = t.testdir({ first: {}, family: {} });
const first = await startIssuer({
  port: firstPort, dir: join(dir, 'first'), redirectUris: ways(''), otherClientId: 'another',
  people: [person('olive'), person('mallory', { email: 'olive@example.org', email_verified: false })],
  intercept(request, response) {
    if (request.url !== '/token' || !substitute) return false;
    response.setHeader('content-type', 'application/json').end(JSON.stringify(substitute));
    substitute = undefined;
    return true;
  },
});
const family = await startIssuer({
  port: familyPort, dir: join(dir, 'family'), redirectUris: ways('/family'), people: [person('olive')],
  intercept: (request) => {
    askedOfFamily.push(request.url ?? '');
    return false;
  },
});

const { db, stop } = await databases.PGlite!();
const household = await Household.on(db);
const lines: string[] = [];
const log = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) });
const issuers: Issuer[] = [
  { ...first, id: 'first', name: 'First', prefix: 'OIDC_' },
  { ...family, id: 'family', name: 'The family', prefix: 'OIDC_FAMILY_' },
];

/** Sconce on a port, so that a browser can come. `ahead`: seconds by which its clock is wrong. */
async function serve(at: number, { known = issuers, ahead = 0 } = {}): Promise<() => Promise<void>> {
  const now = () => new Date(Date.now() + ahead * 1000);
  // Each counts for itself, as separate servers do.
  const app = await buildApp({ ...household.context, log, now, peers: alone('sign-in') },
    { ...config, publicUrl: `http://localhost:${at}`, issuers: known }, log);
  await app.listen({ port: at, host: 'localhost' });
  return () => app.close();
}
const closing = [
  await serve(port),
  await serve(missetPort, { known: issuers.map((one) => ({ ...one, clientSecret: 'n0t-the-secret' })) }),
  await serve(fastPort, { ahead: 3600 }),
  await serve(slowPort, { ahead: -3600 }),
];
t.teardown(async () => {
  for (const close of closing) await close();
  await household.close();
  await stop();
  await first.stop();
  await family.stop();
});

const people = async () => db.selectFrom('people').select(['issuer', 'subject']).orderBy('issuer').execute();
const isFirstsDoor = (at: URL) => at.origin === first.url && at.pathname === '/auth';
const isWayBack = (at: URL) => at.pathname.startsWith('/auth/callback');
/** Somebody who changes where the browser goes, or what it brings, at one point of the way. */
const changing = (where: (at: URL) => boolean, change: (at: URL) => unknown): NonNullable<Way['onTheWay']> => async (at) => {
  if (!where(at)) return at;
  const changed = await change(at);
  return changed instanceof URL ? changed : at;
};

t.test('people are let in as whoever their issuer says they are; the first alone makes the owner', async (t) => {
  t.strictSame(await new Visitor(url).json('/auth/issuers'),
    [{ id: 'first', name: 'First' }, { id: 'family', name: 'The family' }]);
  const pending: Partial<Me> = { role: 'member', state: 'pending', email: 'olive@example.org' };
  t.match(await new Visitor(url).signIn('mallory'), pending, 'the owner’s address, unverified');
  t.match(await new Visitor(url).signIn('olive', { from: '/auth/login?with=family' }), pending,
    'verified, but by an issuer that does not say who owns the house');
  const olive = await new Visitor(url).signIn('olive', { from: '/auth/login?with=first' });
  t.match(olive, { role: 'admin', state: 'active', email: 'olive@example.org' });
  t.match(await new Visitor(url).signIn('olive', { from: '/auth/login?with=family' }), pending,
    'the same subject and address at another issuer is another person');
  t.equal((await new Visitor(url).signIn('olive')).id, olive.id, 'and at the same one the same');
  t.strictSame((await people()).map(({ issuer, subject }) => `${subject} of ${issuer}`).sort(),
    [`mallory of ${first.url}`, `olive of ${first.url}`, `olive of ${family.url}`].sort());
  t.equal((await new Visitor(url).walk('olive', { from: '/auth/login?with=neighbours' })).href,
    `${url}/sign-in?problem=issuer_unknown`);
  t.equal((await new Visitor(url).walk('olive', { from: '/auth/login?with=first&with=family' })).href,
    `${url}/sign-in?problem=issuer_unknown`);
});

/** An ID token of the first issuer for this very sign-in, but made out to another client: signed, fresh, with its nonce. */
async function tokenForAnother(visitor: Visitor, wayBack: URL): Promise<object> {
  const response = await fetch(`${first.url}/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`another:${first.clientSecret}`).toString('base64')}` },
    body: new URLSearchParams({
      grant_type: 'authorization_code', code: wayBack.searchParams.get('code') ?? '', redirect_uri: `${url}/auth/callback`,
      code_verifier: visitor.cookies.get('__Host-oauth2-code-verifier') ?? '',
    }),
  });
  const token = await response.json() as { id_token?: string };
  if (!token.id_token) throw new Error(JSON.stringify(token));
  return token;
}

t.test('a sign-in that somebody meddles with lets nobody in', async (t) => {
  const before = await people();
  for (const [why, way, code, reason] of [
    ['consent denied', () => ({ sub: 'nobody-it-knows' }), 'sign_in_denied', /access_denied/],
    ['another state', () => ({ onTheWay: changing(isWayBack, (at) => at.searchParams.set('state', 'x'.repeat(22))) }),
      'sign_in_expired', /state/],
    ['the cookies of the way are gone: it took too long', (visitor) => ({ onTheWay: changing(isWayBack, () => {
      visitor.cookies.delete('__Host-oauth2-redirect-state');
      visitor.cookies.delete('__Host-oauth2-code-verifier');
    }) }), 'sign_in_expired', /cookies/],
    ['the session’s cookie is gone', (visitor) => ({ onTheWay: changing(isWayBack,
      () => visitor.cookies.delete('__Host-session')) }), 'sign_in_expired', /no sign-in is under way/],
    ['no PKCE verifier', (visitor) => ({ onTheWay: changing(isWayBack,
      () => visitor.cookies.delete('__Host-oauth2-code-verifier')) }), 'sign_in_expired', /cookies/],
    ['a wrong PKCE verifier', (visitor) => ({ onTheWay: changing(isWayBack,
      () => visitor.cookies.set('__Host-oauth2-code-verifier', 'x'.repeat(43))) }), 'sign_in_failed', /invalid_grant/],
    ['a code that was asked for without PKCE', () => ({ onTheWay: changing(isFirstsDoor, (at) => {
      at.searchParams.delete('code_challenge');
      at.searchParams.delete('code_challenge_method');
    }) }), 'sign_in_failed', /invalid_grant/],
    ['a wrong nonce', () => ({ onTheWay: changing(isFirstsDoor, (at) => at.searchParams.set('nonce', 'x'.repeat(22))) }),
      'sign_in_failed', /nonce/],
    ['no nonce', () => ({ onTheWay: changing(isFirstsDoor, (at) => at.searchParams.delete('nonce')) }),
      'sign_in_failed', /nonce/],
    ['a code for another client', () => ({ onTheWay: changing(isFirstsDoor,
      (at) => at.searchParams.set('client_id', 'another')) }), 'sign_in_failed', /invalid_grant/],
    ['an ID token for another aud', (visitor) => ({ onTheWay: async (at) => {
      if (isFirstsDoor(at)) at.searchParams.set('client_id', 'another');
      if (isWayBack(at)) substitute = await tokenForAnother(visitor, at);
      return at;
    } }), 'sign_in_failed', /unexpected \\"aud\\"/],
    ['an answer that does not say whose it is', () => ({ onTheWay: changing(isWayBack,
      (at) => at.searchParams.delete('iss')) }), 'sign_in_failed', /\(iss\)/],
    ['an answer that says it is another’s', () => ({ onTheWay: changing(isWayBack,
      (at) => at.searchParams.set('iss', family.url)) }), 'sign_in_failed', /\(iss\)/],
    ['the first’s answer at the family’s way back', () => ({ onTheWay: changing(isWayBack,
      (at) => new URL(`/auth/callback/family${at.search}`, at)) }), 'sign_in_expired', /at another issuer/],
    ['the family’s answer at the first’s way back', () => ({ from: '/auth/login?with=family',
      onTheWay: changing(isWayBack, (at) => new URL(`/auth/callback${at.search}`, at)) }), 'sign_in_expired', /at another issuer/],
    // RFC 9700, 4.4: the family's issuer turns bad and would have the first's code sent to itself.
    ['a mix-up', () => ({ from: '/auth/login?with=family', onTheWay: changing(
      (at) => at.origin === family.url && at.pathname === '/auth',
      (at) => {
        at.searchParams.set('redirect_uri', `${url}/auth/callback`);
        return new URL(`/auth${at.search}`, first.url);
      }) }), 'sign_in_expired', /at another issuer/],
  ] as [string, (visitor: Visitor) => Way & { sub?: string }, ProblemCode, RegExp][]) {
    const visitor = new Visitor(url);
    lines.length = askedOfFamily.length = 0;
    const { sub = 'olive', ...meddled } = way(visitor);
    t.equal((await visitor.walk(sub, meddled)).href, `${url}/sign-in?problem=${code}`, why);
    t.match(lines.find((line) => line.includes('sign-in failed')), reason, `${why}: the log says why`);
    t.equal((await visitor.request('/api/v1/me')).status, 401, `${why}: nobody is signed in`);
    t.notOk(askedOfFamily.includes('/token'), `${why}: and the other issuer is sent no code`);
    t.notOk(lines.join('').includes(first.clientSecret), `${why}: nor the log a secret`);
  }
  t.strictSame(await people(), before, 'and nobody was made');
});

t.test('the issuer itself gives nothing for a code without its verifier', async (t) => {
  const visitor = new Visitor(url);
  let code = '';
  await visitor.walk('olive', { onTheWay: changing(isWayBack, (at) => {
    code = at.searchParams.get('code') ?? '';
    at.searchParams.delete('state');
  }) });
  t.ok(code);
  const response = await fetch(`${first.url}/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`sconce:${first.clientSecret}`).toString('base64')}` },
    body: new URLSearchParams({ grant_type: 'authorization_code', code, redirect_uri: `${url}/auth/callback` }),
  });
  t.match(await response.json(), { error: 'invalid_grant' });
});

t.test('a replayed state: the same way back twice, in this browser or in another', async (t) => {
  const olive = new Visitor(url);
  let wayBack = '';
  await olive.signIn('olive', { onTheWay: changing(isWayBack, (at) => { wayBack = at.pathname + at.search; }) });
  const location = async (visitor: Visitor) => (await visitor.request(wayBack)).headers.get('location');
  t.equal(await location(olive), '/sign-in?problem=sign_in_expired');
  t.equal((await olive.request('/api/v1/me')).status, 200, 'which signs nobody out');
  const mallory = new Visitor(url);
  t.equal(await location(mallory), '/sign-in?problem=sign_in_expired');
  t.equal((await mallory.request('/api/v1/me')).status, 401);

  const again = new Visitor(url);
  await leave(again);
  t.ok(again.cookies.get('__Host-oauth2-redirect-state'), 'one is under way');
  t.equal(await location(again), '/sign-in?problem=sign_in_expired', 'an old way back in a new sign-in');
});

/** Goes away before the way back is asked for. @returns the way back */
async function leave(visitor: Visitor): Promise<URL> {
  let wayBack: URL | undefined;
  await visitor.walk('olive', { onTheWay: changing(isWayBack, (at) => {
    wayBack = at;
    return new URL('/healthz', at);
  }) });
  if (!wayBack) throw new Error('there was no way back');
  return wayBack;
}

t.test('of two sign-ins in one browser the later counts, whichever issuer they are at', async (t) => {
  const visitor = new Visitor(url);
  const wayBack = await leave(visitor);
  t.match(await visitor.signIn('olive', { from: '/auth/login?with=family' }), { state: 'pending' });
  t.equal((await visitor.request(wayBack.pathname + wayBack.search)).headers.get('location'),
    '/sign-in?problem=sign_in_expired');
  t.match(await visitor.json('/api/v1/me'), { state: 'pending' }, 'and stays');
});

t.test('what the owner has to mend ends in words, and the log says where', async (t) => {
  for (const [why, at, from, code, reason] of [
    ['a wrong client secret', missetPort, 'first', 'issuer_refused', /check OIDC_CLIENT_ID and OIDC_CLIENT_SECRET/],
    ['and at another issuer', missetPort, 'family', 'issuer_refused', /check OIDC_FAMILY_CLIENT_ID and OIDC_FAMILY_CLIENT_SECRET/],
    ['a clock that is fast', fastPort, 'first', 'clock_wrong', /ended (2999|300\d) s ago: is this server’s clock right/],
    ['a clock that is slow', slowPort, 'first', 'clock_wrong', /begins only in (359\d|360[01]) s: is this server’s clock right/],
  ] as const) {
    lines.length = 0;
    const visitor = new Visitor(`http://localhost:${at}`);
    t.equal((await visitor.walk('olive', { from: `/auth/login?with=${from}` })).search, `?problem=${code}`, why);
    const line = lines.find((one) => one.includes('sign-in failed')) ?? '';
    t.match(line, reason, why);
    t.match(JSON.parse(line), { level: 50, issuer: from, code }, why);
    t.notMatch(lines.join(''), /n0t-the-secret|access_token|code=/, `${why}: no secret`);
    t.equal((await visitor.request('/api/v1/me')).status, 401, why);
  }
});

t.test('an issuer that goes away between login and the way back', async (t) => {
  const visitor = new Visitor(url);
  lines.length = 0;
  const end = await visitor.walk('olive', { onTheWay: changing(isWayBack, async () => { await first.stop(); }) });
  t.equal(end.search, '?problem=issuer_unreachable');
  t.match(lines.find((line) => line.includes('sign-in failed')), /token endpoint cannot be reached.*\((ECONNREFUSED|ECONNRESET)\)/);
  t.match(await new Visitor(url).signIn('olive', { from: '/auth/login?with=family' }), { state: 'pending' },
    'the other is not concerned');
});
