import { setTimeout as pause } from 'node:timers/promises';
import type { Inventory } from '@sconce/protocol/authority';
import type { CertificateView } from '@sconce/protocol/certificates-api';
import { Seldom } from '../domain/seldom.ts';
import { warningsIn } from '../domain/warnings.ts';
import { readRefusals } from '../gate/refusals-file.ts';
import type { Way } from '../notify/way.ts';
import { allViews, inventoryOr } from './certificates.ts';
import type { Context } from './context.ts';
import { noteRevocations } from './revoke.ts';
import { logWay, Warner } from './warn.ts';

export type Followed = {
  /** What was last seen; empty in a process that does not lead, and until somebody has looked. */
  views(): readonly CertificateView[];
  stop(): Promise<void>;
};

/** `lookMs`: between two looks at what the gate has written; `roundMs`: between two at all certificates. */
const usual = { lookMs: 1000, roundMs: 60_000 };

/** Milliseconds that what is under way has when the process ends; what nobody was told of is told after the next start. */
const stopMs = 1000;

/**
 * Keeps watch over certificates, as the process that leads: warns of ends that come near, notes what was revoked on the
 * server itself, and tells admins' screens when certificates or refusals have changed. All certificates are looked at each
 * minute; and at once when the gate goes by another trust set, which costs no more than a look at a file. Nothing that may
 * hang keeps it from looking: a revocation on the server is to be known within seconds, whether or not a webhook answers.
 * @param from where the gate writes, which folders are watched besides, how somebody is warned
 */
export function followCertificates(context: Context, from: { refusalsFile: string | undefined; watched: readonly string[];
  ways: readonly Way[]; }, times: Partial<typeof usual> = {}): Followed {
  const { lookMs, roundMs } = { ...usual, ...times };
  const { feed, log, now, peers } = context;
  const warner = new Warner(context, [logWay(context), ...from.ways]);
  const notes = new Seldom();
  let views: readonly CertificateView[] = [];
  /** `trust`: of the set whose certificates have been looked at. */
  let seen: { trust?: string | undefined; refusals?: string; certificates?: string } = {};
  let said: ReadonlySet<string> = new Set();
  let roundAt = -Infinity;
  let looking: Promise<void> | undefined;
  let warning: Promise<void> | undefined;

  /** @returns the trust set that the gate goes by */
  async function lookAtGate(): Promise<string | undefined> {
    if (from.refusalsFile === undefined) return undefined;
    const found = await readRefusals(from.refusalsFile);
    const refusals = JSON.stringify(found?.refusals ?? []);
    if (seen.refusals !== undefined && seen.refusals !== refusals) feed.publish({ type: 'refusals' }, { to: 'admins' });
    seen = { ...seen, refusals };
    return found?.trust;
  }

  /** @returns whether the authority had a part in it, or there is none */
  async function round(): Promise<boolean> {
    const faults: string[] = [];
    const inventory = await inventoryOr(context, faults);
    if (inventory) await noteRevocations(context, inventory);
    views = await allViews(context, inventory, from.watched, faults);
    complain([...faults, ...inventory?.faults ?? []]);
    const certificates = fingerprint(inventory);
    if (seen.certificates !== undefined && seen.certificates !== certificates) {
      feed.publish({ type: 'certificates' }, { to: 'admins' });
    }
    seen = { ...seen, certificates };
    warn();
    return inventory !== undefined || !context.authority.present;
  }

  /** Not waited for: a mail server or a webhook may hang, and the database be away. The next round says what is left. */
  function warn(): void {
    warning ??= warner.warn(warningsIn(views))
      .catch((error: unknown) => complainOf(error, 'warn', 'could not warn of certificates that end'))
      .finally(() => { warning = undefined; });
  }

  /** Once each, until it has been well in between. A server without an authority beside it has been set up so. */
  function complain(faults: readonly string[]): void {
    if (context.authority.present) for (const fault of faults) if (!said.has(fault)) log.warn({}, fault);
    said = new Set(faults);
  }

  function complainOf(error: unknown, about: string, words: string): void {
    if (notes.isDue(about, now().getTime())) log.error({ err: error }, words);
  }

  async function look(): Promise<void> {
    const trust = await lookAtGate().catch((error: unknown) => {
      if (notes.isDue('gate', now().getTime())) log.warn({}, (error as Error).message);
      return seen.trust;
    });
    const at = performance.now();
    if (trust === seen.trust && at - roundAt < roundMs) return;
    roundAt = at;
    // Of a set that could not be looked at it is not known whom it keeps out: the next look tries again.
    if (await round()) seen = { ...seen, trust };
  }

  const timer = setInterval(() => {
    if (!peers.leads || looking) return;
    looking = look()
      .catch((error: unknown) => complainOf(error, 'round', 'could not look at the certificates'))
      .finally(() => { looking = undefined; });
  }, lookMs);

  return {
    views: () => views,
    async stop() {
      clearInterval(timer);
      const ended = (async () => {
        await looking;
        await warning;
      })();
      await Promise.race([ended, pause(stopMs, undefined, { ref: false })]);
    },
  };
}

/** Changes with what a screen would show of them, and not with the hour. */
const fingerprint = (inventory: Inventory | undefined): string => JSON.stringify(inventory && { ...inventory, at: 0 });
