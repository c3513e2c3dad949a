import { existsSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import closeWithGrace from 'close-with-grace';
import { pino, type Logger } from 'pino';
import { untilTaken } from './broker/taken.ts';
import { ConfigError, readConfig, type Config } from './config.ts';
import { buildApp } from './http/routes.ts';
import { PkiAuthority } from './pki/authority.ts';
import { Scripts } from './pki/scripts.ts';
import { keepFresh } from './timer.ts';

const usage = 'usage: node authority/src/main.ts: answers on the Unix socket AUTHORITY_SOCKET until it is told to stop';

/** Milliseconds for scripts under way to end. */
const closeDelayMs = 80_000;
const healthMs = 3000;

function configOrExit(): Config {
  try {
    return readConfig(process.env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    console.error(error.message);
    process.exit(78); // EX_CONFIG, sysexits.h
  }
}

/** Whether somebody answers at the socket. */
const answers = (socketPath: string) => new Promise<boolean>((resolve) => {
  const asking = request({ socketPath, path: '/health', timeout: healthMs }, (answer) => {
    answer.resume();
    resolve(answer.statusCode === 200);
  });
  asking.once('timeout', () => asking.destroy());
  asking.once('error', () => resolve(false));
  asking.end();
});

async function serve(config: Config, log: Logger): Promise<boolean> {
  const { socket, pkiDir, scripts: folder, scriptEnvironment } = config;
  if (!existsSync(pkiDir)) {
    log.fatal(`There is no store at ${pkiDir}. make pki makes one; PKI_DIR names another.`);
    return false;
  }
  if (await answers(socket)) {
    log.fatal(`Another authority answers at ${socket}. Stop it first, or give this one another AUTHORITY_SOCKET.`);
    return false;
  }
  const scripts = new Scripts(folder, scriptEnvironment);
  const authority = new PkiAuthority(scripts, pkiDir);
  const app = buildApp(authority, (began) => untilTaken(config, began), log);
  const timers: ReturnType<typeof keepFresh>[] = [];
  closeWithGrace({ delay: closeDelayMs, logger: log }, async ({ signal, err }) => {
    if (err) log.fatal({ err }, 'an unexpected error ends this process');
    else log.info({ signal }, 'stopping: what is being signed is finished first');
    for (const timer of timers) timer.stop();
    await scripts.close();
    await app.close();
  });
  try {
    // Left by one that was killed: nobody answers there.
    rmSync(socket, { force: true });
    // Whoever can open it can have any board's certificate made: this user alone.
    const before = process.umask(0o177);
    await app.listen({ path: socket });
    process.umask(before);
  } catch (error) {
    log.fatal({ err: error }, `Cannot listen at ${socket}. Does its folder exist, and may this user write to it?`);
    return false;
  }
  timers.push(keepFresh(authority, log));
  return true;
}

if (process.argv.length > 2) {
  console.error(usage);
  process.exit(64); // EX_USAGE
}
const config = configOrExit();
if (!await serve(config, pino({ level: config.logLevel, timestamp: pino.stdTimeFunctions.isoTime }))) process.exit(1);
