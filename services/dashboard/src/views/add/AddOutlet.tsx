import type { Device } from '@sconce/protocol/http';
import { Upload } from 'lucide';
import { addOutlet } from '../../api/calls.ts';
import { ButtonLink } from '../../design/Button.tsx';
import { Page } from '../../design/Page.tsx';
import { announce } from '../../state/announce.ts';
import { devices } from '../../state/devices.ts';
import { putOutlet } from '../../state/outlets.ts';
import { navigate, paths, type Way } from '../../state/router.ts';
import { emptyDraft } from '../outlet-form.ts';
import { OutletForm } from '../OutletForm.tsx';
import { find, Gone, otherSenders } from '../OutletPages.tsx';
import { Learn } from './Learn.tsx';
import { Pair } from './Pair.tsx';
import { Switches } from './Switches.tsx';
import { Ways } from './Ways.tsx';

interface AddOutletProps { board: string; way: Way | undefined; /** A code that was heard, for the way `learn`. */ on: string | undefined }

/** A new outlet: first how it comes to its codes, then that way. */
export function AddOutlet({ board, way, on }: AddOutletProps) {
  const device = find(devices.value, board);
  if (!device?.adopted) return <Gone what="board" />;
  switch (way) {
    case undefined: return <Ways device={device} />;
    case 'learn': return <Learn device={device} on={on} />;
    case 'pair': return <Pair device={device} />;
    case 'switches': return <Switches device={device} />;
    case 'codes': return <Codes device={device} />;
  }
}

/** For those who know the numbers. */
function Codes({ device }: { device: Device }) {
  return (
    <Page title="I have its codes" lede={`${device.name ?? 'A board'} will switch it.`} narrow
      back={{ href: paths.newOutlet(device.id), label: 'Add an outlet' }}>
      <ButtonLink wide icon={Upload} href={paths.import(device.id)}>Import many from another system</ButtonLink>
      <OutletForm key={device.id} start={emptyDraft(device)} pins={device.pins} action="Add it" others={otherSenders(device)}
        onSave={async (value) => {
          putOutlet(await addOutlet({ deviceId: device.id, ...value }));
          announce(`${value.name} is added.`);
          navigate(paths.home, { replace: true });
        }} />
    </Page>
  );
}
