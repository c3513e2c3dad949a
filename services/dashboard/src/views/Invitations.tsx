import type { Invitation } from '@sconce/protocol/sharing';
import { useState } from 'preact/hooks';
import { revokeInvitation } from '../api/calls.ts';
import { Button } from '../design/Button.tsx';
import { Note, Section } from '../design/Page.tsx';
import { Sheet } from '../design/Sheet.tsx';
import { announce } from '../state/announce.ts';
import { now } from '../state/clock.ts';
import { invitations, revoked } from '../state/sharing.ts';
import { useAction } from './action.ts';
import type { Fetched } from './fetched.ts';
import { KeyCard } from './KeyCard.tsx';
import { invitationGives, invitationLife, isOpen } from './words/sharing.ts';
import { count } from './words/times.ts';

export function OpenInvitations({ failure, load }: Fetched) {
  const [revoking, setRevoking] = useState<Invitation>();
  const open = (invitations.value ?? []).filter((one) => isOpen(one, now.value));
  return (
    <>
      {failure && <Note kind="alarm">{failure.detail} <Button onClick={load}>Try again</Button></Note>}
      {open.length > 0 && (
        <Section title="Invited">
          <ul class="stack">
            {open.map((one) => (
              <InvitationCard key={one.id} invitation={one} now={now.value} onRevoke={() => setRevoking(one)} />
            ))}
          </ul>
        </Section>
      )}
      {revoking && <Revoke invitation={revoking} onClose={() => setRevoking(undefined)} />}
    </>
  );
}

/** Used, ended and taken back: rarely looked at, so folded away. */
export function EndedInvitations() {
  const over = (invitations.value ?? []).filter((one) => !isOpen(one, now.value));
  if (over.length === 0) return null;
  return (
    <details class="form-more">
      <summary>{count(over.length, 'earlier invitation')}</summary>
      <ul class="stack">
        {over.map((one) => <InvitationCard key={one.id} invitation={one} now={now.value} />)}
      </ul>
    </details>
  );
}

export function InvitationCard({ invitation, now, onRevoke }: {
  invitation: Invitation; now: number; onRevoke?: () => void;
}) {
  const { name, createdBy } = invitation;
  const ending = onRevoke && { words: 'Take it back', label: `Take back the invitation for ${name}`, onEnd: onRevoke };
  return (
    <KeyCard title={name} ending={ending}>
      <p>{invitationLife(invitation, now)}</p>
      <p class="quiet">{invitationGives(invitation, now)} Invited by {createdBy}.</p>
    </KeyCard>
  );
}

function Revoke({ invitation, onClose }: { invitation: Invitation; onClose: () => void }) {
  const { id, name } = invitation;
  const revoking = useAction();
  const revoke = () => void revoking.run(async () => {
    await revokeInvitation(id);
    revoked(id);
    announce(`The invitation for ${name} is taken back.`);
    onClose();
  });
  return (
    <Sheet title={`Take back the invitation for ${name}?`} onClose={onClose}>
      <p>The link stops working at once. You can make a new one whenever you like.</p>
      {revoking.failure && <Note kind="alarm">{revoking.failure.detail}</Note>}
      <div class="pair">
        <Button onClick={onClose}>Keep it</Button>
        <Button kind="alarm" busy={revoking.busy} onClick={revoke}>{revoking.busy ? 'Taking back…' : 'Take it back'}</Button>
      </div>
    </Sheet>
  );
}
