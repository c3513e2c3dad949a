import type { Device } from '@sconce/protocol/http';
import { useState } from 'preact/hooks';
import { adopt } from '../api/calls.ts';
import { Button } from '../design/Button.tsx';
import { Form, TextField } from '../design/Field.tsx';
import { announce } from '../state/announce.ts';
import { now } from '../state/clock.ts';
import { putDevice } from '../state/devices.ts';
import { errorAt, errorElsewhere, named, useAction } from './action.ts';
import { Blink } from './Blink.tsx';
import { make, presence, spaced } from './words/device.ts';

/** A board with a valid certificate that nobody has taken in yet. */
export function NewBoard({ device, onRevoke }: { device: Device; onRevoke: () => void }) {
  const [name, setName] = useState('');
  const adopting = useAction();
  const submit = () => void adopting.run(async () => {
    putDevice(await adopt(device.id, named(name)));
    announce(`${name.trim()} is adopted.`);
  });
  return (
    <article class="card" data-new aria-label={`New board ${spaced(device.id)}`}>
      <div>
        <h3>{make(device)}</h3>
        <p class="quiet">{presence(device, now.value)}</p>
        <p><code>{spaced(device.id)}</code></p>
      </div>
      <Form onSubmit={submit} error={errorElsewhere(adopting.failure, ['name'])}>
        <TextField label="Name" value={name} onInput={setName} hint="Where it is, for example “Hall board”."
          error={errorAt(adopting.failure, 'name')} />
        <div class="actions">
          <Button kind="main" type="submit" busy={adopting.busy}>{adopting.busy ? 'Adopting…' : 'Adopt'}</Button>
          <Blink device={device} />
          <Button label={`Revoke new board ${spaced(device.id)}`} onClick={onRevoke}>Revoke…</Button>
        </div>
      </Form>
    </article>
  );
}
