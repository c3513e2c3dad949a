import { signal } from '@preact/signals';

/** Now, in ms since 1970, to the half minute: ages in words follow it. */
export const now = signal(Date.now());

export function startClock() {
  const tick = () => { now.value = Date.now(); };
  setInterval(tick, 30_000);
  document.addEventListener('visibilitychange', tick);
}
