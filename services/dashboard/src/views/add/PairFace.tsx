import { RotateCcw, Send } from 'lucide';
import type { Failure } from '../../api/client.ts';
import { Button } from '../../design/Button.tsx';
import { Note } from '../../design/Page.tsx';
import './add.css';

export type PairState =
  | { at: 'no-codes'; failure: Failure }
  | { at: 'ready' | 'sent'; busy: boolean; failure: Failure | undefined }
  | { at: 'gave-up' };

interface PairFaceProps {
  state: PairState;
  onFetch: () => void;
  onSend: () => void;
  onClicked: () => void;
  onGiveUp: () => void;
  onAgain: () => void;
  onLeave: () => void;
}

/** The socket's learn mode, step by step. */
export function PairFace({ state, onFetch, onSend, onClicked, onGiveUp, onAgain, onLeave }: PairFaceProps) {
  switch (state.at) {
    case 'no-codes': return (
      <div class="stack add">
        <Note kind="alarm">{state.failure.detail}</Note>
        <Button kind="main" wide icon={RotateCcw} onClick={onFetch}>Try again</Button>
      </div>
    );
    case 'ready': return (
      <div class="stack add">
        <ol class="tips" data-numbered="true">
          <li>Put the socket into the wall, with a lamp in it.</li>
          <li>Hold the socket’s own button until its light blinks, often three to five seconds. Some blink by themselves when they are plugged in.</li>
          <li>While it blinks, tap Send.</li>
        </ol>
        <Sending state={state} />
        <Button kind="main" wide icon={Send} busy={state.busy} onClick={onSend}>{state.busy ? 'Sending…' : 'Send'}</Button>
      </div>
    );
    case 'sent': return (
      <div class="stack add">
        <h2>Did it click, or stop blinking?</h2>
        <Sending state={state} />
        <Button kind="main" wide busy={state.busy} onClick={onClicked}>Yes</Button>
        <Button wide icon={Send} busy={state.busy} onClick={onSend}>{state.busy ? 'Sending…' : 'No, it still blinks: send again'}</Button>
        <Button wide kind="bare" busy={state.busy} onClick={onGiveUp}>It does not work</Button>
      </div>
    );
    case 'gave-up': return (
      <div class="stack add">
        <div class="card" role="alert">
          <h2>It did not take the code</h2>
          <ul class="tips">
            <li>Put the socket within two metres of the board while it learns; it can go back to its place after.</li>
            <li>It must be blinking at the moment of sending. Many stop after ten seconds.</li>
            <li>Its memory may be full: hold its button for ten seconds to make it forget everything, then try again.</li>
            <li>A socket without such a button cannot learn. Look for little switches, or learn its remote.</li>
          </ul>
          <Button kind="main" wide icon={RotateCcw} onClick={onAgain}>Try again</Button>
          <Button wide onClick={onLeave}>Choose another way</Button>
        </div>
      </div>
    );
  }
}

function Sending({ state }: { state: { failure: Failure | undefined } }) {
  return state.failure ? <Note kind="alarm">{state.failure.detail}</Note> : null;
}
