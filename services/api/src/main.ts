import { pino } from 'pino';
import { ConfigError, readConfig, readStorage } from './config.ts';
import { prepare } from './main/prepare.ts';
import { serve } from './main/serve.ts';

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

const db = await prepare(storage, log, 'keepDays' in task ? task.keepDays : undefined);
if (!db) process.exit(1);
if (!config) {
  await db.destroy();
  process.exit(0);
}
if (!await serve(config, db, log)) process.exit(1);
