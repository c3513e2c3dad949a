import type { Device } from '@sconce/protocol/http';
import { CircuitBoard } from 'lucide';
import { useState } from 'preact/hooks';
import { Empty, Page, Section } from '../design/Page.tsx';
import { adoptedDevices, newDevices, revokedDevices } from '../state/devices.ts';
import { isAdmin } from '../state/session.ts';
import { BoardCard } from './BoardCard.tsx';
import { NewBoard } from './NewBoard.tsx';
import { TurnedAway, TurnedAwayToo } from './Refused.tsx';
import { RevokeBoard } from './RevokeBoard.tsx';
import { RevokedBoard } from './RevokedBoard.tsx';

/** The household's boards, for admins; for others those that they manage. */
export function Boards() {
  const [revoking, setRevoking] = useState<Device>();
  const fresh = newDevices.value;
  const own = adoptedDevices.value;
  const revoked = revokedDevices.value;
  return (
    <Page title="Boards" lede="The small computers at home that switch your outlets.">
      {fresh.length > 0 && (
        <Section title={fresh.length === 1 ? 'A new board is waiting' : `${fresh.length} new boards are waiting`}>
          <div class="columns">
            {fresh.map((device) => <NewBoard key={device.id} device={device} onRevoke={() => setRevoking(device)} />)}
          </div>
        </Section>
      )}
      {isAdmin.value && <TurnedAway />}
      {own.length > 0 && (
        <div class="columns">
          {own.map((device) => <BoardCard key={device.id} device={device} onRevoke={() => setRevoking(device)} />)}
        </div>
      )}
      {fresh.length + own.length + revoked.length === 0 && (
        <Empty icon={CircuitBoard} title="No boards yet">
          Give a board its certificate and power it up. As soon as it connects it appears here, and you can adopt it.
        </Empty>
      )}
      {revoked.length > 0 && (
        <Section title="Revoked">
          <div class="columns">{revoked.map((device) => <RevokedBoard key={device.id} device={device} />)}</div>
        </Section>
      )}
      {isAdmin.value && <TurnedAwayToo />}
      {revoking && <RevokeBoard device={revoking} onClose={() => setRevoking(undefined)} />}
    </Page>
  );
}
