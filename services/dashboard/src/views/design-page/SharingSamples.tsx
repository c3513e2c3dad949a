import type { Right } from '@sconce/protocol/http';
import { Lamp } from 'lucide';
import { useState } from 'preact/hooks';
import { Icon } from '../../design/Icon.tsx';
import { keyOf } from '../../state/sharing.ts';
import { InvitationCard } from '../Invitations.tsx';
import { OfferFace, OfferTroubleFace } from '../InvitationPage.tsx';
import { MadeLink } from '../Invite.tsx';
import { RightRow } from '../RightRow.tsx';
import { ThingRows } from '../ThingRows.tsx';
import { isOpen, offerTrouble } from '../words/sharing.ts';
import { moment } from './fixtures.ts';
import { Sample } from './Sample.tsx';
import { accessSamples, invitationSamples, link, offerSamples, open, thingSamples } from './sharing-fixtures.ts';

const nothing = () => {};

export function Sharing() {
  const [rights, setRights] = useState<ReadonlyMap<string, Right>>(new Map());
  return (
    <>
      {accessSamples.map(({ what, access, name = 'Hall lamp', trouble }) => (
        <Sample key={what} what={what}>
          <ul class="card">
            <RightRow lead={<Icon node={Lamp} />} name={name} note="Hall" label={what} access={access} trouble={trouble}
              onChange={nothing} />
          </ul>
        </Sample>
      ))}
      <Sample what="All there is">
        <div class="card">
          <ThingRows things={thingSamples} rights={rights}>
            {({ thing, ...row }) => (
              <RightRow key={thing.id} {...row} label={row.name} onChange={(right) => {
                const next = new Map(rights);
                if (right) next.set(keyOf(thing), right);
                else next.delete(keyOf(thing));
                setRights(next);
              }} />
            )}
          </ThingRows>
        </div>
      </Sample>
    </>
  );
}

const codes = ['invitation_used', 'invitation_ended', 'invitation_revoked', 'invitation_not_found', 'invalid_request', 'unreachable'];

export function Invitations() {
  return (
    <>
      {invitationSamples.map(({ what, invitation }) => (
        <Sample key={what} what={what}>
          <ul class="stack">
            <InvitationCard invitation={invitation} now={moment}
              {...isOpen(invitation, moment) && { onRevoke: nothing }} />
          </ul>
        </Sample>
      ))}
      <Sample what="The link, just made">
        <MadeLink made={{ ...open, link }} now={moment} onDone={nothing} />
      </Sample>
      {offerSamples.map(({ what, offer }) => (
        <Sample key={what} what={`Opened: ${what.toLowerCase()}`}>
          <div class="design-alone"><h3>Welcome, {offer.name}</h3><OfferFace offer={offer} now={moment} /></div>
        </Sample>
      ))}
      {codes.map((code) => ({ code, trouble: offerTrouble({ code, detail: 'Your Sconce server can’t be reached.' }) }))
        .map(({ code, trouble }) => (
          <Sample key={code} what={`Opened: ${code}`}>
            <div class="design-alone">
              <h3>{trouble.title}</h3>
              <OfferTroubleFace trouble={trouble} onAgain={nothing} />
            </div>
          </Sample>
        ))}
    </>
  );
}
