import type { RefusalView } from '@sconce/protocol/certificates-api';
import { Stethoscope } from 'lucide';
import { ButtonLink } from '../design/Button.tsx';
import { Section } from '../design/Page.tsx';
import { refusals, turnedAway } from '../state/certificates.ts';
import { now } from '../state/clock.ts';
import { paths } from '../state/router.ts';
import { Spelled } from './Spelled.tsx';
import { howOften, whoWasIt } from './words/refusal.ts';
import './refused.css';

/** Who tried to connect as a board and was turned away: those who need somebody in full, the others folded. */
export function Refused() {
  const { ours, kept_out: keptOut, settled, stranger } = turnedAway.value;
  if (ours.length + keptOut.length + settled.length + stranger.length === 0) {
    return refusals.failure.value
      ? <Section title="Turned away"><p class="quiet">{refusals.failure.value.detail}</p></Section> : null;
  }
  return (
    <Section title="Turned away" action={ours.length > 0 && (
      <ButtonLink kind="bare" icon={Stethoscope} href={paths.doctor}>Doctor</ButtonLink>
    )}>
      {ours.length > 0 && <Cards list={ours} />}
      <div class="card refused-rest">
        <Folded list={keptOut} title="Kept out, as you asked" />
        <Folded list={settled} title="Connected again since" />
        <Folded list={stranger} title="Strangers">
          Whatever can be reached from the internet is tried by somebody. None of them came in.
        </Folded>
      </div>
    </Section>
  );
}

function Cards({ list }: { list: RefusalView[] }) {
  return (
    <ul class="columns">
      {list.map((one) => <li key={keyOf(one)} class="card"><RefusedFace refusal={one} now={now.value} /></li>)}
    </ul>
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

/** Who, what was wrong, what to do, how often. */
export function RefusedFace({ refusal, now }: { refusal: RefusalView; now: number }) {
  return (
    <div class="refused">
      <h3>{whoWasIt(refusal)}</h3>
      <p>{refusal.what}</p>
      {refusal.advice && <p><Spelled text={refusal.advice} /></p>}
      <p class="quiet">{howOften(refusal, now)}</p>
      {refusal.device && !refusal.genuine && (
        <p class="quiet">Its certificate is not from this household, so this may be anybody.</p>
      )}
    </div>
  );
}
