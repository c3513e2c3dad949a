import { signal } from '@preact/signals';

export const themes = ['system', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];

const key = 'sconce.theme';

function stored(): Theme {
  try {
    const value = localStorage.getItem(key);
    return value === 'light' || value === 'dark' ? value : 'system';
  } catch {
    return 'system';
  }
}

export const theme = signal<Theme>(stored());

/** Remembers the choice on this device; public/theme.js, which listens, puts it on the page. */
export function setTheme(next: Theme) {
  theme.value = next;
  try {
    if (next === 'system') localStorage.removeItem(key);
    else localStorage.setItem(key, next);
  } catch {
    // Private windows may forbid storage: the choice cannot be kept, and the system's stands.
  }
  dispatchEvent(new Event('sconce:theme'));
}
