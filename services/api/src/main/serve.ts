import { randomBytes } from 'node:crypto';
import type { Server } from 'node:http';
import closeWithGrace from 'close-with-grace';
import type { Logger } from 'pino';
import { buildApp } from '../app.ts';
import type { Config } from '../config.ts';
import type { Db } from '../db/database.ts';
import { Air } from '../domain/air.ts';
import { Feed } from '../domain/feed.ts';
import { Presence } from '../domain/presence.ts';
import { createMetrics, serveMetrics } from '../metrics/metrics.ts';
import { readState } from '../metrics/state.ts';
import { createBus } from '../mqtt/bus.ts';
import { AuditLog } from '../usecases/audit-log.ts';
import type { Context } from '../usecases/context.ts';
import { followDevices } from '../usecases/follow-devices.ts';

/**
 * Milliseconds for requests under way to end: a tap waits for a board, limits.commandDeadlineMs. A scene may take longer:
 * what it has not sent by then is not sent.
 */
const closeDelayMs = 8000;

/** Serves until it is told to stop. @returns whether it could begin: the log then says why not */
export async function serve(config: Config, db: Db, log: Logger): Promise<boolean> {
  const { registry, meter } = createMetrics();
  const bus = createBus({ ...config.mqtt, log, meter });
  const feed = new Feed(randomBytes(4).toString('hex'));
  const audit = new AuditLog({ db, feed, log });
  const context: Context = {
    db, bus, log, presence: new Presence(), air: new Air(), feed, audit, meter, now: () => new Date(),
  };
  readState(registry, context, config);
  const app = await buildApp(context, config, log);
  const following = followDevices(context);

  let metrics: Server | undefined;

  closeWithGrace({ delay: closeDelayMs, logger: log }, async ({ signal, err }) => {
    if (err) log.fatal({ err }, 'an unexpected error ends this process');
    else log.info({ signal }, 'stopping: requests under way are finished first');
    await app.close();
    metrics?.close();
    await bus.close();
    await following.stop();
    await audit.close();
    await db.destroy();
  });

  try {
    if (config.metrics) metrics = await serveMetrics(config.metrics, () => registry.metrics());
  } catch (error) {
    log.fatal({ err: error }, `Cannot serve metrics on ${config.metrics?.host}:${config.metrics?.port}. Is another program `
      + 'using that port? METRICS_PORT chooses another.');
    return false;
  }
  try {
    await app.listen({ host: config.host, port: config.port });
    return true;
  } catch (error) {
    log.fatal({ err: error },
      `Cannot listen on ${config.host}:${config.port}. Is another program using that port? PORT chooses another.`);
    return false;
  }
}
