import { randomBytes } from 'node:crypto';
import { pino } from 'pino';
import t from 'tap';
import { buildApp } from '../src/app.ts';
import { setPerson } from '../src/db/people.ts';
import { sessionLifetimes } from '../src/usecases/sessions.ts';
import { config, databases, Household } from './household.ts';

const { db, stop } = await databases.PGlite!();
const household = await Household.on(db);
t.teardown(async () => {
  await household.close();
  await stop();
});
const { context } = household;
const day = 86_400_000;

/** What came back in a Set-Cookie line: the pair, and its attributes in small letters. */
function read(line: unknown): { pair: string; value: string; attributes: string[] } {
  const [pair = '', ...attributes] = String(line).split(/;\s*/);
  return { pair, value: pair.slice(pair.indexOf('=') + 1), attributes: attributes.map((one) => one.toLowerCase()) };
}

/** The app of a process with these keys, over the same database. */
async function withKeys(...sessionKeys: Buffer[]) {
  const app = await buildApp(context, { ...config, sessionKeys }, pino({ level: 'silent' }));
  t.teardown(() => app.close());
  return (cookie: string) => app.inject({ method: 'GET', url: '/api/v1/me', headers: { cookie } });
}

const me = (cookie: string) => household.as({ cookie })('GET', '/api/v1/me');

t.test('the cookie: for this host alone, out of reach of scripts and of other sites', async (t) => {
  const olive = await household.person('olive');
  const left = await olive.client('POST', '/auth/logout');
  const { pair, attributes } = read(left.headers['set-cookie']);
  t.equal(pair, '__Host-session=');
  t.strictSame([...attributes].filter((one) => !one.startsWith('expires=')).sort(),
    ['httponly', 'max-age=0', 'path=/', 'samesite=lax', 'secure'], 'gone at once, and no Domain');
});

t.test('a request that changes nothing about the session sets no cookie', async (t) => {
  const olive = await household.person('olive');
  t.equal((await me(olive.cookie)).headers['set-cookie'], undefined);
});

t.test('a cookie that is not as we wrote it is nobody’s', async (t) => {
  const { cookie } = await household.person('olive');
  t.equal((await me(cookie)).statusCode, 200, 'as we wrote it');
  const { value } = read(cookie);
  const [cipher = '', nonce = ''] = decodeURIComponent(value).split(';');
  const flipped = Buffer.from(cipher, 'base64');
  flipped[20] = (flipped[20] ?? 0) ^ 1;
  const other = Buffer.from(nonce, 'base64');
  other[0] = (other[0] ?? 0) ^ 1;
  for (const [why, written] of [
    ['one bit tampered with', `${flipped.toString('base64')};${nonce}`],
    ['another nonce', `${cipher};${other.toString('base64')}`],
    ['cut short', `${cipher.slice(0, -8)};${nonce}`],
    ['no nonce', cipher],
    ['a short nonce', `${cipher};AAAA`],
    ['a short text', `AAAA;${nonce}`],
    ['not base64', '<script>;***'],
    ['empty', ''],
    ['only the separator', ';'],
    ['very long', 'A'.repeat(6000)],
  ] as const) {
    const { statusCode, body } = await me(`__Host-session=${encodeURIComponent(written)}`);
    t.equal(statusCode, 401, `${why}: ${body}`);
    t.match(JSON.parse(body), { code: 'not_signed_in' }, why);
  }
  t.equal((await me('__Host-session=%E0%A4%A')).statusCode, 401, 'a broken percent sign');
  t.equal((await me(`session=${value}`)).statusCode, 401, 'under another name');
});

t.test('cookie tampering: no byte of it can be changed', async (t) => {
  const { cookie } = await household.person('olive');
  const parts = decodeURIComponent(read(cookie).value).split(';').map((part) => Buffer.from(part, 'base64'));
  const tampered: [where: string, value: string][] = parts.flatMap((part, which) => [...part.keys()].map((at) => {
    const changed = Buffer.from(part);
    changed[at] = (changed[at] ?? 0) ^ (1 << at % 8);
    const where = which === 1 ? 'nonce' : at < 16 ? 'authentication tag' : 'contents';
    const value = parts.map((one, other) => (other === which ? changed : one).toString('base64')).join(';');
    return [`${where}, byte ${at}`, value] as [string, string];
  }));
  t.ok(tampered.length > 100, `${tampered.length} bytes`);
  for (const [where, value] of tampered) {
    const answer = await me(`__Host-session=${encodeURIComponent(value)}`);
    t.match({ status: answer.statusCode, ...answer.json<object>() }, { status: 401, code: 'not_signed_in' }, where);
  }
  t.equal((await me(cookie)).statusCode, 200, 'and it is still worth what it was');
});

t.test('a cookie of another installation is nobody’s here', async (t) => {
  const { cookie } = await household.person('olive');
  t.equal((await (await withKeys(randomBytes(32)))(cookie)).statusCode, 401, 'made with other keys');
  const elsewhere = await databases.PGlite!();
  const other = await Household.on(elsewhere.db);
  t.teardown(async () => {
    await other.close();
    await elsewhere.stop();
  });
  await other.person('olive');
  t.equal((await other.as({ cookie })('GET', '/api/v1/me')).statusCode, 401, 'the same keys by mistake, another database');
});

t.test('two cookies of one name: the first counts, whole; they are never put together', async (t) => {
  const { cookie } = await household.person('olive');
  const ned = await household.person('ned');
  const broken = '__Host-session=AAAA%3BAAAA';
  for (const [why, header, status, email] of [
    ['a good one, then a broken one', `${cookie}; ${broken}`, 200, 'olive@example.org'],
    ['a broken one, then a good one', `${broken}; ${cookie}`, 401, undefined],
    ['two good ones', `${ned.cookie}; ${cookie}`, 200, 'ned@example.org'],
    ['an empty one, then a good one', `__Host-session=; ${cookie}`, 401, undefined],
  ] as const) {
    const answer = await me(header);
    t.equal(answer.statusCode, status, why);
    t.equal(answer.json<{ email?: string }>().email, email, why);
  }
});

t.test('an oversized cookie is refused, and the process lives', async (t) => {
  const { cookie } = await household.person('olive');
  const url = await household.app.listen({ host: '127.0.0.1', port: 0 });
  const ask = async (header: string) => (await fetch(`${url}/api/v1/me`, { headers: { cookie: header } })).status;
  t.equal(await ask(`__Host-session=${'A'.repeat(15_000)}`), 401, 'as large as a head may be');
  t.equal(await ask(`__Host-session=${'A'.repeat(20_000)}`), 431, 'Node ends it there (--max-http-header-size)');
  t.equal(await ask(`${cookie}; padding=${'A'.repeat(10_000)}`), 200, 'another one that is large changes nothing');
});

t.test('old cookie after key rotation: it opens, nobody is signed out, it is written anew; a removed key opens nothing', async (t) => {
  const { cookie } = await household.person('olive');
  const [old] = config.sessionKeys as [Buffer];
  const open = () => db.selectFrom('sessions').select(['id', 'secret_hash']).orderBy('id').execute();
  const before = await open();
  const fresh = randomBytes(32);
  const both = await withKeys(fresh, old);
  const answer = await both(cookie);
  t.equal(answer.statusCode, 200);
  const { pair, attributes } = read(answer.headers['set-cookie']);
  t.ok(attributes.includes(`max-age=${sessionLifetimes.absoluteMs / 1000}`), 'it outlives the browser, as before');
  t.ok(['path=/', 'httponly', 'secure', 'samesite=lax'].every((one) => attributes.includes(one)));
  const onlyFresh = await withKeys(fresh);
  t.equal((await onlyFresh(pair)).statusCode, 200, 'the new cookie opens with the newest key');
  const late = await onlyFresh(cookie);
  t.match({ status: late.statusCode, ...late.json<object>() }, { status: 401, code: 'not_signed_in', detail: /Sign in/ },
    'the old cookie does not, once its key is gone: signed out, in words');
  t.equal((await both(pair)).headers['set-cookie'], undefined, 'it is written once');
  t.strictSame(await open(), before, 'and the sessions are the same as before');
});

t.test('sessions end by themselves', async (t) => {
  const began = Date.now();
  const at = (ms: number) => {
    context.now = () => new Date(began + ms);
  };
  t.teardown(() => {
    context.now = () => new Date();
  });
  at(0);
  const drawer = await household.person('olive');
  const pocket = await household.person('olive');
  at(sessionLifetimes.idleMs - 1000);
  t.equal((await me(pocket.cookie)).statusCode, 200, 'used just in time');
  at(sessionLifetimes.idleMs + 1000);
  t.match((await me(drawer.cookie)).json(), { code: 'not_signed_in' }, 'unused for too long');
  t.equal((await me(pocket.cookie)).statusCode, 200, 'use keeps it alive');
  for (let ms = 40 * day; ms < sessionLifetimes.absoluteMs; ms += 20 * day) {
    at(ms);
    t.equal((await me(pocket.cookie)).statusCode, 200, `day ${ms / day}`);
  }
  at(sessionLifetimes.absoluteMs - 1000);
  t.equal((await me(pocket.cookie)).statusCode, 200, 'the last second');
  at(sessionLifetimes.absoluteMs + 1000);
  t.match((await me(pocket.cookie)).json(), { code: 'not_signed_in' }, 'none lasts for ever');
  await household.person('ned');
  const left = await db.selectFrom('sessions').select('id').execute();
  t.equal(left.length, 1, 'ended ones are swept away at the next sign-in');
});

t.test('the cookie of an ended session, and one stolen and replayed after the logout: over at once', async (t) => {
  const phone = await household.person('olive');
  const laptop = await household.person('olive');
  await phone.client('POST', '/auth/logout');
  t.equal((await me(phone.cookie)).statusCode, 401);
  t.equal((await me(laptop.cookie)).statusCode, 200, 'the other one lives');
  await db.deleteFrom('sessions').where('person_id', '=', laptop.person.id).execute();
  t.equal((await me(laptop.cookie)).statusCode, 401);
});

t.test('a deactivated person: the next request fails, by cookie and by token', async (t) => {
  const { person, cookie, client } = await household.person('mona');
  await setPerson(db, person.id, { state: 'active' });
  const made = await client('POST', '/api/v1/tokens', { name: 'script', scopes: ['read'] });
  const { token } = made.json<{ token: string }>();
  const asks = [household.as({ cookie }), household.as({ authorization: `Bearer ${token}` })];
  for (const ask of asks) t.equal((await ask('GET', '/api/v1/outlets')).statusCode, 200);
  await setPerson(db, person.id, { state: 'deactivated' });
  for (const ask of asks) t.match((await ask('GET', '/api/v1/outlets')).json(), { status: 403, code: 'deactivated' });
});

t.test('what lies in the database opens nothing', async (t) => {
  const { cookie } = await household.person('olive');
  const { value } = read(cookie);
  const secret = household.app.decodeSecureSession(decodeURIComponent(value))?.get('secret');
  t.match(secret, /^[\w-]{43}$/);
  const rows = await db.selectFrom('sessions').selectAll().execute();
  t.notMatch(JSON.stringify(rows), String(secret));
  const forged = household.app.encodeSecureSession(
    household.app.createSecureSession({ secret: rows[0]!.secret_hash, __ts: Math.round(Date.now() / 1000) }));
  t.equal((await me(`__Host-session=${encodeURIComponent(forged)}`)).statusCode, 401, 'the hash is not the secret');
});
