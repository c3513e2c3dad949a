import type { Device } from '@sconce/protocol/http';
import { Eraser, Pause, Play } from 'lucide';
import { useEffect, useState } from 'preact/hooks';
import { learn } from '../../api/calls.ts';
import { Button } from '../../design/Button.tsx';
import { Note, Page } from '../../design/Page.tsx';
import { devices } from '../../state/devices.ts';
import { presses } from '../../state/presses.ts';
import { clearHeard, type Heard, heard } from '../../state/radio.ts';
import { paths } from '../../state/router.ts';
import { useAction } from '../action.ts';
import { find, Gone } from '../OutletPages.tsx';
import { HeardList } from './HeardList.tsx';
import './radio.css';

/** What a board hears, as it comes. */
export function RadioPage({ board }: { board: string }) {
  const device = find(devices.value, board);
  return device?.adopted ? <Hearing key={device.id} device={device} /> : <Gone what="board" />;
}

/** Seconds for which every single frame is told. */
const closely = 60;

function Hearing({ device }: { device: Device }) {
  const [held, setHeld] = useState<readonly Heard[]>();
  const [close, setClose] = useState(false);
  const asking = useAction();
  const all = (held ?? heard.value).filter(({ frame }) => frame.deviceId === device.id);
  const listenClosely = () => void asking.run(() => learn(device.id, closely)).then(setClose);
  useEffect(() => {
    if (!close) return;
    const timer = setTimeout(() => setClose(false), closely * 1000);
    return () => clearTimeout(timer);
  }, [close]);
  return (
    <Page title="On the air" narrow back={{ href: paths.boards, label: 'Boards' }}
      lede={`What ${device.name ?? 'this board'} hears: remotes, sensors, the neighbours’ too. It shows what comes while this page is open.`}>
      <div class="actions">
        <Button icon={held ? Play : Pause} onClick={() => setHeld(held ? undefined : heard.peek())}>
          {held ? 'Go on' : 'Pause'}
        </Button>
        <Button icon={Eraser} onClick={() => {
          clearHeard();
          setHeld(undefined);
        }}>Clear</Button>
        {device.capabilities.includes('rf.learn') && (
          <Button busy={asking.busy || close} onClick={listenClosely}>
            {close ? 'Showing every frame' : 'Show every frame for a minute'}
          </Button>
        )}
      </div>
      {asking.failure && <Note kind="alarm">{asking.failure.detail}</Note>}
      {!device.online && <Note>{device.name} is offline, so it hears nothing.</Note>}
      <HeardList presses={presses(all)} board={device} paused={held !== undefined} />
    </Page>
  );
}
