import type { Server } from 'node:http';
import type { Logger } from 'pino';
import { serveMetrics } from '../metrics/metrics.ts';

/** Serves the metrics. @returns undefined if it cannot listen there: the log then says why */
export async function offerMetrics(where: { host: string; port: number }, read: () => Promise<string>, log: Logger):
  Promise<Server | undefined> {
  try {
    return await serveMetrics(where, read);
  } catch (error) {
    log.fatal({ err: error }, `Cannot serve metrics on ${where.host}:${where.port}. Is another program using that port? `
      + 'METRICS_PORT chooses another.');
    return undefined;
  }
}
