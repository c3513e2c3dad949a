import { execFile, execFileSync } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync, cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync,
} from 'node:fs';
import { connect as http2, type IncomingHttpHeaders } from 'node:http2';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as secure } from 'node:tls';
import { gunzipSync } from 'node:zlib';
import t from 'tap';
import { Problem } from '@sconce/protocol/http';
import { limits } from '@sconce/protocol/limits';
import { foldersOf, makeStateDir, nginxEnvironment, selfSign, startNginx, throughCat } from '../src/nginx.ts';
import { repository } from '../src/pki.ts';
import { freePorts } from '../src/process.ts';
import { until } from '../src/until.ts';
import { ask as askAnyone, shownTo, type Asked } from './ask.ts';

/* What nginx does by itself, with no API behind it: the dashboard, its own words, other sites, TLS. */
const dir = makeStateDir();
t.teardown(() => rmSync(dir, { recursive: true, force: true }));
const folders = foldersOf(dir);
const [httpPort = 0, httpsPort = 0, apiPort = 0] = await freePorts(3);
const options = { stateDir: dir, httpPort, httpsPort, apiPort, domain: 'sconce.test' };
const ca = readFileSync(selfSign(dir, 'sconce.test'));
const nginx = await startNginx(options);
t.teardown(() => nginx.stop());
const ask = (asked: Partial<Asked>) => askAnyone({ name: 'sconce.test', port: httpsPort, ca, ...asked });
const askPlain = (asked: Partial<Asked>) => askAnyone({ name: 'sconce.test', port: httpPort, ...asked });
const hashed = readdirSync(join(repository, 'services/dashboard/dist/assets')).find((name) => /^index-.*\.js$/.test(name)) ?? '';
const asset = `/assets/${hashed}`;
const page = { accept: 'text/html,*/*;q=0.8' };

t.test('every answer says what browsers are to keep to', async (t) => {
  const policy = /"(default-src [^"]+)"/.exec(readFileSync(join(repository, 'nginx/csp.conf'), 'utf8'))?.[1] ?? '';
  t.notMatch(policy, /unsafe|\*/);
  const rules: [header: string, says: string | RegExp][] = [
    ['content-security-policy', policy],
    ['x-content-type-options', 'nosniff'],
    ['x-frame-options', 'DENY'],
    ['referrer-policy', 'same-origin'],
    ['permissions-policy', /^accelerometer=\(\).* camera=\(\).* microphone=\(\)/],
    ['cross-origin-opener-policy', 'same-origin'],
    ['cross-origin-resource-policy', 'same-origin'],
    ['server', 'nginx'],
  ];
  const answers: [what: string, status: number, asked: Promise<Awaited<ReturnType<typeof ask>>>][] = [
    ['the page', 200, ask({})],
    ['a file of the dashboard', 200, ask({ path: asset })],
    ['a file that is not there', 404, ask({ path: '/assets/gone.js' })],
    ['the API, which does not answer', 503, ask({ path: '/api/v1/me' })],
    ['a sign-in meanwhile', 503, ask({ path: '/auth/login', headers: page })],
    ['what is too large', 413, ask({ path: '/api/v1/tokens', method: 'POST', body: Buffer.alloc(limits.requestBytes + 1) })],
    ['the way to TLS', 301, askPlain({})],
  ];
  for (const [what, status, asked] of answers) {
    const answer = await asked;
    t.equal(answer.status, status, what);
    for (const [header, says] of rules) t.match(answer.headers[header], says, `${what}: ${header}`);
    // RFC 6797, 7.2: never without TLS.
    t.equal(answer.headers['strict-transport-security'], status === 301 ? undefined : 'max-age=63072000', what);
  }
});

t.test('the dashboard is kept where it never changes, asked for again where it does, and sent compressed', async (t) => {
  const immutable = 'public, max-age=31536000, immutable';
  const cases: [path: string, status: number, type: string, cache: string, compressed: boolean][] = [
    ['/', 200, 'text/html; charset=utf-8', 'no-cache', true],
    ['/settings/where-you-are', 200, 'text/html; charset=utf-8', 'no-cache', true],
    [asset, 200, 'application/javascript; charset=utf-8', immutable, true],
    ['/theme.js', 200, 'application/javascript; charset=utf-8', 'no-cache', true],
    ['/icon.svg', 200, 'image/svg+xml', 'no-cache', true],
    ['/manifest.webmanifest', 200, 'application/manifest+json', 'no-cache', true],
    ['/favicon.ico', 200, 'image/png', 'no-cache', false],
    ['/robots.txt', 200, 'text/plain; charset=utf-8', 'no-cache', false],
    ['/assets/gone-AAAAAAAA.js', 404, 'application/problem+json', 'no-store', false],
    ['/assets/', 404, 'application/problem+json', 'no-store', false],
    ['/.env', 404, 'application/problem+json', 'no-store', false],
    ['/.git/config', 404, 'application/problem+json', 'no-store', false],
    ['/metrics', 404, 'application/problem+json', 'no-store', false],
    ['/-/problem', 404, 'application/problem+json', 'no-store', false],
  ];
  for (const [path, status, type, cache, compressed] of cases) {
    const [packed, clear] = await Promise.all([ask({ path, headers: { 'accept-encoding': 'gzip' } }), ask({ path })]);
    t.match(packed, { status, headers: { 'content-type': type, 'cache-control': cache } }, path);
    t.equal(packed.headers['content-encoding'], compressed ? 'gzip' : undefined, path);
    if (!compressed) continue;
    t.equal(packed.headers.vary, 'Accept-Encoding', path);
    t.ok(gunzipSync(packed.body).equals(clear.body), `${path} is the same either way`);
    t.match(await ask({ path, headers: { 'if-none-match': clear.headers.etag } }),
      { status: 304, headers: { 'cache-control': cache } }, `${path} is not sent again`);
  }
  t.equal((await ask({ method: 'POST' })).status, 405);
});

t.test('its own answers are in words: to programs a problem, to people a page', async (t) => {
  const cases: [asked: Partial<Asked>, status: number, code: string][] = [
    [{ path: '/api/v1/me', headers: page }, 503, 'api_unreachable'],
    [{ path: '/api/v1/tokens', method: 'POST', body: Buffer.alloc(limits.requestBytes + 1) }, 413, 'body_too_large'],
    [{ path: '/assets/gone.js' }, 404, 'not_found'],
    [{ path: '/', method: 'DELETE' }, 405, 'invalid_request'],
    [{ path: `/${'long'.repeat(9000)}` }, 414, 'invalid_request'],
  ];
  for (const [asked, status, code] of cases) {
    const answer = await ask(asked);
    t.match(answer, { status, headers: { 'content-type': 'application/problem+json' } }, code);
    t.match(Problem.parse(JSON.parse(answer.text)), { status, code, requestId: /^[0-9a-f]{32}$/ });
  }
  t.match(Problem.parse(JSON.parse((await ask(cases[1]![0])).text)).detail, `${limits.requestBytes} bytes`);
  t.equal((await ask({ path: '/api/v1/me', method: 'POST', body: Buffer.alloc(limits.requestBytes) })).status, 503,
    'the largest that is allowed goes on to the API');
  const away = await ask({ path: '/auth/callback?code=a-secret&state=b', headers: { ...page, referer: 'https://a-secret.test' } });
  t.match(away, { status: 503, headers: { 'content-type': 'text/html; charset=utf-8', 'retry-after': '5' },
    text: /<h1>The server does not answer<\/h1>/ });
  t.notMatch(away.text, /<style|style=|<script/, 'which the policy allows');
  t.match(await ask({ path: '/-/page.css' }), { status: 200, headers: { 'content-type': 'text/css' } });
  await until('the log to have it', () => /"GET \/auth\/callback HTTP\/1.1" 503/.test(nginx.log()));
  t.notMatch(nginx.log(), 'a-secret', 'the code of a sign-in never stands in the log');
});

t.test('a scene has the time that its steps may take', (t) => {
  const conf = readFileSync(join(repository, 'nginx/sconce.conf'), 'utf8');
  const seconds = Number(/proxy_read_timeout (\d+)s/.exec(conf)?.[1]);
  const worst = limits.sceneSteps * (1 + limits.furtherSenders) * limits.commandDeadlineMs / 1000;
  t.ok(seconds > worst, `${seconds} s are more than ${worst} s`);
  t.end();
});

t.test('one network cannot ask more than a household would', async (t) => {
  const session = http2('https://sconce.test', { createConnection: () => secure({
    socket: connect({ host: '127.0.0.1', port: httpsPort, localAddress: '127.0.0.7' }),
    ca, servername: 'sconce.test', ALPNProtocols: ['h2'] }) });
  const answers = await Promise.all(Array.from({ length: 400 }, async () => {
    const asked = session.request({ ':path': '/api/v1/me', ':authority': 'sconce.test' }).setEncoding('utf8');
    const [headers] = await once(asked, 'response') as [IncomingHttpHeaders & { ':status'?: number }];
    return { headers, text: (await asked.toArray()).join('') };
  }));
  session.close();
  const refused = answers.filter(({ headers }) => headers[':status'] === 429);
  t.ok(refused.length > 0 && refused.length < 100, `${refused.length} of 400 at once refused`);
  t.match(refused[0]?.headers, { 'content-type': 'application/problem+json', 'retry-after': '3' });
  t.match(Problem.parse(JSON.parse(refused[0]?.text ?? '')), { status: 429, code: 'too_many_requests' });
  t.equal((await ask({ path: '/', from: '127.0.0.8' })).status, 200, 'others are not held up');
});

t.test('TLS: only versions and suites that are good', async (t) => {
  const offered = (args: string[]) => new Promise<string | undefined>((resolve) => {
    const words = ['s_client', '-connect', `127.0.0.1:${httpsPort}`, '-servername', 'sconce.test', ...args];
    execFile('openssl', words, { timeout: 5000 }, (_error, stdout) => {
      resolve(/(?:Cipher is|Cipher {4}:) (?!\(NONE\)|0000)(\S+)/.exec(stdout)?.[1]);
    }).stdin?.end();
  });
  const cases: [args: string[], suite: string | undefined][] = [
    [['-tls1_1', '-cipher', 'ALL:@SECLEVEL=0'], undefined],
    [['-tls1', '-cipher', 'ALL:@SECLEVEL=0'], undefined],
    [['-tls1_3', '-ciphersuites', 'TLS_AES_128_GCM_SHA256'], 'TLS_AES_128_GCM_SHA256'],
    [['-tls1_3', '-ciphersuites', 'TLS_CHACHA20_POLY1305_SHA256'], 'TLS_CHACHA20_POLY1305_SHA256'],
    [['-tls1_3', '-ciphersuites', 'TLS_AES_128_CCM_SHA256'], undefined],
    [['-tls1_2', '-cipher', 'ECDHE-ECDSA-AES128-GCM-SHA256'], 'ECDHE-ECDSA-AES128-GCM-SHA256'],
    [['-tls1_2', '-cipher', 'ECDHE-ECDSA-AES256-GCM-SHA384'], 'ECDHE-ECDSA-AES256-GCM-SHA384'],
    [['-tls1_2', '-cipher', 'ECDHE-ECDSA-CHACHA20-POLY1305'], 'ECDHE-ECDSA-CHACHA20-POLY1305'],
    [['-tls1_2', '-cipher', 'ALL:!AESGCM:!CHACHA20:@SECLEVEL=0'], undefined],
    [['-tls1_2', '-cipher', 'kRSA:kDHE:aNULL:eNULL:@SECLEVEL=0'], undefined],
  ];
  const found = await Promise.all(cases.map(([args]) => offered(args)));
  for (const [at, [args, suite]] of cases.entries()) t.equal(found[at], suite, args.join(' '));
  t.match(await shownTo('sconce.test', httpsPort), { protocol: 'TLSv1.3', alpn: 'h2' });
});

t.test('a name that is nobody’s gets nothing, but for the authority’s question', async (t) => {
  await t.rejects(shownTo('stranger.test', httpsPort), { code: 'ERR_SSL_TLSV1_UNRECOGNIZED_NAME' });
  await t.rejects(askPlain({ name: 'stranger.test' }), { code: 'ECONNRESET' });
  await t.rejects(ask({ headers: { host: 'stranger.test' } }), { code: 'ECONNRESET' }, 'nor does another name inside');
  const nameless = connect(httpPort, '127.0.0.1').setEncoding('utf8');
  nameless.write('GET / HTTP/1.0\r\n\r\n');
  await t.rejects(nameless.toArray(), { code: 'ECONNRESET' }, 'nor does who has no name');
  const challenge = '/.well-known/acme-challenge/';
  mkdirSync(join(folders.webroot, challenge), { recursive: true });
  writeFileSync(join(folders.webroot, challenge, 'token'), 'token.key');
  for (const name of ['sconce.test', 'not-yet.test']) {
    t.match(await askPlain({ name, path: `${challenge}token` }), { status: 200, text: 'token.key' }, name);
    t.equal((await askPlain({ name, path: `${challenge}other` })).status, 404);
  }
  t.match(await askPlain({ path: '/a?b=c' }), { status: 301, headers: { location: `https://sconce.test:${httpsPort}/a?b=c` } });
  t.match(await askPlain({ name: '127.0.0.1', path: '/nginx-health' }), { status: 200, text: 'nginx is up\n' });
});

t.test('the owner’s other sites come and go, each by itself; a fault in one is nobody else’s', async (t) => {
  const site = (name: string, text: string) => writeFileSync(join(folders.sites, `${name}.conf`), text);
  const says = (name: string, words: string) => until(`${name} to say ${words}`, async () =>
    (await askAnyone({ name, port: httpsPort, ca: readFileSync(join(folders.certificates, name, 'fullchain.pem')) })).text === words);
  const log = (words: string) => until(`nginx/start to say ${words}`, () => nginx.log().includes(words));

  site('blog.test', 'return 200 "first";\n');
  await until('the site to wait for its certificate', async () => (await askPlain({ name: 'blog.test' })).status === 503);
  const certificate = readFileSync(selfSign(dir, 'blog.test'));
  await says('blog.test', 'first');
  t.match(await askAnyone({ name: 'blog.test', port: httpsPort, ca: certificate }),
    { headers: { 'strict-transport-security': 'max-age=63072000' } });
  t.equal((await shownTo('sconce.test', httpsPort)).certificate.subjectaltname, 'DNS:sconce.test');

  site('blog.test', 'return 200 "second;\n');
  await log(`blog.test stays as it was: unexpected end of file, expecting ";" or "}" in ${folders.sites}/blog.test.conf:2`);
  selfSign(dir, 'shop.test');
  site('shop.test', 'listen_to me;\n');
  site('sconce.test', 'return 204;\n');
  site('My_site', 'return 204;\n');
  await log(`shop.test is left out: unknown directive "listen_to" in ${folders.sites}/shop.test.conf:1`);
  await log(`${folders.sites}/sconce.test.conf has the name of Sconce itself; rename it, or remove it`);
  await log(`${folders.sites}/My_site.conf is not called after a domain`);
  await says('blog.test', 'first');
  t.equal((await ask({})).status, 200);
  site('shop.test', 'return 200 "a shop";\n');
  await says('shop.test', 'a shop');
  t.equal(nginx.log().split('blog.test stays as it was').length, 2, 'said once, however often it is looked at');
  site('blog.test', 'return 200 "third";\n');
  await says('blog.test', 'third');
  for (const name of ['sconce.test', 'My_site', 'shop.test', 'blog.test']) rmSync(join(folders.sites, `${name}.conf`));
  await until('nginx to refuse the name', () => shownTo('blog.test', httpsPort).then(() => false, () => true));
});

t.test('a certificate that is half there changes nothing', async (t) => {
  const own = join(folders.certificates, 'sconce.test');
  const serial = async () => (await shownTo('sconce.test', httpsPort)).certificate.serialNumber;
  const before = await serial();
  const file = join(own, 'fullchain.pem');
  writeFileSync(file, readFileSync(file).subarray(0, 300));
  await until('nginx/start to say so', () => /the certificate of sconce\.test cannot be used: /.test(nginx.log()));
  t.equal(await serial(), before);
  copyFileSync(join(folders.certificates, 'blog.test/fullchain.pem'), file);
  await until('nginx/start to say so', () => nginx.log().includes('key values mismatch'));
  t.equal(await serial(), before);
  rmSync(join(own, 'privkey.pem'));
  await until('nginx/start to say so', () => nginx.log().includes(`is not whole: ${own} must hold fullchain.pem and privkey.pem`));
  t.equal(await serial(), before);
  selfSign(dir, 'sconce.test');
  await until('nginx to show the new one', async () => await serial() !== before);
});

t.test('root is not needed, and nothing is said that is not meant', async (t) => {
  const [plain = 0, tls = 0] = await freePorts(2);
  const stateDir = mkdtempSync(join(tmpdir(), 'sconce-owner-'));
  t.teardown(() => rmSync(stateDir, { recursive: true, force: true }));
  selfSign(stateDir, 'sconce.test');
  // Where somebody else can read them.
  for (const [from, to] of [['nginx', 'nginx'], ['services/dashboard/dist', 'dashboard']] as const) {
    cpSync(join(repository, from), join(stateDir, to), { recursive: true });
  }
  const user = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : undefined;
  if (user) execFileSync('chown', ['-R', `${user.uid}:${user.gid}`, stateDir]);
  const other = await startNginx({ ...options, stateDir, httpPort: plain, httpsPort: tls, shipped: join(stateDir, 'nginx'),
    dashboardDir: join(stateDir, 'dashboard'), ...user && { user } });
  t.match(await askPlain({ name: '127.0.0.1', port: plain, path: '/nginx-health' }), { status: 200 });
  t.equal((await shownTo('sconce.test', tls)).certificate.subjectaltname, 'DNS:sconce.test');
  await other.stop();
  await t.resolves(other.ended, 'SIGTERM ends nginx and what stands beside it');
  t.match(other.log(), /^nginx\/start: nginx \S+ is up, for sconce\.test\n.*"GET \/nginx-health HTTP\/1\.1" 200.*\n$|^nginx\/start: nginx \S+ is up, for sconce\.test\n$/);
  await t.rejects(startNginx({ ...options, dashboardDir: '/nowhere' }),
    { message: /nginx\/start: \/nowhere\/index\.html is missing or cannot be read; build the dashboard/ });
});

t.test('what it is told wrong is said in words, with the remedy', async (t) => {
  const runDir = join(dir, 'run');
  const complaint = (change: Record<string, string>) => new Promise<string>((resolve) => {
    const env = { ...nginxEnvironment(options, runDir), ...change };
    execFile('sh', [...throughCat, join(repository, 'nginx/start'), join(dir, 'log')], { env, timeout: 5000 }, (error, _, stderr) => {
      resolve(error?.code === 1 ? stderr.trim().replace(/^nginx\/start: /, '') : `${error?.code}: ${stderr}`);
    });
  });
  const cases: [change: Record<string, string>, words: string][] = [
    [{ DOMAIN: '' }, 'DOMAIN is not set; it must be the name that people open, such as sconce.example.org'],
    [{ DOMAIN: 'Sconce.test' }, 'DOMAIN is "Sconce.test"; it must be a name such as sconce.example.org, in small letters'],
    [{ DOMAIN: 'a;b' }, 'DOMAIN is "a;b"; it must be a name such as sconce.example.org, in small letters'],
    [{ NGINX_HTTPS_PORT: 'https' }, 'NGINX_HTTPS_PORT is "https"; it must be a port, 1 to 65535'],
    [{ NGINX_HTTPS_PORT: String(httpPort) },
      `both listeners have port ${httpPort}; give NGINX_HTTP_PORT and NGINX_HTTPS_PORT different ones`],
    [{ NGINX_API: 'api' }, 'NGINX_API is "api"; it must be host:port, such as api:3000'],
    [{ NGINX_API: 'api:0' }, 'NGINX_API is "0"; it must be a port, 1 to 65535'],
    [{ NGINX_BIND: '0.0.0.0; evil' }, 'NGINX_BIND is "0.0.0.0; evil"; it must be an address, or empty for all of them'],
    [{ NGINX_DASHBOARD_DIR: 'dist' }, 'NGINX_DASHBOARD_DIR is "dist"; it must be a path that begins with /'],
    [{ NGINX_WEBROOT: '/a b' }, 'NGINX_WEBROOT is "/a b"; it must be a path of plain letters, digits and /._+=:,%-'],
    [{ NGINX_RUN_DIR: '/dev/null/run' }, 'cannot write to the folder /dev/null/run; choose another with NGINX_RUN_DIR'],
    [{ NGINX_LOOK_SECONDS: '0' }, 'NGINX_LOOK_SECONDS is "0"; it must be a number of seconds'],
    [{ NGINX_BIN: 'engine-x' }, 'engine-x is not installed; on Debian: apt-get install nginx'],
  ];
  // As root, its workers are somebody else, for whom this folder is closed.
  const closed = join(dir, 'closed');
  mkdirSync(closed, { mode: 0o700 });
  if (process.getuid?.() === 0) cases.push([{ NGINX_WEBROOT: join(closed, 'webroot') },
    `the user www-data cannot reach ${closed}/webroot; let others enter (chmod o+x) the folders above it, or choose another with NGINX_WEBROOT`]);
  for (const [change, words] of cases) t.equal(await complaint(change), words);
  t.match(await complaint({ NGINX_RUN_DIR: join(dir, 'second') }), /Address already in use[^]*has ended at once/);
});
