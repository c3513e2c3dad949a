import type { Person, Role } from '@sconce/protocol/http';
import { ago, day, dayOfYear, midnight, clock, weekday } from './times.ts';

export const roleWords: Record<Role, string> = { admin: 'Admin', member: 'Member', guest: 'Guest' };

/** What each role may do, in a breath. */
export const roleMeans: Record<Role, string> = {
  member: 'Uses what is shared with them, for as long as they live here.',
  guest: 'Uses what is shared with them, until a time that you set.',
  admin: 'Runs the household: boards, people and everything in it.',
};

const dayMs = 86_400_000;

/** A time that may lie ahead: "today at 18:00", "tomorrow at 04:00", "Monday at 04:00", "5 December at 23:59". */
export function at(iso: string, now: number): string {
  const ms = Date.parse(iso);
  return `${dayWords(ms, now)} at ${clock.format(ms)}`;
}

function dayWords(ms: number, now: number): string {
  const days = Math.round((midnight(ms) - midnight(now)) / dayMs);
  if (days === 0) return 'today';
  if (days === 1) return 'tomorrow';
  if (days === -1) return 'yesterday';
  if (days > 1 && days < 7) return weekday.format(ms);
  return new Date(ms).getFullYear() === new Date(now).getFullYear() ? day.format(ms) : dayOfYear.format(ms);
}

/** "Member", "Guest until Monday at 04:00", "Guest, ended yesterday at 18:00". */
export function standing({ role, guestUntil }: Pick<Person, 'role' | 'guestUntil'>, now: number): string {
  if (!guestUntil) return roleWords[role];
  const ended = Date.parse(guestUntil) <= now;
  return ended ? `Guest, ended ${at(guestUntil, now)}` : `Guest until ${at(guestUntil, now)}`;
}

export const seen = ({ lastSeenAt }: Person, now: number) => `Last here ${ago(lastSeenAt, now)}.`;

/** Anybody may call themselves anything somewhere: who says so belongs beside the name. "accounts.google.com". */
export function vouching({ issuer }: Person): string {
  return URL.canParse(issuer) ? new URL(issuer).host : issuer;
}

/** How long a guest may stay, as it is chosen. */
export type Stay = 'tonight' | 'weekend' | 'week' | 'date';

export const stays: { value: Stay; label: string }[] = [
  { value: 'tonight', label: 'Tonight' },
  { value: 'weekend', label: 'The weekend' },
  { value: 'week', label: 'A week' },
  { value: 'date', label: 'Until a date' },
];

/** Parties go on past midnight: a night ends at four, and one that is nearly over is not meant. */
const nightEndsAt = 4;
const leastMs = 3_600_000;

/**
 * When such a stay ends, in ms since 1970, by this device's calendar.
 * @param date for "date": YYYY-MM-DD, that day included. @returns undefined if that is no day
 */
export function endOf(stay: Stay, now: number, date = ''): number | undefined {
  switch (stay) {
    case 'tonight': return nightAfter(now, () => true);
    case 'weekend': return nightAfter(now, (day) => day === 1);
    case 'week': return new Date(now).setDate(new Date(now).getDate() + 7);
    case 'date': {
      const [year, month, day] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(date)?.slice(1).map(Number) ?? [];
      if (year === undefined || month === undefined || day === undefined) return undefined;
      return new Date(year, month - 1, day, 23, 59).getTime();
    }
  }
}

/** The next end of a night, on a day of the week that fits (0 is Sunday), at least an hour away. */
function nightAfter(now: number, fits: (weekday: number) => boolean): number {
  const end = new Date(now);
  end.setHours(nightEndsAt, 0, 0, 0);
  while (end.getTime() < now + leastMs || !fits(end.getDay())) end.setDate(end.getDate() + 1);
  return end.getTime();
}

/** YYYY-MM-DD of a moment, here. */
export function dateOf(ms: number): string {
  const date = new Date(ms);
  const two = (part: number) => String(part).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}
