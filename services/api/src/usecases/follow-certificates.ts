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

/**
 * Keeps watch over certificates, as the process that leads: warns of ends that come near, notes what was revoked on the
 * server itself, and tells admins' screens when certificates or refusals have changed. All certificates are looked at each
 * minute; and at once when the gate goes by another trust set, which costs no more than a look at a file.
 * @param from where the gate writes, which folders are watched besides, how somebody is warned
 */
export function followCertificates(context: Context, from: { refusalsFile: string | undefined; watched: readonly string[];
  ways: readonly Way[]; }, times: Partial<typeof usual> = {}): Followed {
  const { lookMs, roundMs } = { ...usual, ...times };
  const { feed, log, now, peers } = context;
  const warner = new Warner(context, [logWay(context), ...from.ways]);
  const notes = new Seldom();
  let views: readonly CertificateView[] = [];
  let seen: { trust?: string | undefined; refusals?: string; certificates?: string } = {};
  let said: ReadonlySet<string> = new Set();
  let roundAt = -Infinity;
  let looking: Promise<void> | undefined;

  /** @returns whether the gate goes by another trust set than before */
  async function lookAtGate(): Promise<boolean> {
    if (from.refusalsFile === undefined) return false;
    const found = await readRefusals(from.refusalsFile);
    const refusals = JSON.stringify(found?.refusals ?? []);
    if (seen.refusals !== undefined && seen.refusals !== refusals) feed.publish({ type: 'refusals' }, { to: 'admins' });
    const changed = seen.trust !== found?.trust;
    seen = { ...seen, refusals, trust: found?.trust };
    return changed;
  }

  async function round(): Promise<void> {
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
    await warner.warn(warningsIn(views));
  }

  /** Once each, until it has been well in between. A server without an authority beside it has been set up so. */
  function complain(faults: readonly string[]): void {
    if (context.authority.present) for (const fault of faults) if (!said.has(fault)) log.warn({}, fault);
    said = new Set(faults);
  }

  async function look(): Promise<void> {
    const changed = await lookAtGate().catch((error: unknown) => {
      if (notes.isDue('gate', now().getTime())) log.warn({}, (error as Error).message);
      return false;
    });
    const at = performance.now();
    if (!changed && at - roundAt < roundMs) return;
    roundAt = at;
    await round();
  }

  const timer = setInterval(() => {
    if (!peers.leads || looking) return;
    looking = look()
      .catch((error: unknown) => {
        if (notes.isDue('round', now().getTime())) log.error({ err: error }, 'could not look at the certificates');
      })
      .finally(() => { looking = undefined; });
  }, lookMs);

  return {
    views: () => views,
    async stop() {
      clearInterval(timer);
      await looking;
    },
  };
}

/** Changes with what a screen would show of them, and not with the hour. */
const fingerprint = (inventory: Inventory | undefined): string => JSON.stringify(inventory && { ...inventory, at: 0 });
