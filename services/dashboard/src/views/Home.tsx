import { CircuitBoard, Lamp } from 'lucide';
import { useEffect } from 'preact/hooks';
import { ButtonLink } from '../design/Button.tsx';
import { Empty, Page, Section } from '../design/Page.tsx';
import { adoptedDevices, newDevices } from '../state/devices.ts';
import { outlets, rooms, type Room } from '../state/outlets.ts';
import { leave, navigate, paths } from '../state/router.ts';
import { isAdmin } from '../state/session.ts';
import { OutletSheet } from './OutletSheet.tsx';
import { OutletTile } from './OutletTile.tsx';
import { GoingBar, RoomOff, SceneBar } from './scenes/SceneBar.tsx';
import { ShareOutlet } from './SharingSheets.tsx';
import { Warnings } from './Warnings.tsx';
import { summary } from './words/outlet.ts';

/** The lamps, by room. `details`: the id of the outlet whose sheet is open, or with `sharing` that of who may use it. */
export function Home({ details, sharing = false }: { details?: string | undefined; sharing?: boolean | undefined }) {
  const all = [...outlets.value?.values() ?? []];
  const open = all.find((outlet) => outlet.id === details);
  // One that is gone takes its sheet with it: if it comes back, by another share, nothing is to open by itself.
  const gone = details !== undefined && outlets.value !== undefined && !open;
  useEffect(() => { if (gone) navigate(paths.home, { replace: true }); }, [gone]);
  if (all.length === 0) return <><Warnings /><NothingYet /></>;
  return (
    <Page title={summary(all)}>
      <Warnings />
      <SceneBar />
      <div class="flow">
        {rooms.value.map((room) => <RoomSection key={room.name} room={room} alone={rooms.value.length === 1} />)}
      </div>
      <GoingBar />
      {open && (sharing && isAdmin.value
        ? <ShareOutlet outlet={open} onClose={() => leave(paths.details(open.id))} />
        : <OutletSheet outlet={open} onClose={() => leave(paths.home)} />)}
    </Page>
  );
}

function RoomSection({ room, alone }: { room: Room; alone: boolean }) {
  const title = room.name ?? (alone ? 'All outlets' : 'No room');
  return (
    <Section title={title} action={!alone && room.outlets.length > 1 && <RoomOff room={room.name} name={title} />}>
      <div class="stack">
        {room.outlets.map((outlet) => (
          <OutletTile key={outlet.id} outlet={outlet} onDetails={() => navigate(paths.details(outlet.id))} />
        ))}
      </div>
    </Section>
  );
}

/** The next step, whoever looks: adopt a board, add an outlet, or ask somebody who may. */
function NothingYet() {
  const [board] = adoptedDevices.value;
  if (board) {
    return (
      <Empty whole icon={Lamp} title="Add the first lamp"
        action={<ButtonLink kind="main" href={paths.newOutlet(board.id)}>Add an outlet</ButtonLink>}>
        {board.name} is ready. Tell it which socket to switch, and the lamp appears here.
      </Empty>
    );
  }
  if (!isAdmin.value) {
    return (
      <Empty whole icon={Lamp} title="No lamps for you yet">
        Nothing is shared with you so far. Ask an admin of your household, perhaps whoever let you in; what they share
        appears here by itself.
      </Empty>
    );
  }
  const waiting = newDevices.value.length > 0;
  return (
    <Empty whole icon={CircuitBoard} title={waiting ? 'A board is waiting' : 'No boards yet'}
      action={<ButtonLink kind="main" href={paths.boards}>{waiting ? 'Adopt it' : 'Go to the boards'}</ButtonLink>}>
      {waiting
        ? 'A new board has connected with a valid certificate. Give it a name and it is yours.'
        : 'Give a board its certificate and power it up. It appears under Boards by itself as soon as it connects.'}
    </Empty>
  );
}
