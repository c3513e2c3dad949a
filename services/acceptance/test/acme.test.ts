import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { get } from 'node:https';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import t from 'tap';
import { acmeEnvironment, acmeOnce, startAuthority } from '../src/acme.ts';
import { startApi } from '../src/api.ts';
import { foldersOf, makeStateDir, startNginx } from '../src/nginx.ts';
import { repository } from '../src/pki.ts';
import { freePorts, startProgram } from '../src/process.ts';
import { until } from '../src/until.ts';
import { Visitor } from '../src/visitor.ts';
import { ask, shownTo } from './ask.ts';

/*
 * From a machine without any certificate to two sites that renew theirs: nginx and acme as they ship, Certbot, and Let's
 * Encrypt's test server, whose certificates hold a minute.
 */
const dir = makeStateDir();
t.teardown(() => rmSync(dir, { recursive: true, force: true }));
const folders = foldersOf(dir);
const [httpPort = 0, httpsPort = 0, apiPort = 0] = await freePorts(3);
const domain = 'sconce.test';
const blog = 'blog.test';
const [authority, nginx, api] = await Promise.all([
  startAuthority({ dir: join(dir, 'authority'), httpPort, validSeconds: 60 }),
  startNginx({ stateDir: dir, httpPort, httpsPort, apiPort, domain }),
  startApi({ dir: join(dir, 'api'), port: apiPort, publicUrl: `http://localhost:${apiPort}` }),
]);
t.teardown(async () => {
  await nginx.stop();
  await api.stop();
  await authority.stop();
});
const env = acmeEnvironment(dir, { domain, authority });
const published = (name: string) => readFileSync(join(folders.certificates, name, 'fullchain.pem'), 'utf8');
const serialOf = (pem: string) => new X509Certificate(pem).serialNumber;
/** Waits until nginx shows what was published. */
const served = (name: string) => until(`nginx to show the certificate of ${name}`, async () =>
  (await shownTo(name, httpsPort)).certificate.serialNumber === serialOf(published(name)));
/** Whether a page comes, whoever vouches for it: Pebble's root is new at each start. */
const statusOf = (name: string, path: string) => new Promise<number | undefined>((resolve, reject) => {
  get({ host: '127.0.0.1', port: httpsPort, path, servername: name, rejectUnauthorized: false, agent: false,
    headers: { host: name } }, (answer) => {
    answer.resume();
    resolve(answer.statusCode);
  }).once('error', reject);
});

t.test('before there is a certificate, nobody is let in, and only the authority is answered', async (t) => {
  await t.rejects(shownTo(domain, httpsPort), { code: 'ERR_SSL_TLSV1_UNRECOGNIZED_NAME' });
  const told = await ask({ name: domain, port: httpPort });
  t.equal(told.status, 503);
  t.match(told.text, 'waits for its certificate');
  t.match(nginx.log(), `nginx/start: there is no certificate for ${domain} yet`);
});

t.test('each name gets its own certificate, and a stranger none', async (t) => {
  await authority.resolve(domain, '127.0.0.1');
  await authority.resolve(blog, '127.0.0.1');
  writeFileSync(join(folders.sites, `${blog}.conf`), 'return 200 "a blog";\n');
  const acme = await startProgram({
    name: 'acme', command: join(repository, 'nginx/acme/run'), env, deadlineMs: 40_000,
    ready: new RegExp(`${blog} has a new certificate`),
  });
  await acme.stop();
  for (const name of [domain, blog]) {
    await served(name);
    const { certificate, protocol, alpn } = await shownTo(name, httpsPort);
    t.match({ certificate, protocol, alpn }, { certificate: { subjectaltname: `DNS:${name}`, asn1Curve: 'prime256v1' },
      protocol: 'TLSv1.3', alpn: 'h2' });
    t.equal(readFileSync(join(folders.public, `${name}.pem`), 'utf8'), published(name), 'the public copy');
    t.notMatch(readFileSync(join(folders.public, `${name}.pem`), 'utf8'), 'PRIVATE');
    t.equal(statSync(join(folders.certificates, name, 'privkey.pem')).mode & 0o077, 0, 'its key is nobody else’s');
  }
  t.equal(await statusOf(domain, '/'), 200);
  t.equal(await statusOf(blog, '/'), 200);
  await t.rejects(shownTo('stranger.test', httpsPort), { code: 'ERR_SSL_TLSV1_UNRECOGNIZED_NAME' });
});

t.test('both are renewed, nginx shows the new ones, and an open event stream lives on', async (t) => {
  const olive = new Visitor(`http://localhost:${apiPort}`);
  await olive.signIn('olive');
  const { token } = await olive.json<{ token: string }>('/api/v1/tokens',
    { method: 'POST', body: { name: 'stream', scopes: ['read', 'manage'] } });
  const asked = get({ host: '127.0.0.1', port: httpsPort, path: '/api/v1/events', servername: domain, agent: false,
    rejectUnauthorized: false,
    headers: { host: domain, authorization: `Bearer ${token}`, accept: 'text/event-stream' } });
  const [stream] = await once(asked, 'response') as [IncomingMessage];
  t.equal(stream.statusCode, 200);
  let heard = '';
  stream.setEncoding('utf8').on('data', (text: string) => { heard += text; });
  const before = [domain, blog].map((name) => serialOf(published(name)));

  t.match(await acmeOnce(env), { code: 0,
    said: `acme: ${domain} has a new certificate\nacme: ${blog} has a new certificate\n` });
  t.not(serialOf(published(domain)), before[0]);
  t.not(serialOf(published(blog)), before[1]);
  await Promise.all([served(domain), served(blog)]);
  await new Visitor(`http://localhost:${apiPort}`).signIn('ned');
  await until('the old stream to hear of somebody new', () => heard.includes('event: person'));
  t.notOk(stream.destroyed);
  stream.destroy();
});

t.test('a site that is gone loses its certificate, and gets it back without asking', async (t) => {
  const conf = join(folders.sites, `${blog}.conf`);
  rmSync(conf);
  t.match(await acmeOnce(env, '--behind'), { code: 0, said: '' });
  t.strictSame([readdirSync(folders.certificates), readdirSync(folders.public)], [[domain], [`${domain}.pem`]]);
  await until('nginx to refuse the name', () => shownTo(blog, httpsPort).then(() => false, () => true));
  writeFileSync(conf, 'return 200 "a blog";\n');
  t.match(await acmeOnce(env, '--behind'), { code: 0, said: `acme: ${blog} has a new certificate\n` });
  await served(blog);
});

t.test('what goes wrong is said in words, hinders no other name, and is not tried again at once', async (t) => {
  const other = createServer((_request, response) => response.writeHead(404).end()).listen(httpPort, '127.0.0.2');
  await once(other, 'listening');
  t.teardown(() => { other.close(); });
  await authority.resolve('elsewhere.test', '127.0.0.2');
  await authority.resolve('closed.test', '127.0.0.3');
  const cases: [name: string, words: string][] = [
    ['closed.test', 'nobody answers on port 80 of its address'],
    ['elsewhere.test', 'another server answers at its address'],
    ['nowhere.test', 'the authority finds no address for it. Make an A record'],
  ];
  for (const [name] of cases) writeFileSync(join(folders.sites, `${name}.conf`), 'return 204;\n');
  const { code, said } = await acmeOnce(env, '--behind');
  t.equal(code, 1);
  for (const [name, words] of cases) t.match(said, `acme: ${name}: ${words}`);
  t.match(await acmeOnce(env, '--behind'), { code: 1, said: '' }, 'no second try, and no second complaint');
  for (const [name] of cases) {
    const [times, until] = readFileSync(join(folders.acme, 'pauses', name), 'utf8').split(' ').map(Number);
    t.equal(times, 1);
    t.ok(Math.abs((until ?? 0) - Date.now() / 1000 - 60) < 50, `${name} is left alone for a minute`);
    rmSync(join(folders.sites, `${name}.conf`));
  }
  t.equal(await statusOf(domain, '/'), 200);
});

t.test('so is what Let’s Encrypt answers, as Certbot prints it', (t) => {
  const challenge = (type: string, detail: string) => 'Saving debug log to /state/acme/logs/letsencrypt.log\n\n' +
    'Certbot failed to authenticate some domains (authenticator: webroot). The Certificate Authority reported these problems:\n' +
    `  Domain: a.test\n  Type:   ${type}\n  Detail: ${detail}\n\nHint: The Certificate Authority failed to download …\n`;
  const other = (sentence: string) => `Saving debug log to x\nRequesting a certificate for a.test\nAn unexpected error occurred:\n${sentence}\n` +
    'Ask for help or search for solutions at https://community.letsencrypt.org.\n';
  const tooMany = 'too many failed authorizations (5) for "a.test" in the last 1h0m0s, retry after 2026-12-01 10:00:00 UTC: ' +
    'see https://letsencrypt.org/docs/rate-limits/';
  const cases: [said: string, words: string][] = [
    [challenge('dns', 'DNS problem: NXDOMAIN looking up A for a.test - check that a DNS record exists for this domain'),
      'the authority finds no address for it. Make an A record'],
    [challenge('connection', '203.0.113.7: Fetching http://a.test/.well-known/acme-challenge/x: Timeout during connect (likely firewall problem)'),
      'nobody answers on port 80 of 203.0.113.7. If that is this machine, open port 80'],
    [challenge('unauthorized', '2001:db8::7: Invalid response from http://a.test/.well-known/acme-challenge/x: 404'),
      'another server answers at 2001:db8::7. Change the A and AAAA records'],
    [challenge('caa', 'CAA record for a.test prevents issuance'),
      'its CAA record allows other authorities only. Add this one to it. (CAA record for a.test prevents issuance)'],
    [other(tooMany), `the authority has been asked too often. It says: ${tooMany}.`],
    [other('Cannot issue for "a.test": Domain name does not end with a valid public suffix (TLD)'),
      'the authority makes no certificates for this name. It says: Cannot issue for "a.test"'],
    [other('The ACME server believes olive@example.org is an invalid email address. Please ensure it is a valid email and attempt registration again.'),
      'the authority does not take the e-mail address olive@example.org. Set ACME_EMAIL'],
    [other('Something nobody has thought of'), 'Certbot failed. It says: Something nobody has thought of'],
  ];
  const words = join(repository, 'nginx/acme/words.sh');
  for (const [said, expected] of cases) {
    const heard = execFileSync('sh', ['-euc', '. "$0"; in_words a.test "$1"', words, said], { env, encoding: 'utf8' });
    t.ok(heard.startsWith(expected), heard);
  }
  t.end();
});

t.test('so is what keeps it from the authority', async (t) => {
  const [nobody = 0] = await freePorts(1);
  const elsewhere = join(dir, 'elsewhere');
  const cases: [why: string, change: Record<string, string>, words: string | RegExp][] = [
    ['nobody there', { ACME_SERVER: `https://127.0.0.1:${nobody}/dir` },
      `the authority at https://127.0.0.1:${nobody}/dir cannot be reached`],
    ['not the authority', { ACME_CA_BUNDLE: join(folders.certificates, domain, 'fullchain.pem') },
      `the server at ${authority.server} does not prove that it is the authority`],
    ['no address', { ACME_EMAIL: 'olive' }, 'the authority does not take the e-mail address olive. Set ACME_EMAIL'],
    ['no name', { DOMAIN: 'Sconce.test' }, 'acme: DOMAIN is "Sconce.test"; it must be a name'],
    ['no folder', { ACME_DIR: '/dev/null/acme' }, /acme: \S+ cannot write to \/dev\/null\/acme\/pauses; make that user its owner/],
  ];
  await Promise.all(cases.map(async ([why, change, words], at) => {
    const { code, said } = await acmeOnce({ ...acmeEnvironment(`${elsewhere}-${at}`, { domain, authority }), ...change });
    t.equal(code, 1, why);
    t.match(said, words, why);
    t.notOk(existsSync(join(foldersOf(`${elsewhere}-${at}`).certificates, domain)), why);
  }));
});
