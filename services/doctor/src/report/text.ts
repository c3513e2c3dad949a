import { areas, type Area, type DoctorReport } from '@sconce/protocol/doctor';
import type { Finding } from '../finding.ts';

const titles: Record<Area, string> = { machine: 'Machine', names: 'Names', clock: 'Clock',
  certificates: 'Certificates', broker: 'Broker', boards: 'Boards',
  database: 'Database', 'sign-in': 'Sign-in', web: 'Web' };
const words = { ok: 'ok', skipped: 'not seen', warning: 'look', problem: 'BROKEN' } as const;
const colours = { ok: 32, skipped: 90, warning: 33, problem: 31 } as const;
/** Columns of the severity's word. */
const width = 9;

export const title = (area: Area): string => titles[area];

/** What is to be done first, then how everything stands. Colour only repeats what the word says. */
export function textOf({ findings }: DoctorReport, { colour, columns }: { colour: boolean; columns: number }): string {
  const faulty = findings.filter(({ severity }) => severity === 'problem' || severity === 'warning');
  const lines = faulty.flatMap((finding, at) => [...fault(finding, at + 1, colour, columns), '']);
  for (const area of areas) {
    const found = findings.filter((finding) => finding.area === area);
    if (found.length === 0) continue;
    lines.push(titles[area]);
    for (const finding of found) lines.push(...line(finding, colour, columns));
    lines.push('');
  }
  return [...lines, closing(findings)].join('\n');
}

function fault({ severity, what, why, do: remedy }: Finding, number: number, colour: boolean,
  columns: number): string[] {
  return [...hanging(`${number}. `, what, columns, paint(severity, colour)),
    ...hanging('   Why: ', why, columns), ...hanging('   Do:  ', remedy, columns)];
}

function line(finding: Finding, colour: boolean, columns: number): string[] {
  const { severity, what, why } = finding;
  const text = severity === 'skipped' ? `${what} ${why}` : what;
  const head = `  ${words[severity].padEnd(width)}`;
  const [first = '', ...more] = hanging(head, text, columns);
  return [paint(severity, colour)(head) + first.slice(head.length), ...more];
}

function closing(findings: Finding[]): string {
  const count = (severity: Finding['severity']) => findings.filter((finding) => finding.severity === severity).length;
  const [problems, warnings] = [count('problem'), count('warning')];
  if (problems + warnings === 0) return 'All is well.';
  const many = (n: number, word: string) => `${n} ${word}${n === 1 ? '' : 's'}`;
  const parts = [problems > 0 ? `${many(problems, 'thing')} broken` : '',
    warnings > 0 ? `${many(warnings, 'thing')} to look at` : ''];
  return `${parts.filter(Boolean).join(', ')}.`;
}

const paint = (severity: Finding['severity'], colour: boolean) => (text: string) => colour
  ? `\x1b[${colours[severity]}m${text}\x1b[0m` : text;

/** Text in lines, each but the first indented as deep as the head is long. */
function hanging(head: string, text: string, columns: number, paintText = (text: string) => text): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && head.length + line.length + 1 + word.length > columns) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].map((one, at) => (at === 0 ? head : ' '.repeat(head.length)) + paintText(one));
}
