import type { Device, Outlet, Person } from '@sconce/protocol/http';
import type { DeviceId } from '@sconce/protocol/ids';
import type { NamedThing } from '@sconce/protocol/sharing';
import { CircuitBoard, UserPlus } from 'lucide';
import { useState } from 'preact/hooks';
import { Button, ButtonLink } from '../design/Button.tsx';
import { Note } from '../design/Page.tsx';
import { Sheet } from '../design/Sheet.tsx';
import { now } from '../state/clock.ts';
import { household } from '../state/people.ts';
import { paths } from '../state/router.ts';
import { accessOf, loadShares, outletThing, rightsIn, shares, sharesOf, things } from '../state/sharing.ts';
import { Face } from './Face.tsx';
import { type Fetched, useFetched } from './fetched.ts';
import { SavedRightRow } from './RightRow.tsx';
import { ThingRows } from './ThingRows.tsx';
import { roleWords, standing } from './words/person.ts';
import { adminsWords } from './words/sharing.ts';

function Loading({ failure, load }: Fetched) {
  if (failure) return <Note kind="alarm">{failure.detail} <Button onClick={load}>Try again</Button></Note>;
  return shares.value ? null : <p class="quiet late">Looking who may use what…</p>;
}

/** Who may use an outlet; its board, which shares it as well, is a step away. */
export function ShareOutlet({ outlet, onClose }: { outlet: Outlet; onClose: () => void }) {
  const [whole, setWhole] = useState(false);
  const { id, name } = outlet.device;
  if (whole) return <ShareBoard device={{ id, name }} onClose={() => setWhole(false)} />;
  return (
    <Sheet title={`Share ${outlet.name}`} subtitle={outlet.room ?? undefined} onClose={onClose}>
      <Sharers thing={outletThing(outlet)} board={id} />
      <Button icon={CircuitBoard} wide onClick={() => setWhole(true)}>Share the whole {name}…</Button>
    </Sheet>
  );
}

export function ShareBoard({ device, onClose }: { device: Pick<Device, 'id' | 'name'>; onClose: () => void }) {
  const name = device.name ?? 'this board';
  return (
    <Sheet title={`Share the whole ${name}`} onClose={onClose}>
      <p>All its outlets, and those that are added later. Who may change too can also rename it and add outlets.</p>
      <Sharers thing={{ kind: 'device', id: device.id, name }} />
    </Sheet>
  );
}

/** Everybody but the admins, with what they may do: a household has few people, so nobody has to be looked for. */
function Sharers({ thing, board }: { thing: NamedThing; board?: DeviceId }) {
  const loading = useFetched(loadShares);
  const admins = household.value.filter(({ role }) => role === 'admin');
  const others = household.value.filter(({ role }) => role !== 'admin');
  return (
    <>
      <Loading {...loading} />
      {shares.value && others.length > 0 && (
        <ul class="rows">
          {others.map((person) => (
            <SavedRightRow key={person.id} person={person} thing={thing} lead={<Face person={person} />} name={person.name}
              note={roleWords[person.role]}
              access={accessOf(rightsIn(sharesOf(shares.value ?? [], person.id)), thing, board)} />
          ))}
        </ul>
      )}
      {others.length === 0 && (
        <>
          <p>There is nobody yet with whom it could be shared.</p>
          <ButtonLink icon={UserPlus} href={paths.invite}>Invite somebody</ButtonLink>
        </>
      )}
      {admins.length > 0 && <p class="quiet">{adminsWords(admins)}</p>}
    </>
  );
}

/** All that one person may use, to be set up in one go. */
export function PersonThings({ person, onClose }: { person: Person; onClose: () => void }) {
  const loading = useFetched(loadShares);
  const own = sharesOf(shares.value ?? [], person.id);
  return (
    <Sheet title={`What ${person.name} may use`} subtitle={standing(person, now.value)} onClose={onClose}>
      <Loading {...loading} />
      {shares.value && things.value.length > 0 && (
        <>
          {own.length === 0 && (
            <Note>Nothing is shared with them yet. What you choose appears on their page at once.</Note>
          )}
          <ThingRows things={things.value} rights={rightsIn(own)}>
            {({ thing, ...row }) => <SavedRightRow key={thing.id} person={person} thing={thing} {...row} />}
          </ThingRows>
        </>
      )}
      {things.value.length === 0 && <p>There is nothing to share yet: adopt a board and add its first outlet.</p>}
      <Button kind="main" wide onClick={onClose}>Done</Button>
    </Sheet>
  );
}
