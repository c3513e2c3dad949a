import type { DoctorReport, Finding } from '@sconce/protocol/doctor';
import { Check, CircleAlert, Copy, TriangleAlert } from 'lucide';
import { useRef } from 'preact/hooks';
import { Button } from '../../design/Button.tsx';
import { Icon } from '../../design/Icon.tsx';
import { useCopy } from '../copy.ts';
import { Spelled } from '../Spelled.tsx';
import { areaWords, asText } from '../words/doctor.ts';
import { toCopy } from '../words/remedy.ts';

/** What is wrong, why, and what to do. */
export function FindingCard({ finding }: { finding: Finding }) {
  const problem = finding.severity === 'problem';
  return (
    <li class="card finding" data-problem={problem}>
      <header>
        <Icon node={problem ? CircleAlert : TriangleAlert} />
        <div>
          <h3>{finding.what}</h3>
          <p class="quiet">{areaWords[finding.area] ?? finding.area} · {finding.subject}</p>
        </div>
      </header>
      {finding.why && <p><Spelled text={finding.why} /></p>}
      {finding.do && <Remedy finding={finding} />}
    </li>
  );
}

function Remedy({ finding }: { finding: Finding }) {
  const shown = useRef<HTMLParagraphElement>(null);
  const { text, commands } = toCopy(finding.do);
  const { copied, copy } = useCopy(text, shown);
  const what = commands === 0 ? 'Copy' : commands === 1 ? 'Copy the command' : 'Copy the commands';
  return (
    <div class="remedy">
      <h4>Do this</h4>
      <p ref={shown}><Spelled text={finding.do} /></p>
      <Button icon={copied ? Check : Copy} label={`${what}: ${finding.what}`} onClick={copy}>{copied ? 'Copied' : what}</Button>
      {copied === false && <p class="field-hint">The browser did not allow copying. It is selected: copy it by hand.</p>}
    </div>
  );
}

/** All of it, for somebody who helps. */
export function CopyReport({ report }: { report: DoctorReport }) {
  const nothing = useRef<HTMLElement>(null);
  const { copied, copy } = useCopy(asText(report), nothing);
  return <Button kind="bare" icon={copied ? Check : Copy} label="Copy all that was found" onClick={copy}>{copied ? 'Copied' : 'Copy all'}</Button>;
}
