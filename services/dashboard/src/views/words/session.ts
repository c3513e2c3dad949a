import type { Session } from '@sconce/protocol/http';
import { ago, ends, when } from './times.ts';

/** "Signed in yesterday, 14:02, from 192.0.2.7." */
export const sessionStart = ({ createdAt, address }: Session, now: number) =>
  `Signed in ${when(createdAt, now)}, from ${address}.`;

/** "Last used 2 days ago. Ends in 28 days." Of this device it need not be said that it is in use. */
export const sessionUse = ({ current, lastUsedAt, expiresAt }: Session, now: number) =>
  (current ? 'In use now.' : `Last used ${ago(lastUsedAt, now)}. ${ends(expiresAt, now)}`);
