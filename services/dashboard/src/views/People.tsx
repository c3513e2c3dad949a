import type { Person } from '@sconce/protocol/http';
import { ChevronRight, UserPlus, Users } from 'lucide';
import { useState } from 'preact/hooks';
import { Button, ButtonLink } from '../design/Button.tsx';
import { Icon } from '../design/Icon.tsx';
import { Empty, Page, Section } from '../design/Page.tsx';
import { now } from '../state/clock.ts';
import { household, people, shutOut, waiting } from '../state/people.ts';
import { paths } from '../state/router.ts';
import { session } from '../state/session.ts';
import { invitations, loadInvitations, loadShares, shares, sharesOf } from '../state/sharing.ts';
import { Face } from './Face.tsx';
import { useFetched } from './fetched.ts';
import { EndedInvitations, OpenInvitations } from './Invitations.tsx';
import { LetIn, PersonSheet, Refuse } from './PersonSheets.tsx';
import { PersonThings } from './SharingSheets.tsx';
import { seen, standing, vouching } from './words/person.ts';
import { isOpen } from './words/sharing.ts';
import { ago, count } from './words/times.ts';
import './people.css';

/** Which sheet is open, and on whom. Whom: by id, so that it shows them as they are by now. */
interface Open { sheet: 'let-in' | 'refuse' | 'details' | 'things'; id: Person['id'] }

/** Who may come in, and as what; for admins. */
export function People() {
  const [open, setOpen] = useState<Open>();
  const knocking = waiting.value;
  const person = open && people.value?.get(open.id);
  const close = () => setOpen(undefined);
  const invited = useFetched(loadInvitations);
  useFetched(loadShares);
  const someInvited = (invitations.value ?? []).some((one) => isOpen(one, now.value));
  // Who has just been let in can do nothing yet: what they may use is the next question.
  const thenThings = (one: Person) => setOpen(one.role === 'admin' ? undefined : { sheet: 'things', id: one.id });
  return (
    <Page title="People" lede="Who may use the lamps of this house." narrow>
      <div class="actions">
        <ButtonLink kind="main" icon={UserPlus} href={paths.invite}>Invite somebody</ButtonLink>
      </div>
      {knocking.length > 0 && (
        <Section title={knocking.length === 1 ? 'Somebody is waiting' : `${count(knocking.length, 'person', 'people')} are waiting`}>
          <div class="stack">
            {knocking.map((one) => (
              <Newcomer key={one.id} person={one} now={now.value}
                onLetIn={() => setOpen({ sheet: 'let-in', id: one.id })}
                onRefuse={() => setOpen({ sheet: 'refuse', id: one.id })} />
            ))}
          </div>
        </Section>
      )}
      <Rows title="In the household" list={household.value} onOpen={(id) => setOpen({ sheet: 'details', id })} />
      <OpenInvitations {...invited} />
      <Rows title="Switched off" list={shutOut.value} onOpen={(id) => setOpen({ sheet: 'details', id })} />
      {people.value?.size === 1 && !someInvited && (
        <Empty icon={Users} title="Only you so far">
          Invite the others, or give them the address of this page: once they have signed in, they wait here for you to
          let them in.
        </Empty>
      )}
      <EndedInvitations />
      {person && open.sheet === 'let-in' && <LetIn person={person} onClose={close} onIn={thenThings} />}
      {person && open.sheet === 'refuse' && <Refuse person={person} onClose={close} />}
      {person && open.sheet === 'details' && (
        <PersonSheet person={person} you={isYou(person)} onClose={close}
          onThings={() => setOpen({ sheet: 'things', id: person.id })} />
      )}
      {person && open.sheet === 'things' && <PersonThings person={person} onClose={close} />}
    </Page>
  );
}

const isYou = ({ id }: Person) => session.value.kind === 'active' && session.value.me.id === id;

interface NewcomerProps { person: Person; now: number; onLetIn: () => void; onRefuse: () => void }

/** Somebody who has signed in and waits. Their name is what they call themselves: the rest helps to know them. */
export function Newcomer({ person, now, onLetIn, onRefuse }: NewcomerProps) {
  return (
    <article class="card" data-new aria-label={`${person.name} is waiting`}>
      <div class="person">
        <Face person={person} />
        <div>
          <h3>{person.name}</h3>
          <p>{person.email}</p>
          <p class="quiet">Signed in with {vouching(person)}, {ago(person.createdAt, now)}.</p>
        </div>
      </div>
      <div class="pair">
        <Button kind="main" label={`Let ${person.name} in`} onClick={onLetIn}>Let in…</Button>
        <Button label={`Refuse ${person.name}`} onClick={onRefuse}>Refuse</Button>
      </div>
    </article>
  );
}

function Rows({ title, list, onOpen }: { title: string; list: Person[]; onOpen: (id: Person['id']) => void }) {
  if (list.length === 0) return null;
  return (
    <Section title={title}>
      <div class="card">
        <ul class="rows">
          {list.map((person) => (
            <li key={person.id}>
              <PersonRow person={person} now={now.value} you={isYou(person)} bare={hasNothing(person)}
                onOpen={() => onOpen(person.id)} />
            </li>
          ))}
        </ul>
      </div>
    </Section>
  );
}

/** Somebody who may come in, and finds nothing to switch. */
const hasNothing = ({ id, role }: Person) =>
  role !== 'admin' && shares.value !== undefined && sharesOf(shares.value, id).length === 0;

interface RowProps { person: Person; now: number; you: boolean; bare?: boolean; onOpen: () => void }

export function PersonRow({ person, now, you, bare = false, onOpen }: RowProps) {
  return (
    <button class="person-row" type="button" onClick={onOpen}>
      <Face person={person} />
      <span class="person-words">
        <span class="person-name">{person.name}{you && <span class="quiet"> (you)</span>}</span>
        <span class="quiet">
          {person.state === 'active' ? `${standing(person, now)}. ${seen(person, now)}` : person.email}
        </span>
        {bare && person.state === 'active' && <span>Nothing shared yet.</span>}
      </span>
      <Icon node={ChevronRight} />
    </button>
  );
}
