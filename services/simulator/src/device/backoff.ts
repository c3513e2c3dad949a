/** Bounds of the wait before the next try, in ms. */
export interface BackoffBounds { minMs: number; maxMs: number }

/**
 * The wait before the next try, in ms: twice as long each time, and the upper half of it by chance. Without the chance,
 * all boards of a household would come back in step after a broker's restart, and its one thread would choke on handshakes.
 * `tries`: how many have failed in a row, from 1. `random`: 0 to 1.
 */
export function backoffMs({ minMs, maxMs }: BackoffBounds, tries: number, random: number): number {
  const ceiling = Math.min(maxMs, minMs * 2 ** Math.min(tries - 1, 30));
  return Math.round(ceiling / 2 + ceiling / 2 * random);
}
