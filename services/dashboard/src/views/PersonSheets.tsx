import type { Person, PersonChange } from '@sconce/protocol/http';
import type { Share } from '@sconce/protocol/sharing';
import { Lamp } from 'lucide';
import { useState } from 'preact/hooks';
import { changePerson } from '../api/calls.ts';
import { Button } from '../design/Button.tsx';
import { Form } from '../design/Field.tsx';
import { Fact, Facts, Note } from '../design/Page.tsx';
import { Sheet } from '../design/Sheet.tsx';
import { announce } from '../state/announce.ts';
import { now } from '../state/clock.ts';
import { putPerson } from '../state/people.ts';
import { shares, sharesOf } from '../state/sharing.ts';
import { errorAt, errorElsewhere, useAction } from './action.ts';
import { changeOf, RoleFields, rightsOf } from './RoleFields.tsx';
import { at, roleWords, seen, standing, vouching } from './words/person.ts';
import { sharedWords } from './words/sharing.ts';
import { when } from './words/times.ts';

/** Sends a change, and says what has come of it. */
function useChange(person: Person, onDone: (changed: Person) => void) {
  const saving = useAction();
  const save = (change: () => PersonChange, done: (now: Person) => string) => void saving.run(async () => {
    const changed = await changePerson(person.id, change());
    putPerson(changed);
    announce(done(changed));
    onDone(changed);
  });
  return { busy: saving.busy, failure: saving.failure, save };
}

const as = ({ role, guestUntil }: Person) =>
  (guestUntil ? `a guest until ${at(guestUntil, now.peek())}` : `${role === 'admin' ? 'an' : 'a'} ${roleWords[role].toLowerCase()}`);

/** The one form for who somebody is: on the way in, later, and after their time was over. */
function RoleForm({ person, action, onDone }: { person: Person; action: string; onDone: (changed: Person) => void }) {
  const [rights, setRights] = useState(rightsOf(person));
  const { busy, failure, save } = useChange(person, onDone);
  const submit = () => save(() => ({ ...changeOf(rights, Date.now()), ...person.state !== 'active' && { state: 'active' } }),
    (changed) => `${person.name} is ${as(changed)}.`);
  return (
    <Form onSubmit={submit} error={errorElsewhere(failure, ['guestUntil'])}>
      <RoleFields rights={rights} onChange={setRights} now={now.value} error={errorAt(failure, 'guestUntil')} />
      <Button kind="main" type="submit" wide busy={busy}>{busy ? 'Saving…' : action}</Button>
    </Form>
  );
}

export function LetIn({ person, onClose, onIn }: {
  person: Person; onClose: () => void; onIn: (changed: Person) => void;
}) {
  return (
    <Sheet title={`Let ${person.name} in`} subtitle={`${person.email}, by ${vouching(person)}`} onClose={onClose}>
      <p>Let in only those you know. A name can be made up; ask them whether this is their address.</p>
      <RoleForm person={person} action="Let in" onDone={onIn} />
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

const mayUse = (person: Person, all: Share[]) =>
  (person.role === 'admin' ? 'Everything' : sharedWords(sharesOf(all, person.id)) ?? 'Nothing yet');

/** Somebody who is in, or was: what they are, and what an admin can make of it. */
export function PersonSheet({ person, you, onClose, onThings }: {
  person: Person; you: boolean; onClose: () => void; onThings: () => void;
}) {
  const [ending, setEnding] = useState(false);
  const active = person.state === 'active';
  if (ending) return <SwitchOff person={person} onBack={() => setEnding(false)} onClose={onClose} />;
  return (
    <Sheet title={person.name} subtitle={person.email} onClose={onClose}>
      <Facts>
        <Fact term="Is">{active ? standing(person, now.value) : 'Switched off'}</Fact>
        {shares.value && <Fact term="May use">{mayUse(person, shares.value)}</Fact>}
        <Fact term="Signs in with">{vouching(person)}</Fact>
        <Fact term="First here" note={seen(person, now.value)}>{when(person.createdAt, now.value)}</Fact>
      </Facts>
      {active && person.role !== 'admin' && (
        <Button icon={Lamp} wide onClick={onThings}>Choose what they may use…</Button>
      )}
      {you && <Note>This is you. If you make yourself less than an admin, another admin has to undo it.</Note>}
      <RoleForm person={person} action={active ? 'Save' : 'Let back in'} onDone={onClose} />
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
