import type { RefusalView } from '@sconce/protocol/certificates-api';
import { Stethoscope } from 'lucide';
import { ButtonLink } from '../design/Button.tsx';
import { Note, Section } from '../design/Page.tsx';
import { refusals, turnedAway } from '../state/certificates.ts';
import { now } from '../state/clock.ts';
import { paths } from '../state/router.ts';
import { Spelled } from './Spelled.tsx';
import { howOften, whoWasIt } from './words/refusal.ts';
import './refused.css';

/** Boards that tried to connect and were turned away, and need somebody. */
export function TurnedAway() {
  const { ours } = turnedAway.value;
  const { failure } = refusals;
  if (ours.length === 0) return failure.value ? <Note>{failure.value.detail}</Note> : null;
  return (
    <Section title="Turned away" action={<ButtonLink kind="bare" icon={Stethoscope} href={paths.doctor}>Doctor</ButtonLink>}>
      <ul class="columns">
        {ours.map((one) => <li key={keyOf(one)} class="card"><RefusedFace refusal={one} now={now.value} /></li>)}
      </ul>
    </Section>
  );
}

/** Those of whom nobody has to think. */
export function TurnedAwayToo() {
  const { kept_out: keptOut, settled, stranger } = turnedAway.value;
  if (keptOut.length + settled.length + stranger.length === 0) return null;
  return (
    <Section title="Turned away, and nothing to do">
      <div class="card refused-rest">
        <Folded list={keptOut} title="Revoked boards that tried" />
        <Folded list={settled} title="Boards that have connected since" />
        <Folded list={stranger} title="Strangers">
          Whatever can be reached from the internet is tried by somebody. None of them came in.
        </Folded>
      </div>
    </Section>
  );
}

function Folded({ list, title, children }: { list: RefusalView[]; title: string; children?: string }) {
  if (list.length === 0) return null;
  return (
    <details class="form-more">
      <summary>{title}: {list.length}</summary>
      {children && <p class="quiet">{children}</p>}
      <ul class="rows">{list.map((one) => <li key={keyOf(one)} class="refused-row"><RefusedFace refusal={one} now={now.value} /></li>)}</ul>
    </details>
  );
}

const keyOf = ({ reason, address, device, first }: RefusalView) => `${reason} ${address} ${device?.id ?? ''} ${first}`;

/** Who it was, what happened and what to do in the server's words, how often. */
export function RefusedFace({ refusal, now }: { refusal: RefusalView; now: number }) {
  return (
    <div class="refused">
      <h3>{whoWasIt(refusal)}</h3>
      <p>{refusal.what}</p>
      {refusal.advice && <p><Spelled text={refusal.advice} /></p>}
      <p class="quiet">{howOften(refusal, now)}</p>
    </div>
  );
}
