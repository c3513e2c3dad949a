import type { RfCode } from '@sconce/protocol/messages';
import type { ComponentChildren } from 'preact';
import { CodeDrawing } from './CodeDrawing.tsx';
import './radio.css';

interface CodeChipProps {
  code: RfCode;
  /** What it is, in words: "The code for on". */
  title: string;
  note?: string | undefined;
  /** The one that is meant, among others. */
  chosen?: boolean;
  action?: ComponentChildren;
}

/** A radio code for people: what it is for, and how it looks on the air. */
export function CodeChip({ code, title, note, chosen = false, action }: CodeChipProps) {
  return (
    <div class="code-chip" data-chosen={chosen}>
      <div class="code-chip-head">
        <p><strong>{title}</strong>{note && <span class="quiet"> {note}</span>}</p>
        {action}
      </div>
      <CodeDrawing code={code} />
    </div>
  );
}
