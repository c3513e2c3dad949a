import type { Outlet } from '@sconce/protocol/http';
import { type Look, type Ring, SwitchTile } from '../design/SwitchTile.tsx';
import { announce } from '../state/announce.ts';
import { now } from '../state/clock.ts';
import { type Attempt, attempts, switchOutlet } from '../state/outlets.ts';
import { outletIcon } from './icons.ts';
import { sent, stateWords, troubleWords } from './words/outlet.ts';

/** One outlet of the household, alive. */
export function OutletTile({ outlet, onDetails }: { outlet: Outlet; onDetails: () => void }) {
  return (
    <OutletFace outlet={outlet} attempt={attempts.value.get(outlet.id)} now={now.value} onDetails={onDetails}
      onSwitch={(on) => void switchAndSay(outlet, on)} />
  );
}

interface FaceProps {
  outlet: Outlet;
  attempt: Attempt | undefined;
  now: number;
  onSwitch: (on: boolean) => void;
  onDetails: () => void;
}

/** How an outlet looks in any state: a function of what is handed in, so that the design page can show them all. */
export function OutletFace({ outlet, attempt, now, onSwitch, onDetails }: FaceProps) {
  const failed = attempt?.phase === 'failed' ? attempt : undefined;
  return (
    <SwitchTile name={outlet.name} icon={outletIcon(outlet.icon)} look={lookOf(outlet)} ring={ringOf(outlet, attempt)}
      words={stateWords(outlet, attempt, now)}
      {...(outlet.state.certainty === 'assumed' && outlet.state.on !== null && { spoken: 'assumed' })}
      away={!outlet.device.online}
      {...(failed && { trouble: { words: troubleWords(outlet, failed, now), retry: () => onSwitch(failed.on) } })}
      onSwitch={() => onSwitch(!outlet.state.on)} onDetails={onDetails} />
  );
}

export function lookOf({ state }: Outlet): Look {
  return state.on === null ? 'unknown' : state.on ? 'on' : 'off';
}

export function ringOf({ state }: Outlet, attempt: Attempt | undefined): Ring {
  if (attempt?.phase === 'busy') return 'busy';
  return state.on === null ? 'none' : state.certainty;
}

/** Switches, and says the outcome to those who cannot see the tile. */
export async function switchAndSay(outlet: Outlet, on: boolean) {
  const attempt = await switchOutlet(outlet.id, on);
  const turned = on ? 'on' : 'off';
  if (attempt?.phase === 'sent') announce(`${outlet.name}: switched ${turned}. ${sent(outlet, attempt.ms)}.`);
  if (attempt?.phase === 'failed') announce(`${outlet.name}: ${troubleWords(outlet, attempt, now.peek())}`);
}
