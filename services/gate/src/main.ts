import closeWithGrace from 'close-with-grace';
import { pino } from 'pino';
import { ConfigError, readConfig } from './config.ts';
import { Book } from './refusals/book.ts';
import { readTrust, TrustError, watchTrust } from './refusals/trust.ts';
import { Relay } from './relay/relay.ts';
import { Sessions } from './relay/sessions.ts';

const log = pino({ level: process.env.LOG_LEVEL || 'info', timestamp: pino.stdTimeFunctions.isoTime });

async function run(): Promise<void> {
  const config = readConfig(process.env);
  let trust = readTrust(config.trustDir);
  const { broker, handshakeMs, bounds } = config;
  const relay = new Relay({
    broker, handshakeMs, trust: () => trust, sessions: new Sessions(), note: (event) => book.note(event), changed: () => book.changed(),
  }, bounds);
  const book = new Book(config.refusals, log, () => ({ trust: trust.sum, open: relay.open, boards: relay.boards }));
  const watch = watchTrust(config.trustDir, trust, (now, before) => {
    trust = now;
    const revoked = new Set([...now.revoked].filter((id) => !before.revoked.has(id)));
    if (revoked.size > 0) relay.cut(revoked);
    log.info({ trust: trust.sum, revoked: [...revoked] }, 'goes by another trust set');
    // At once: somebody is waiting to read that it is done.
    book.write();
  }, (why) => log.error({ why }, 'goes by the trust set of before'));
  await relay.listen(config.port, config.host);
  book.write();
  log.info({ port: config.port, broker, trust: trust.sum }, 'open');
  closeWithGrace({ delay: 5000, logger: false }, async ({ err, signal }) => {
    if (err) log.fatal({ err }, 'gives up');
    else log.info({ signal }, 'closes');
    watch.stop();
    await relay.close();
    book.close();
  });
}

try {
  await run();
} catch (error) {
  if (error instanceof ConfigError || error instanceof TrustError) {
    console.error(error.message);
    process.exit(78); // EX_CONFIG, sysexits.h
  }
  log.fatal({ err: error }, 'does not start');
  process.exit(1);
}
