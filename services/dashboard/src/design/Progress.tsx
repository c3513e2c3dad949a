import './progress.css';

interface ProgressProps {
  /** undefined: it is under way, and nobody knows how far. */
  done?: number;
  all?: number;
  label: string;
}

/** How far something is. The words beside it say the same. */
export function Progress({ done, all = 1, label }: ProgressProps) {
  return <progress class="progress" aria-label={label} value={done} max={Math.max(all, 1)} />;
}
