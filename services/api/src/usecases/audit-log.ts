import { setTimeout as pause } from 'node:timers/promises';
import { insertAudit, type NewAuditRow } from '../db/audit.ts';
import { isUnreachable } from '../db/faults.ts';
import type { Context } from './context.ts';
import { untilStored } from './until-stored.ts';

/** Milliseconds in which entries gather before they are written: an insert for each would cost as much as the command. */
const gatherMs = 50;

/** Entries that are written at once; a dozen parameters each, of which a statement can have 65,535. */
const largestGroup = 500;

/** Milliseconds that a reader waits at most for what is not written yet. */
const settleMs = 1000;

/**
 * Writes the entries of commands and of what boards said to the audit log, in groups, so that nobody who taps a lamp
 * waits for it. What a process that is killed loses is the entries of its last `gatherMs`, and of the time in which the
 * database was away; the commands themselves stand in the database before they are sent. A process that is stopped
 * loses none: what it could not write stands in its own log.
 *
 * The list is bounded by what it follows: each entry comes after a question that the database has just answered.
 */
export class AuditLog {
  readonly #context: Pick<Context, 'db' | 'feed' | 'log' | 'peers'>;
  readonly #stopping = new AbortController();
  #waiting: NewAuditRow[] = [];
  #group: Promise<void> | undefined;
  #added = 0;
  #done = 0;

  constructor(context: Pick<Context, 'db' | 'feed' | 'log' | 'peers'>) {
    this.#context = context;
  }

  add(row: NewAuditRow): void {
    this.#waiting.push(row);
    this.#added += 1;
    if (!this.#group) void this.#writeAll();
  }

  /** Entries that are not written yet. */
  get waiting(): number {
    return this.#added - this.#done;
  }

  /** Says to the admins who watch that there is more to read. */
  announce(): void {
    this.#context.feed.publish({ type: 'audit' }, { to: 'admins' });
  }

  /** Waits for what has been added so far, so that who reads finds what they have just done; not for ever. */
  async settled(): Promise<void> {
    // What another process gathers is not known here; by then it has begun to write it.
    if (this.#context.peers.several) await pause(2 * gatherMs);
    const late = pause(settleMs, 'late', { ref: false });
    const all = this.#added;
    while (this.#done < all && await Promise.race([this.#group, late]) !== 'late');
  }

  /** Writes what is left; a database that is away is not waited for. */
  async close(): Promise<void> {
    this.#stopping.abort();
    while (this.#group) await this.#group;
  }

  async #writeAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      this.#group = this.#writeGroup();
      await this.#group;
    }
    this.#group = undefined;
  }

  async #writeGroup(): Promise<void> {
    await pause(gatherMs, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
    const group = this.#waiting.splice(0, largestGroup);
    await this.#store(group);
    this.#done += group.length;
    this.announce();
  }

  async #store(group: readonly NewAuditRow[]): Promise<void> {
    const { db, log } = this.#context;
    try {
      await untilStored(this.#context, () => insertAudit(db, group), this.#stopping.signal);
    } catch (error) {
      if (group.length > 1 && !isUnreachable(error)) {
        // One that the database will not have must not take the others with it.
        for (const row of group) await this.#store([row]);
        return;
      }
      for (const row of group) log.error({ err: error, entry: row }, 'this entry of the audit log could not be stored');
    }
  }
}
