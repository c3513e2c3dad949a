import type { Device } from '@sconce/protocol/http';
import { limits } from '@sconce/protocol/limits';
import { useState } from 'preact/hooks';
import { Failure } from '../api/client.ts';
import { Button } from '../design/Button.tsx';
import { Choice, Form, MultiChoice, TextField } from '../design/Field.tsx';
import { errorAt, errorElsewhere, useAction } from './action.ts';
import { NameFields } from './NameFields.tsx';
import { type CodeDraft, type Draft, read } from './outlet-form.ts';

type Sent = Extract<ReturnType<typeof read>, { ok: true }>['value'];

interface OutletFormProps {
  start: Draft;
  /** The pins with a relay that can be chosen; none for those to whom the board is not known: it stays as it is. */
  pins: number[];
  /** Boards that could send it as well; none for those to whom no other is known: what is chosen stays. */
  others?: Pick<Device, 'id' | 'name'>[];
  action: string;
  onSave: (value: Sent) => Promise<unknown>;
}

const fields = ['name', 'room', 'icon', 'control.pin', 'control.repeat', 'control.also',
  ...['on', 'off'].flatMap((which) => ['code', 'bits', 'protocol', 'pulse'].map((part) => `control.${which}.${part}`))];

export function OutletForm({ start, pins, others = [], action, onSave }: OutletFormProps) {
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
      <NameFields value={draft} onChange={set} error={error} />
      {pins.length > 0 && (
        <Choice legend="How it is switched" value={draft.kind} onChange={(kind) => set({ kind })}
          options={[{ value: 'rf', label: 'By radio' }, { value: 'pin', label: 'By a relay on the board' }]} />
      )}
      {draft.kind === 'rf'
        ? <Radio draft={draft} set={set} error={error} others={others} />
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
interface RadioProps {
  draft: Draft;
  set: Set;
  error: (path: string) => string | undefined;
  others: Pick<Device, 'id' | 'name'>[];
}

const pair = ['on', 'off'] as const;
type Which = (typeof pair)[number];

/** The two codes; what they share in nearly every remote is folded away under them. */
function Radio({ draft, set, error, others }: RadioProps) {
  const shown = draft.toggles ? ['on'] as const : pair;
  const parts = ['bits', 'protocol', 'pulse'] as const;
  const [apart] = useState(parts.some((part) => draft.on[part] !== draft.off[part]));
  const wrong = fields.some((path) => !path.endsWith('.code') && path.startsWith('control.') && error(path));
  const one = (which: Which, change: Partial<CodeDraft>) => set({ [which]: { ...draft[which], ...change } });
  const both = (change: Partial<CodeDraft>) =>
    set({ on: { ...draft.on, ...change }, off: { ...draft.off, ...change } });
  return (
    <>
      <Choice legend="Its remote has" value={draft.toggles ? 'one' : 'two'}
        onChange={(value) => set({ toggles: value === 'one' })}
        hint={draft.toggles ? 'Nobody knows then whether it is on; scenes and “All off” pass it over.' : undefined}
        options={[{ value: 'two', label: 'On and off' }, { value: 'one', label: 'One button for both' }]} />
      <div class="stack">
        <div class="field-row">
          {shown.map((which) => (
            <TextField key={which} kind="number" label={draft.toggles ? 'Code' : `Code for ${which}`} value={draft[which].code}
              error={error(`control.${which}.code`)} onInput={(code) => one(which, { code })} />
          ))}
        </div>
        <p class="field-hint">The numbers that the socket’s remote sends, as rc-switch shows them.</p>
      </div>
      <Repeats value={draft.repeat} onChange={(repeat) => set({ repeat })} error={error('control.repeat')} />
      {others.length > 0 && !draft.toggles && (
        <MultiChoice legend="Also sent by" value={draft.also} onChange={(also) => set({ also: also.slice(-limits.furtherSenders) })}
          options={others.map(({ id, name }) => ({ value: id, label: name ?? id }))} error={error('control.also')}
          hint="Where its own board does not always reach the socket, another sends the code again." />
      )}
      <details class="form-more" open={apart || wrong}>
        <summary>More about the radio</summary>
        <div class="form">
          {apart
            ? shown.map((which) => (
              <Timing key={which} of={` for ${which}`} code={draft[which]} set={(change) => one(which, change)}
                error={(part) => error(`control.${which}.${part}`)} />
            ))
            : (
              <Timing of="" code={draft.on} set={both}
                error={(part) => error(`control.on.${part}`) ?? error(`control.off.${part}`)} />
            )}
        </div>
      </details>
    </>
  );
}

const often = [{ value: '10', label: 'As usual' }, { value: '20', label: 'More often' }, { value: '40', label: 'Most often' }];

function Repeats({ value, onChange, error }: { value: string; onChange: (value: string) => void; error: string | undefined }) {
  const [own] = useState(often.some((one) => one.value === value) ? undefined : value);
  return (
    <Choice legend="How often a code is sent" value={value} onChange={onChange} error={error}
      hint="Send it more often if the socket sometimes misses it. It then takes a little longer."
      options={own === undefined ? often : [{ value: own, label: `${own} times` }, ...often]} />
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
