import type { Device, Outlet } from '@sconce/protocol/http';
import { Trash2, Unlink } from 'lucide';
import { useState } from 'preact/hooks';
import { changeOutlet, removeOutlet } from '../api/calls.ts';
import { Button } from '../design/Button.tsx';
import { Empty, Note, Page } from '../design/Page.tsx';
import { Sheet } from '../design/Sheet.tsx';
import { announce } from '../state/announce.ts';
import { adoptedDevices, devices } from '../state/devices.ts';
import { dropOutlet, outlets, putOutlet } from '../state/outlets.ts';
import { leave, paths } from '../state/router.ts';
import { useAction } from './action.ts';
import { draftOf } from './outlet-form.ts';
import { OutletForm } from './OutletForm.tsx';
import { Unpair } from './Unpair.tsx';

export function EditOutlet({ id }: { id: string }) {
  const [sheet, setSheet] = useState<'remove' | 'unpair'>();
  const outlet = find(outlets.value, id);
  if (!outlet || outlet.right !== 'manage') return <Gone what="outlet" />;
  // Known to those who manage the whole of it: they alone may move an outlet to another pin, or take it off the board.
  const device = find(devices.value, outlet.device.id);
  const { control } = outlet;
  const back = device ? { href: paths.boards, label: 'Boards' } : { href: paths.home, label: 'Home' };
  return (
    <Page title={outlet.name} lede={`Switched by ${outlet.device.name}.`} back={back} narrow>
      <OutletForm key={outlet.id} start={draftOf(outlet)} pins={device?.pins ?? []} action="Save"
        others={device ? otherSenders(device) : []}
        onSave={async (value) => {
          putOutlet(await changeOutlet(outlet.id, value));
          announce(`${value.name} is saved.`);
          leave(back.href);
        }} />
      {device && control?.kind === 'rf' && (
        <Button icon={Unlink} wide onClick={() => setSheet('unpair')}>Un-pair the socket…</Button>
      )}
      {device && <Button icon={Trash2} wide onClick={() => setSheet('remove')}>Remove this outlet</Button>}
      {sheet === 'remove' && <RemoveOutlet outlet={outlet} after={back.href} onClose={() => setSheet(undefined)} />}
      {sheet === 'unpair' && control?.kind === 'rf' && (
        <Unpair outlet={outlet} control={control} onClose={() => setSheet(undefined)} />
      )}
    </Page>
  );
}

/** Boards that could send a code of this one's as well. */
export const otherSenders = (device: Device) =>
  adoptedDevices.value.filter(({ id, capabilities }) => id !== device.id && capabilities.includes('rf.send'));

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

export function Gone({ what }: { what: 'board' | 'outlet' }) {
  return (
    <Empty whole icon={Trash2} title={`This ${what} is not here`}>
      It may have been removed in the meantime, or your account may not change it.
      {' '}<a href={paths.home}>Go to the lamps</a>
    </Empty>
  );
}

/** By an id out of the address bar. */
export const find = <T extends Device | Outlet>(all: ReadonlyMap<unknown, T> | undefined, id: string) =>
  [...all?.values() ?? []].find((one) => one.id === id);
