import { randomBytes } from 'node:crypto';
import closeWithGrace from 'close-with-grace';
import { pino } from 'pino';
import { buildApp } from './app.ts';
import { ConfigError, readConfig, type Config } from './config.ts';
import { migrate, openDatabase } from './db/database.ts';
import { mayChangeAudit, separateRoles } from './db/roles.ts';
import { Air } from './domain/air.ts';
import { Feed } from './domain/feed.ts';
import { Presence } from './domain/presence.ts';
import { createBus } from './mqtt/bus.ts';
import { AuditLog } from './usecases/audit-log.ts';
import type { Context } from './usecases/context.ts';
import { followDevices } from './usecases/follow-devices.ts';
import { pruneAudit } from './usecases/prune-audit.ts';

/**
 * Milliseconds for requests under way to end: a tap waits for a board, limits.commandDeadlineMs. A scene may take longer:
 * what it has not sent by then is not sent.
 */
const closeDelayMs = 8000;

const usage = `usage: node api/src/main.ts [migrate]
       node api/src/main.ts audit-retention --keep-days N
  without a word: migrates, then serves
  migrate: brings the database up to date, then ends
  audit-retention: deletes what is older than N days from the audit log, then ends`;

type Task = { word: 'serve' | 'migrate' } | { word: 'audit-retention'; keepDays: number };

function taskOf([word, option, value, ...more]: string[]): Task | undefined {
  if (word === undefined) return { word: 'serve' };
  if (word === 'migrate' && option === undefined) return { word };
  const days = word === 'audit-retention' && option === '--keep-days' && /^[1-9]\d{0,4}$/.test(value ?? '');
  return days && more.length === 0 ? { word, keepDays: Number(value) } : undefined;
}

function configOrExit(): Config {
  try {
    return readConfig(process.env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    console.error(error.message);
    process.exit(78); // EX_CONFIG, sysexits.h
  }
}

const task = taskOf(process.argv.slice(2));
if (!task) {
  console.error(usage);
  process.exit(64); // EX_USAGE
}

const config = configOrExit();
const log = pino({
  level: config.logLevel,
  timestamp: pino.stdTimeFunctions.isoTime,
  redact: ['req.headers.authorization', 'req.headers.cookie'],
});

const lost = (error: Error) => log.error({ err: error }, 'lost a connection to the database');
const db = openDatabase(config.database, lost);
const owner = config.ownersDatabase && openDatabase(config.ownersDatabase, lost);
try {
  const done = await migrate(owner ?? db);
  if (owner) await separateRoles(owner, db);
  else if ('url' in config.database && await mayChangeAudit(db)) {
    log.warn({}, 'the role in DATABASE_URL may change every table, the audit log too; .env.example says how to part them');
  }
  log.info({ migrations: done }, `the database ${done.length === 0 ? 'is' : 'has been brought'} up to date`);
} catch (error) {
  log.fatal({ err: error }, 'The database cannot be used. Is PostgreSQL running, and does DATABASE_URL name it?');
  process.exit(1);
}
if (task.word === 'audit-retention') {
  try {
    const count = await pruneAudit(owner ?? db, task.keepDays, new Date());
    log.info({ count, keepDays: task.keepDays }, 'what was older is gone from the audit log');
  } catch (error) {
    log.fatal({ err: error }, 'The audit log is as it was. Only the owner of the tables may do this: is '
      + 'MIGRATION_DATABASE_URL set?');
    process.exit(1);
  }
}
// The API must not have the owner at hand.
await owner?.destroy();
if (task.word !== 'serve') {
  await db.destroy();
  process.exit(0);
}

const bus = createBus({ ...config.mqtt, log });
const feed = new Feed(randomBytes(4).toString('hex'));
const audit = new AuditLog({ db, feed, log });
const context: Context = { db, bus, log, presence: new Presence(), air: new Air(), feed, audit, now: () => new Date() };
const app = await buildApp(context, config, log);
const following = followDevices(context);

closeWithGrace({ delay: closeDelayMs, logger: log }, async ({ signal, err }) => {
  if (err) log.fatal({ err }, 'an unexpected error ends this process');
  else log.info({ signal }, 'stopping: requests under way are finished first');
  await app.close();
  await bus.close();
  await following.stop();
  await audit.close();
  await db.destroy();
});

try {
  await app.listen({ host: config.host, port: config.port });
} catch (error) {
  log.fatal({ err: error },
    `Cannot listen on ${config.host}:${config.port}. Is another program using that port? PORT chooses another.`);
  process.exit(1);
}
