import type { Device, Outlet } from '@sconce/protocol/http';
import { Trash2 } from 'lucide';
import { useState } from 'preact/hooks';
import { addOutlet, changeOutlet, removeOutlet } from '../api/calls.ts';
import { Button } from '../design/Button.tsx';
import { Empty, Note, Page } from '../design/Page.tsx';
import { Sheet } from '../design/Sheet.tsx';
import { announce } from '../state/announce.ts';
import { devices } from '../state/devices.ts';
import { dropOutlet, outlets, putOutlet } from '../state/outlets.ts';
import { leave, paths } from '../state/router.ts';
import { useAction } from './action.ts';
import { draftOf, emptyDraft } from './outlet-form.ts';
import { OutletForm } from './OutletForm.tsx';


export function NewOutletPage({ board }: { board: string }) {
  const device = find(devices.value, board);
  if (!device?.adopted) return <Gone what="board" />;
  return (
    <Page title="Add an outlet" lede={`${device.name ?? 'A board'} will switch it.`} narrow
      back={{ href: paths.boards, label: 'Boards' }}>
      <OutletForm key={device.id} start={emptyDraft(device)} pins={device.pins} action="Add it"
        onSave={async (value) => {
          putOutlet(await addOutlet({ deviceId: device.id, ...value }));
          announce(`${value.name} is added.`);
          leave(paths.home);
        }} />
    </Page>
  );
}

export function EditOutlet({ id }: { id: string }) {
  const [removing, setRemoving] = useState(false);
  const outlet = find(outlets.value, id);
  if (!outlet || outlet.right !== 'manage') return <Gone what="outlet" />;
  // Known to those who manage the whole of it: they alone may move an outlet to another pin, or take it off the board.
  const device = find(devices.value, outlet.device.id);
  const back = device ? { href: paths.boards, label: 'Boards' } : { href: paths.home, label: 'Home' };
  return (
    <Page title={outlet.name} lede={`Switched by ${outlet.device.name}.`} back={back} narrow>
      <OutletForm key={outlet.id} start={draftOf(outlet)} pins={device?.pins ?? []} action="Save"
        onSave={async (value) => {
          putOutlet(await changeOutlet(outlet.id, value));
          announce(`${value.name} is saved.`);
          leave(back.href);
        }} />
      {device && <Button icon={Trash2} wide onClick={() => setRemoving(true)}>Remove this outlet</Button>}
      {removing && <RemoveOutlet outlet={outlet} after={back.href} onClose={() => setRemoving(false)} />}
    </Page>
  );
}

function RemoveOutlet({ outlet, after, onClose }: { outlet: Outlet; after: string; onClose: () => void }) {
  const removing = useAction();
  const remove = () => void removing.run(() => removeOutlet(outlet.id)).then((ok) => {
    if (!ok) return;
    announce(`${outlet.name} is removed.`);
    leave(after);
    dropOutlet(outlet.id);
  });
  return (
    <Sheet title={`Remove ${outlet.name}?`} onClose={onClose}>
      <p>Its name, its room and its codes will be lost. The socket itself keeps working with its own remote.</p>
      {removing.failure && <Note kind="alarm">{removing.failure.detail}</Note>}
      <div class="pair">
        <Button onClick={onClose}>Keep it</Button>
        <Button kind="alarm" busy={removing.busy} onClick={remove}>{removing.busy ? 'Removing…' : 'Remove it'}</Button>
      </div>
    </Sheet>
  );
}

function Gone({ what }: { what: 'board' | 'outlet' }) {
  return (
    <Empty whole icon={Trash2} title={`This ${what} is not here`}>
      It may have been removed in the meantime, or your account may not change it.
      {' '}<a href={paths.home}>Go to the lamps</a>
    </Empty>
  );
}

/** By an id out of the address bar. */
const find = <T extends Device | Outlet>(all: ReadonlyMap<unknown, T> | undefined, id: string) =>
  [...all?.values() ?? []].find((one) => one.id === id);
