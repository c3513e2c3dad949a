import { deleteWarningsBefore, insertWarnings, listWarnings } from '../db/warnings.ts';
import { warningWords, type Warning } from '../domain/warnings.ts';
import type { Way } from '../notify/way.ts';
import type { Context } from './context.ts';
import { untilStored } from './until-stored.ts';

/** Milliseconds until a way that failed is tried again, at first; each time twice as long. */
const againMs = { first: 60_000, most: 3_600_000 };

/** What ended so long ago is forgotten. */
const forgetMs = 400 * 86_400_000;

/** Into the log, which whoever watches over servers reads. */
export const logWay = ({ log }: Pick<Context, 'log'>): Way => ({
  name: 'log',
  async tell(warnings) {
    for (const { kind, name, level, notAfter, ...one } of warnings) {
      const words = warningWords({ ...one, kind, name, level, notAfter });
      if (level <= 7) log.error({ kind, name, level, notAfter }, words);
      else log.warn({ kind, name, level, notAfter }, words);
    }
  },
});

/**
 * Tells of ends that come near, by each way once: what it has been told stands in the database. A way that fails is tried
 * again, later and later; the others do not say it twice.
 */
export class Warner {
  readonly #context: Pick<Context, 'db' | 'log' | 'now'>;
  readonly #ways: readonly Way[];
  readonly #failing = new Map<Way, { waitMs: number; until: number }>();

  constructor(context: Pick<Context, 'db' | 'log' | 'now'>, ways: readonly Way[]) {
    this.#context = context;
    this.#ways = ways;
  }

  /** @param warnings all that there are, told before or not */
  async warn(warnings: readonly Warning[]): Promise<void> {
    for (const way of this.#ways) await this.#warnBy(way, warnings);
  }

  async #warnBy(way: Way, warnings: readonly Warning[]): Promise<void> {
    const { db, log, now } = this.#context;
    const failing = this.#failing.get(way);
    if (failing && now().getTime() < failing.until) return;
    const news = await this.#untold(way, warnings);
    if (news.length === 0) return;
    try {
      await way.tell(news);
    } catch (error) {
      const waitMs = Math.min(failing ? failing.waitMs * 2 : againMs.first, againMs.most);
      this.#failing.set(way, { waitMs, until: now().getTime() + waitMs });
      log.error({ way: way.name, inSeconds: waitMs / 1000 },
        `Nobody could be warned of certificates that end: ${(error as Error).message} It is tried again.`);
      return;
    }
    this.#failing.delete(way);
    const rows = news.map(({ key: name, level, notAfter }) =>
      ({ name, level, ends: new Date(notAfter), way: way.name, told_at: now() }));
    await untilStored(this.#context, () => insertWarnings(db, rows));
    await deleteWarningsBefore(db, new Date(now().getTime() - forgetMs));
    if (way.name !== 'log') log.info({ way: way.name, count: news.length }, 'somebody was warned of certificates that end');
  }

  async #untold(way: Way, warnings: readonly Warning[]): Promise<Warning[]> {
    const ends = [...new Set(warnings.map(({ notAfter }) => notAfter))].map((end) => new Date(end));
    const told = new Set((await listWarnings(this.#context.db, way.name, ends))
      .map(({ name, level, ends }) => `${name} ${level} ${ends.toISOString()}`));
    return warnings.filter(({ key, level, notAfter }) => !told.has(`${key} ${level} ${new Date(notAfter).toISOString()}`));
  }
}
