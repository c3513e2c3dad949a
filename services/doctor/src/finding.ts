import type { Area, Finding, Severity } from '@sconce/protocol/doctor';

export type { Area, Finding, Severity };

/** What is wrong, what it does to people or where it comes from, and what to do about it. */
export type Words = { what: string; why: string; do: string };

/** Makes the findings of one area. */
export function findingsOf(area: Area) {
  const make = (severity: Severity) => (code: string, subject: string, words: Words): Finding =>
    ({ area, code, severity, subject, ...words });
  return {
    ok: (code: string, subject: string, what: string) => make('ok')(code, subject, { what, why: '', do: '' }),
    /** It could not be looked at from here. */
    skipped: (code: string, subject: string, what: string, why: string, remedy = '') =>
      make('skipped')(code, subject, { what, why, do: remedy }),
    warning: make('warning'),
    problem: make('problem'),
  };
}

export const dayMs = 86_400_000;

/** "25 Nov 2026", in UTC. */
export const day = (ms: number) =>
  new Date(ms).toLocaleDateString('en-GB', { day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' });

/** "25 Nov 2026, 14:02 UTC" */
export const moment = (ms: number) => `${day(ms)}, ${new Date(ms).toISOString().slice(11, 16)} UTC`;

/** "3 days", "1 hour", of a length of time in ms. */
export function span(ms: number): string {
  const seconds = Math.abs(ms) / 1000;
  const units: [number, string][] = [[365.25 * 86_400, 'year'], [86_400, 'day'], [3600, 'hour'], [60, 'minute']];
  // Two of a unit at least: "36 hours" says more than "1 day".
  const [size, name] = units.find(([size]) => seconds >= 2 * size) ?? [1, 'second'];
  const count = Math.floor(seconds / size);
  return `${count} ${name}${count === 1 ? '' : 's'}`;
}

/** "about 12 kB": sizes for people. */
export const bytes = (count: number) => count < 1e9 ? `${Math.floor(count / 1e6)} MB`
  : `${(count / 1e9).toFixed(1)} GB`;
