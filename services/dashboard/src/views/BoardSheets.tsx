import type { Device, Outlet } from '@sconce/protocol/http';
import { useState } from 'preact/hooks';
import { forgetDevice, renameDevice } from '../api/calls.ts';
import { Button } from '../design/Button.tsx';
import { Form, TextField } from '../design/Field.tsx';
import { Note } from '../design/Page.tsx';
import { Sheet } from '../design/Sheet.tsx';
import { announce } from '../state/announce.ts';
import { putDevice } from '../state/devices.ts';
import { errorAt, errorElsewhere, named, useAction } from './action.ts';
import { count } from './words/times.ts';

export function RenameBoard({ device, onClose }: { device: Device; onClose: () => void }) {
  const [name, setName] = useState(device.name ?? '');
  const saving = useAction();
  const submit = () => void saving.run(async () => putDevice(await renameDevice(device.id, named(name))))
    .then((ok) => { if (ok) onClose(); });
  return (
    <Sheet title="Rename the board" onClose={onClose}>
      <Form onSubmit={submit} error={errorElsewhere(saving.failure, ['name'])}>
        <TextField label="Name" value={name} onInput={setName} error={errorAt(saving.failure, 'name')} autoFocus />
        <Button kind="main" type="submit" wide busy={saving.busy}>{saving.busy ? 'Saving…' : 'Save'}</Button>
      </Form>
    </Sheet>
  );
}

/** Its outlets go with it. What is left, nothing or a new board if it is connected, comes with the server's events. */
export function ForgetBoard({ device, outlets, onClose }: { device: Device; outlets: Outlet[]; onClose: () => void }) {
  const forgetting = useAction();
  const names = outlets.map((outlet) => outlet.name).join(', ');
  const forget = () => void forgetting.run(async () => {
    await forgetDevice(device.id);
    announce(`${device.name ?? 'The board'} is forgotten.`);
  });
  return (
    <Sheet title={`Forget ${device.name ?? 'this board'}?`} onClose={onClose}>
      <p>
        {outlets.length > 0
          ? `Its ${count(outlets.length, 'outlet')} will be lost with their codes: ${names}.`
          : 'It has no outlets, so only its name will be lost.'}
      </p>
      <p class="quiet">
        {device.revokedAt === null
          ? 'The board keeps its certificate: whenever it is connected, it appears as new. To shut it out for good, revoke it instead.'
          : 'It stays revoked: it cannot connect again.'}
      </p>
      {forgetting.failure && <Note kind="alarm">{forgetting.failure.detail}</Note>}
      <div class="pair">
        <Button onClick={onClose}>Keep it</Button>
        <Button kind="alarm" busy={forgetting.busy} onClick={forget}>
          {forgetting.busy ? 'Forgetting…' : 'Forget it'}
        </Button>
      </div>
    </Sheet>
  );
}
