import type { Icon as OutletIcon } from '@sconce/protocol/http';
import { useState } from 'preact/hooks';
import { Failure } from '../api/client.ts';
import { Button } from '../design/Button.tsx';
import { Choice, Form, TextField } from '../design/Field.tsx';
import { roomNames } from '../state/outlets.ts';
import { errorAt, errorElsewhere, useAction } from './action.ts';
import { outletIcons } from './icons.ts';
import { type CodeDraft, type Draft, read } from './outlet-form.ts';

type Sent = Extract<ReturnType<typeof read>, { ok: true }>['value'];

interface OutletFormProps {
  start: Draft;
  /** The pins with a relay that can be chosen; none for those to whom the board is not known: it stays as it is. */
  pins: number[];
  action: string;
  onSave: (value: Sent) => Promise<unknown>;
}

const icons = Object.entries(outletIcons)
  .map(([value, { node, label }]) => ({ value: value as OutletIcon, icon: node, label }));
const fields = ['name', 'room', 'icon', 'control.pin', 'control.repeat',
  ...['on', 'off'].flatMap((which) => ['code', 'bits', 'protocol', 'pulse'].map((part) => `control.${which}.${part}`))];

export function OutletForm({ start, pins, action, onSave }: OutletFormProps) {
  const [draft, setDraft] = useState(start);
  const set = (change: Partial<Draft>) => setDraft({ ...draft, ...change });
  const saving = useAction();
  const error = (path: string) => errorAt(saving.failure, path);

  const submit = () => void saving.run(async () => {
    const result = read(draft);
    if (result.ok) return onSave(result.value);
    throw new Failure({ code: 'invalid_request', status: 0, detail: 'Something is missing.', fields: result.errors });
  }).then((ok) => { if (!ok) showFirstError(); });

  return (
    <Form onSubmit={submit} error={errorElsewhere(saving.failure, fields)}>
      <TextField label="Name" value={draft.name} onInput={(name) => set({ name })} error={error('name')}
        hint="What the family calls it, for example “Reading lamp”." />
      <TextField label="Room" value={draft.room} onInput={(room) => set({ room })} error={error('room')}
        suggestions={roomNames.value} hint="Outlets of one room stand together. It may stay empty." />
      <Choice legend="Icon" options={icons} iconsOnly value={draft.icon} onChange={(icon) => set({ icon })}
        error={error('icon')} />
      {pins.length > 0 && (
        <Choice legend="How it is switched" value={draft.kind} onChange={(kind) => set({ kind })}
          options={[{ value: 'rf', label: 'By radio' }, { value: 'pin', label: 'By a relay on the board' }]} />
      )}
      {draft.kind === 'rf'
        ? <Radio draft={draft} set={set} error={error} />
        : pins.length > 0 && (
          <Choice legend="Pin of the relay" value={draft.pin} onChange={(pin) => set({ pin })}
            error={error('control.pin')}
            options={pins.map((pin) => ({ value: String(pin), label: `GPIO ${pin}` }))} />
        )}
      <Button kind="main" type="submit" wide busy={saving.busy}>{saving.busy ? 'Saving…' : action}</Button>
    </Form>
  );
}

/** Brings the first complaint into view, and the keyboard with it. */
function showFirstError() {
  requestAnimationFrame(() => document.querySelector<HTMLElement>('form [aria-invalid="true"]')?.focus());
}

type Set = (change: Partial<Draft>) => void;
interface RadioProps { draft: Draft; set: Set; error: (path: string) => string | undefined }

const pair = ['on', 'off'] as const;
type Which = (typeof pair)[number];

/** The two codes; what they share in nearly every remote is folded away under them. */
function Radio({ draft, set, error }: RadioProps) {
  const parts = ['bits', 'protocol', 'pulse'] as const;
  const [apart] = useState(parts.some((part) => draft.on[part] !== draft.off[part]));
  const wrong = fields.some((path) => !path.endsWith('.code') && path.startsWith('control.') && error(path));
  const one = (which: Which, change: Partial<CodeDraft>) => set({ [which]: { ...draft[which], ...change } });
  const both = (change: Partial<CodeDraft>) =>
    set({ on: { ...draft.on, ...change }, off: { ...draft.off, ...change } });
  return (
    <>
      <div class="stack">
        <div class="field-row">
          {pair.map((which) => (
            <TextField key={which} kind="number" label={`Code for ${which}`} value={draft[which].code}
              error={error(`control.${which}.code`)} onInput={(code) => one(which, { code })} />
          ))}
        </div>
        <p class="field-hint">The numbers that the socket’s remote sends, as rc-switch shows them.</p>
      </div>
      <details class="form-more" open={apart || wrong}>
        <summary>More about the radio</summary>
        <div class="form">
          {apart
            ? pair.map((which) => (
              <Timing key={which} of={` for ${which}`} code={draft[which]} set={(change) => one(which, change)}
                error={(part) => error(`control.${which}.${part}`)} />
            ))
            : (
              <Timing of="" code={draft.on} set={both}
                error={(part) => error(`control.on.${part}`) ?? error(`control.off.${part}`)} />
            )}
          <TextField kind="number" label="Times sent in a row" value={draft.repeat} error={error('control.repeat')}
            onInput={(repeat) => set({ repeat })} hint="Cheap receivers miss single ones. Ten is usual." />
        </div>
      </details>
    </>
  );
}

interface TimingProps {
  of: string;
  code: CodeDraft;
  set: (change: Partial<CodeDraft>) => void;
  error: (part: string) => string | undefined;
}

function Timing({ of, code, set, error }: TimingProps) {
  const field = (part: keyof CodeDraft, label: string) => (
    <TextField kind="number" label={label} value={code[part]} onInput={(value) => set({ [part]: value })}
      error={error(part)} />
  );
  return (
    <div class="field-row">
      {field('bits', `Bits${of}`)}
      {field('protocol', `Protocol${of}`)}
      {field('pulse', `Pulse${of}, µs`)}
    </div>
  );
}
