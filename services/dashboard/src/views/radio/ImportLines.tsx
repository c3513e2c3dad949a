import type { ImportResult } from '@sconce/protocol/radio-api';
import { CircleCheck, CircleX } from 'lucide';
import { Icon } from '../../design/Icon.tsx';
import { importWords, lineWords } from '../words/import.ts';
import './radio.css';

/** What became of each line, those that are refused first: they are what is to be done. */
export function ImportLines({ result }: { result: ImportResult }) {
  const lines = result.lines.toSorted((a, b) => Number(a.outlet !== undefined) - Number(b.outlet !== undefined) || a.line - b.line);
  return (
    <section class="section" aria-label="What would come of it">
      <h2>{importWords(result)}</h2>
      <div class="card">
        <ul class="rows">
          {lines.map((line) => (
            <li key={line.line} class="import-line" data-refused={line.outlet === undefined}>
              <Icon node={line.outlet ? CircleCheck : CircleX} />
              <p><span class="quiet">Line {line.line}:</span> {lineWords(line)}</p>
            </li>
          ))}
        </ul>
      </div>
    </section>
  );
}
