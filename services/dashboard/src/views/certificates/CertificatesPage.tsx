import type { Certificates, CertificateView } from '@sconce/protocol/certificates-api';
import { BadgeCheck, KeyRound, TriangleAlert } from 'lucide';
import { useEffect } from 'preact/hooks';
import { Button } from '../../design/Button.tsx';
import { Icon } from '../../design/Icon.tsx';
import { Note, Page, Section } from '../../design/Page.tsx';
import { certificates, warnedOf } from '../../state/certificates.ts';
import { now } from '../../state/clock.ts';
import { paths } from '../../state/router.ts';
import { Command } from '../Command.tsx';
import { Spelled } from '../Spelled.tsx';
import { urgency, warningWords } from '../words/certificate.ts';
import { grouped, matters, rootKeyWords } from '../words/lives.ts';
import { RotationFace } from './RotationFace.tsx';
import { scaleOf } from './scale.ts';
import { GroupLives, Legend } from './Timeline.tsx';

/** Until when everything is good that the household's trust hangs on, and who has to do something about it. */
export function CertificatesPage() {
  useEffect(() => void certificates.load(), []);
  const failure = certificates.failure.value;
  const known = certificates.value.value;
  return (
    <Page title="Certificates" back={{ href: paths.settings, label: 'Settings' }}
      lede="By these the boards and the server know each other. Most renew by themselves.">
      {failure && <Note kind="alarm">{failure.detail} <Button onClick={() => void certificates.load()}>Try again</Button></Note>}
      {known && <CertificatesFace certificates={known} now={now.value} />}
      {!known && !failure && <p class="late quiet" role="status">Loading…</p>}
    </Page>
  );
}

export function CertificatesFace({ certificates: { certificates, rotation, rootKey, faults }, now }:
  { certificates: Certificates; now: number }) {
  const scale = scaleOf(certificates.filter(matters), now);
  return (
    <>
      <Needs certificates={certificates} faults={faults} now={now} />
      {rotation && <RotationFace rotation={rotation} />}
      {certificates.length > 0 && <Legend />}
      {grouped(certificates).map((group) => (
        <GroupLives key={group.title} group={group} scale={scale} now={now} />
      ))}
      {rootKey && <RootKey where={rootKey} />}
    </>
  );
}

/** So many stand before the drawing at most: boards that cannot renew all end at about the same time. */
const most = 4;

/** All is well, or what is to be done. */
function Needs({ certificates, faults, now }: { certificates: CertificateView[]; faults: string[]; now: number }) {
  const warned = warnedOf(certificates);
  if (warned.length + faults.length === 0) {
    return <p class="all-well"><Icon node={BadgeCheck} />All is well. Nothing here needs you.</p>;
  }
  return (
    <Section title="Needs you">
      <ul class="stack">
        {warned.slice(0, most).map((one) => <Need key={`${one.kind} ${one.name} ${one.notAfter}`} one={one} now={now} />)}
        {faults.map((words) => (
          <li key={words} class="card need" data-urgency="due"><Icon node={TriangleAlert} /><p><Spelled text={words} /></p></li>
        ))}
      </ul>
      {warned.length > most && (
        <details class="form-more">
          <summary>{`${warned.length - most} more`}</summary>
          <ul class="stack">
            {warned.slice(most).map((one) => <Need key={`${one.kind} ${one.name} ${one.notAfter}`} one={one} now={now} />)}
          </ul>
        </details>
      )}
    </Section>
  );
}

function Need({ one, now }: { one: CertificateView; now: number }) {
  return (
    <li class="card need" data-urgency={urgency(one)}>
      <Icon node={TriangleAlert} />
      <div>
        <h3>{warningWords(one, now)}</h3>
        {one.advice && <p><Spelled text={one.advice} /></p>}
      </div>
    </li>
  );
}

function RootKey({ where }: { where: NonNullable<Certificates['rootKey']> }) {
  const { title, words, command } = rootKeyWords[where];
  return (
    <Section title="The root key">
      <div class="card need">
        <Icon node={KeyRound} />
        <div>
          <h3>{title}</h3>
          <p>{words}</p>
          {command && <Command text={command} />}
        </div>
      </div>
    </Section>
  );
}
