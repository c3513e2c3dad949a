import type { Server } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import closeWithGrace from 'close-with-grace';
import type { Logger } from 'pino';
import { buildApp } from '../app.ts';
import { createAuthority } from '../authority/client.ts';
import type { Config } from '../config.ts';
import type { Db } from '../db/database.ts';
import { Air } from '../domain/air.ts';
import { Feed } from '../domain/feed.ts';
import type { Meter } from '../domain/meter.ts';
import type { Peers } from '../domain/peers.ts';
import { Presence } from '../domain/presence.ts';
import { RevokedBoards } from '../domain/revoked.ts';
import { createMetrics } from '../metrics/metrics.ts';
import { readState } from '../metrics/state.ts';
import { createBus } from '../mqtt/bus.ts';
import { emailWay } from '../notify/email.ts';
import type { Way } from '../notify/way.ts';
import { webhookWay } from '../notify/webhook.ts';
import { AuditLog } from '../usecases/audit-log.ts';
import type { Context } from '../usecases/context.ts';
import { followCertificates } from '../usecases/follow-certificates.ts';
import { followDevices } from '../usecases/follow-devices.ts';
import { offerMetrics } from './offer-metrics.ts';
import { keepOwnCertificate } from './own-certificate.ts';

/**
 * Milliseconds for requests under way to end: a tap waits for a board, limits.commandDeadlineMs. A scene may take longer:
 * what it has not sent by then is not sent.
 */
export const closeDelayMs = 8000;

/** Milliseconds that one of several processes waits for the broker before it takes requests from the others. */
const brokerWithinMs = 2000;
const lookMs = 20;

/**
 * Serves until it is told to stop.
 * @param member what this process has with others, if it is one of several: metrics are theirs to serve
 * @returns whether it could begin: the log then says why not
 */
export async function serve(config: Config, db: Db, log: Logger, peers: Peers, member?: {
  ready(): void; onStop(listener: () => void): void; onMeasure(read: () => Promise<object[]>): void;
}): Promise<boolean> {
  const { registry, meter } = createMetrics();
  const bus = createBus({ ...config.mqtt, log, meter: countedOnce(meter, peers) });
  const feed = new Feed(peers);
  const audit = new AuditLog({ db, feed, log, peers });
  const context: Context = {
    db, bus, authority: createAuthority(config.authoritySocket), log, presence: new Presence(), revoked: new RevokedBoards(peers),
    air: new Air(peers), feed, audit, meter, peers, now: () => new Date(),
  };
  const certificates = followCertificates(context, {
    refusalsFile: config.refusalsFile, watched: config.watchedCertificates, ways: waysOf(config) });
  readState(registry, context, config, certificates.views);
  const app = await buildApp(context, config, log);
  const following = followDevices(context);
  const ownCertificate = keepOwnCertificate(config.mqtt, context);
  let metrics: Server | undefined;

  let closing = false;
  const closer = closeWithGrace({ delay: closeDelayMs, logger: log }, async ({ signal, err }) => {
    closing = true;
    if (err) log.fatal({ err }, 'an unexpected error ends this process');
    else log.info({ signal }, 'stopping: requests under way are finished first');
    await app.close();
    metrics?.close();
    ownCertificate.stop();
    await bus.close();
    await following.stop();
    await certificates.stop();
    await audit.close();
    await db.destroy();
  });
  // Ctrl-C is heard by all processes at once: being asked again is no second thought.
  member?.onStop(() => {
    if (!closing) closer.close();
  });
  member?.onMeasure(async () => await registry.getMetricsAsJSON());

  if (config.metrics && !member) {
    metrics = await offerMetrics(config.metrics, () => registry.metrics(), log);
    if (!metrics) return false;
  }
  for (let waited = 0; member && !bus.connected && !closing && waited < brokerWithinMs; waited += lookMs) await pause(lookMs);
  // Asked to stop before it has begun: the closer ends this process.
  if (closing) return true;
  try {
    await app.listen({ host: config.host, port: config.port });
  } catch (error) {
    if (closing) return true;
    log.fatal({ err: error },
      `Cannot listen on ${config.host}:${config.port}. Is another program using that port? PORT chooses another.`);
    return false;
  }
  member?.ready();
  return true;
}

/** How somebody is warned who is not looking. */
const waysOf = ({ warn, publicUrl }: Pick<Config, 'warn' | 'publicUrl'>): Way[] => [
  ...warn.webhook === undefined ? [] : [webhookWay(warn.webhook, publicUrl)],
  ...warn.email === undefined ? [] : [emailWay(warn.email, publicUrl)],
];

/** What boards say every process hears, and the one that leads counts; an answer is heard by the one that asked alone. */
function countedOnce(meter: Meter, peers: Peers): Meter {
  const mine = (channel: string) => channel === 'ack' || peers.leads;
  return { ...meter,
    message: (channel) => void (mine(channel) && meter.message(channel)),
    dropped: (channel, why) => void (mine(channel) && meter.dropped(channel, why)) };
}
