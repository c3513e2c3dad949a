import type { AuditEntry } from '@sconce/protocol/audit';
import { Button } from '../design/Button.tsx';
import { Fact, Facts } from '../design/Page.tsx';
import { Sheet } from '../design/Sheet.tsx';
import { circumstances, sentence } from './words/audit.ts';

/** What the list is narrowed to: a key of AuditFilter, and what that is called. */
export type Only = { key: 'person' | 'outlet' | 'device'; id: string; name: string };

const exact = new Intl.DateTimeFormat('en-GB', { dateStyle: 'full', timeStyle: 'medium' });

/** All about one entry, and ways to see only what belongs with it. */
export function AuditSheet({ entry, onClose, onOnly }:
  { entry: AuditEntry; onClose: () => void; onOnly: (only: Only) => void }) {
  const { actor, target, address, at, detail: { why } } = entry;
  return (
    <Sheet title={sentence(entry)} subtitle={circumstances(entry)} onClose={onClose}>
      <Facts>
        <Fact term="When">{exact.format(Date.parse(at))}</Fact>
        {actor.token && <Fact term="By the token">{actor.token}</Fact>}
        {typeof why === 'string' && <Fact term="Why">{why}</Fact>}
        {address && <Fact term="From"><code>{address}</code></Fact>}
        <Fact term="Entry" note={entry.action}>{entry.id}</Fact>
      </Facts>
      <div class="actions">
        {onlyThese(actor, target).map((only) => (
          <Button key={only.key + only.id} onClick={() => onOnly(only)}>{`Only ${only.name}`}</Button>
        ))}
      </div>
    </Sheet>
  );
}

function onlyThese(actor: AuditEntry['actor'], target: AuditEntry['target']): Only[] {
  const all: Only[] = [];
  if (actor.personId && actor.name) all.push({ key: 'person', id: actor.personId, name: actor.name });
  const kind = target?.kind;
  if (target?.id && target.name && (kind === 'person' || kind === 'outlet' || kind === 'device')) {
    if (target.id !== actor.personId) all.push({ key: kind, id: target.id, name: target.name });
  }
  return all;
}
