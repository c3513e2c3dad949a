import { signal } from '@preact/signals';
import type { Link } from '../api/events.ts';

/** To the server. */
export const link = signal<Link>('opening');
/** From the server to its boards; while it is away, nobody can know which boards are online. */
export const boardsInReach = signal(true);
