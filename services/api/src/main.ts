import cluster from 'node:cluster';
import { randomBytes } from 'node:crypto';
import { pino } from 'pino';
import { join } from './cluster/worker.ts';
import { ConfigError, readConfig, readStorage, type Config } from './config.ts';
import { alone } from './domain/peers.ts';
import { openStorage, prepare } from './main/prepare.ts';
import { serve } from './main/serve.ts';
import { supervise } from './main/supervise.ts';

const usage = `usage: node api/src/main.ts [migrate]
       node api/src/main.ts audit-retention --keep-days N
  without a word: migrates, then serves
  migrate: brings the database up to date, and the API's role there, then ends
  audit-retention: deletes what is older than N days from the audit log, then ends`;

type Task = { word: 'serve' | 'migrate' } | { word: 'audit-retention'; keepDays: number };

function taskOf([word, option, value, ...more]: string[]): Task | undefined {
  if (word === undefined) return { word: 'serve' };
  if (word === 'migrate' && option === undefined) return { word };
  const days = word === 'audit-retention' && option === '--keep-days' && /^[1-9]\d{0,4}$/.test(value ?? '');
  return days && more.length === 0 ? { word, keepDays: Number(value) } : undefined;
}

function readOrExit<T>(read: (env: NodeJS.ProcessEnv) => T): T {
  try {
    return read(process.env);
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

const config = task.word === 'serve' ? readOrExit(readConfig) : undefined;
const storage = config ?? readOrExit(readStorage);
const log = pino({
  level: storage.logLevel,
  timestamp: pino.stdTimeFunctions.isoTime,
  redact: ['req.headers.authorization', 'req.headers.cookie'],
});

/** Brings the database up to date, and does what is asked then. */
async function begin(keepDays?: number): Promise<void> {
  const db = await prepare(storage, log, keepDays);
  if (!db) process.exit(1);
  if (config?.workers === 1) {
    if (!await serve(config, db, log, alone(randomBytes(4).toString('hex')))) process.exit(1);
    return;
  }
  // Each of the processes that serve opens its own.
  await db.destroy();
  process.exit(config ? await supervise(config, log) : 0);
}

/** As one of several, which the first one started. */
async function beginAsWorker(config: Config): Promise<void> {
  const member = await join();
  if (!await serve(config, openStorage(config.database, log), log, member, member)) process.exit(1);
}

if (config && cluster.isWorker) await beginAsWorker(config);
else await begin('keepDays' in task ? task.keepDays : undefined);
