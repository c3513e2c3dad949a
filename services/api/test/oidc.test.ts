import { createHash } from 'node:crypto';
import { pino } from 'pino';
import t from 'tap';
import type { ProblemCode } from '@sconce/protocol/http';
import { buildApp } from '../src/app.ts';
import { config, databases, Household, publicUrl } from './household.ts';
import { startEvilIssuer, type Answer } from './evil-issuer.ts';

const clientSecret = 'a client secret that is long enough for an HMAC';
const issuer = await startEvilIssuer(clientSecret);
const { db, stop } = await databases.PGlite!();
const household = await Household.on(db);
const lines: string[] = [];
const log = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) });
const issuers = [{ id: 'first', name: 'Evil', url: issuer.url, clientId: 'sconce', clientSecret, prefix: 'OIDC_' }];
const app = await buildApp({ ...household.context, log }, { ...config, issuers }, log);
t.teardown(async () => {
  await app.close();
  await household.close();
  await stop();
  await issuer.stop();
});

/** A browser on its way through a sign-in: its cookies, and what the issuer was asked for. */
class Browser {
  readonly cookies = new Map<string, string>();
  /** Every Set-Cookie line that any of them was ever given. */
  static readonly given: string[] = [];
  asked = new URLSearchParams();
  /** A network address of its own for each sign-in, as nginx would say: of too many from one, the rest are refused. */
  #address = '2001:db8::1';
  static #signIns = 0;
  readonly #app: typeof app;

  constructor(at = app) {
    this.#app = at;
  }
  async get(url: string) {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await this.#app.inject({ method: 'GET', url, headers: { cookie, 'x-forwarded-for': this.#address } });
    for (const line of [answer.headers['set-cookie'] ?? []].flat()) {
      Browser.given.push(line);
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      this.cookies.set(name, value);
    }
    return answer;
  }
  async begin(returnTo = '/'): Promise<void> {
    this.#address = `2001:db8:0:${(Browser.#signIns += 1).toString(16)}::1`;
    const { headers } = await this.get(`/auth/login?returnTo=${encodeURIComponent(returnTo)}`);
    this.asked = new URL(String(headers.location)).searchParams;
  }
  /** Comes back from the issuer. @returns where it ends */
  async back(state = this.asked.get('state') ?? '', answer: Record<string, string> = { code: 'the-code' }): Promise<string> {
    const { headers } = await this.get(`/auth/callback?${new URLSearchParams({ ...answer, state })}`);
    return String(headers.location);
  }
  /** What stands in the session's cookie. */
  session(): object | undefined {
    return app.decodeSecureSession(decodeURIComponent(this.cookies.get('__Host-session') ?? ''))?.data();
  }
  async me(): Promise<{ statusCode: number; role?: string; state?: string; email?: string }> {
    const answer = await this.get('/api/v1/me');
    return { statusCode: answer.statusCode, ...answer.json<object>() };
  }
}

/** Claims of somebody, for this sign-in. */
const claims = (browser: Browser, change: object = {}) => ({
  iss: issuer.url, aud: 'sconce', sub: 'olive', email: 'olive@example.org', email_verified: true, name: 'Olive',
  nonce: browser.asked.get('nonce') ?? '', ...change,
});

t.test('the way there: code flow with state, nonce and PKCE; cookies that only this host gets', async (t) => {
  const browser = new Browser();
  await browser.begin();
  const random = ['state', 'nonce', 'code_challenge'];
  t.strictSame(Object.fromEntries([...browser.asked].filter(([name]) => !random.includes(name))), {
    response_type: 'code', client_id: 'sconce', redirect_uri: `${publicUrl}/auth/callback`,
    scope: 'openid email profile', code_challenge_method: 'S256',
  });
  for (const name of random) t.ok((browser.asked.get(name) ?? '').length >= 22, name);
  const { headers } = await new Browser().get('/auth/login');
  for (const line of [headers['set-cookie'] ?? []].flat()) {
    t.match(line, /^__Host-/);
    for (const attribute of ['Path=/', 'HttpOnly', 'Secure', 'SameSite=Lax']) {
      t.ok(line.split('; ').includes(attribute), `${attribute}: ${line}`);
    }
    t.notMatch(line, /Domain=/i);
  }
  t.ok([headers['set-cookie'] ?? []].flat().length >= 3);
});

t.test('a token as it must be lets people in, the verified owner as an admin', async (t) => {
  const impostor = new Browser();
  await impostor.begin();
  issuer.says({ claims: claims(impostor, { sub: 'mallory', email_verified: false }) });
  t.equal(await impostor.back(), '/');
  t.match(await impostor.me(), { role: 'member', state: 'pending' }, 'the owner’s address, unverified, is anybody’s');

  const silent = new Browser();
  await silent.begin();
  issuer.says({ claims: claims(silent, { sub: 'trudy', email_verified: undefined }) });
  await silent.back();
  t.match(await silent.me(), { role: 'member', state: 'pending' }, 'an issuer that does not say has not verified');

  const olive = new Browser();
  await olive.begin('/outlets/hall');
  issuer.says({ claims: claims(olive) });
  t.equal(await olive.back(), '/outlets/hall', 'and goes where they wanted to');
  t.match(await olive.me(), { role: 'admin', state: 'active', email: 'olive@example.org' });
  const verifier = issuer.traded.at(-1)?.get('code_verifier') ?? '';
  t.equal(createHash('sha256').update(verifier).digest('base64url'), olive.asked.get('code_challenge'));

  const second = new Browser();
  await second.begin();
  issuer.says({ claims: claims(second, { sub: 'someone-else' }) });
  await second.back();
  t.match(await second.me(), { role: 'member', state: 'pending' },
    'who comes later with that address is another person');
});

t.test('tokens and answers that no honest issuer makes get nobody in', async (t) => {
  const people = await db.selectFrom('people').select('id').execute();
  const inSeconds = (seconds: number) => Math.floor(Date.now() / 1000) + seconds;
  const refusal = (error: string, status = 400): Answer =>
    ({ body: JSON.stringify({ error, error_description: 's3cret-words' }), status });
  for (const [why, answer, reason, code = 'sign_in_failed'] of [
    ['another sign-in’s nonce', (b) => ({ claims: claims(b, { nonce: 'x'.repeat(22) }) }), /nonce/],
    ['no nonce', (b) => ({ claims: claims(b, { nonce: undefined }) }), /nonce/],
    ['for another client', (b) => ({ claims: claims(b, { aud: 'another' }) }), /aud/],
    ['for no client', (b) => ({ claims: claims(b, { aud: undefined }) }), /aud/],
    ['for several, and used by another', (b) => ({ claims: claims(b, { aud: ['sconce', 'another'], azp: 'another' }) }), /azp/],
    ['for several, and nobody said who uses it', (b) => ({ claims: claims(b, { aud: ['sconce', 'another'] }) }), /azp/],
    ['by another issuer', (b) => ({ claims: claims(b, { iss: 'https://accounts.google.com' }) }), /iss/],
    ['ended', (b) => ({ claims: claims(b), endsIn: -120 }), /ended 12[01] s ago: is this server’s clock right/, 'clock_wrong'],
    ['without an end', (b) => ({ claims: claims(b, { exp: undefined }) }), /exp/],
    ['not yet valid', (b) => ({ claims: claims(b, { nbf: inSeconds(3600) }) }), /begins only in 3(600|599) s/, 'clock_wrong'],
    ['made in an hour', (b) => ({ claims: claims(b, { iat: inSeconds(3600) }), endsIn: 7200 }), /begins only in 3(600|599) s/, 'clock_wrong'],
    ['signed by another key', (b) => ({ claims: claims(b), signed: 'by another key' }), /signature/],
    ['not signed', (b) => ({ claims: claims(b), signed: 'not at all' }), /JWS|alg/i],
    ['an HMAC with the client’s secret', (b) => ({ claims: claims(b), signed: 'with the client secret' }), /alg/],
    ['without a subject', (b) => ({ claims: claims(b, { sub: '' }) }), /sub/],
    ['without an e-mail', (b) => ({ claims: claims(b, { email: undefined }) }), /email/],
    ['no ID token', () => ({ body: '{"access_token":"s3cret-access","token_type":"Bearer"}' }), /JWS/],
    ['the code is not accepted', () => refusal('invalid_grant'), /invalid_grant/],
    ['the client is not', () => refusal('invalid_client', 401), /OIDC_CLIENT_ID and OIDC_CLIENT_SECRET/, 'issuer_refused'],
    ['nor in these words', () => ({ body: '"s3cret"', status: 401 }), /OIDC_CLIENT_ID and OIDC_CLIENT_SECRET/, 'issuer_refused'],
    ['the client may not', () => refusal('unauthorized_client'), /OIDC_CLIENT_ID/, 'issuer_refused'],
    ['the way back is not known', () => refusal('redirect_uri_mismatch'), /register https:\/\/lamps\.example\.org\/auth\/callback there.*PUBLIC_URL/, 'issuer_refused'],
    ['an error in no standard', () => refusal('s3cret-code'), /not known here/],
    ['trouble there', () => refusal('server_error', 500), /answered 500/, 'issuer_unreachable'],
    ['nonsense', () => ({ body: '<html>s3cret' }), /no JSON/, 'issuer_unreachable'],
  ] as [string, (browser: Browser) => Answer, RegExp, ProblemCode?][]) {
    const browser = new Browser();
    await browser.begin();
    issuer.says(answer(browser));
    lines.length = 0;
    t.equal(await browser.back(), `/sign-in?problem=${code}`, why);
    t.equal((await browser.me()).statusCode, 401, `${why}: nobody is signed in`);
    t.match(lines.find((line) => line.includes('sign-in failed')), reason, `${why}: the log says why`);
    t.notMatch(lines.join(''), /the-code|s3cret|client secret that/, `${why}: and no secret`);
    t.strictSame(browser.session(), {}, `${why}: the nonce is spent`);
    issuer.says({ claims: claims(browser) });
    t.equal(await browser.back(), '/sign-in?problem=sign_in_expired', `${why}: the attempt is spent`);
  }
  t.equal((await db.selectFrom('people').select('id').execute()).length, people.length, 'and nobody was made');
});

t.test('what the issuer sends the browser back with, in place of a code', async (t) => {
  for (const [answer, code, reason] of [
    [{ error: 'access_denied', error_description: 's3cret' }, 'sign_in_denied', /access_denied/],
    [{ error: 'temporarily_unavailable' }, 'issuer_unreachable', /temporarily_unavailable/],
    [{ error: 'unauthorized_client' }, 'issuer_refused', /OIDC_CLIENT_ID/],
    [{ error: 'invalid_scope' }, 'issuer_refused', /openid, email and profile/],
    [{ error: 's3cret' }, 'sign_in_failed', /not known here/],
    [{ error: 'toString' }, 'sign_in_failed', /not known here/],
    [{}, 'sign_in_failed', /neither/],
    [{ code: 'the-code', iss: 'https://accounts.google.com' }, 'sign_in_failed', /iss/],
    [{ error: 'access_denied', iss: 'https://accounts.google.com' }, 'sign_in_failed', /iss/],
  ] as [Record<string, string>, ProblemCode, RegExp][]) {
    const browser = new Browser();
    await browser.begin();
    issuer.says({ claims: claims(browser) });
    lines.length = 0;
    const why = JSON.stringify(answer);
    t.equal(await browser.back(undefined, answer), `/sign-in?problem=${code}`, why);
    t.match(lines.find((line) => line.includes('sign-in failed')), reason, `${why}: the log says why`);
    t.notMatch(lines.join(''), /the-code|s3cret/, `${why}: and nobody else’s words`);
    t.equal((await browser.me()).statusCode, 401, why);
  }
  const browser = new Browser();
  await browser.begin();
  t.equal(await browser.back('another-state', { error: 'access_denied' }), '/sign-in?problem=sign_in_expired',
    'a link from somebody else does not say that this person did not agree');
});

t.test('only the browser that began a sign-in can end it, once', async (t) => {
  const browser = new Browser();
  await browser.begin();
  issuer.says({ claims: claims(browser) });
  t.equal(await browser.back('another-state'), '/sign-in?problem=sign_in_expired', 'a state that is not its own');
  const victim = new Browser();
  const attacker = new Browser();
  await attacker.begin();
  issuer.says({ claims: claims(attacker) });
  t.equal(await victim.back(attacker.asked.get('state') ?? ''), '/sign-in?problem=sign_in_expired',
    'a link from somebody else');
  t.equal((await victim.me()).statusCode, 401);
  t.equal(await attacker.back(), '/');
  t.equal(await attacker.back(), '/sign-in?problem=sign_in_expired', 'the same way back twice');
  t.equal((await attacker.me()).statusCode, 200, 'which signs nobody out');
});

t.test('session fixation: a cookie planted before a sign-in is worth nothing after it', async (t) => {
  const browser = new Browser();
  const plant = app.createSecureSession({ planted: 'before' } as object as { secret: string });
  browser.cookies.set('__Host-session', encodeURIComponent(app.encodeSecureSession(plant)));
  await browser.begin();
  const planted = new Map(browser.cookies);
  issuer.says({ claims: claims(browser) });
  await browser.back();
  const first = browser.cookies.get('__Host-session');
  t.strictSame(Object.keys(browser.session() ?? {}), ['secret'], 'nothing from before it survives it');
  t.not(first, planted.get('__Host-session'));
  const fixed = new Browser();
  for (const [name, value] of planted) fixed.cookies.set(name, value);
  t.equal((await fixed.me()).statusCode, 401);
  await browser.begin();
  issuer.says({ claims: claims(browser) });
  await browser.back();
  t.equal((await browser.me()).statusCode, 200);
  const old = new Browser();
  old.cookies.set('__Host-session', first ?? '');
  t.equal((await old.me()).statusCode, 401);
});

t.test('session fixation with a live session: whoever planted theirs does not share what is signed in over it', async (t) => {
  const mallory = new Browser();
  await mallory.begin();
  issuer.says({ claims: claims(mallory, { sub: 'mallory', email: 'mallory@example.org' }) });
  await mallory.back();
  const planted = mallory.cookies.get('__Host-session') ?? '';
  const victim = new Browser();
  victim.cookies.set('__Host-session', planted);
  await victim.begin();
  issuer.says({ claims: claims(victim) });
  await victim.back();
  t.match(await victim.me(), { statusCode: 200, email: 'olive@example.org' });
  t.not(victim.cookies.get('__Host-session'), planted);
  t.equal((await mallory.me()).statusCode, 401, 'the planted one is over, for both');
});

t.test('people are sent back to Sconce and nowhere else', async (t) => {
  for (const returnTo of [
    'https://evil.example', '//evil.example', '/\\evil.example', 'javascript:alert(1)', '/ a', '/\n/evil.example', '',
  ]) {
    const browser = new Browser();
    await browser.begin(returnTo);
    issuer.says({ claims: claims(browser) });
    t.equal(await browser.back(), '/', JSON.stringify(returnTo));
  }
});

t.test('every cookie that was set on the way is this host’s alone, and no script’s', async (t) => {
  t.ok(Browser.given.length > 50, `${Browser.given.length} lines`);
  for (const line of Browser.given) {
    const [pair = '', ...attributes] = line.split(/;\s*/);
    t.match(pair, /^__Host-[\w-]+=/);
    const has = new Set(attributes.map((one) => one.toLowerCase()));
    for (const one of ['path=/', 'httponly', 'secure', 'samesite=lax']) t.ok(has.has(one), `${one}: ${line}`);
    t.notMatch(line, /domain=/i);
  }
});

t.test('an issuer that is away, silent or somebody else is said to be so', async (t) => {
  const browser = new Browser();
  await browser.begin();
  issuer.says('silence');
  const began = performance.now();
  t.equal(await browser.back(), '/sign-in?problem=issuer_unreachable');
  t.ok(performance.now() - began < 8000, 'the browser is not held for ever');

  for (const [why, change, reason] of [
    ['another issuer’s name', { issuer: 'https://accounts.google.com' }, /names another issuer than OIDC_ISSUER/],
    ['no keys', { issuer: issuer.url, jwks_uri: undefined }, /lacks jwks_uri/],
    ['no way in', { jwks_uri: `${issuer.url}/jwks`, authorization_endpoint: 'none' }, /lacks authorization_endpoint/],
  ] as const) {
    issuer.describesItself(change);
    await withOwnApp(async (other) => {
      t.equal((await new Browser(other).get('/auth/login')).headers.location, '/sign-in?problem=issuer_unreachable', why);
      t.match(lines.find((line) => line.includes('sign-in cannot begin')), reason, `${why}: the log says why`);
    });
  }

  // Where there are no keys, the evil issuer answers as its token endpoint does.
  issuer.describesItself({ authorization_endpoint: `${issuer.url}/authorize`, jwks_uri: `${issuer.url}/not-the-keys` });
  await withOwnApp(async (other) => {
    const lost = new Browser(other);
    await lost.begin();
    issuer.says({ claims: claims(lost) });
    t.equal(await lost.back(), '/sign-in?problem=issuer_unreachable', 'keys that are none');
    t.match(lines.find((line) => line.includes('sign-in failed')), /keys \(jwks_uri\) cannot be had \(ERR_JWKS_INVALID\)/);
  });

  await withOwnApp(async (other) => {
    await issuer.stop();
    t.equal((await new Browser(other).get('/auth/login')).headers.location, '/sign-in?problem=issuer_unreachable');
    t.match(lines.find((line) => line.includes('sign-in cannot begin')), /cannot be fetched \((ECONNREFUSED|UND_ERR_SOCKET)\)/);
  });
});

/** An app that has not asked the issuer for its metadata yet. */
async function withOwnApp(use: (other: typeof app) => Promise<void>): Promise<void> {
  lines.length = 0;
  const other = await buildApp({ ...household.context, log }, { ...config, issuers }, log);
  await use(other);
  await other.close();
}
