import type { DoctorReport, Finding } from '@sconce/protocol/doctor';
import { count } from './times.ts';

export const areaWords: Record<Finding['area'], string> = {
  'machine': 'The machine', 'names': 'Names and ports', 'clock': 'The clock', 'certificates': 'Certificates', 'broker': 'The broker',
  'boards': 'Boards', 'database': 'The database', 'sign-in': 'Sign-in', 'web': 'The web address',
};

export type Sorted = Record<Finding['severity'], Finding[]>;

export function sorted({ findings }: DoctorReport): Sorted {
  const by = (severity: Finding['severity']) => findings.filter((one) => one.severity === severity);
  return { problem: by('problem'), warning: by('warning'), skipped: by('skipped'), ok: by('ok') };
}

/** "2 problems, 1 warning." */
export function verdict({ problem, warning }: Sorted): string {
  const parts = [problem.length > 0 && count(problem.length, 'problem'), warning.length > 0 && count(warning.length, 'warning')];
  return parts.filter(Boolean).join(', ');
}

/** For somebody who helps. */
export const asText = ({ findings }: DoctorReport) => findings
  .filter(({ severity }) => severity === 'problem' || severity === 'warning')
  .map((one) => [`${one.subject}: ${one.what}`, one.why, one.do].filter(Boolean).join('\n')).join('\n\n');
