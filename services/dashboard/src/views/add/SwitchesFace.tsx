import { Dial } from '../../design/Dial.tsx';
import { DipSwitches } from '../../design/DipSwitches.tsx';
import { Choice, TextField } from '../../design/Field.tsx';
import type { SwitchesDraft } from './switches-draft.ts';

const kinds: { value: SwitchesDraft['kind']; label: string; hint: string }[] = [
  { value: 'dip', label: 'Ten little switches', hint: '1 to 5 are the same in the whole house. Of A to E one is up: the remote’s button.' },
  { value: 'rotary', label: 'Two wheels of four', hint: 'Or two sliders. The first is often marked I to IV, the second 1 to 4.' },
  { value: 'intertechno', label: 'A wheel A to P', hint: 'And one with 1 to 16, as Intertechno and Düwi have them.' },
  { value: 'rev', label: 'A slider A to D', hint: 'And a socket’s number from 1 to 3, as REV has them.' },
  { value: 'tri-state', label: 'None, but a word', hint: 'Of 0, 1 and F, as some programs write the codes.' },
];
const four = ['1', '2', '3', '4'];
const letters = [...'ABCDEFGHIJKLMNOP'];
const sixteen = Array.from({ length: 16 }, (_, at) => String(at + 1));
const options = (values: string[]) => values.map((value) => ({ value, label: value }));

interface SwitchesFaceProps { draft: SwitchesDraft; onChange: (draft: SwitchesDraft) => void }

export function SwitchesFace({ draft, onChange }: SwitchesFaceProps) {
  const set = (change: Partial<SwitchesDraft>) => onChange({ ...draft, ...change });
  return (
    <>
      <Choice legend="What it has" value={draft.kind} onChange={(kind) => set({ kind })} options={kinds}
        hint={kinds.find(({ value }) => value === draft.kind)?.hint} />
      <Drawing draft={draft} set={set} />
    </>
  );
}

function Drawing({ draft, set }: { draft: SwitchesDraft; set: (change: Partial<SwitchesDraft>) => void }) {
  switch (draft.kind) {
    case 'dip': return (
      <DipSwitches legend="The switches" names={[...'12345ABCDE']} value={draft.dips} onChange={(dips) => set({ dips })} />
    );
    case 'rotary': return (
      <div class="field-row">
        <Dial legend="First wheel" positions={four} value={draft.group} onChange={(group) => set({ group })} />
        <Dial legend="Second wheel" positions={four} value={draft.unit} onChange={(unit) => set({ unit })} />
      </div>
    );
    case 'intertechno': return (
      <>
        <Dial legend="Letter" positions={letters} value={draft.family} onChange={(family) => set({ family })} />
        <Dial legend="Number" positions={sixteen} value={draft.number} onChange={(number) => set({ number })} />
      </>
    );
    case 'rev': return (
      <>
        <Choice legend="Letter" options={options([...'ABCD'])} value={draft.revGroup} onChange={(revGroup) => set({ revGroup })} />
        <Choice legend="Number" options={options(['1', '2', '3'])} value={draft.revUnit} onChange={(revUnit) => set({ revUnit })} />
      </>
    );
    case 'tri-state': return (
      <>
        <TextField label="Word for on" value={draft.on} onInput={(on) => set({ on })} hint="For example 0FFF0FFFFF0F." />
        <TextField label="Word for off" value={draft.off} onInput={(off) => set({ off })} />
      </>
    );
  }
}
