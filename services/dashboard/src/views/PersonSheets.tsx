import type { Person, PersonChange } from '@sconce/protocol/http';
import { useState } from 'preact/hooks';
import { changePerson } from '../api/calls.ts';
import { Button } from '../design/Button.tsx';
import { Form } from '../design/Field.tsx';
import { Fact, Facts, Note } from '../design/Page.tsx';
import { Sheet } from '../design/Sheet.tsx';
import { announce } from '../state/announce.ts';
import { now } from '../state/clock.ts';
import { putPerson } from '../state/people.ts';
import { errorAt, errorElsewhere, useAction } from './action.ts';
import { changeOf, RoleFields, rightsOf } from './RoleFields.tsx';
import { at, roleWords, seen, standing, vouching } from './words/person.ts';
import { when } from './words/times.ts';

/** Sends a change, and says what has come of it. */
function useChange(person: Person, onDone: () => void) {
  const saving = useAction();
  const save = (change: () => PersonChange, done: (now: Person) => string) => void saving.run(async () => {
    const changed = await changePerson(person.id, change());
    putPerson(changed);
    announce(done(changed));
  }).then((ok) => { if (ok) onDone(); });
  return { busy: saving.busy, failure: saving.failure, save };
}

const as = ({ role, guestUntil }: Person) =>
  (guestUntil ? `a guest until ${at(guestUntil, now.peek())}` : `${role === 'admin' ? 'an' : 'a'} ${roleWords[role].toLowerCase()}`);

/** The one form for who somebody is: on the way in, later, and after their time was over. */
function RoleForm({ person, action, onClose }: { person: Person; action: string; onClose: () => void }) {
  const [rights, setRights] = useState(rightsOf(person));
  const { busy, failure, save } = useChange(person, onClose);
  const submit = () => save(() => ({ ...changeOf(rights, Date.now()), ...person.state !== 'active' && { state: 'active' } }),
    (changed) => `${person.name} is ${as(changed)}.`);
  return (
    <Form onSubmit={submit} error={errorElsewhere(failure, ['guestUntil'])}>
      <RoleFields rights={rights} onChange={setRights} now={now.value} error={errorAt(failure, 'guestUntil')} />
      <Button kind="main" type="submit" wide busy={busy}>{busy ? 'Saving…' : action}</Button>
    </Form>
  );
}

export function LetIn({ person, onClose }: { person: Person; onClose: () => void }) {
  return (
    <Sheet title={`Let ${person.name} in`} subtitle={`${person.email}, by ${vouching(person)}`} onClose={onClose}>
      <p>Let in only those you know. A name can be made up; ask them whether this is their address.</p>
      <RoleForm person={person} action="Let in" onClose={onClose} />
    </Sheet>
  );
}

export function Refuse({ person, onClose }: { person: Person; onClose: () => void }) {
  const { busy, failure, save } = useChange(person, onClose);
  return (
    <Sheet title={`Refuse ${person.name}?`} subtitle={person.email} onClose={onClose}>
      <p>They are told that they may not come in. You find them under “Switched off”, if you think better of it.</p>
      {failure && <Note kind="alarm">{failure.detail}</Note>}
      <div class="pair">
        <Button onClick={onClose}>Let them wait</Button>
        <Button kind="alarm" busy={busy}
          onClick={() => save(() => ({ state: 'deactivated' }), () => `${person.name} is refused.`)}>
          {busy ? 'Refusing…' : 'Refuse'}
        </Button>
      </div>
    </Sheet>
  );
}

/** Somebody who is in, or was: what they are, and what an admin can make of it. */
export function PersonSheet({ person, you, onClose }: { person: Person; you: boolean; onClose: () => void }) {
  const [ending, setEnding] = useState(false);
  const active = person.state === 'active';
  if (ending) return <SwitchOff person={person} onBack={() => setEnding(false)} onClose={onClose} />;
  return (
    <Sheet title={person.name} subtitle={person.email} onClose={onClose}>
      <Facts>
        <Fact term="Is">{active ? standing(person, now.value) : 'Switched off'}</Fact>
        <Fact term="Signs in with">{vouching(person)}</Fact>
        <Fact term="First here" note={seen(person, now.value)}>{when(person.createdAt, now.value)}</Fact>
      </Facts>
      {you && <Note>This is you. If you make yourself less than an admin, another admin has to undo it.</Note>}
      <RoleForm person={person} action={active ? 'Save' : 'Let back in'} onClose={onClose} />
      {active && (
        <Button wide label={`End the access of ${person.name}`} onClick={() => setEnding(true)}>End their access…</Button>
      )}
    </Sheet>
  );
}

function SwitchOff({ person, onBack, onClose }: { person: Person; onBack: () => void; onClose: () => void }) {
  const { busy, failure, save } = useChange(person, onClose);
  return (
    <Sheet title={`End the access of ${person.name}?`} onClose={onClose}>
      <p>
        They are signed out everywhere at once, and their tokens stop working. What is shared with them is kept for when
        you let them back in.
      </p>
      {failure && <Note kind="alarm">{failure.detail}</Note>}
      <div class="pair">
        <Button onClick={onBack}>Keep it</Button>
        <Button kind="alarm" busy={busy}
          onClick={() => save(() => ({ state: 'deactivated' }), () => `The access of ${person.name} has ended.`)}>
          {busy ? 'Ending…' : 'End it'}
        </Button>
      </div>
    </Sheet>
  );
}
