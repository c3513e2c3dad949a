import type { Device } from '@sconce/protocol/http';
import { ChevronRight, CircleDot, Hash, Radio, ToggleLeft } from 'lucide';
import { Icon, type IconNode } from '../../design/Icon.tsx';
import { Page } from '../../design/Page.tsx';
import { Pick } from '../../design/Pick.tsx';
import { adoptedDevices } from '../../state/devices.ts';
import { navigate, paths, type Way } from '../../state/router.ts';
import './add.css';

const ways: { way: Way; icon: IconNode; title: string; words: string; needs?: string; lacking?: string }[] = [
  { way: 'learn', icon: Radio, title: 'It has a remote', needs: 'rf.learn',
    words: 'Press its buttons, and Sconce learns them. The remote keeps working.',
    lacking: 'This board has no receiver, so it cannot hear a remote.' },
  { way: 'pair', icon: CircleDot, title: 'Teach it a new code', needs: 'rf.send',
    words: 'For a socket with a small button that makes it blink.', lacking: 'This board has no sender.' },
  { way: 'switches', icon: ToggleLeft, title: 'It has little switches', needs: 'rf.send',
    words: 'Or wheels, or a row of them behind a lid. Set them here as they are on the socket.',
    lacking: 'This board has no sender.' },
  { way: 'codes', icon: Hash, title: 'I have its codes', words: 'Numbers, a file from another system, or a relay on the board.' },
];

/** How a new outlet comes to its codes: the question that somebody with a socket in their hand can answer. */
export function Ways({ device }: { device: Device }) {
  return (
    <Page title="Add an outlet" lede="Look at the socket. What does it have?" narrow
      back={{ href: paths.boards, label: 'Boards' }}>
      <BoardPick device={device} />
      <div class="stack">
        {ways.map(({ way, icon, title, words, needs, lacking }) => (
          <WayRow key={way} icon={icon} title={title}
            words={needs === undefined || device.capabilities.includes(needs) ? words : lacking ?? words}
            href={needs === undefined || device.capabilities.includes(needs) ? paths.newOutlet(device.id, way) : undefined} />
        ))}
      </div>
    </Page>
  );
}

interface WayRowProps { icon: IconNode; title: string; words: string; /** Undefined: this board cannot. */ href: string | undefined }

export function WayRow({ icon, title, words, href }: WayRowProps) {
  const inside = (
    <>
      <Icon node={icon} size={28} />
      <div><h2>{title}</h2><p class="quiet">{words}</p></div>
      {href !== undefined && <Icon node={ChevronRight} />}
    </>
  );
  return href === undefined
    ? <div class="card way" aria-disabled="true">{inside}</div>
    : <a class="card way" href={href}>{inside}</a>;
}

/** Which board is to send, where there are several: the one nearest to the socket. */
function BoardPick({ device }: { device: Device }) {
  const all = adoptedDevices.value;
  if (all.length < 2) return <p class="quiet">{device.name} will switch it.</p>;
  return (
    <div class="field">
      <span class="field-label">The board that is nearest to it</span>
      <div>
        <Pick label="Board" value={device.id} options={all.map(({ id, name }) => ({ value: id, label: name ?? id }))}
          onChange={(id) => navigate(paths.newOutlet(id), { replace: true })} />
      </div>
    </div>
  );
}
