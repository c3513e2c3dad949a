import type { Icon } from '@sconce/protocol/http';
import { Choice, TextField } from '../design/Field.tsx';
import { roomNames } from '../state/outlets.ts';
import { iconChoices } from './icons.ts';

/** What an outlet is called, as it is typed. */
export interface Naming { name: string; room: string; icon: Icon }

interface NameFieldsProps {
  value: Naming;
  onChange: (value: Naming) => void;
  error: (path: string) => string | undefined;
}

export function NameFields({ value, onChange, error }: NameFieldsProps) {
  const set = (change: Partial<Naming>) => onChange({ ...value, ...change });
  return (
    <>
      <TextField label="Name" value={value.name} onInput={(name) => set({ name })} error={error('name')}
        hint="What the family calls it, for example “Reading lamp”." />
      <TextField label="Room" value={value.room} onInput={(room) => set({ room })} error={error('room')}
        suggestions={roomNames.value} hint="Outlets of one room stand together. It may stay empty." />
      <Choice legend="Icon" options={iconChoices} iconsOnly value={value.icon} onChange={(icon) => set({ icon })}
        error={error('icon')} />
    </>
  );
}
