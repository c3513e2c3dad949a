import type { PkiAuthority } from './pki/authority.ts';

/** Milliseconds between two rounds. What ends in days is made anew days before, so that a few that fail do no harm. */
const everyMs = 3_600_000;

type Log = { info(fields: object, text: string): void; error(fields: object, text: string): void };

/** Makes anew, now and every hour, what would end: revocation lists, certificates of broker, API and metrics. */
export function keepFresh(authority: PkiAuthority, log: Log): { stop(): void } {
  const round = async () => {
    try {
      for (const done of await authority.refresh()) log.info({}, done);
      for (const fault of authority.faults) log.error({}, fault);
    } catch (error) {
      log.error({ err: error }, 'could not look after what will end; trying again in an hour');
    }
  };
  void round();
  const timer = setInterval(() => void round(), everyMs);
  return { stop: () => clearInterval(timer) };
}
