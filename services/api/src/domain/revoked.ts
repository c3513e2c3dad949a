import type { DeviceId } from '@sconce/protocol/ids';
import type { Peers } from './peers.ts';

/** Milliseconds after which a revocation that was begun counts as given up: its process must have died. */
const patienceMs = 120_000;

/**
 * Boards that are kept out for good, in every process of the API: in memory, because each command asks. What stands in
 * the database is loaded when the API starts.
 */
export class RevokedBoards {
  readonly #out = new Set<DeviceId>();
  readonly #underWay = new Map<DeviceId, number>();
  readonly #peers: Peers;
  readonly #listeners: ((board: DeviceId) => void)[] = [];

  constructor(peers: Peers) {
    this.#peers = peers;
    peers.onWord((said) => {
      if (said.about !== 'revocation') return;
      if (said.is === 'begun') this.#underWay.set(said.board, said.at);
      else this.#underWay.delete(said.board);
      if (said.is === 'done') this.#keepOut(said.board);
    });
  }

  has(board: DeviceId): boolean {
    return this.#out.has(board);
  }

  /** Whether somebody is just about to revoke it: then it is they who write it down. @param now ms since 1970 */
  isUnderWay(board: DeviceId, now: number): boolean {
    const begun = this.#underWay.get(board);
    return begun !== undefined && now - begun < patienceMs;
  }

  /** @param now ms since 1970 */
  tell(board: DeviceId, is: 'begun' | 'failed' | 'done', now: number): void {
    this.#peers.tell({ about: 'revocation', board, is, at: now });
  }

  /** In this process alone, as when it starts. */
  load(boards: readonly DeviceId[]): void {
    for (const board of boards) this.#keepOut(board);
  }

  onRevoked(listener: (board: DeviceId) => void): void {
    this.#listeners.push(listener);
  }

  #keepOut(board: DeviceId): void {
    this.#out.add(board);
    for (const listener of this.#listeners) listener(board);
  }
}
