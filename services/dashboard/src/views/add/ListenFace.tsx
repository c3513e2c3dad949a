import type { RfCode } from '@sconce/protocol/messages';
import { sameCode } from '@sconce/protocol/radio';
import { Radio, RotateCcw } from 'lucide';
import { Button, ButtonLink } from '../../design/Button.tsx';
import { Icon } from '../../design/Icon.tsx';
import { Note } from '../../design/Page.tsx';
import { type Candidate, codeKey, type Learning } from '../../state/learning.ts';
import { CodeChip } from '../radio/CodeChip.tsx';
import { advice, codeDetails, listeningWords, timesHeard, type Which, whose } from '../words/radio.ts';
import { type Listening, windowSeconds } from './listening.ts';
import './add.css';

interface ListenFaceProps {
  which: Which;
  now: Listening;
  learned: Learning;
  /** The code for on, while that for off is asked for. */
  before?: RfCode | undefined;
  board: string;
  /** Where to go if the remote cannot be learned. */
  pairHref: string;
  onTake: (code: RfCode) => void;
  onAgain: () => void;
}

/** The board listens for one button of the remote. */
export function ListenFace({ which, now, learned, before, board, pairHref, onTake, onAgain }: ListenFaceProps) {
  const { found, others } = learned;
  const toggles = found !== undefined && before !== undefined && sameCode(found.code, before);
  return (
    <div class="stack add">
      {before && <CodeChip code={before} title="On" note={codeDetails(before)} />}
      {now.phase === 'failed' && (
        <>
          <Note kind="alarm">{now.failure.detail}</Note>
          <Button kind="main" wide icon={RotateCcw} onClick={onAgain}>Try again</Button>
        </>
      )}
      {(now.phase === 'starting' || now.phase === 'listening') && (
        <Ear now={now} words={now.phase === 'starting' ? `Asking ${board} to listen…` : listeningWords(learned, which, before)} />
      )}
      {now.phase === 'over' && found && <p>{listeningWords(learned, which, before)}</p>}
      {found && (
        <>
          <CodeChip code={found.code} chosen title={toggles ? 'The same as for on' : `The code for ${which}`}
            note={timesHeard(found.times)} />
          {toggles
            ? (
              <>
                <p>
                  If the remote has two buttons, press the other one now. If it has only one, Sconce cannot know whether
                  the lamp is on; everything else works.
                </p>
                <div class="actions">
                  <Button icon={RotateCcw} onClick={onAgain}>Press OFF once more</Button>
                  <Button kind="main" onClick={() => onTake(found.code)}>It has one button for both</Button>
                </div>
              </>
            )
            : (
              <Button kind="main" wide onClick={() => onTake(found.code)}>
                {which === 'on' ? 'Next: OFF' : 'Next: its name'}
              </Button>
            )}
        </>
      )}
      {now.phase === 'over' && !found && <Missed learned={learned} board={board} pairHref={pairHref} onAgain={onAgain} />}
      {now.phase === 'over' && found && !toggles && <Button wide icon={RotateCcw} onClick={onAgain}>Listen again</Button>}
      <Others others={others} onTake={onTake} />
    </div>
  );
}

/** It listens, for so long yet. The words are read out as they change; the seconds are not. */
function Ear({ now, words }: { now: Listening; words: string }) {
  return (
    <div class="ear" data-phase={now.phase}>
      <span class="ear-disc"><Icon node={Radio} size={28} /></span>
      <p role="status">{words}</p>
      {now.phase === 'listening' && (
        <p class="quiet ear-left" aria-hidden="true">Listening for {now.secondsLeft} s more</p>
      )}
    </div>
  );
}

function Missed({ learned, board, pairHref, onAgain }:
  { learned: Learning; board: string; pairHref: string; onAgain: () => void }) {
  const { title, tips } = advice(learned, board);
  return (
    <div class="card" role="alert">
      <div>
        <h2>{title}</h2>
        <p class="quiet">{board} listened for {windowSeconds} seconds. What helps:</p>
      </div>
      <ul class="tips">{tips.map((tip) => <li key={tip}>{tip}</li>)}</ul>
      <Button kind="main" wide icon={RotateCcw} onClick={onAgain}>Try again</Button>
      <ButtonLink wide href={pairHref}>Teach the socket a new code instead</ButtonLink>
    </div>
  );
}

function Others({ others, onTake }: { others: Candidate[]; onTake: (code: RfCode) => void }) {
  if (others.length === 0) return null;
  return (
    <details class="form-more">
      <summary>Heard too ({others.length})</summary>
      <div class="stack">
        {others.map((one) => (
          <CodeChip key={codeKey(one.code)} code={one.code} title={whose(one)}
            note={timesHeard(one.times)}
            action={<Button onClick={() => onTake(one.code)}>It is this one</Button>} />
        ))}
      </div>
    </details>
  );
}
