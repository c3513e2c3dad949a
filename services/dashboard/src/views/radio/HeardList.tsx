import type { Device } from '@sconce/protocol/http';
import { Antenna } from 'lucide';
import { ButtonLink } from '../../design/Button.tsx';
import { Empty } from '../../design/Page.tsx';
import type { Press } from '../../state/presses.ts';
import { paths } from '../../state/router.ts';
import { belongsTo, codeDetails, codeText } from '../words/radio.ts';
import { clockSeconds } from '../words/times.ts';
import { CodeChip } from './CodeChip.tsx';

interface HeardListProps { presses: Press[]; board: Pick<Device, 'id'>; paused: boolean }

/** Presses that are shown at most. */
const shownMost = 100;

/** What was heard, the newest first: whose it is, or how to make an outlet of it. */
export function HeardList({ presses, board, paused }: HeardListProps) {
  if (presses.length === 0) {
    return (
      <Empty icon={Antenna} title="Nothing heard yet">
        {paused ? 'It is paused.' : 'Press a button of a remote near the board.'}
      </Empty>
    );
  }
  return (
    <ul class="heard">
      {presses.slice(0, shownMost).map(({ seq, times, last }) => {
        const owner = belongsTo(last.outlets);
        return (
          <li key={seq}>
            <CodeChip code={last} title={owner ?? 'No outlet of yours'} chosen={owner !== undefined}
              note={`${clockSeconds(last.at)}${times > 1 ? ` · ${times} times` : ''}`}
              action={owner === undefined && (
                <ButtonLink href={paths.learnFrom(board.id, codeText(last))} label={`Make code ${last.code} an outlet`}>
                  Make this an outlet
                </ButtonLink>
              )} />
            <p class="heard-facts">Code {last.code} · {codeDetails(last)}</p>
          </li>
        );
      })}
    </ul>
  );
}
