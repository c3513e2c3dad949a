import { Copy, Share } from 'lucide';
import type { ComponentChildren } from 'preact';
import { useRef } from 'preact/hooks';
import { Button } from '../design/Button.tsx';
import { useCopy } from './copy.ts';
import { QrCode } from './QrCode.tsx';

interface Props {
  /** What a screen reader calls the card. */
  what: string;
  title: string;
  secret: string;
  /** A link to be handed on: by the phone's own means, with this text, or to a camera. */
  share?: { text: string };
  onDone: () => void;
  /** What is to be done with it. */
  children: ComponentChildren;
}

/** A secret, whole, for the only time: the server keeps no more than its hash. */
export function ShownOnce({ what, title, secret, share, onDone, children }: Props) {
  const text = useRef<HTMLElement>(null);
  const { copied, copy } = useCopy(secret, text);
  // Closing the phone's own sheet counts as a refusal; whoever closed it knows, and copying is still there.
  const hand = () => void navigator.share({ text: share?.text ?? '', url: secret }).catch(() => undefined);
  return (
    <div class="card" role="group" aria-label={what}>
      <div>
        <h3>{title}</h3>
        <p>{children}</p>
      </div>
      <code class="secret" ref={text}>{secret}</code>
      {share && <QrCode text={secret} label="The link, for a camera" />}
      <div class="pair">
        <Button kind="main" icon={Copy} onClick={copy}>{copied ? 'Copied' : 'Copy'}</Button>
        {share && 'share' in navigator && <Button icon={Share} onClick={hand}>Share…</Button>}
        <Button onClick={onDone}>I have it</Button>
      </div>
      {copied === false && (
        <p class="field-hint">The browser did not allow copying. It is selected: copy it by hand.</p>
      )}
    </div>
  );
}
