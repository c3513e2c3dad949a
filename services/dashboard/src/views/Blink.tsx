import type { Device } from '@sconce/protocol/http';
import { useState } from 'preact/hooks';
import { identify } from '../api/calls.ts';
import { Button } from '../design/Button.tsx';
import { announce } from '../state/announce.ts';
import { useAction } from './action.ts';

/** Makes the board blink, so that one of several is found. */
export function Blink({ device }: { device: Device }) {
  const blinking = useAction();
  const [done, setDone] = useState(false);
  const blink = () => void blinking.run(() => identify(device.id)).then((ok) => {
    setDone(ok);
    if (ok) announce('It blinks now.');
  });
  return (
    <>
      <Button busy={blinking.busy} onClick={blink} label={`Blink ${device.name ?? 'the new board'}`}>
        {blinking.busy ? 'Asking…' : done ? 'Blinking now' : 'Blink'}
      </Button>
      {blinking.failure && <p class="field-error" role="alert">{blinking.failure.detail}</p>}
    </>
  );
}
