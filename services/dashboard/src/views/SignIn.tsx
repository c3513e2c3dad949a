import type { Me, SignInIssuer } from '@sconce/protocol/http';
import { useEffect, useState } from 'preact/hooks';
import { issuers as fetchIssuers, signInHref } from '../api/calls.ts';
import { Button, ButtonLink } from '../design/Button.tsx';
import { Note } from '../design/Page.tsx';
import { Alone } from '../design/Shell.tsx';
import { now } from '../state/clock.ts';
import { signOut } from '../state/session.ts';
import { useAction } from './action.ts';
import { at } from './words/person.ts';
import { signInLabel, signInTrouble } from './words/sign-in.ts';

export function SignIn({ problem, returnTo }: { problem?: string | undefined; returnTo: string }) {
  return (
    <Alone title="Sconce">
      <p class="quiet">The lamps of your house, from wherever you are.</p>
      {problem !== undefined && <Note kind="alarm">{signInTrouble(problem)}</Note>}
      <SignInButtons returnTo={returnTo} />
    </Alone>
  );
}

/** The ways in, as the server has them. Without its list, the way that every Sconce has is still there. */
export function SignInButtons({ returnTo }: { returnTo: string }) {
  const [issuers, setIssuers] = useState<SignInIssuer[]>();
  useEffect(() => void fetchIssuers().then(setIssuers, () => setIssuers([])), []);
  return issuers ? <SignInWays issuers={issuers} returnTo={returnTo} /> : null;
}

/** One button for each service that can say who somebody is; the first is the usual one. */
export function SignInWays({ issuers, returnTo }: { issuers: readonly SignInIssuer[]; returnTo: string }) {
  if (issuers.length === 0) {
    return <div class="actions"><ButtonLink kind="main" wide href={signInHref(returnTo)}>Sign in</ButtonLink></div>;
  }
  return (
    <div class="actions">
      {issuers.map((issuer, at) => (
        <ButtonLink key={issuer.id} {...at === 0 && { kind: 'main' }} wide href={signInHref(returnTo, issuer.id)}>
          {signInLabel(issuer, issuers)}
        </ButtonLink>
      ))}
    </div>
  );
}

/** Waiting. The event stream brings the news when an admin has decided, and the lamps take this page's place. */
export function Pending({ me, problem }: { me: Me; problem?: string | undefined }) {
  return (
    <Alone title="Almost there">
      {problem !== undefined && <Note kind="alarm">{signInTrouble(problem)}</Note>}
      <p>
        An admin of this household has to let you in. Tell whoever gave you this address that you are here, and the
        e-mail below. This page goes on by itself as soon as they have.
      </p>
      <Who me={me} />
    </Alone>
  );
}

export function Deactivated({ me }: { me: Me | undefined }) {
  return (
    <Alone title="This account is switched off">
      <p>An admin of this household has ended your access. If that was a mistake, ask them to bring it back.</p>
      <Who me={me} />
    </Alone>
  );
}

/** A guest whose time is over. It is asked again now and then, and the lamps come back with more time. */
export function GuestEnded({ me }: { me: Me | undefined }) {
  return (
    <Alone title="Your visit is over">
      <p>
        Your access ended{me?.guestUntil && ` ${at(me.guestUntil, now.value)}`}. Ask an admin of this household for more
        time; this page goes on by itself once you have it.
      </p>
      <Who me={me} />
    </Alone>
  );
}

function Who({ me }: { me: Me | undefined }) {
  const leaving = useAction();
  return (
    <>
      {me && <p class="quiet">You are signed in as {me.name} ({me.email}).</p>}
      {leaving.failure && <Note kind="alarm">{leaving.failure.detail}</Note>}
      <div class="actions"><Button busy={leaving.busy} onClick={() => void leaving.run(signOut)}>Sign out</Button></div>
    </>
  );
}
