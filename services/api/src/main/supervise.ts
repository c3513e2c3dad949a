import type { Server } from 'node:http';
import closeWithGrace from 'close-with-grace';
import type { Logger } from 'pino';
import { Primary } from '../cluster/primary.ts';
import type { Config } from '../config.ts';
import { createSupervision, summedUp } from '../metrics/metrics.ts';
import { offerMetrics } from './offer-metrics.ts';
import { closeDelayMs } from './serve.ts';

/** Milliseconds that this process outlives those that it has told to stop. */
const longerMs = 2000;

/** The owner's address is for bringing the database up to date, which is done: no process that serves is to have it. */
const withoutOwner = { MIGRATION_DATABASE_URL: '', MIGRATION_DATABASE_URL_FILE: '' };

/** Has several processes serve until it is told to stop. @returns the exit code, if they could not begin */
export async function supervise(config: Config, log: Logger): Promise<number> {
  const primary = new Primary(config.workers, withoutOwner, log);
  const own = createSupervision(primary);
  let metrics: Server | undefined;
  closeWithGrace({ delay: closeDelayMs + longerMs, logger: log }, async ({ signal, err }) => {
    if (err) log.fatal({ err }, 'an unexpected error ends this process, and those that serve with it');
    else log.info({ signal }, 'stopping the processes that serve');
    primary.stop();
    await primary.ended;
    metrics?.close();
  });
  if (config.metrics) {
    metrics = await offerMetrics(config.metrics, async () => summedUp(await primary.measure(), own), log);
    if (!metrics) return 1;
  }
  return await primary.ended ? 0 : 1;
}
