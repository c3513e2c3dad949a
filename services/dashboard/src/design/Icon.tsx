import { h } from 'preact';

/** One of lucide's icons, as [tag, attributes] pairs. Import them by name, so that only those are shipped. */
export type IconNode = [tag: string, attrs: Record<string, string | number | undefined>][];

/** A drawing beside words that say the same: hidden from screen readers. `size` in pixels of a 16 px root. */
export function Icon({ node, size = 20 }: { node: IconNode; size?: number }) {
  return (
    <svg class="icon" width={size} height={size} viewBox="0 0 24 24" aria-hidden="true" fill="none"
      stroke="currentColor" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round">
      {node.map(([tag, attrs]) => h(tag, attrs))}
    </svg>
  );
}
