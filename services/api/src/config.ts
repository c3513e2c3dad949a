import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { readIssuers, type Issuer } from './config/issuers.ts';
import { Variables } from './config/variables.ts';
import { httpsUrl, webAddress } from './config/web-address.ts';

const sessionKey = z.string()
  .regex(/^[0-9a-f]{64}$/, 'each key is 32 random bytes as 64 lowercase hexadecimal digits: openssl rand -hex 32')
  .transform((hex) => Buffer.from(hex, 'hex'));

const readableFile = z.string().transform((path, ctx) => {
  try {
    return readFileSync(path);
  } catch (error) {
    ctx.addIssue(`cannot be read: ${error instanceof Error ? error.message : String(error)}`);
    return z.NEVER;
  }
});

// `abort`: whether key and certificate belong together is not asked before both can be read.
const certificateFile = readableFile.refine((pem) => readsAs(() => new X509Certificate(pem)),
  { abort: true, error: 'does not hold a PEM certificate; make pki makes one' });
const keyFile = readableFile.refine((pem) => readsAs(() => createPrivateKey(pem)),
  { abort: true, error: 'does not hold a PEM private key; make pki makes one' });

function readsAs(read: () => unknown): boolean {
  try {
    read();
    return true;
  } catch {
    return false;
  }
}

/** What Fastify takes for a proxy to be believed: an address, a network, or one of its words for several. */
function isProxy(proxy: string): boolean {
  if (['loopback', 'linklocal', 'uniquelocal'].includes(proxy)) return true;
  const [address = '', bits, ...more] = proxy.split('/');
  const version = isIP(address);
  if (version === 0 || more.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) > 0 && Number(bits) <= (version === 4 ? 32 : 128));
}

const postgresUrl = z.url({ protocol: /^postgres(ql)?$/, error: 'must be a postgres:// address' });

/** All that bringing the database up to date needs. */
const storage = {
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  DATABASE_URL: postgresUrl.optional(),
  /** The same database as its owner, who may change tables. */
  MIGRATION_DATABASE_URL: postgresUrl.optional(),
  DATA_DIR: z.string().min(1).default('data'),
};
const ownerIsOfUse = (e: { MIGRATION_DATABASE_URL?: string | undefined; DATABASE_URL?: string | undefined }) =>
  e.MIGRATION_DATABASE_URL === undefined || e.DATABASE_URL !== undefined;
const ownerOfNoUse = {
  path: ['MIGRATION_DATABASE_URL'],
  error: 'is of no use without DATABASE_URL, which names the role that the API has; PGlite has one role only',
};
const StorageEnvironment = z.object(storage).refine(ownerIsOfUse, ownerOfNoUse);

const Environment = z.object({
  ...storage,
  HOST: z.string().default('127.0.0.1'),
  PORT: z.coerce.number().int().min(0).max(65535).default(3000),
  /** Processes that serve. */
  WORKERS: z.coerce.number().int().min(1).max(16).default(1),
  /** Whose word on a client's address is believed. */
  TRUSTED_PROXIES: z.string().default('loopback')
    .transform((all) => all.split(/[\s,]+/).filter(Boolean))
    .refine((all) => all.every(isProxy),
      'must be addresses or networks, such as 172.18.0.0/16, or loopback, with commas between'),
  /** Where people's browsers find Sconce; the sign-in comes back to `<PUBLIC_URL>/auth/callback…`. */
  PUBLIC_URL: httpsUrl,
  OWNER_EMAIL: z.email().toLowerCase(),
  /** Newest first; the others still open old cookies. */
  SESSION_KEYS: z.string()
    .transform((all) => all.split(/[\s,]+/).filter(Boolean))
    .pipe(z.array(sessionKey).min(1)),
  /** Where Prometheus reads the metrics; unset: nowhere. */
  METRICS_HOST: z.string().default('127.0.0.1'),
  METRICS_PORT: z.coerce.number().int().min(0).max(65535).optional(),
  /** Folders whose certificates' ends are among the metrics. */
  WATCHED_CERTIFICATES: z.string().default('').transform((all) => all.split(',').map((one) => one.trim()).filter(Boolean)),
  MQTT_URL: z.url({ protocol: /^mqtts$/, error: 'must be an mqtts://host:port address: the broker speaks TLS only' }),
  MQTT_CA_FILE: certificateFile,
  MQTT_CERT_FILE: certificateFile,
  MQTT_KEY_FILE: keyFile,
  /** Where the household's authority listens; unset: there is none, and boards cannot renew. */
  AUTHORITY_SOCKET: z.string().min(1).optional(),
  /** What the gate writes of boards that were turned away; unset: there is no gate. */
  GATE_REFUSALS: z.string().min(1).optional(),
  /** Who is told of certificates that end; unset: those who look at the dashboard, the log or the metrics. */
  WARN_WEBHOOK_URL: webAddress.optional(),
  SMTP_URL: z.url({ protocol: /^smtps?$/, error: 'must be an smtp:// or smtps:// address, such as smtps://name:password@mail.example.org' })
    .optional(),
  WARN_EMAIL: z.email().optional(),
}).refine((e) => new X509Certificate(e.MQTT_CERT_FILE).checkPrivateKey(createPrivateKey(e.MQTT_KEY_FILE)), {
  path: ['MQTT_KEY_FILE'],
  error: 'is not the key of the certificate in MQTT_CERT_FILE; they must come from one folder',
}).refine(ownerIsOfUse, ownerOfNoUse).refine((e) => e.WORKERS === 1 || e.DATABASE_URL !== undefined, {
  path: ['WORKERS'],
  error: 'several processes need a PostgreSQL server (DATABASE_URL): PGlite is of one process alone',
}).refine((e) => e.WARN_EMAIL === undefined || e.SMTP_URL !== undefined, {
  path: ['WARN_EMAIL'],
  error: 'is of no use without SMTP_URL, which says by which server e-mail is sent',
}).refine((e) => e.SMTP_URL === undefined || e.WARN_EMAIL !== undefined, {
  path: ['SMTP_URL'],
  error: 'is of no use without WARN_EMAIL, which says to whom warnings are sent',
}).refine((e) => e.METRICS_PORT !== e.PORT || e.PORT === 0, {
  path: ['METRICS_PORT'],
  error: 'is the port that PORT names, which the world can reach: metrics need one of their own',
});

/** Where things are kept: what the tasks need that are not serving. */
export type Storage = {
  logLevel: z.infer<typeof Environment>['LOG_LEVEL'];
  /** A PostgreSQL server, or a folder for PGlite (PostgreSQL in this process). */
  database: { url: string } | { folder: string };
  /** The database for its owner; undefined where the API's role is the owner. */
  ownersDatabase: { url: string } | undefined;
};

/** Everything that the services need to know from outside. Secrets stand in here: never log it. */
export type Config = Storage & {
  host: string;
  port: number;
  /** Reverse proxies whose X-Forwarded-For is believed: addresses, networks, `loopback`. */
  trustedProxies: string[];
  publicUrl: string;
  ownerEmail: string;
  /** In the order of their buttons; the first is the one whose word makes the owner. */
  issuers: Issuer[];
  sessionKeys: Buffer[];
  /** `files`: where they stand, as they may be made anew while the API runs. */
  mqtt: { url: string; ca: Buffer; cert: Buffer; key: Buffer; files: Record<'ca' | 'cert' | 'key', string> };
  /** Unix socket of the household's authority; undefined: there is none. */
  authoritySocket: string | undefined;
  /** The gate's refusals.json; undefined: there is no gate. */
  refusalsFile: string | undefined;
  /** How to start the doctor, which sees what the API sees: it is given the same environment, secrets included. */
  doctor: { command: string; args: string[]; env: Record<string, string | undefined> };
  /** Where warnings are sent to. */
  warn: { webhook: string | undefined; email: { smtp: string; to: string } | undefined };
  /** Where metrics are served; undefined: nowhere. */
  metrics: { host: string; port: number } | undefined;
  watchedCertificates: string[];
  /** Processes that serve. */
  workers: number;
};

/** These, and what issuers are given, may come as a file: `<NAME>_FILE` holds the path. */
const storageFromFile = ['DATABASE_URL', 'MIGRATION_DATABASE_URL'];
const fromFile = ['SESSION_KEYS', 'WARN_WEBHOOK_URL', 'SMTP_URL', ...storageFromFile];

/** All that is wrong with the environment, at once, one line each; values are never quoted. */
export class ConfigError extends Error {
  constructor(problems: readonly string[]) {
    super(`The configuration cannot be used:\n${problems.map((line) => `  - ${line}`).join('\n')}\n`
      + '.env.example explains every variable.');
  }
}

/**
 * Reads where things are kept, and nothing else: who migrates needs no key of the broker's, and no client's secret.
 * @throws ConfigError naming every problem
 */
export function readStorage(env: Record<string, string | undefined>): Storage {
  const variables = new Variables(env);
  variables.readFiles(storageFromFile);
  const e = variables.parse(StorageEnvironment);
  if (!e || variables.problems.length > 0) throw new ConfigError(variables.problems);
  return storageOf(e);
}

const storageOf = (e: z.infer<typeof StorageEnvironment>): Storage => ({
  logLevel: e.LOG_LEVEL,
  database: e.DATABASE_URL === undefined ? { folder: `${e.DATA_DIR}/database` } : { url: e.DATABASE_URL },
  ownersDatabase: e.MIGRATION_DATABASE_URL === undefined ? undefined : { url: e.MIGRATION_DATABASE_URL },
});

/**
 * Reads the configuration from environment variables.
 * @throws ConfigError naming every problem
 */
export function readConfig(env: Record<string, string | undefined>): Config {
  const variables = new Variables(env);
  variables.readFiles(fromFile);
  const e = variables.parse(Environment);
  const issuers = readIssuers(variables);
  if (!e || variables.problems.length > 0) throw new ConfigError(variables.problems);
  return {
    ...storageOf(e),
    host: e.HOST,
    port: e.PORT,
    trustedProxies: e.TRUSTED_PROXIES,
    publicUrl: e.PUBLIC_URL,
    ownerEmail: e.OWNER_EMAIL,
    issuers,
    sessionKeys: e.SESSION_KEYS,
    metrics: e.METRICS_PORT === undefined ? undefined : { host: e.METRICS_HOST, port: e.METRICS_PORT },
    watchedCertificates: e.WATCHED_CERTIFICATES,
    workers: e.WORKERS,
    mqtt: {
      url: e.MQTT_URL, ca: e.MQTT_CA_FILE, cert: e.MQTT_CERT_FILE, key: e.MQTT_KEY_FILE,
      files: { ca: env.MQTT_CA_FILE ?? '', cert: env.MQTT_CERT_FILE ?? '', key: env.MQTT_KEY_FILE ?? '' },
    },
    authoritySocket: e.AUTHORITY_SOCKET,
    refusalsFile: e.GATE_REFUSALS,
    doctor: {
      command: process.execPath, args: [fileURLToPath(new URL('../../doctor/src/main.ts', import.meta.url)), '--json'],
      env: { ...env, DOCTOR_VIEW: 'api' },
    },
    warn: {
      webhook: e.WARN_WEBHOOK_URL,
      email: e.SMTP_URL === undefined || e.WARN_EMAIL === undefined ? undefined : { smtp: e.SMTP_URL, to: e.WARN_EMAIL },
    },
  };
}
