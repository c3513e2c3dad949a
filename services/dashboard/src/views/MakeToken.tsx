import type { MadeToken, Scope } from '@sconce/protocol/http';
import { useState } from 'preact/hooks';
import { makeToken } from '../api/calls.ts';
import { Failure } from '../api/client.ts';
import { Button } from '../design/Button.tsx';
import { Choice, Form, MultiChoice, TextField } from '../design/Field.tsx';
import { errorAt, errorElsewhere, named, useAction } from './action.ts';
import { scopeWords } from './words/token.ts';

const scopes = Object.entries(scopeWords).map(([value, label]) => ({ value: value as Scope, label }));
const lifetimes = [
  { value: '7', label: '7 days' },
  { value: '30', label: '30 days' },
  { value: '90', label: '90 days' },
  { value: '365', label: 'A year' },
];

function some(scopes: Scope[]): Scope[] {
  if (scopes.length > 0) return scopes;
  const fields = [{ path: 'scopes', message: 'Choose at least one.' }];
  throw new Failure({ code: 'invalid_request', status: 0, detail: 'Nothing is chosen.', fields });
}

export function MakeToken({ onMade, onCancel }: { onMade: (token: MadeToken) => void; onCancel: () => void }) {
  const [name, setName] = useState('');
  const [chosen, setChosen] = useState<Scope[]>(['read', 'switch']);
  const [days, setDays] = useState('90');
  const making = useAction();
  const error = (path: string) => errorAt(making.failure, path);
  const submit = () => void making.run(async () =>
    onMade(await makeToken({ name: named(name), scopes: some(chosen), days: Number(days) })));
  return (
    <div class="card">
      <Form onSubmit={submit} error={errorElsewhere(making.failure, ['name', 'scopes', 'days'])}>
        <TextField label="What is it for?" value={name} onInput={setName} error={error('name')} autoFocus
          hint="A name to know it by, for example “Bedtime script”." />
        <MultiChoice legend="It may" options={scopes} value={chosen} onChange={setChosen} error={error('scopes')} />
        <Choice legend="It ends after" options={lifetimes} value={days} onChange={setDays} error={error('days')} />
        <div class="pair">
          <Button onClick={onCancel}>Cancel</Button>
          <Button kind="main" type="submit" busy={making.busy}>{making.busy ? 'Making…' : 'Make it'}</Button>
        </div>
      </Form>
    </div>
  );
}
