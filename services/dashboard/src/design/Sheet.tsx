import { X } from 'lucide';
import type { ComponentChildren } from 'preact';
import { useId, useLayoutEffect, useRef } from 'preact/hooks';
import { IconButton } from './Button.tsx';
import './sheet.css';

interface SheetProps {
  title: string;
  subtitle?: string | undefined;
  /** Drawn before the title. */
  lead?: ComponentChildren;
  onClose: () => void;
  children: ComponentChildren;
}

/**
 * A dialog: from the bottom on a phone, where the thumb is; in the middle of a wide screen.
 * The browser's own `<dialog>` keeps the focus inside, closes on Escape and gives the focus back.
 */
export function Sheet({ title, subtitle, lead, onClose, children }: SheetProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useLayoutEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
  }, []);
  return (
    <dialog ref={dialog} class="sheet" aria-labelledby={id}
      onCancel={(event) => { event.preventDefault(); onClose(); }}
      onClick={(event) => { if (event.target === dialog.current) onClose(); }}>
      <header class="sheet-head">
        {lead}
        <div>
          <h2 id={id}>{title}</h2>
          {subtitle && <p>{subtitle}</p>}
        </div>
        <IconButton icon={X} label="Close" onClick={onClose} />
      </header>
      <div class="sheet-body">{children}</div>
    </dialog>
  );
}
