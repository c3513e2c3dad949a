import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setDefaultCACertificates } from 'node:tls';
import t from 'tap';
import type { KnownCertificate } from '@sconce/protocol/authority';
import { startMailServer } from '../../acceptance/src/mail-server.ts';
import { freePorts } from '../../acceptance/src/process.ts';
import { until } from '../../acceptance/src/until.ts';
import { createAuthority } from '../src/authority/client.ts';
import { alone, type Peers } from '../src/domain/peers.ts';
import { warningsIn } from '../src/domain/warnings.ts';
import { emailWay } from '../src/notify/email.ts';
import type { Way } from '../src/notify/way.ts';
import { webhookWay } from '../src/notify/webhook.ts';
import { allViews } from '../src/usecases/certificates.ts';
import { followCertificates } from '../src/usecases/follow-certificates.ts';
import { logWay, Warner } from '../src/usecases/warn.ts';
import { board, databases, Household, publicUrl } from './household.ts';
import { certificate, day, ScriptedAuthority } from './scripted-authority.ts';

const dir = t.testdir();
const { db, stop } = await databases.PGlite!();
const authority = await ScriptedAuthority.at(join(dir, 'authority.sock'));
const household = await Household.on(db, { authority: createAuthority(join(dir, 'authority.sock')) });
const { context } = household;

type Hook = { text: string; url: string; warnings: { kind: string; name: string; level: number; advice: string; what: string }[] };
/** Somebody's webhook: a real HTTP server. */
const hooks: Hook[] = [];
let status = 200;
const hookServer = createServer((request, response) => {
  let text = '';
  request.on('data', (part) => { text += String(part); }).on('end', () => {
    if (request.method === 'POST' && request.headers['content-type'] === 'application/json' && status < 300) hooks.push(JSON.parse(text) as Hook);
    response.writeHead(status, status === 302 ? { location: '/elsewhere' } : {}).end();
  });
});
hookServer.listen(0, '127.0.0.1');
await once(hookServer, 'listening');
const hookUrl = `http://127.0.0.1:${(hookServer.address() as AddressInfo).port}/hooks/s3cret`;

const mail = await startMailServer();
const smtp = `smtp://127.0.0.1:${mail.port}`;
t.teardown(async () => {
  await household.close();
  await authority.close();
  hookServer.close();
  hookServer.closeAllConnections();
  await mail.stop();
  await stop();
});

const ways = (): Way[] => [webhookWay(hookUrl, publicUrl), emailWay({ smtp, to: 'olive@example.org' }, publicUrl)];
const said: string[] = [];
const listening = { ...context, log: { ...context.log,
  info: (fields: object, text: string) => void said.push(`info ${JSON.stringify(fields)} ${text}`),
  warn: (fields: object, text: string) => void said.push(`warn ${JSON.stringify(fields)} ${text}`),
  error: (fields: object, text: string) => void said.push(`error ${JSON.stringify(fields)} ${text}`) } };

const broker = (endsInDays: number, more: Partial<KnownCertificate> = {}) => certificate(endsInDays, { kind: 'services', name: 'services authority', serial: 'b1', ...more });
/** What there is to warn of at the household's time. */
const due = async () => warningsIn(await allViews(context, authority.inventory, [], []));

t.test('each way is told once of each step, whatever the others do', async (t) => {
  const theEnd = broker(65).notAfter;
  const at = (left: number) => {
    authority.inventory = { ...authority.inventory, certificates: [broker(0, { notAfter: theEnd, notBefore: theEnd - 730 * day }), certificate(left + 300, { id: board })] };
  };
  at(65);
  let warner = new Warner(listening, [logWay(listening), ...ways()]);
  await warner.warn(await due());
  t.same([hooks.length, mail.mails().length], [0, 0], 'sixty-five days are no news');

  household.later(6 * day);
  await warner.warn(await due());
  t.match(hooks, [{ text: /^The services authority’s certificate ends in 5[89] days, on 20\d\d-\d\d-\d\d \d\d:\d\d UTC\. Change to a new one .*make pki-rotate AUTHORITY=services/,
    url: publicUrl, warnings: [{ kind: 'services', name: 'services authority', level: 60, what: /ends in 5[89] days/, advice: /^Change/ }] }]);
  await until('the e-mail', () => mail.mails().length === 1);
  t.match(mail.mails()[0], { from: 'Sconce <sconce@lamps.example.org>', to: 'olive@example.org',
    subject: /^Sconce: the certificate of the services authority ends in 5[89] days$/, text: /make pki-rotate AUTHORITY=services[\s\S]*https:\/\/lamps\.example\.org/ });

  await warner.warn(await due());
  t.same([hooks.length, mail.mails().length], [1, 1], 'the same once more is none');
  warner = new Warner(listening, [logWay(listening), ...ways()]);
  await warner.warn(await due());
  t.same([hooks.length, mail.mails().length], [1, 1], 'nor is it after a restart');
  t.equal(said.filter((line) => line.startsWith('warn') && line.includes('services authority')).length, 1, 'in the log it stands once, too');

  household.later(30 * day);
  await warner.warn(await due());
  t.same(hooks.map(({ warnings }) => warnings[0]?.level), [60, 30]);
  household.later(25 * day);
  await warner.warn(await due());
  household.later(10 * day);
  await warner.warn(await due());
  t.same(hooks.map(({ warnings }) => warnings[0]?.level), [60, 30, 7, 0], 'each step, and the end');
  t.match(hooks.at(-1)?.text, /certificate ended on/);
  await until('the e-mails', () => mail.mails().length === 4);
  t.match(mail.mails().at(-1)?.subject, /has ended$/);

  authority.inventory = { ...authority.inventory, certificates: [broker(66)] };
  await warner.warn(await due());
  await until('another e-mail', () => mail.mails().length === 5);
  t.equal(hooks.length, 5, 'another end is another thing');
});

t.test('a way that fails is tried again, later and later, and the other does not say it twice', async (t) => {
  hooks.length = 0;
  said.length = 0;
  const mails = mail.mails().length;
  authority.inventory = { ...authority.inventory, certificates: [certificate(75, { id: board, serial: 'c1' })] };
  const warner = new Warner(listening, [logWay(listening), ...ways()]);
  status = 500;
  await warner.warn(await due());
  await until('the e-mail', () => mail.mails().length === mails + 1);
  t.match(said.at(-1), /somebody was warned/, 'the e-mail went');
  t.match(said.join('\n'), /error \{"way":"webhook","inSeconds":60\} Nobody could be warned.*The webhook at 127\.0\.0\.1:\d+ answered 500 in place of 2xx/);
  t.notMatch(said.join('\n'), 's3cret', 'whose address is a secret');
  await warner.warn(await due());
  t.equal(said.filter((line) => line.startsWith('error {"way":"webhook"')).length, 1, 'not at once');
  household.later(61_000);
  await warner.warn(await due());
  t.match(said.at(-1), /"inSeconds":120/, 'then later');
  status = 302;
  household.later(121_000);
  await warner.warn(await due());
  t.match(said.at(-1), /answered 302.*another address is not followed/);
  status = 200;
  household.later(241_000);
  await warner.warn(await due());
  t.equal(hooks.length, 1, 'until it gets there');
  await warner.warn(await due());
  t.same([hooks.length, mail.mails().length], [1, mails + 1]);

  t.test('nor does a restart forget that it failed', async (t) => {
    authority.inventory = { ...authority.inventory, certificates: [certificate(76, { id: board, serial: 'c2' })] };
    status = 500;
    await new Warner(listening, ways()).warn(await due());
    status = 200;
    await new Warner(listening, ways()).warn(await due());
    await until('the second e-mail', () => mail.mails().length === mails + 2);
    t.equal(hooks.length, 2);
  });

  t.test('a server that is away', async (t) => {
    const [nobody = 0] = await freePorts(1);
    for (const [way, words] of [
      [webhookWay(`http://127.0.0.1:${nobody}/s3cret`, publicUrl), /The webhook at 127\.0\.0\.1:\d+ does not answer: ECONNREFUSED\. Look at WARN_WEBHOOK_URL/],
      [emailWay({ smtp: `smtp://olive:s3cret@127.0.0.1:${nobody}`, to: 'o@example.org' }, publicUrl), /The mail server 127\.0\.0\.1:\d+ did not take an e-mail: .*ECONNREFUSED.*Look at SMTP_URL/],
    ] as const) {
      const error = await way.tell(await due()).then(() => undefined, (thrown: Error) => thrown);
      t.match(error?.message, words);
      t.notMatch(JSON.stringify(error, Object.getOwnPropertyNames(error ?? {})), 's3cret');
    }
  });
});

t.test('e-mail goes encrypted, and to nobody whose certificate does not hold', async (t) => {
  const [key, cert] = [join(dir, 'key.pem'), join(dir, 'cert.pem')];
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', key, '-out', cert,
    '-days', '2', '-subj', '/CN=mail', '-addext', 'subjectAltName=IP:127.0.0.2'], { stdio: 'ignore' });
  // Not one of the names of this machine itself, to whom mail may go as it is.
  const host = '127.0.0.2';
  const plain = await startMailServer({ host });
  const start = await startMailServer({ host, tls: { how: 'starttls', cert, key } });
  const wrapped = await startMailServer({ host, tls: { how: 'smtps', cert, key } });
  t.teardown(() => Promise.all([plain, start, wrapped].map((one) => one.stop())));
  const send = async (scheme: string, { port }: { port: number }) => emailWay({ smtp: `${scheme}://${host}:${port}`, to: 'o@example.org' }, publicUrl)
    .tell(await due()).then(() => 'sent', (error: Error) => error.message);
  t.match(await send('smtp', plain), /did not take an e-mail/, 'a server that cannot encrypt');
  t.match(await send('smtp', start), /did not take an e-mail: .*self-signed/, 'STARTTLS by a stranger');
  t.match(await send('smtps', wrapped), /did not take an e-mail: .*self-signed/, 'TLS by a stranger');
  t.same([plain, start, wrapped].flatMap((one) => one.mails()), []);
  setDefaultCACertificates([readFileSync(cert, 'utf8')]);
  t.equal(await send('smtp', start), 'sent');
  t.equal(await send('smtps', wrapped), 'sent');
  await until('both', () => start.mails().length + wrapped.mails().length === 2);
});

t.test('only the process that leads warns, and another when that has died', async (t) => {
  hooks.length = 0;
  authority.inventory = { ...authority.inventory, certificates: [certificate(80, { id: board, serial: 'd1' })] };
  let leads = false;
  const member = (): Peers => ({ ...alone('one'), get leads() { return leads; } });
  const from = { refusalsFile: undefined, watched: [], ways: ways().slice(0, 1) };
  const fast = { lookMs: 5, roundMs: 5 };
  const first = followCertificates({ ...listening, peers: alone('leader') }, from, fast);
  const second = followCertificates({ ...listening, peers: member() }, from, fast);
  const asked = authority.asked;
  await until('several looks', () => authority.asked > asked + 5);
  t.equal(hooks.length, 1);
  t.match([first.views().length, second.views().length], [1, 0]);
  await first.stop();
  leads = true;
  const before = authority.asked;
  await until('several looks of the other', () => authority.asked > before + 5);
  t.equal(hooks.length, 1, 'it knows what was said');
  authority.inventory = { ...authority.inventory, certificates: [certificate(81, { id: board, serial: 'd2' })] };
  await until('its own warning', () => hooks.length === 2);
  await second.stop();
});
