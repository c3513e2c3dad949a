import { randomBytes } from 'node:crypto';
import closeWithGrace from 'close-with-grace';
import { pino } from 'pino';
import { buildApp } from './app.ts';
import { ConfigError, readConfig, type Config } from './config.ts';
import { migrate, openDatabase } from './db/database.ts';
import { Feed } from './domain/feed.ts';
import { Presence } from './domain/presence.ts';
import { createBus } from './mqtt/bus.ts';
import type { Context } from './usecases/context.ts';
import { followDevices } from './usecases/follow-devices.ts';

/** Milliseconds for requests under way to end: the longest waits for a board, limits.commandDeadlineMs. */
const closeDelayMs = 8000;

const usage = `usage: node api/src/main.ts [migrate]
  without a word: migrates, then serves
  migrate: brings the database up to date, then ends`;

function configOrExit(): Config {
  try {
    return readConfig(process.env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    console.error(error.message);
    process.exit(78); // EX_CONFIG, sysexits.h
  }
}

const [word, ...rest] = process.argv.slice(2);
if ((word !== undefined && word !== 'migrate') || rest.length > 0) {
  console.error(usage);
  process.exit(64); // EX_USAGE
}

const config = configOrExit();
const log = pino({
  level: config.logLevel,
  timestamp: pino.stdTimeFunctions.isoTime,
  redact: ['req.headers.authorization', 'req.headers.cookie'],
});

const db = openDatabase(config.database, (error) => log.error({ err: error }, 'lost a connection to the database'));
try {
  const done = await migrate(db);
  log.info({ migrations: done }, `the database ${done.length === 0 ? 'is' : 'has been brought'} up to date`);
} catch (error) {
  log.fatal({ err: error }, 'The database cannot be used. Is PostgreSQL running, and does DATABASE_URL name it?');
  process.exit(1);
}
if (word === 'migrate') {
  await db.destroy();
  process.exit(0);
}

const bus = createBus({ ...config.mqtt, log });
const feed = new Feed(randomBytes(4).toString('hex'));
const context: Context = { db, bus, log, presence: new Presence(), feed, now: () => new Date() };
const app = await buildApp(context, config, log);
const following = followDevices(context);

closeWithGrace({ delay: closeDelayMs, logger: log }, async ({ signal, err }) => {
  if (err) log.fatal({ err }, 'an unexpected error ends this process');
  else log.info({ signal }, 'stopping: requests under way are finished first');
  await app.close();
  await bus.close();
  await following.stop();
  await db.destroy();
});

try {
  await app.listen({ host: config.host, port: config.port });
} catch (error) {
  log.fatal({ err: error },
    `Cannot listen on ${config.host}:${config.port}. Is another program using that port? PORT chooses another.`);
  process.exit(1);
}
