import type { Person, PersonChange, Role } from '@sconce/protocol/http';
import { Failure } from '../api/client.ts';
import { Choice, TextField } from '../design/Field.tsx';
import { at, dateOf, endOf, roleMeans, roleWords, stays, type Stay } from './words/person.ts';

/** Who somebody is to be, as it is chosen. `kept`: the end that a guest has already, as long as nobody moves it. */
export interface RightsDraft { role: Role; stay: Stay | 'kept'; date: string; kept: string | undefined }

export function rightsOf({ role, guestUntil, state }: Person): RightsDraft {
  const kept = state === 'active' && guestUntil && Date.parse(guestUntil) > Date.now() ? guestUntil : undefined;
  return { role, stay: kept ? 'kept' : 'tonight', date: '', kept };
}

const ends = ({ stay, kept, date }: RightsDraft, now: number) =>
  (stay === 'kept' ? kept && Date.parse(kept) : endOf(stay, now, date));

/** What to send. @throws {Failure} if a guest's end is not a day. */
export function changeOf(rights: RightsDraft, now: number): PersonChange {
  const { role, stay } = rights;
  if (role !== 'guest' || stay === 'kept') return { role };
  const end = ends(rights, now);
  if (end) return { role, guestUntil: new Date(end).toISOString() };
  const fields = [{ path: 'guestUntil', message: 'Choose a day.' }];
  throw new Failure({ code: 'invalid_request', status: 0, detail: 'The end is missing.', fields });
}

const roles = (['member', 'guest', 'admin'] as const).map((value) => ({ value, label: roleWords[value] }));

interface Props { rights: RightsDraft; onChange: (rights: RightsDraft) => void; now: number; error?: string | undefined }

/** The role, and for a guest how long. */
export function RoleFields({ rights, onChange, now, error }: Props) {
  const { role, stay, date, kept } = rights;
  const end = ends(rights, now);
  const options = [...kept ? [{ value: 'kept' as const, label: 'As it is' }] : [], ...stays];
  const hint = end ? `Their access ends ${at(new Date(end).toISOString(), now)}.` : undefined;
  const onDate = stay === 'date';
  return (
    <>
      <Choice legend="As" options={roles} value={role} hint={roleMeans[role]}
        onChange={(role) => onChange({ ...rights, role })} />
      {role === 'guest' && (
        <Choice legend="For" options={options} value={stay} onChange={(stay) => onChange({ ...rights, stay })}
          hint={onDate ? undefined : hint} error={onDate ? undefined : error} />
      )}
      {role === 'guest' && onDate && (
        <TextField label="Last day" kind="date" value={date} min={dateOf(now)} hint={hint} error={error}
          onInput={(date) => onChange({ ...rights, date })} />
      )}
    </>
  );
}
