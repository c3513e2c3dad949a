import type { RefusalView } from '@sconce/protocol/certificates-api';
import type { Device } from '@sconce/protocol/http';
import { count, when } from './times.ts';

/** "9 times since yesterday, 14:02; last 18:20". Who and from where, the server's own words say. */
export function howOften({ count: times, first, last }: Pick<RefusalView, 'count' | 'first' | 'last'>, now: number): string {
  const [from, to] = [when(first, now), when(last, now)];
  if (times === 1) return `Once, ${to}`;
  return from === to ? `${count(times, 'time')}, ${to}` : `${count(times, 'time')} since ${from}; last ${to}`;
}

/** "Revoked 3 November. It is kept out for good." */
export const revokedWords = ({ revokedAt }: Device, now: number) =>
  `Revoked ${revokedAt === null ? '' : `${when(revokedAt, now)}. `}It is kept out for good.`;
