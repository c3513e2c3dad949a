import type { Session } from '@sconce/protocol/http';
import { useEffect, useState } from 'preact/hooks';
import { endOtherSessions, endSession, sessions as fetchSessions } from '../api/calls.ts';
import { Failure } from '../api/client.ts';
import { Button } from '../design/Button.tsx';
import { Note, Section } from '../design/Page.tsx';
import { Sheet } from '../design/Sheet.tsx';
import { announce } from '../state/announce.ts';
import { now } from '../state/clock.ts';
import { useAction } from './action.ts';
import { SessionCard } from './KeyCard.tsx';
import { count } from './words/times.ts';

/** Where this person is signed in: this device first. The list lives with its page, as that of the tokens does. */
export function Sessions() {
  const [list, setList] = useState<Session[]>();
  const [asking, setAsking] = useState(false);
  const loading = useAction();
  const load = () => void loading.run(async () => setList(await fetchSessions()));
  useEffect(load, []);

  const own = (list ?? []).filter(({ current }) => current);
  const others = (list ?? []).filter(({ current }) => !current);
  const ended = () => {
    setAsking(false);
    setList(own);
  };
  return (
    <Section title="Where you are signed in">
      {loading.failure && <Note kind="alarm">{loading.failure.detail} <Button onClick={load}>Try again</Button></Note>}
      <ul class="stack">
        {own.map((one) => <SessionCard key={one.id} session={one} now={now.value} />)}
        {others.map((one) => (
          <Elsewhere key={one.id} session={one} onEnded={() => setList(list?.filter(({ id }) => id !== one.id))} />
        ))}
      </ul>
      {others.length > 0 && (
        <div class="actions"><Button onClick={() => setAsking(true)}>Sign out everywhere else</Button></div>
      )}
      {asking && <Everywhere others={others.length} onClose={() => setAsking(false)} onEnded={ended} />}
    </Section>
  );
}

function Elsewhere({ session, onEnded }: { session: Session; onEnded: () => void }) {
  const ending = useAction();
  const end = () => void ending.run(() => endSession(session.id).catch(gone)).then((ok) => {
    if (!ok) return;
    announce(`${session.browser} is signed out.`);
    onEnded();
  });
  return (
    <>
      <SessionCard session={session} now={now.value} busy={ending.busy} onEnd={end} />
      {ending.failure && <li><Note kind="alarm">{ending.failure.detail}</Note></li>}
    </>
  );
}

/** It has ended meanwhile, which is what was wanted. */
function gone(error: unknown): void {
  if (!(error instanceof Failure && error.code === 'session_not_found')) throw error;
}

function Everywhere({ others, onClose, onEnded }: { others: number; onClose: () => void; onEnded: () => void }) {
  const ending = useAction();
  const end = () => void ending.run(endOtherSessions).then((ok) => {
    if (!ok) return;
    announce('You are signed out everywhere else.');
    onEnded();
  });
  return (
    <Sheet title="Sign out everywhere else?" onClose={onClose}>
      <p>{count(others, 'other browser')} will have to sign in again. This one stays, and so do your access tokens.</p>
      {ending.failure && <Note kind="alarm">{ending.failure.detail}</Note>}
      <div class="pair">
        <Button onClick={onClose}>Cancel</Button>
        <Button kind="alarm" busy={ending.busy} onClick={end}>{ending.busy ? 'Signing out…' : 'Sign them out'}</Button>
      </div>
    </Sheet>
  );
}
