import { signal } from '@preact/signals';

/** What a screen reader says next: outcomes that others see on the tile. */
export const announcement = signal('');

/** Long enough to be read out; then it goes, so that nobody who walks through the page finds yesterday's news. */
const spokenMs = 8000;
let end: ReturnType<typeof setTimeout> | undefined;

export function announce(words: string) {
  clearTimeout(end);
  end = setTimeout(() => { announcement.value = ''; }, spokenMs);
  // The same words twice would not be read out again: a space that nobody hears makes them differ.
  announcement.value = announcement.peek() === words ? `${words} ` : words;
}
