import type { AuditEntry } from '@sconce/protocol/audit';
import { Download, History } from 'lucide';
import { useEffect, useRef, useState } from 'preact/hooks';
import { audit as fetchAudit, auditCsvHref } from '../api/calls.ts';
import { Button, ButtonLink } from '../design/Button.tsx';
import { Choice } from '../design/Field.tsx';
import { Empty, Note, Page } from '../design/Page.tsx';
import { auditNews } from '../state/audit.ts';
import { now } from '../state/clock.ts';
import { paths } from '../state/router.ts';
import { useAction } from './action.ts';
import { AuditDays } from './AuditDays.tsx';
import { AuditSheet, type Only } from './AuditSheet.tsx';
import { kinds, type Kind } from './words/audit.ts';

const kindOptions: { value: Kind | 'all'; label: string }[] = [
  { value: 'all', label: 'Everything' },
  ...(Object.keys(kinds) as Kind[]).map((value) => ({ value, label: kinds[value].label })),
];

/** Milliseconds in which news gather before they are fetched: one tap is several events. */
const gatherMs = 400;

function filterOf(kind: Kind | 'all', only: Only | undefined): URLSearchParams {
  const actions = kind === 'all' ? [] : kinds[kind].actions;
  return new URLSearchParams([...actions.map((action) => ['action', action]), ...only ? [[only.key, only.id]] : []]);
}

/** What happened in the household, for admins; new entries appear on top by themselves. */
export function Audit() {
  const [kind, setKind] = useState<Kind | 'all'>('all');
  const [only, setOnly] = useState<Only>();
  const [shown, setShown] = useState<AuditEntry>();
  const filter = filterOf(kind, only);
  const { entries, next, failure, busy, more, reload } = useEntries(filter.toString());
  return (
    <Page title="What happened" lede="Who did what, and what came of it." narrow
      back={{ href: paths.settings, label: 'Settings' }}>
      <Choice legend="Show" options={kindOptions} value={kind} onChange={setKind} />
      <div class="actions">
        {only && <Button onClick={() => setOnly(undefined)} label={`Only ${only.name}, show everything again`}>
          {`Only ${only.name} ✕`}
        </Button>}
        <ButtonLink icon={Download} href={auditCsvHref(filter)} label="Export as a spreadsheet">Export</ButtonLink>
      </div>
      {failure && <Note kind="alarm">{failure.detail} <Button onClick={reload}>Try again</Button></Note>}
      {entries && <AuditDays entries={entries} now={now.value} onShow={setShown} />}
      {entries?.length === 0 && (
        <Empty icon={History} title="Nothing of that kind">As soon as something happens, it stands here.</Empty>
      )}
      {next && <Button wide busy={busy} onClick={more}>{busy ? 'Loading…' : 'Show earlier'}</Button>}
      {shown && <AuditSheet entry={shown} onClose={() => setShown(undefined)} onOnly={(one) => {
        setOnly(one);
        setShown(undefined);
      }} />}
    </Page>
  );
}

/** The entries that fit, newest first; earlier ones by `more`. */
function useEntries(filter: string) {
  const [list, setList] = useState<{ filter: string; entries: AuditEntry[]; next: string | null }>();
  const loading = useAction();
  const [newest, setNewest] = useState(0);
  const latest = useRef(filter);
  latest.current = filter;

  const ask = async (before?: string) => {
    const query = new URLSearchParams(filter);
    if (before !== undefined) query.set('before', before);
    const page = await fetchAudit(query);
    // Meanwhile something else was asked for.
    if (latest.current !== filter) return;
    setList((was) => {
      if (was?.filter !== filter) return { filter, ...page };
      if (before !== undefined) return { filter, entries: [...was.entries, ...page.entries], next: page.next };
      const at = page.entries.findIndex(({ id }) => id === was.entries[0]?.id);
      // More than a page is new: what lies between is not known, so it begins anew.
      return at < 0 ? { filter, ...page } : { ...was, entries: [...page.entries.slice(0, at), ...was.entries] };
    });
  };
  const reload = () => setNewest((count) => count + 1);

  useEffect(() => { void loading.run(() => ask()); }, [filter, newest]);
  useEffect(() => {
    const soon = setTimeout(reload, gatherMs);
    return () => clearTimeout(soon);
  }, [auditNews.value]);
  useEffect(() => {
    const look = () => { if (document.visibilityState === 'visible') reload(); };
    document.addEventListener('visibilitychange', look);
    return () => document.removeEventListener('visibilitychange', look);
  }, []);

  const current = list?.filter === filter ? list : undefined;
  const next = current?.next ?? undefined;
  const more = () => void loading.run(() => ask(next));
  return { entries: current?.entries, next, failure: loading.failure, busy: loading.busy, more, reload };
}
