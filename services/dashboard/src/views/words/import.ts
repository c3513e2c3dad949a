import type { ImportResult } from '@sconce/protocol/radio-api';
import { sameCode } from '@sconce/protocol/radio';
import { codeDetails } from './radio.ts';
import { count } from './times.ts';

/** "3 outlets are in", "3 outlets, all good", "2 of 3 lines are refused". */
export function importWords({ imported, lines }: ImportResult): string {
  const refused = lines.filter((line) => !line.outlet).length;
  if (imported) return lines.length === 1 ? '1 outlet is in' : `${lines.length} outlets are in`;
  if (lines.length === 0) return 'There is no outlet in it';
  if (refused > 0) return `${refused} of ${count(lines.length, 'line')} ${refused === 1 ? 'is' : 'are'} refused`;
  return `${count(lines.length, 'outlet')}, all good`;
}

/** What a line is, or why it is none. */
export function lineWords({ outlet, reason }: ImportResult['lines'][number]): string {
  if (!outlet) return reason ?? 'It is refused.';
  const { control } = outlet;
  const codes = control.kind === 'pin' ? `relay on GPIO ${control.pin}`
    : sameCode(control.on, control.off) ? `one code for on and off, ${codeDetails(control.on)}`
    : codeDetails(control.on);
  return `${outlet.name}${outlet.room ? `, ${outlet.room}` : ''} · ${codes}`;
}
