import type { Device } from '@sconce/protocol/http';
import { useState } from 'preact/hooks';
import { Button } from '../design/Button.tsx';
import { now } from '../state/clock.ts';
import { outlets } from '../state/outlets.ts';
import { isAdmin } from '../state/session.ts';
import { ForgetBoard } from './BoardSheets.tsx';
import { spaced } from './words/device.ts';
import { revokedWords } from './words/refusal.ts';

/** A board that is kept out for good: what is left is to forget it. */
export function RevokedBoard({ device }: { device: Device }) {
  const [forgetting, setForgetting] = useState(false);
  const own = [...outlets.value?.values() ?? []].filter((outlet) => outlet.device.id === device.id);
  return (
    <article class="card" aria-label={device.name ?? `Board ${spaced(device.id)}`}>
      <RevokedBoardFace device={device} now={now.value} />
      {isAdmin.value && device.adopted && (
        <div class="actions">
          <Button label={`Forget ${device.name ?? 'this board'}`} onClick={() => setForgetting(true)}>Forget</Button>
        </div>
      )}
      {forgetting && <ForgetBoard device={device} outlets={own} onClose={() => setForgetting(false)} />}
    </article>
  );
}

export function RevokedBoardFace({ device, now }: { device: Device; now: number }) {
  return (
    <div class="board-head">
      <h2>{device.name ?? 'A board without a name'}</h2>
      <p>{revokedWords(device, now)}</p>
      <p class="quiet">To use it again, give it a new identity and flash it. It comes back as a new board.</p>
      {device.name === null && <p><code>{spaced(device.id)}</code></p>}
    </div>
  );
}
