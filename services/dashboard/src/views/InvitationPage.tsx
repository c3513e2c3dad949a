import type { Offer } from '@sconce/protocol/sharing';
import { MailOpen } from 'lucide';
import { useEffect, useState } from 'preact/hooks';
import { openInvitation } from '../api/calls.ts';
import { Button, ButtonLink } from '../design/Button.tsx';
import { Empty } from '../design/Page.tsx';
import { Alone } from '../design/Shell.tsx';
import { now } from '../state/clock.ts';
import { invitationIsMine, invitationSecret } from '../state/invitation.ts';
import { paths } from '../state/router.ts';
import { isAdmin, session } from '../state/session.ts';
import { useAction } from './action.ts';
import { SignInButtons } from './SignIn.tsx';
import { capital, offerTrouble, offerWords, type OfferTrouble, rightWords, thingWords } from './words/sharing.ts';

/** What an invitation's link leads to: for those who are not in yet. Looking does not use it up; signing in does. */
export function InvitationPage() {
  const secret = invitationSecret.value ?? '';
  return <Opened key={secret} secret={secret} />;
}

function Opened({ secret }: { secret: string }) {
  const [offer, setOffer] = useState<Offer>();
  const opening = useAction();
  const open = () => {
    setOffer(undefined);
    void opening.run(async () => setOffer(await openInvitation(secret)));
  };
  useEffect(open, []);
  if (offer) return <Alone title={`Welcome, ${offer.name}`}><OfferFace offer={offer} now={now.value} /></Alone>;
  if (opening.failure) {
    const trouble = offerTrouble(opening.failure);
    return <Alone title={trouble.title}><OfferTroubleFace trouble={trouble} onAgain={open} /></Alone>;
  }
  return <div class="late"><Alone title="Invitation"><p class="quiet">Opening it…</p></Alone></div>;
}

/** By whom, as what, until when and for what; and the way in. */
export function OfferFace({ offer, now }: { offer: Offer; now: number }) {
  const { createdBy, role, shares } = offer;
  return (
    <>
      <p>{createdBy} invites you to the lamps of this house. {offerWords(offer, now)}</p>
      {role !== 'admin' && shares.length > 0 && (
        <ul class="card offer">
          {shares.map(({ thing, right }) => (
            <li key={thing.id}>{capital(thingWords(thing))} <span class="quiet">{rightWords[right]}</span></li>
          ))}
        </ul>
      )}
      {role !== 'admin' && shares.length === 0 && <p>Nothing is shared with you yet; {createdBy} can do that later.</p>}
      <SignInButtons returnTo={paths.home} />
      <p class="quiet">The link is for you alone: it works once, for whoever signs in first.</p>
    </>
  );
}

export function OfferTroubleFace({ trouble, onAgain }: { trouble: OfferTrouble; onAgain: () => void }) {
  return (
    <>
      <p>{trouble.words}</p>
      {trouble.again && <div class="actions"><Button kind="main" wide onClick={onAgain}>Try again</Button></div>}
      {trouble.signIn && <SignInButtons returnTo={paths.home} />}
    </>
  );
}

/** Somebody who is in has opened it, perhaps to see whether it works: then it is left for whoever it is meant for. */
export function AlreadyIn() {
  const who = session.value;
  return (
    <Empty whole icon={MailOpen} title="You are in already"
      action={(
        <div class="actions">
          <ButtonLink kind="main" href={paths.home}>Go to the lamps</ButtonLink>
          {!isAdmin.value && <Button onClick={() => { invitationIsMine.value = true; }}>It is for me</Button>}
        </div>
      )}>
      You are signed in{'me' in who && who.me && ` as ${who.me.name}`}. The invitation is not used up: if it is for
      somebody else, send them the link.
    </Empty>
  );
}
