import type { InvitationId } from '@sconce/protocol/ids';
import type { Invitation, MadeInvitation, NewInvitation, Offer } from '@sconce/protocol/sharing';
import { findInvitation, insertInvitation, listInvitations, markRevoked } from '../db/invitations.ts';
import { Failure } from '../domain/failure.ts';
import { requireOpen } from '../domain/invitation.ts';
import { endFor } from '../domain/rights.ts';
import { hashSecret, newSecret } from '../domain/secret.ts';
import { requireAdmin, requireSession, type Viewer } from '../domain/viewer.ts';
import { recorded, type Target } from './audit.ts';
import type { Context } from './context.ts';
import { nameOfThing } from './shares.ts';
import { invitationView, offerView } from './views.ts';

const hourMs = 3_600_000;

/** All of them, the newest first; none with its link. @throws Failure `forbidden`, `scope_missing` */
export async function invitationsFor({ db, now }: Context, viewer: Viewer): Promise<Invitation[]> {
  requireAdmin(viewer);
  return (await listInvitations(db)).map((row) => invitationView(row, now()));
}

/**
 * Invites somebody. Not with a token: one that leaked would make accomplices who stay when it is revoked.
 * @returns the invitation with its link, for the only time; the secret in it is kept as a hash
 * @throws Failure `forbidden`, `guest_needs_end`, `invalid_request`, `outlet_not_found`, `device_not_found`,
 *   `device_not_adopted`
 */
export async function invite(context: Context, viewer: Viewer, publicUrl: string, invitation: NewInvitation):
  Promise<MadeInvitation> {
  requireSession(viewer);
  requireAdmin(viewer);
  const { name, role, shares, hours } = invitation;
  const at = context.now();
  const guest_until = endFor(role, invitation.guestUntil, at);
  const secret = newSecret();
  const row = await recorded(context, viewer, async (tx, note) => {
    for (const { thing } of shares) await nameOfThing(tx, thing);
    const id = await insertInvitation(tx, {
      secret_hash: hashSecret(secret), name, role, guest_until, created_by: viewer.person.id, created_at: at,
      expires_at: new Date(at.getTime() + hours * hourMs),
    }, shares);
    note({ action: 'invitation.make', target: target(id, name),
      detail: { role, hours, shares: shares.length, ...guest_until && { until: guest_until.toISOString() } } });
    return findInvitation(tx, { id });
  });
  if (!row) throw notFound();
  return { ...invitationView(row, at), link: `${publicUrl}/invitation#${secret}` };
}

/** @throws Failure `forbidden`, `scope_missing`, `invitation_not_found`, `invitation_used`: then end their access */
export async function revokeInvitation(context: Context, viewer: Viewer, id: InvitationId): Promise<void> {
  requireAdmin(viewer);
  await recorded(context, viewer, async (tx, note) => {
    const row = await findInvitation(tx, { id });
    if (!row) throw notFound();
    if (!await markRevoked(tx, id, context.now())) {
      throw new Failure('invitation_used',
        'This invitation has been used and cannot be taken back. What its person may do stands under People.');
    }
    note({ action: 'invitation.revoke', target: target(id, row.name) });
  });
}

/**
 * What a link offers to whoever has it. Looking does not use it up.
 * @throws Failure `invitation_not_found`, `invitation_used`, `invitation_ended`, `invitation_revoked`
 */
export async function offerOf({ db, now }: Context, secret: string): Promise<Offer> {
  return offerView(requireOpen(await findInvitation(db, { secretHash: hashSecret(secret) }), now()));
}

const target = (id: InvitationId, name: string): Target => ({ kind: 'invitation', id, name });
const notFound = () => new Failure('invitation_not_found', 'There is no such invitation. Look at the list again.');
