import { limits } from '@sconce/protocol/limits';
import { useState } from 'preact/hooks';
import type { Failure } from '../../api/client.ts';
import { Button } from '../../design/Button.tsx';
import { Note } from '../../design/Page.tsx';
import './add.css';

interface TestFaceProps {
  board: string;
  sent: { on: boolean; ms: number } | undefined;
  busy: boolean;
  failure: Failure | undefined;
  repeat: number;
  /** One code for on and off. */
  toggles: boolean;
  /** Begins with what to try where nothing switches, as on the design page. */
  helpOpen?: boolean;
  onSend: (on: boolean) => void;
  onWorks: () => void;
  onOftener: () => void;
  /** What the last button says. */
  last: string;
  /** Back to where the codes came from; not once the outlet is added. */
  onBack?: () => void;
}

/** Only who looks at the lamp knows whether a radio socket switched. */
export function TestFace(face: TestFaceProps) {
  const { board, sent, busy, failure, repeat, toggles, helpOpen = false, onSend, onWorks, onOftener, last, onBack } = face;
  const [help, setHelp] = useState(helpOpen);
  return (
    <div class="stack add">
      <p>Look at the lamp, and try {toggles ? 'it' : 'both'}.</p>
      {toggles
        ? <Button wide busy={busy} onClick={() => onSend(true)}>{busy ? 'Sending…' : 'Switch over'}</Button>
        : (
          <div class="pair">
            <Button busy={busy} onClick={() => onSend(true)}>Switch on</Button>
            <Button busy={busy} onClick={() => onSend(false)}>Switch off</Button>
          </div>
        )}
      <p class="quiet" role="status">{words({ busy, sent, toggles })}</p>
      {failure && <Note kind="alarm">{failure.detail}</Note>}
      <Button kind="main" wide onClick={onWorks}>{last}</Button>
      {!help && <Button kind="bare" wide onClick={() => setHelp(true)}>It does not switch</Button>}
      {help && (
        <div class="card">
          <h2>What helps</h2>
          <ul class="tips">
            <li>Is the lamp itself on, with its own switch?</li>
            <li>Bring the socket and {board} closer together, to see whether it is the distance.</li>
            <li>
              {repeat < limits.rfRepeat.max
                ? 'If it only misses sometimes, send each code more often.'
                : 'Each code is sent as often as can be already. A board nearer to the socket may help.'}
            </li>
          </ul>
          {repeat < limits.rfRepeat.max && <Button wide busy={busy} onClick={onOftener}>Send it more often</Button>}
          <p class="quiet" role="status">Sent {repeat} times in a row.</p>
          {onBack && <Button wide onClick={onBack}>Go back</Button>}
        </div>
      )}
    </div>
  );
}

function words({ busy, sent, toggles }: Pick<TestFaceProps, 'busy' | 'sent' | 'toggles'>): string {
  if (busy) return 'Sending…';
  if (!sent) return 'Nothing sent yet.';
  return `${toggles ? 'Sent' : `Sent ${sent.on ? 'on' : 'off'}`} in ${Math.max(1, Math.round(sent.ms))} ms.`;
}
