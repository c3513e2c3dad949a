import type { Authority } from '../authority/client.ts';
import type { Db } from '../db/database.ts';
import type { Air } from '../domain/air.ts';
import type { Feed } from '../domain/feed.ts';
import type { Meter } from '../domain/meter.ts';
import type { Peers } from '../domain/peers.ts';
import type { Presence } from '../domain/presence.ts';
import type { RevokedBoards } from '../domain/revoked.ts';
import type { Bus } from '../mqtt/bus.ts';
import type { AuditLog } from './audit-log.ts';

/** What every use case works with; main.ts makes it once, tests make their own. */
export type Context = {
  db: Db;
  bus: Bus;
  authority: Authority;
  feed: Feed;
  presence: Presence;
  revoked: RevokedBoards;
  air: Air;
  audit: AuditLog;
  meter: Meter;
  /** The other processes of this API; none, for most. */
  peers: Peers;
  now(): Date;
  log: {
    info(fields: object, text: string): void;
    warn(fields: object, text: string): void;
    error(fields: object, text: string): void;
  };
};
