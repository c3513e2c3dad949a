import type { PersonState, Role } from '@sconce/protocol/http';
import type { InvitationState } from '@sconce/protocol/sharing';
import { Failure } from './failure.ts';

type Invitation = {
  used_at: Date | null;
  revoked_at: Date | null;
  expires_at: Date;
  guest_until: Date | null;
  maker_role: Role;
  maker_state: PersonState;
};

/** An invitation is its maker's word: it ends when they are no admin any more, or when its guest's time would be over. */
export function invitationState(invitation: Invitation, at: Date): InvitationState {
  const { used_at, revoked_at, expires_at, guest_until, maker_role, maker_state } = invitation;
  if (used_at !== null) return 'used';
  if (revoked_at !== null) return 'revoked';
  const stands = maker_role === 'admin' && maker_state === 'active';
  const over = expires_at <= at || (guest_until !== null && guest_until <= at);
  return stands && !over ? 'open' : 'ended';
}

/** @throws Failure `invitation_not_found`, `invitation_used`, `invitation_ended`, `invitation_revoked` */
export function requireOpen<T extends Invitation>(invitation: T | undefined, at: Date): T {
  if (!invitation) {
    throw new Failure('invitation_not_found',
      'There is no such invitation. Open the whole link, exactly as it was sent to you.');
  }
  switch (invitationState(invitation, at)) {
    case 'open': return invitation;
    case 'used':
      throw new Failure('invitation_used', 'This invitation has been used; each works once. Ask for another one.');
    case 'ended':
      throw new Failure('invitation_ended', 'This invitation has ended. Ask for another one.');
    case 'revoked':
      throw new Failure('invitation_revoked', 'This invitation was taken back. Ask an admin of the household.');
  }
}
