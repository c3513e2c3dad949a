import type { Outlet } from '@sconce/protocol/http';
import { Pencil, UserPlus } from 'lucide';
import { Button, ButtonLink } from '../design/Button.tsx';
import { Fact, Facts, Note } from '../design/Page.tsx';
import { Sheet } from '../design/Sheet.tsx';
import { Disc } from '../design/SwitchTile.tsx';
import { now } from '../state/clock.ts';
import { attempts, isToggle } from '../state/outlets.ts';
import { paths } from '../state/router.ts';
import { isAdmin } from '../state/session.ts';
import { outletIcon } from './icons.ts';
import { lookOf, ringOf, switchAndSay } from './OutletTile.tsx';
import { boardAway, certaintyWords, outcomeWords, sent, settled, troubleWords } from './words/outlet.ts';
import { ago, when } from './words/times.ts';

/**
 * Everything about one outlet. "On" and "off" are two buttons here, not one switch: where the assumption is wrong (the
 * remote was used while the board was away), a person must be able to send the code they mean.
 */
export function OutletSheet({ outlet, onClose }: { outlet: Outlet; onClose: () => void }) {
  const attempt = attempts.value.get(outlet.id);
  const busy = attempt?.phase === 'busy' || attempt?.phase === 'waiting';
  return (
    <Sheet title={outlet.name} subtitle={outlet.room ?? undefined} onClose={onClose}
      lead={<Disc icon={outletIcon(outlet.icon)} look={lookOf(outlet)} ring={ringOf(outlet, attempt)} />}>
      {isToggle(outlet)
        ? (
          <Button wide busy={busy} onClick={() => void switchAndSay(outlet, true)}>
            {busy ? 'Sending…' : 'Switch over'}
          </Button>
        )
        : (
          <div class="pair">
            <Button busy={busy} onClick={() => void switchAndSay(outlet, true)}>
              {busy && attempt.on ? 'Sending…' : 'Switch on'}
            </Button>
            <Button busy={busy} onClick={() => void switchAndSay(outlet, false)}>
              {busy && !attempt.on ? 'Sending…' : 'Switch off'}
            </Button>
          </div>
        )}
      {attempt?.phase === 'failed' && <Note kind="alarm">{troubleWords(outlet, attempt, now.value)}</Note>}
      <Facts>
        <Fact term="State" note={certaintyWords(outlet)}>{settled(outlet, now.value)}</Fact>
        <LastCommand outlet={outlet} justNow={attempt?.phase === 'sent' ? sent(outlet, attempt.ms) : undefined} />
        <Fact term="Board">{board(outlet)}</Fact>
      </Facts>
      {outlet.right === 'manage' && (
        <div class="pair">
          {isAdmin.value && (
            <ButtonLink icon={UserPlus} href={paths.sharing(outlet.id)} label={`Share ${outlet.name}`}>Share…</ButtonLink>
          )}
          <ButtonLink icon={Pencil} href={paths.editOutlet(outlet.id)} label={`Change ${outlet.name}`}>Change</ButtonLink>
        </div>
      )}
    </Sheet>
  );
}

function LastCommand({ outlet, justNow }: { outlet: Outlet; justNow: string | undefined }) {
  const last = outlet.lastCommand;
  if (!last) return <Fact term="Last command">None so far</Fact>;
  const on = last.on ? 'On' : 'Off';
  return (
    <Fact term="Last command" note={`By ${last.by}, ${ago(last.at, now.value)}`}>
      {on}. {justNow ?? outcomeWords(outlet, last)}
    </Fact>
  );
}

function board(outlet: Outlet) {
  const { name, online, since } = outlet.device;
  if (!online) return `${boardAway(outlet, now.value)}.`;
  return since ? `${name}, online since ${when(since, now.value)}` : name;
}
