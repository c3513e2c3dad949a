import type { InvitationId, PersonId } from '@sconce/protocol/ids';
import type { Right, Role } from '@sconce/protocol/http';
import type { NamedThing, Thing } from '@sconce/protocol/sharing';
import type { Db, Tx } from './database.ts';
import { thingColumns, thingOf } from './shares.ts';

const invitationRows = (db: Db) => db.selectFrom('invitations')
  .innerJoin('people as maker', 'maker.id', 'invitations.created_by')
  .leftJoin('people as user', 'user.id', 'invitations.used_by')
  .select(['invitations.id', 'invitations.name', 'invitations.role', 'invitations.guest_until',
    'invitations.created_at', 'invitations.expires_at', 'invitations.used_at', 'invitations.revoked_at',
    'maker.name as maker_name', 'maker.role as maker_role', 'maker.state as maker_state', 'user.name as user_name']);

type Row = Awaited<ReturnType<ReturnType<typeof invitationRows>['execute']>>[number];
export type InvitedTo = { thing: NamedThing; right: Right };
export type InvitationRow = Row & { shares: InvitedTo[] };

/** The newest first. */
export async function listInvitations(db: Db): Promise<InvitationRow[]> {
  const rows = await invitationRows(db).orderBy('invitations.created_at', 'desc').orderBy('invitations.id').execute();
  return withShares(db, rows);
}

export async function findInvitation(db: Db, by: { id: InvitationId } | { secretHash: string }):
  Promise<InvitationRow | undefined> {
  const found = 'id' in by
    ? invitationRows(db).where('invitations.id', '=', by.id)
    : invitationRows(db).where('invitations.secret_hash', '=', by.secretHash);
  return (await withShares(db, await found.execute()))[0];
}

async function withShares(db: Db, rows: readonly Row[]): Promise<InvitationRow[]> {
  if (rows.length === 0) return [];
  const shares = await db.selectFrom('invitation_shares')
    .leftJoin('outlets', 'outlets.id', 'invitation_shares.outlet_id')
    .leftJoin('devices', 'devices.id', 'invitation_shares.device_id')
    .select(['invitation_id', 'invitation_shares.outlet_id', 'invitation_shares.device_id', 'right',
      'outlets.name as outlet_name', 'devices.name as device_name'])
    .where('invitation_id', 'in', rows.map(({ id }) => id))
    .orderBy((eb) => eb.fn.coalesce('devices.name', 'outlets.name')).execute();
  return rows.map((row) => ({
    ...row,
    shares: shares.filter(({ invitation_id }) => invitation_id === row.id)
      .map((share) => ({ thing: thingOf(share), right: share.right })),
  }));
}

export async function insertInvitation(tx: Tx, row: {
  secret_hash: string; name: string; role: Role; guest_until: Date | null; created_by: PersonId;
  created_at: Date; expires_at: Date;
}, shares: readonly { thing: Thing; right: Right }[]): Promise<InvitationId> {
  const { id } = await tx.insertInto('invitations').values(row).returning('id').executeTakeFirstOrThrow();
  if (shares.length > 0) {
    await tx.insertInto('invitation_shares')
      .values(shares.map(({ thing, right }) => ({ invitation_id: id, ...thingColumns(thing), right }))).execute();
  }
  return id;
}

/** @returns whether it was this call that did it: of several at once, one does, and none after it was taken back */
export async function markUsed(tx: Tx, id: InvitationId, person: PersonId, at: Date): Promise<boolean> {
  const done = await tx.updateTable('invitations').set({ used_at: at, used_by: person })
    .where('id', '=', id).where('used_at', 'is', null).where('revoked_at', 'is', null)
    .returning('id').executeTakeFirst();
  return done !== undefined;
}

/** Taking one back twice keeps the first time. @returns whether it could: one that was used cannot */
export async function markRevoked(tx: Tx, id: InvitationId, at: Date): Promise<boolean> {
  const done = await tx.updateTable('invitations')
    .set((eb) => ({ revoked_at: eb.fn.coalesce('revoked_at', eb.val(at)) }))
    .where('id', '=', id).where('used_at', 'is', null).returning('id').executeTakeFirst();
  return done !== undefined;
}
