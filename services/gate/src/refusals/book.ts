import { renameSync, writeFileSync } from 'node:fs';
import type { Refusal, RefusalReason, Refusals } from '@sconce/protocol/gate';
import type { Logger } from 'pino';
import type { Certificate } from './shown.ts';

/** Refusals that are remembered: who knocks a million times must not fill the disk, or the page that shows them. */
const most = 200;
/** Milliseconds between two writings of the file, and the longest without one: who reads it sees that the gate lives. */
const writeEveryMs = 1000, beatMs = 10_000;
/** Milliseconds between two lines in the log about the same reason. */
const logEveryMs = 60_000;

export interface Event {
  reason: RefusalReason;
  address: string;
  alert?: Refusal['alert'] | undefined;
  certificate?: Certificate | undefined;
}

/** What connections have come to nothing, and why: remembered, told in the log, written to a file for the API. */
export class Book {
  readonly #file: string;
  readonly #log: Logger;
  readonly #state: () => Pick<Refusals, 'trust' | 'open' | 'boards'>;
  /** The oldest first. */
  readonly #refusals = new Map<string, Refusal>();
  readonly #logged = new Map<RefusalReason, { at: number; more: number }>();
  #written = 0;
  #timer: NodeJS.Timeout | undefined;
  readonly #beat: NodeJS.Timeout;
  #failing = false;

  constructor(file: string, log: Logger, state: () => Pick<Refusals, 'trust' | 'open' | 'boards'>) {
    this.#file = file;
    this.#log = log;
    this.#state = state;
    this.#beat = setInterval(() => this.changed(), beatMs);
  }

  note({ reason, address, alert, certificate }: Event): void {
    const now = Date.now();
    const key = [reason, address, certificate?.issuer, certificate?.serial, certificate?.name].join('\n');
    const before = this.#refusals.get(key);
    this.#refusals.delete(key);
    this.#refusals.set(key, {
      reason, first: before?.first ?? now, last: now, count: (before?.count ?? 0) + 1, address,
      ...alert && { alert }, ...certificate && { certificate },
    });
    if (this.#refusals.size > most) this.#forget();
    this.#tell(reason, now, { address, ...alert && { alert }, ...certificate && { certificate } });
    this.changed();
  }

  /** The oldest of a stranger's, so that strangers cannot push out what is said of the household's own boards. */
  #forget(): void {
    const stranger = this.#refusals.entries().find(([, refusal]) => !refusal.certificate?.genuine);
    const [key] = stranger ?? this.#refusals.entries().next().value ?? [''];
    this.#refusals.delete(key);
  }

  #tell(reason: RefusalReason, now: number, what: object): void {
    const last = this.#logged.get(reason);
    if (last && now - last.at < logEveryMs) {
      last.more += 1;
      return;
    }
    this.#log.warn({ reason, ...what, ...last?.more && { alsoSince: last.more } }, 'turned away');
    this.#logged.set(reason, { at: now, more: 0 });
  }

  /** Something that is written has changed: it is written soon. */
  changed(): void {
    this.#timer ??= setTimeout(() => this.write(), Math.max(0, this.#written + writeEveryMs - Date.now()));
  }

  /** Writes the file, now. */
  write(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#written = Date.now();
    const content: Refusals = { at: this.#written, ...this.#state(), refusals: [...this.#refusals.values()].reverse() };
    try {
      writeFileSync(`${this.#file}.new`, `${JSON.stringify(content)}\n`, { mode: 0o640 });
      renameSync(`${this.#file}.new`, this.#file);
      this.#failing = false;
    } catch (error) {
      if (!this.#failing) this.#log.error({ err: error, file: this.#file }, 'cannot write what was turned away');
      this.#failing = true;
    }
  }

  close(): void {
    clearInterval(this.#beat);
    this.write();
  }
}
