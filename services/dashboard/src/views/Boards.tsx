import { CircuitBoard } from 'lucide';
import { Empty, Page, Section } from '../design/Page.tsx';
import { adoptedDevices, newDevices } from '../state/devices.ts';
import { BoardCard } from './BoardCard.tsx';
import { NewBoard } from './NewBoard.tsx';

/** The household's boards, for admins; for others those that they manage. */
export function Boards() {
  const fresh = newDevices.value;
  const own = adoptedDevices.value;
  return (
    <Page title="Boards" lede="The small computers at home that switch your outlets.">
      {fresh.length > 0 && (
        <Section title={fresh.length === 1 ? 'A new board is waiting' : `${fresh.length} new boards are waiting`}>
          <div class="columns">{fresh.map((device) => <NewBoard key={device.id} device={device} />)}</div>
        </Section>
      )}
      {own.length > 0 && (
        <div class="columns">{own.map((device) => <BoardCard key={device.id} device={device} />)}</div>
      )}
      {fresh.length + own.length === 0 && (
        <Empty icon={CircuitBoard} title="No boards yet">
          Give a board its certificate and power it up. As soon as it connects it appears here, and you can adopt it.
        </Empty>
      )}
    </Page>
  );
}
