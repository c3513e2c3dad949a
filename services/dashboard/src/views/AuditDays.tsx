import type { AuditEntry } from '@sconce/protocol/audit';
import { Section } from '../design/Page.tsx';
import './audit.css';
import { circumstances, sentence, wentWrong } from './words/audit.ts';
import { dayWords } from './words/times.ts';

/** Entries under the days on which they happened. `now`: ms since 1970. */
export function AuditDays({ entries, now, onShow }:
  { entries: AuditEntry[]; now: number; onShow: (entry: AuditEntry) => void }) {
  const days: { title: string; entries: AuditEntry[] }[] = [];
  for (const entry of entries) {
    const title = dayWords(entry.at, now);
    const last = days.at(-1);
    if (last?.title === title) last.entries.push(entry);
    else days.push({ title, entries: [entry] });
  }
  return (
    <>
      {days.map(({ title, entries }) => (
        <Section key={entries.at(-1)?.id} title={title}>
          <div class="card">
            <ul class="rows">
              {entries.map((entry) => (
                <li key={entry.id}>
                  <button class="happening" type="button" onClick={() => onShow(entry)}>
                    <span>{sentence(entry)}</span>
                    <small data-wrong={wentWrong(entry) || undefined}>{circumstances(entry)}</small>
                  </button>
                </li>
              ))}
            </ul>
          </div>
        </Section>
      ))}
    </>
  );
}
