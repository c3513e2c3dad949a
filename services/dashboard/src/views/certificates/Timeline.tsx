import type { CertificateView } from '@sconce/protocol/certificates-api';
import { Fact, Facts, Section } from '../../design/Page.tsx';
import { Spelled } from '../Spelled.tsx';
import { renewalWords, urgency } from '../words/certificate.ts';
import { fullTime, type Group, lifeWords, titleOf } from '../words/lives.ts';
import { type Bar, barOf, type Scale } from './scale.ts';
import './certificates.css';

/** What is drawn how, said once. The words beside each bar say the same. */
export function Legend() {
  return (
    <ul class="life-legend" aria-hidden="true">
      <li><span class="life-key" data-key="today" />today</li>
      <li><span class="life-key" data-key="over" />over</li>
      <li><span class="life-key" data-key="left" />left</li>
      <li><span class="life-key" data-key="renew" />renewal</li>
    </ul>
  );
}

/** Lives of one kind, the first to end on top; each opens for its details. `now`: ms since 1970. */
export function GroupLives({ group: { title, shown, past }, scale, now }: { group: Group; scale: Scale; now: number }) {
  return (
    <Section title={title}>
      <div class="card">
        <div>
          {shown.length > 0 && <Axis scale={scale} />}
          <ul class="lives">{shown.map((one) => <Life key={keyOf(one)} one={one} scale={scale} now={now} />)}</ul>
          {past.length > 0 && (
            <details class="form-more">
              <summary>{`No longer in use: ${past.length}`}</summary>
              <ul class="lives">{past.map((one) => <Life key={keyOf(one)} one={one} scale={scale} now={now} />)}</ul>
            </details>
          )}
        </div>
      </div>
    </Section>
  );
}

const keyOf = ({ kind, name, serial, notAfter }: CertificateView) => `${kind} ${name} ${serial ?? notAfter}`;

function Axis({ scale }: { scale: Scale }) {
  return (
    <div class="life-axis" aria-hidden="true">
      <div>
        <span style={{ left: `${scale.today}%` }}>today</span>
        {scale.ticks.map(({ at, words }) => words && <span key={words} style={{ left: `${at}%` }}>{words}</span>)}
      </div>
    </div>
  );
}

function Life({ one, scale, now }: { one: CertificateView; scale: Scale; now: number }) {
  const renewal = renewalWords(one, now);
  return (
    <li>
      <details class="life" data-urgency={urgency(one)}>
        <summary>
          <span class="life-name">{titleOf(one)}</span>
          <span class="life-words">{lifeWords(one, now)}</span>
          <Drawn bar={barOf(one, scale)} scale={scale} early={one.state === 'not_yet_valid'} />
        </summary>
        <div class="life-more">
          {one.advice && <p><Spelled text={one.advice} /></p>}
          <Facts>
            <Fact term="From">{fullTime.format(Date.parse(one.notBefore))}</Fact>
            <Fact term="Until" note={urgency(one) === 'off' ? undefined : renewal}>{fullTime.format(Date.parse(one.notAfter))}</Fact>
            <Fact term="By">{one.issuer ?? 'itself'}</Fact>
            {one.serial && <Fact term="Serial"><code>{one.serial}</code></Fact>}
          </Facts>
        </div>
      </details>
    </li>
  );
}

/** From its beginning to its end, with today's line through it and a notch where it is to be renewed. */
function Drawn({ bar: { from, now, to, renew }, scale, early }: { bar: Bar; scale: Scale; early: boolean }) {
  return (
    <span class="life-chart" aria-hidden="true">
      {scale.ticks.map(({ at }) => <span key={at} class="life-line" style={{ left: `${at}%` }} />)}
      {now > from && <span class="life-bar" data-part="over" data-whole={to <= now} style={{ left: `${from}%`, width: `${now - from}%` }} />}
      {to > now && <span class="life-bar" data-part="left" data-early={early} style={{ left: `${now}%`, width: `${to - now}%` }} />}
      {renew !== undefined && <span class="life-renew" style={{ left: `${renew}%` }} />}
      <span class="life-line" data-today style={{ left: `${scale.today}%` }} />
    </span>
  );
}

