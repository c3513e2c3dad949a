import type { Control, Device } from '@sconce/protocol/http';
import type { RfCode } from '@sconce/protocol/messages';
import { useState } from 'preact/hooks';
import { Page } from '../../design/Page.tsx';
import { paths } from '../../state/router.ts';
import { readCode, type Which } from '../words/radio.ts';
import { Finish } from './Finish.tsx';
import { ListenFace } from './ListenFace.tsx';
import { type Listening, useListening } from './listening.ts';
import { useStepStart } from './step.ts';

/** Learns the buttons of a remote. `on`: that for on, where it was heard already. */
export function Learn({ device, on: heardBefore }: { device: Device; on: string | undefined }) {
  const [on, setOn] = useState(readCode(heardBefore));
  const [control, setControl] = useState<Control>();
  if (control) {
    return <Finish device={device} control={control} first="name" onBack={() => setControl(undefined)} />;
  }
  return (
    <Listen key={on ? 'off' : 'on'} device={device} before={on} onTake={(code) => {
      if (on) setControl({ kind: 'rf', on, off: code, repeat: 10 });
      else setOn(code);
    }} />
  );
}

const around = { starting: 'One moment', over: 'Not listening any more', failed: 'Not listening' };
/** A press counts while the board listens, and not before or after: so nobody is asked for one then. */
const titles: Record<Which, Record<Listening['phase'], string>> = {
  on: { ...around, listening: 'Press ON on your remote' },
  off: { ...around, listening: 'Now press OFF' },
};

function Listen({ device, before, onTake }:
  { device: Device; before: RfCode | undefined; onTake: (code: RfCode) => void }) {
  const which = before ? 'off' : 'on';
  const { now, learned, again } = useListening(device, which, before);
  const board = device.name ?? 'the board';
  useStepStart(`${which}${now.phase === 'starting' ? ', soon' : ''}`);
  return (
    <Page title={titles[which][now.phase]} narrow
      lede={now.phase === 'listening' && !before ? `Hold it near ${board}.` : undefined}
      back={{ href: paths.newOutlet(device.id), label: 'Add an outlet' }}>
      <ListenFace which={which} now={now} learned={learned} before={before} board={board}
        pairHref={paths.newOutlet(device.id, 'pair')} onAgain={again} onTake={onTake} />
    </Page>
  );
}

