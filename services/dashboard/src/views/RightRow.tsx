import type { Person, Right } from '@sconce/protocol/http';
import type { NamedThing } from '@sconce/protocol/sharing';
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { endShare, giveShare } from '../api/calls.ts';
import { Failure } from '../api/client.ts';
import { Pick } from '../design/Pick.tsx';
import { announce } from '../state/announce.ts';
import { type Access, bare, dropShare, keyOf, mayDo, putShare, shares } from '../state/sharing.ts';
import { useAction } from './action.ts';
import { givenWords, rightChoices, throughWords } from './words/sharing.ts';
import './sharing.css';

export interface RightRowProps {
  lead: ComponentChildren;
  name: string;
  note?: string | undefined;
  /** "Hall lamp for Gwen". */
  label: string;
  access: Access;
  onChange: (right: Right | undefined) => void;
  trouble?: string | undefined;
}

/** A person or a thing, and what is to be chosen for them: nothing, to switch, to change as well. */
export function RightRow({ lead, name, note, label, access, onChange, trouble }: RightRowProps) {
  const through = throughWords(access);
  const choices = rightChoices(access);
  return (
    <li class="right-row">
      <div>
        {lead}
        <span class="right-words">
          {name}
          {(through ?? note) && <span class="quiet">{through ?? note}</span>}
        </span>
        {choices.length > 1 && (
          <Pick label={label} value={access.own ?? 'none'} options={choices} quiet={!mayDo(access)}
            onChange={(value) => onChange(value === 'none' ? undefined : value)} />
        )}
      </div>
      {trouble && <p class="field-error" role="alert">{trouble}</p>}
    </li>
  );
}

type SavedProps = Omit<RightRowProps, 'onChange' | 'trouble' | 'label'> & {
  person: Pick<Person, 'id' | 'name'>; thing: NamedThing;
};

/** The same, saved as soon as it is chosen. */
export function SavedRightRow({ person, thing, access, ...row }: SavedProps) {
  // What is being saved is shown at once; if it fails, what holds comes back with the words for it.
  const [wanted, setWanted] = useState<{ right: Right | undefined }>();
  const saving = useAction();
  const change = (right: Right | undefined) => {
    setWanted({ right });
    void saving.run(() => save(person, thing, right)).then(() => setWanted(undefined));
  };
  return (
    <RightRow {...row} label={`${thing.name} for ${person.name}`} onChange={change} trouble={saving.failure?.detail}
      access={wanted ? { ...access, own: wanted.right } : access} />
  );
}

async function save(person: SavedProps['person'], thing: NamedThing, right: Right | undefined) {
  const before = shares.peek()?.find((one) => one.person.id === person.id && keyOf(one.thing) === keyOf(thing));
  if (right) {
    putShare(await giveShare({ personId: person.id, thing: bare(thing), right }));
  } else if (before) {
    await endShare(before.id).catch(gone);
    dropShare(before.id);
  }
  announce(givenWords(person.name, thing, right));
}

/** It was ended meanwhile, which is what was wanted. */
function gone(error: unknown): void {
  if (!(error instanceof Failure && error.code === 'share_not_found')) throw error;
}

