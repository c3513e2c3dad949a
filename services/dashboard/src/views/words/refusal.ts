import type { RefusalView } from '@sconce/protocol/certificates-api';
import type { Device } from '@sconce/protocol/http';
import { spaced } from './device.ts';
import { count, when } from './times.ts';

/** Who it was, in short; the server's words beneath say the rest: "Hall board", "Somebody claiming to be Hall board". */
export function whoWasIt({ device, genuine }: Pick<RefusalView, 'device' | 'genuine'>): string {
  if (!device) return 'Somebody unknown';
  const name = device.name ?? `board ${spaced(device.id).slice(0, 9)}…`;
  if (!genuine) return `Somebody claiming to be ${name}`;
  return name.charAt(0).toUpperCase() + name.slice(1);
}

/** "9 times since yesterday, 14:02; last 18:20". Who and from where, the server's own words say. */
export function howOften({ count: times, first, last }: Pick<RefusalView, 'count' | 'first' | 'last'>, now: number): string {
  const [from, to] = [when(first, now), when(last, now)];
  if (times === 1) return `Once, ${to}`;
  return from === to ? `${count(times, 'time')}, ${to}` : `${count(times, 'time')} since ${from}; last ${to}`;
}

/** "Revoked 3 November. It is kept out for good." */
export const revokedWords = ({ revokedAt }: Device, now: number) =>
  `Revoked ${revokedAt === null ? '' : `${when(revokedAt, now)}. `}It is kept out for good.`;
