import { z } from 'zod';

/** What `doctor --json` prints: a report of the whole chain. Shown by the dashboard, too. */

/** `skipped`: it could not be looked at from here, `why` says so. The exit status is 0, 1 (warning), 2 (problem). */
export const severities = ['ok', 'skipped', 'warning', 'problem'] as const;
export const Severity = z.enum(severities);
export type Severity = z.infer<typeof Severity>;

export const areas = ['machine', 'names', 'clock', 'certificates', 'broker', 'boards', 'database', 'sign-in', 'web'] as const;
export const Area = z.enum(areas);
export type Area = z.infer<typeof Area>;

export const Finding = z.object({
  area: Area,
  /** Stable, for programs: `certificate_expired`. */
  code: z.string().regex(/^[a-z][a-z0-9_]*$/),
  severity: Severity,
  /** What it is about: a file, a host, a board's name. */
  subject: z.string(),
  /** What is wrong, or that it is well, in one sentence. */
  what: z.string(),
  /** Why that is, or what it does to people; empty for what is well. */
  why: z.string(),
  /** What to do about it: a command, where there is one. Empty for what is well. */
  do: z.string(),
});
export type Finding = z.infer<typeof Finding>;

export const DoctorReport = z.object({
  /** Milliseconds since 1970. */
  at: z.int(),
  worst: Severity,
  findings: z.array(Finding),
});
export type DoctorReport = z.infer<typeof DoctorReport>;
