import { setTimeout as pause } from 'node:timers/promises';
import { isUnreachable } from '../db/faults.ts';
import type { Context } from './context.ts';

/** Milliseconds between two attempts. */
const againMs = 500;

/**
 * Does the work, and does it again for as long as the database is out of reach: what has happened has to be stored,
 * whoever was away. Says so once. `work` must bear being done twice.
 * @param stopped gives up when it is aborted
 * @throws what else the work throws
 */
export async function untilStored({ log }: Pick<Context, 'log'>, work: () => Promise<void>, stopped?: AbortSignal):
  Promise<void> {
  for (let said = false; ; said = true) {
    try {
      return await work();
    } catch (error) {
      if (!isUnreachable(error) || stopped?.aborted) throw error;
      if (!said) log.error({ err: error }, 'the database is out of reach; trying until it is back');
      await pause(againMs, undefined, { ref: false, ...stopped && { signal: stopped } }).catch(() => undefined);
    }
  }
}
