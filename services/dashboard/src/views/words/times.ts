/** Times in the household's words. All take `now` in ms since 1970 and ISO 8601 times as the API sends them. */
export const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
export const weekday = new Intl.DateTimeFormat('en-GB', { weekday: 'long' });
export const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'long' });
export const dayOfYear = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'long', year: 'numeric' });

const dayMs = 86_400_000;

/** Midnight, local, of the day of a moment. */
export function midnight(ms: number) {
  return new Date(ms).setHours(0, 0, 0, 0);
}

/** "14:02", "yesterday, 14:02", "Tuesday, 14:02", "3 November". */
export function when(iso: string, now: number): string {
  const ms = Date.parse(iso);
  const days = Math.round((midnight(now) - midnight(ms)) / dayMs);
  if (days <= 0) return clock.format(ms);
  if (days === 1) return `yesterday, ${clock.format(ms)}`;
  if (days < 7) return `${weekday.format(ms)}, ${clock.format(ms)}`;
  return new Date(ms).getFullYear() === new Date(now).getFullYear() ? day.format(ms) : dayOfYear.format(ms);
}

/** "Today", "Yesterday", "Tuesday 24 November", and with the year where it is another. */
export function dayWords(iso: string, now: number): string {
  const ms = Date.parse(iso);
  const days = Math.round((midnight(now) - midnight(ms)) / dayMs);
  if (days <= 0) return 'Today';
  if (days === 1) return 'Yesterday';
  const thisYear = new Date(ms).getFullYear() === new Date(now).getFullYear();
  return `${weekday.format(ms)} ${(thisYear ? day : dayOfYear).format(ms)}`;
}

/** "14:02". */
export const clockTime = (iso: string) => clock.format(Date.parse(iso));

const seconds = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
/** "14:02:09". */
export const clockSeconds = (iso: string) => seconds.format(Date.parse(iso));

/** "just now", "4 minutes ago", "3 hours ago", "2 days ago". */
export function ago(iso: string, now: number): string {
  const minutes = Math.floor((now - Date.parse(iso)) / 60_000);
  if (minutes < 1) return 'just now';
  if (minutes < 60) return `${count(minutes, 'minute')} ago`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${count(hours, 'hour')} ago` : `${count(Math.floor(hours / 24), 'day')} ago`;
}

/** Whole days from now to then; negative when it has passed. */
export const daysLeft = (iso: string, now: number) => Math.floor((Date.parse(iso) - now) / dayMs);

/** "Ends in 89 days.", "Ends in 1 day.", "Ends today."; "Ended yesterday, 14:02." once it has. */
export function ends(iso: string, now: number): string {
  const days = daysLeft(iso, now);
  if (days < 0) return `Ended ${when(iso, now)}.`;
  return days === 0 ? 'Ends today.' : `Ends in ${count(days, 'day')}.`;
}

/** Seconds as "3 days", "5 hours", "12 minutes". */
export function duration(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return count(Math.max(minutes, 1), 'minute');
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? count(hours, 'hour') : count(Math.floor(hours / 24), 'day');
}

/** "1 outlet", "3 outlets", "2 people". */
export const count = (n: number, noun: string, plural = `${noun}s`) => `${n} ${n === 1 ? noun : plural}`;
