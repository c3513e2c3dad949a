import type { Counted, Said, Word } from '../domain/peers.ts';

/** Between the first process and those that serve, over Node's own channel; `ask` joins an answer to its question. */

/** What every worker is told when it comes. */
export type Welcome = { epoch: string; lastEvent: number; leads: boolean };

export type ToPrimary =
  | { type: 'sconce:hello' }
  /** It serves. */
  | { type: 'sconce:ready' }
  | { type: 'sconce:word'; word: Word }
  | { type: 'sconce:count'; ask: number; key: string; windowMs: number }
  | { type: 'sconce:metrics'; ask: number; metrics: object[] };

export type ToWorker =
  | { type: 'sconce:welcome'; welcome: Welcome }
  | { type: 'sconce:said'; said: Said }
  | { type: 'sconce:gone'; process: number }
  | { type: 'sconce:lead' }
  | { type: 'sconce:counted'; ask: number; counted: Counted }
  | { type: 'sconce:measure'; ask: number }
  | { type: 'sconce:stop' };
