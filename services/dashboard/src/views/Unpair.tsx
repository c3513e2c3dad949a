import type { Control, Outlet } from '@sconce/protocol/http';
import { limits } from '@sconce/protocol/limits';
import { Send } from 'lucide';
import { useState } from 'preact/hooks';
import { transmit } from '../api/calls.ts';
import { Button } from '../design/Button.tsx';
import { Note } from '../design/Page.tsx';
import { Sheet } from '../design/Sheet.tsx';
import { useAction } from './action.ts';

interface UnpairProps { outlet: Outlet; control: Extract<Control, { kind: 'rf' }>; onClose: () => void }

/** Makes a socket forget a code that it was taught. How is the socket's own affair; most do it this way. */
export function Unpair({ outlet, control, onClose }: UnpairProps) {
  const [sent, setSent] = useState(false);
  const sending = useAction();
  const send = () => void sending.run(() => transmit(outlet.device.id, { ...control.off, repeat: limits.rfRepeat.max }))
    .then(setSent);
  return (
    <Sheet title={`Un-pair ${outlet.name}`} onClose={onClose}>
      <p>So that the socket no longer listens to these codes. For sockets with a learning button; how yours forgets is up to its maker.</p>
      <ol class="tips" data-numbered="true">
        <li>Hold the socket’s button until it blinks.</li>
        <li>Tap Send OFF. Most sockets blink once more, and forget the code.</li>
        <li>If it does not, hold its button for ten seconds: many then forget all codes, those of their remote too.</li>
      </ol>
      {sent && <Note>Sent. If the socket still switches, try once more, or hold its button longer.</Note>}
      {sending.failure && <Note kind="alarm">{sending.failure.detail}</Note>}
      <Button kind="main" wide icon={Send} busy={sending.busy} onClick={send}>{sending.busy ? 'Sending…' : 'Send OFF'}</Button>
      <Button wide onClick={onClose}>{sent ? 'Done' : 'Close'}</Button>
    </Sheet>
  );
}
