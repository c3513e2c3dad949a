import cluster, { type Worker } from 'node:cluster';
import { randomBytes } from 'node:crypto';
import type { Logger } from 'pino';
import { Windows } from '../domain/peers.ts';
import { Turns } from '../domain/turns.ts';
import { lasting } from '../metrics/metrics.ts';
import type { ToPrimary, ToWorker } from './messages.ts';

/** Milliseconds until the place of one that died is taken, at first; longer each time, while they die at once. */
const againMs = 200;
const againAtMostMs = 5000;

/** One that lived for so long, in milliseconds, did not die of what it was started with. */
const livedMs = 10_000;

/** Milliseconds that a process has to tell of its metrics. */
const measureMs = 3000;

/**
 * The first process: starts those that serve, and starts another when one dies; hands what one tells to all, itself
 * having a say in nothing but the order; counts for all; gives turns on the air; names the one that leads. By Node's own
 * channel between processes, and not PostgreSQL's NOTIFY, which holds 8,000 bytes, costs a transaction, and is away when
 * the database is: lamps must show what they do then, too.
 */
export class Primary {
  /** Resolves when all have ended because they were stopped, or could not begin: whether that is as it should be. */
  readonly ended: Promise<boolean>;
  readonly #ended = Promise.withResolvers<boolean>();
  readonly #log: Logger;
  readonly #epoch = randomBytes(4).toString('hex');
  readonly #windows = new Windows();
  readonly #turns = new Turns();
  /** What to call when a turn is over, by the number that its worker gave it. */
  readonly #takingTurns = new Map<Worker, Map<number, () => void>>();
  /** Those that have said hello, in the order in which they came; and whether they serve. */
  readonly #members = new Map<Worker, { ready: boolean }>();
  readonly #startedAt = new Map<Worker, number>();
  readonly #measuring = new Map<number, { waiting: Set<Worker>; done: () => void }>();
  /** The last metrics of each; and of those that have died what lasts of theirs. */
  readonly #measures = new Map<Worker, object[]>();
  #lasting: object[] = [];
  /** What they said last may be heard after their death. */
  readonly #dead = new WeakSet<Worker>();
  #events = 0;
  #leader: Worker | undefined;
  #everServed = false;
  #stopping = false;
  #died = 0;
  #early = 0;
  #asked = 0;

  /** @param environment variables that are other for the workers than for this process */
  constructor(count: number, environment: Record<string, string>, log: Logger) {
    this.#log = log;
    this.ended = this.#ended.promise;
    // Maps and dates pass as they are.
    cluster.setupPrimary({ serialization: 'advanced' });
    cluster.on('message', (worker, message: ToPrimary) => this.#take(worker, message));
    cluster.on('exit', (worker, code, signal) => this.#exit(worker, code, signal, environment));
    for (let i = 0; i < count; i += 1) this.#fork(environment);
  }

  /** How many have died, unasked. */
  get died(): number {
    return this.#died;
  }

  get serving(): number {
    return [...this.#members.values()].filter(({ ready }) => ready).length;
  }

  /** Each ends when its requests under way have. */
  stop(): void {
    this.#stopping = true;
    for (const worker of this.#startedAt.keys()) this.#send(worker, { type: 'sconce:stop' });
    this.#endIfAllHave();
  }

  /** The metrics of each that serves; of one that has died or hangs, what it had counted when it was last asked. */
  async measure(): Promise<object[][]> {
    this.#asked += 1;
    const ask = this.#asked;
    const all = Promise.withResolvers<void>();
    const entry = { waiting: new Set(this.#members.keys()), done: all.resolve };
    this.#measuring.set(ask, entry);
    if (entry.waiting.size === 0) all.resolve();
    for (const worker of entry.waiting) this.#send(worker, { type: 'sconce:measure', ask });
    const late = setTimeout(all.resolve, measureMs);
    await all.promise;
    clearTimeout(late);
    this.#measuring.delete(ask);
    return [this.#lasting, ...[...this.#measures].map(([worker, metrics]) =>
      entry.waiting.has(worker) ? lasting([metrics]) : metrics)];
  }

  #fork(environment: Record<string, string>): void {
    this.#startedAt.set(cluster.fork(environment), Date.now());
  }

  #send(worker: Worker, message: ToWorker): void {
    // One that dies in this moment is told nothing; its exit says the rest.
    if (worker.isConnected()) worker.send(message, () => undefined);
  }

  #tellAll(message: ToWorker): void {
    for (const worker of this.#members.keys()) this.#send(worker, message);
  }

  #take(worker: Worker, message: ToPrimary): void {
    // The dead neither lead nor serve nor wait; and nobody would ever say that what they send has ended.
    if (this.#dead.has(worker) && (message.type !== 'sconce:word' || message.word.about === 'sending')) return;
    switch (message.type) {
      case 'sconce:hello':
        this.#leader ??= worker;
        this.#members.set(worker, { ready: false });
        return this.#send(worker, { type: 'sconce:welcome', welcome: {
          epoch: this.#epoch, lastEvent: this.#events, leads: this.#leader === worker } });
      case 'sconce:ready':
        this.#members.set(worker, { ready: true });
        this.#everServed = true;
        return;
      case 'sconce:word':
        if (message.word.about === 'event') this.#events += 1;
        return this.#tellAll({ type: 'sconce:said', said: { ...message.word, from: worker.id, number: this.#events } });
      case 'sconce:count':
        return this.#send(worker, { type: 'sconce:counted', ask: message.ask,
          counted: this.#windows.count(message.key, message.windowMs, Date.now()) });
      case 'sconce:turn': return void this.#giveTurn(worker, message);
      case 'sconce:turn-over':
        this.#takingTurns.get(worker)?.get(message.ask)?.();
        this.#takingTurns.get(worker)?.delete(message.ask);
        return;
      case 'sconce:metrics': return this.#measured(worker, message.ask, message.metrics);
    }
  }

  async #giveTurn(worker: Worker, { ask, board, airMs, patienceMs }: Extract<ToPrimary, { type: 'sconce:turn' }>):
    Promise<void> {
    const end = await this.#turns.take(board, airMs, patienceMs);
    // One that has died meanwhile sends nothing.
    if (end && !this.#members.has(worker)) return end();
    if (end) {
      const own = this.#takingTurns.get(worker) ?? new Map<number, () => void>();
      this.#takingTurns.set(worker, own.set(ask, end));
    }
    this.#send(worker, { type: 'sconce:turned', ask, granted: end !== undefined });
  }

  #measured(worker: Worker, ask: number, metrics?: object[]): void {
    if (metrics) this.#measures.set(worker, metrics);
    const entry = this.#measuring.get(ask);
    if (entry?.waiting.delete(worker) && entry.waiting.size === 0) entry.done();
  }

  #exit(worker: Worker, code: number | null, signal: string | null, environment: Record<string, string>): void {
    const lived = Date.now() - (this.#startedAt.get(worker) ?? 0);
    this.#startedAt.delete(worker);
    this.#members.delete(worker);
    this.#dead.add(worker);
    this.#lasting = lasting([this.#lasting, this.#measures.get(worker) ?? []]);
    this.#measures.delete(worker);
    for (const ask of this.#measuring.keys()) this.#measured(worker, ask);
    for (const end of this.#takingTurns.get(worker)?.values() ?? []) end();
    this.#takingTurns.delete(worker);
    this.#tellAll({ type: 'sconce:gone', process: worker.id });
    if (this.#leader === worker) this.#nameLeader();
    if (this.#stopping) return this.#endIfAllHave();
    const pid = worker.process.pid;
    if (!this.#everServed) {
      this.#log.fatal({ pid, code, signal }, 'a process of the API cannot begin to serve; what it said stands above');
      this.#stopping = true;
      for (const other of this.#startedAt.keys()) other.process.kill('SIGKILL');
      this.#ended.resolve(false);
      return;
    }
    this.#died += 1;
    this.#early = lived < livedMs ? this.#early + 1 : 0;
    const inMs = Math.min(againMs * 2 ** this.#early, againAtMostMs);
    this.#log.error({ pid, code, signal, inMs }, 'a process of the API has died; another takes its place');
    setTimeout(() => {
      if (!this.#stopping) this.#fork(environment);
    }, inMs);
  }

  /** One that serves hears the boards already; the one that came first, else. */
  #nameLeader(): void {
    const members = [...this.#members];
    this.#leader = (members.find(([, { ready }]) => ready) ?? members[0])?.[0];
    if (!this.#leader) return;
    this.#log.warn({ pid: this.#leader.process.pid }, 'another process follows the boards from now on');
    this.#send(this.#leader, { type: 'sconce:lead' });
  }

  #endIfAllHave(): void {
    if (this.#startedAt.size === 0) this.#ended.resolve(true);
  }
}
