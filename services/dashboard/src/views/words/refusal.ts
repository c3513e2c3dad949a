import type { RefusalView } from '@sconce/protocol/certificates-api';
import type { Device } from '@sconce/protocol/http';
import { spaced } from './device.ts';
import { count, when } from './times.ts';

/** Who it was, as far as can be told: "Hall board", "Somebody claiming to be Hall board". */
export function whoWasIt({ device, genuine }: RefusalView): string {
  if (!device) return 'Somebody unknown';
  const name = device.name ?? `board ${spaced(device.id).slice(0, 9)}…`;
  if (!genuine) return `Somebody claiming to be ${name}`;
  return device.name ?? `A board without a name, ${spaced(device.id).slice(0, 9)}…`;
}

/** "9 times since yesterday, 14:02, last 18:20, from 192.0.2.7" */
export function howOften({ count: times, first, last, address }: RefusalView, now: number): string {
  if (times === 1) return `Once, ${when(last, now)}, from ${address}`;
  return `${count(times, 'time')} since ${when(first, now)}, last ${when(last, now)}, from ${address}`;
}

/** "Revoked 3 November. It is kept out for good." */
export const revokedWords = ({ revokedAt }: Device, now: number) =>
  `Revoked ${revokedAt === null ? '' : `${when(revokedAt, now)}. `}It is kept out for good.`;
