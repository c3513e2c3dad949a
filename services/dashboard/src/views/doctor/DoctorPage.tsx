import type { DoctorReport, Finding } from '@sconce/protocol/doctor';
import { BadgeCheck, Stethoscope } from 'lucide';
import { useEffect, useState } from 'preact/hooks';
import { Button } from '../../design/Button.tsx';
import { Empty, Note, Page, Section } from '../../design/Page.tsx';
import { Progress } from '../../design/Progress.tsx';
import { now } from '../../state/clock.ts';
import { doctor } from '../../state/certificates.ts';
import { paths } from '../../state/router.ts';
import { Command } from '../Command.tsx';
import { Spelled } from '../Spelled.tsx';
import { areaWords, sorted, verdict } from '../words/doctor.ts';
import { ago } from '../words/times.ts';
import { CopyReport, FindingCard } from './FindingCard.tsx';
import './doctor.css';

/** Looks at the whole chain, when asked to. What it said last stays until it is asked again. */
export function DoctorPage() {
  const [since, setSince] = useState<number>();
  const look = () => {
    setSince(Date.now());
    void doctor.load().finally(() => setSince(undefined));
  };
  const report = doctor.value.value;
  const failure = doctor.failure.value;
  return (
    <Page title="Doctor" narrow back={{ href: paths.settings, label: 'Settings' }}
      lede="Looks at everything between a phone and a board, and says what to do about what is wrong.">
      {since !== undefined ? <Looking since={since} /> : (
        <>
          {failure && <NotLooked words={failure.detail} />}
          {report && !failure && <ReportFace report={report} now={now.value} />}
          {!report && !failure && (
            <Empty icon={Stethoscope} title="Not asked yet"
              action={<Button kind="main" icon={Stethoscope} onClick={look}>Have a look</Button>}>
              It changes nothing, and takes less than half a minute.
            </Empty>
          )}
          {(report ?? failure) && <Button kind="main" wide icon={Stethoscope} onClick={look}>Look again</Button>}
        </>
      )}
    </Page>
  );
}

/** `since`: ms since 1970. */
function Looking({ since }: { since: number }) {
  const [seconds, setSeconds] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => setSeconds(Math.floor((Date.now() - since) / 1000)), 500);
    return () => clearInterval(timer);
  }, [since]);
  return <LookingFace seconds={seconds} />;
}

export function LookingFace({ seconds }: { seconds: number }) {
  return (
    <div class="card">
      <p><span role="status">Looking at names, ports, clocks, certificates and services…</span> <span class="quiet">{seconds} s</span></p>
      <Progress label="The doctor is looking" />
    </div>
  );
}

export function NotLooked({ words }: { words: string }) {
  return (
    <>
      <Note kind="alarm">{words}</Note>
      <p>On the server it works even while this page does not:</p>
      <Command text="make doctor" />
    </>
  );
}

export function ReportFace({ report, now }: { report: DoctorReport; now: number }) {
  const by = sorted(report);
  const looked = `Looked ${ago(new Date(report.at).toISOString(), now)}.`;
  const bad = by.problem.length + by.warning.length;
  return (
    <>
      {bad === 0 ? (
        <Empty icon={BadgeCheck} title="All is well">
          {`${by.ok.length} things looked at, and nothing to do. ${looked}`}
        </Empty>
      ) : (
        <div class="doctor-verdict"><p><strong>{verdict(by)}.</strong> <span class="quiet">{looked}</span></p><CopyReport report={report} /></div>
      )}
      <Findings title="To be mended" list={by.problem} />
      <Findings title="Worth a look" list={by.warning} />
      {by.skipped.length + by.ok.length > 0 && (
        <div class="card doctor-rest">
          <Rest title="Not looked at" list={by.skipped} />
          <Rest title="Well" list={by.ok} />
        </div>
      )}
    </>
  );
}

function Findings({ title, list }: { title: string; list: Finding[] }) {
  if (list.length === 0) return null;
  return (
    <Section title={title}>
      <ul class="stack">{list.map((one) => <FindingCard key={keyOf(one)} finding={one} />)}</ul>
    </Section>
  );
}

/** What needs nobody: folded, and in the order of the way from the machine to the web. */
function Rest({ title, list }: { title: string; list: Finding[] }) {
  if (list.length === 0) return null;
  return (
    <details class="form-more">
      <summary>{title}: {list.length}</summary>
      <ul class="rows">
        {list.map((one) => (
          <li key={keyOf(one)} class="doctor-row">
            <p>{one.what}</p>
            {one.why && <p><Spelled text={one.why} /></p>}
            {one.do && <p><Spelled text={one.do} /></p>}
            <p class="quiet">{areaWords[one.area] ?? one.area} · {one.subject}</p>
          </li>
        ))}
      </ul>
    </details>
  );
}

const keyOf = ({ code, subject, what }: Finding) => `${code} ${subject} ${what}`;
