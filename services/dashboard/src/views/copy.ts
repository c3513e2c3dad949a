import { useState } from 'preact/hooks';
import { announce } from '../state/announce.ts';

/**
 * Copies a text. `copied`: undefined before the first try; false: the browser did not allow it, and the text is selected
 * where it is shown, for the person's own copy.
 */
export function useCopy(text: string, shown: { current: HTMLElement | null }): { copied: boolean | undefined; copy: () => void } {
  const [copied, setCopied] = useState<boolean>();
  async function copy() {
    try {
      await navigator.clipboard.writeText(text);
      setCopied(true);
      announce('Copied.');
    } catch {
      if (shown.current) getSelection()?.selectAllChildren(shown.current);
      setCopied(false);
    }
  }
  return { copied, copy: () => void copy() };
}
