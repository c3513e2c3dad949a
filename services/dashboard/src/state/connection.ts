import { effect, signal, untracked } from '@preact/signals';
import type { Link } from '../api/events.ts';

/** To the server. */
export const link = signal<Link>('opening');
/** From the server to its boards; while it is away, nobody can know which boards are online. */
export const boardsInReach = signal(true);

/**
 * Does it as soon as what the server tells reaches this page, and once: a connection that breaks and comes back is no
 * reason to begin anew.
 * @returns waits no more
 */
export function onceLive(begin: () => void): () => void {
  let begun = false;
  return effect(() => {
    if (link.value !== 'live' || begun) return;
    begun = true;
    untracked(begin);
  });
}
