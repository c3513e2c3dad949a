import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { initPki } from '../../acceptance/src/pki.ts';
import { ConfigError, readConfig } from '../src/config.ts';

const dir = t.testdir();
const pki = await initPki(join(dir, 'pki'));
const key = 'ab'.repeat(32);
const good = {
  PUBLIC_URL: 'https://lamps.example.org/',
  OWNER_EMAIL: 'Olive@Example.org',
  OIDC_CLIENT_ID: 'client',
  OIDC_CLIENT_SECRET: 'hush-hush',
  SESSION_KEYS: key,
  MQTT_URL: 'mqtts://mosquitto:8884',
  MQTT_CA_FILE: pki.api.ca,
  MQTT_CERT_FILE: pki.api.cert,
  MQTT_KEY_FILE: pki.api.key,
};

function complaint(env: Record<string, string | undefined>): string {
  try {
    readConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  return '';
}

t.test('a good environment, with what may be left out', async (t) => {
  t.match(readConfig(good), {
    host: '127.0.0.1', port: 3000, logLevel: 'info',
    publicUrl: 'https://lamps.example.org', ownerEmail: 'olive@example.org', trustedProxies: ['loopback'],
    issuers: [{ id: 'first', name: 'Google', url: 'https://accounts.google.com', clientId: 'client', prefix: 'OIDC_' }], database: { folder: 'data/database' },
  });
  t.match(readConfig({ ...good, DATABASE_URL: 'postgres://db/sconce' }).database, { url: 'postgres://db/sconce' });
  t.equal(readConfig(good).ownersDatabase, undefined);
  t.match(readConfig({ ...good, DATABASE_URL: 'postgres://api@db/sconce', MIGRATION_DATABASE_URL: 'postgres://owner@db/sconce' }),
    { database: { url: 'postgres://api@db/sconce' }, ownersDatabase: { url: 'postgres://owner@db/sconce' } });
  const { sessionKeys } = readConfig({ ...good, SESSION_KEYS: `${key},${'cd'.repeat(32)}` });
  t.equal(sessionKeys.length, 2, 'keys can be rotated');
  t.strictSame(readConfig({ ...good, TRUSTED_PROXIES: '172.18.0.0/16, fd00::/8 192.0.2.7' }).trustedProxies,
    ['172.18.0.0/16', 'fd00::/8', '192.0.2.7']);
  t.equal(readConfig({ ...good, PORT: '' }).port, 3000, 'an empty variable counts as absent');
  t.match(readConfig(good), { metrics: undefined, watchedCertificates: [] });
  t.match(readConfig({ ...good, METRICS_PORT: '9464', WATCHED_CERTIFICATES: '/state/public, /pki/trust' }),
    { metrics: { host: '127.0.0.1', port: 9464 }, watchedCertificates: ['/state/public', '/pki/trust'] });
});

t.test('who is warned of certificates that end, and what the household has beside the API', async (t) => {
  t.match(readConfig(good), { authoritySocket: undefined, refusalsFile: undefined, warn: { webhook: undefined, email: undefined } });
  const hook = 'https://hooks.example.org/secret/';
  const smtp = 'smtps://olive:hush@mail.example.org';
  t.match(readConfig({ ...good, AUTHORITY_SOCKET: '/run/authority.sock', GATE_REFUSALS: '/state/refusals.json', WARN_WEBHOOK_URL: hook,
    SMTP_URL: smtp, WARN_EMAIL: 'olive@example.org' }), {
    authoritySocket: '/run/authority.sock', refusalsFile: '/state/refusals.json',
    warn: { webhook: hook, email: { smtp, to: 'olive@example.org' } } }, 'as they are, slash and all');
  const path = join(dir, 'hook');
  writeFileSync(path, `${hook}\n`);
  t.equal(readConfig({ ...good, WARN_WEBHOOK_URL_FILE: path }).warn.webhook, hook);
  writeFileSync(path, '\n');
  t.match(readConfig({ ...good, WARN_WEBHOOK_URL_FILE: path, SMTP_URL_FILE: path }).warn, { webhook: undefined, email: undefined }, 'an empty file is none');
  t.match(complaint({ ...good, SESSION_KEYS: undefined, SESSION_KEYS_FILE: path }), /SESSION_KEYS \(or SESSION_KEYS_FILE\) is missing/);
  const { doctor } = readConfig(good);
  t.match(doctor, { command: process.execPath, args: [/doctor\/src\/main\.ts$/, '--json'], env: { ...good, DOCTOR_VIEW: 'api' } });
});

t.test('everything that is wrong is said at once, and no value is quoted', async (t) => {
  const words = complaint({ ...good,
    PUBLIC_URL: 'http://lamps.example.org', OWNER_EMAIL: undefined, SESSION_KEYS: 'short-secret',
    MQTT_KEY_FILE: '/nowhere/key' });
  t.match(words, /PUBLIC_URL: must be an https:\/\/ address/);
  t.match(words, /OWNER_EMAIL is missing/);
  t.match(words, /SESSION_KEYS: .*openssl rand -hex 32/);
  t.match(words, /MQTT_KEY_FILE: cannot be read: ENOENT/);
  t.notMatch(words, /short-secret/);
  const names = Object.keys(good);
  const all = complaint({});
  for (const name of names) t.match(all, name, `${name} is named when nothing is set`);
});

t.test('each variable is refused in words', async (t) => {
  for (const [change, words] of [
    [{ PORT: '70000' }, /PORT:/],
    [{ PORT: 'web' }, /PORT:/],
    ...['everybody', '172.18.0.0/33', '172.18.0.0/0', '::/129', '10.0.0.0/8/8', '300.1.1.1'].map(
      (proxy) => [{ TRUSTED_PROXIES: `loopback, ${proxy}` }, /TRUSTED_PROXIES: must be addresses or networks/] as const),
    [{ PUBLIC_URL: 'lamps' }, /PUBLIC_URL:/],
    [{ PUBLIC_URL: 'ftp://localhost' }, /PUBLIC_URL:/],
    [{ OWNER_EMAIL: 'olive' }, /OWNER_EMAIL:/],
    [{ OIDC_ISSUER: 'http://issuer.example.org' }, /OIDC_ISSUER: must be an https/],
    [{ MQTT_URL: 'mqtt://mosquitto:1883' }, /MQTT_URL: .*the broker speaks TLS only/],
    [{ DATABASE_URL: 'mysql://db' }, /DATABASE_URL: must be a postgres/],
    [{ MIGRATION_DATABASE_URL: 'mysql://db' }, /MIGRATION_DATABASE_URL: must be a postgres/],
    [{ MIGRATION_DATABASE_URL: 'postgres://db' }, /MIGRATION_DATABASE_URL: is of no use without DATABASE_URL/],
    [{ LOG_LEVEL: 'loud' }, /LOG_LEVEL:/],
    [{ METRICS_PORT: '3000' }, /METRICS_PORT: is the port that PORT names/],
    [{ METRICS_PORT: 'web' }, /METRICS_PORT:/],
    [{ WARN_WEBHOOK_URL: 'http://hooks.example.org/secret' }, /WARN_WEBHOOK_URL \(or WARN_WEBHOOK_URL_FILE\)|WARN_WEBHOOK_URL: must be an https/],
    [{ WARN_WEBHOOK_URL: 'hook' }, /WARN_WEBHOOK_URL:/],
    [{ SMTP_URL: 'https://mail.example.org', WARN_EMAIL: 'o@example.org' }, /SMTP_URL: must be an smtp/],
    [{ SMTP_URL: 'smtps://mail.example.org', WARN_EMAIL: 'olive' }, /WARN_EMAIL:/],
    [{ SMTP_URL: 'smtps://mail.example.org' }, /SMTP_URL: is of no use without WARN_EMAIL/],
    [{ WARN_EMAIL: 'o@example.org' }, /WARN_EMAIL: is of no use without SMTP_URL/],
    [{ WORKERS: '2' }, /WORKERS: several processes need a PostgreSQL server/],
    [{ WORKERS: '0', DATABASE_URL: 'postgres://db' }, /WORKERS:/],
    [{ MQTT_CERT_FILE: pki.api.key }, /MQTT_CERT_FILE: does not hold a PEM certificate/],
    [{ MQTT_KEY_FILE: pki.api.cert }, /MQTT_KEY_FILE: does not hold a PEM private key/],
    [{ MQTT_KEY_FILE: pki.metrics.key }, /MQTT_KEY_FILE: is not the key of the certificate/],
  ] as const) t.match(complaint({ ...good, ...change }), words, JSON.stringify(change));
});

t.test('secrets may come as files, as Docker hands them over', async (t) => {
  const path = join(dir, 'secret');
  writeFileSync(path, 'from-a-file\n');
  const { OIDC_CLIENT_SECRET: _, ...rest } = good;
  t.equal(readConfig({ ...rest, OIDC_CLIENT_SECRET_FILE: path }).issuers[0]?.clientSecret, 'from-a-file');
  t.match(complaint({ ...good, OIDC_CLIENT_SECRET_FILE: path }), /both set/);
  t.match(complaint({ ...rest, OIDC_CLIENT_SECRET_FILE: '/nowhere' }),
    /OIDC_CLIENT_SECRET_FILE cannot be read: ENOENT/);
});

const family = {
  OIDC_MORE: 'family', OIDC_FAMILY_ISSUER: 'https://id.example.org/family', OIDC_FAMILY_CLIENT_ID: 'lamps',
  OIDC_FAMILY_CLIENT_SECRET: 'hush',
};

t.test('people can sign in at several issuers', async (t) => {
  const path = join(dir, 'work-secret');
  writeFileSync(path, 'of-work\n');
  const { issuers } = readConfig({ ...good, ...family, OIDC_MORE: 'family, WORK', OIDC_NAME: 'Our Google',
    OIDC_WORK_ISSUER: 'https://login.example.com/', OIDC_WORK_NAME: 'Work', OIDC_WORK_CLIENT_ID: 'sconce',
    OIDC_WORK_CLIENT_SECRET_FILE: path });
  t.strictSame(issuers, [
    { id: 'first', name: 'Our Google', url: 'https://accounts.google.com', clientId: 'client', clientSecret: 'hush-hush', prefix: 'OIDC_' },
    { id: 'family', name: 'id.example.org', url: 'https://id.example.org/family', clientId: 'lamps', clientSecret: 'hush', prefix: 'OIDC_FAMILY_' },
    { id: 'work', name: 'Work', url: 'https://login.example.com', clientId: 'sconce', clientSecret: 'of-work', prefix: 'OIDC_WORK_' },
  ]);
  t.equal(readConfig({ ...good, OIDC_ISSUER: 'https://id.example.org:8443' }).issuers[0]?.name, 'id.example.org:8443');
});

t.test('issuers that cannot be used are refused in words, all at once', async (t) => {
  for (const [change, ...words] of [
    [{ OIDC_MORE: 'family,work' }, /OIDC_WORK_ISSUER is missing/, /OIDC_WORK_CLIENT_ID \(or OIDC_WORK_CLIENT_ID_FILE\) is missing/,
      /OIDC_WORK_CLIENT_SECRET \(or OIDC_WORK_CLIENT_SECRET_FILE\) is missing/],
    [{ OIDC_FAMILY_ISSUER: 'http://id.example.org', OIDC_FAMILY_CLIENT_ID: '' }, /OIDC_FAMILY_ISSUER: must be an https/,
      /OIDC_FAMILY_CLIENT_ID .* is missing/],
    [{ OIDC_FAMILY_ISSUER: 'https://accounts.google.com/' }, /OIDC_FAMILY_ISSUER: is the issuer that OIDC_ISSUER names already/],
    [{ OIDC_FAMILY_ISSUER: 'https://Accounts.Google.com' }, /OIDC_FAMILY_ISSUER: is the issuer that OIDC_ISSUER names already/],
    [{ OIDC_FAMILY_NAME: 'google' }, /OIDC_FAMILY_NAME: another issuer has the same name/],
    [{ OIDC_NAME: 'x'.repeat(41) }, /OIDC_NAME: has to fit on a button/],
    [{ OIDC_MORE: 'family family' }, /OIDC_MORE: names one of them twice/],
    [{ OIDC_MORE: 'the-family' }, /OIDC_MORE: each is a short word/],
    [{ OIDC_MORE: 'first' }, /OIDC_MORE: the first issuer is the one in OIDC_ISSUER/],
    [{ OIDC_MORE: undefined }, /OIDC_FAMILY_ISSUER is not known/, /OIDC_FAMILY_CLIENT_SECRET is not known/],
    [{ OIDC_FAMILY_CLIENT_SECRT: 'hush' }, /OIDC_FAMILY_CLIENT_SECRT is not known: it is misspelt/],
    [{ OIDC_CLIENT_SECRET_FILE: '/nowhere', OIDC_FAMILY_CLIENT_SECRET_FILE: '/nowhere' },
      /OIDC_CLIENT_SECRET and OIDC_CLIENT_SECRET_FILE are both set/,
      /OIDC_FAMILY_CLIENT_SECRET_FILE cannot be read: ENOENT/],
  ] as [Record<string, string | undefined>, ...RegExp[]][]) {
    const said = complaint({ ...good, ...family, ...change });
    for (const one of words) t.match(said, one, JSON.stringify(change));
    t.notMatch(said, /hush/, `${JSON.stringify(change)}: and no value is quoted`);
  }
});
