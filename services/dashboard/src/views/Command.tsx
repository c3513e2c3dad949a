import { Check, Copy } from 'lucide';
import { useRef } from 'preact/hooks';
import { IconButton } from '../design/Button.tsx';
import { useCopy } from './copy.ts';
import './command.css';

/** Something to be typed on the server, to be copied with a tap. */
export function Command({ text }: { text: string }) {
  const code = useRef<HTMLElement>(null);
  const { copied, copy } = useCopy(text, code);
  return (
    <span class="command">
      <code ref={code}>{text}</code>
      <IconButton icon={copied ? Check : Copy} label={`Copy: ${text}`} onClick={copy} />
    </span>
  );
}
