import type { ComponentChildren } from 'preact';

/** A component in one of its states, and which that is. */
export function Sample({ what, children }: { what: string; children: ComponentChildren }) {
  return <div class="design-sample"><p class="design-what">{what}</p>{children}</div>;
}
