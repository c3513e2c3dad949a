import type { Switches } from '@sconce/protocol/switches';

/** The switches of a socket as they are being set; each kind keeps its own while another is looked at. */
export interface SwitchesDraft {
  kind: Switches['kind'];
  /** Ten: 1 to 5 of the house, A to E of the socket. */
  dips: readonly boolean[];
  group: string;
  unit: string;
  family: string;
  /** 1 to 16: four groups of four. */
  number: string;
  revGroup: string;
  revUnit: string;
  on: string;
  off: string;
}

/** As they leave the shop, more or less. */
export const freshSwitches: SwitchesDraft = {
  kind: 'dip', dips: [true, true, true, true, true, true, false, false, false, false], group: '1', unit: '1', family: 'A',
  number: '1', revGroup: 'A', revUnit: '1', on: '', off: '',
};

/** The same as the protocol's TriStateWord. */
const word = /^[01F]{4,16}$/;

/** What is on the socket; undefined while a word is none yet. */
export function switchesOf(draft: SwitchesDraft): Switches | undefined {
  const { kind, dips } = draft;
  switch (kind) {
    case 'dip': return { kind, house: dips.slice(0, 5), unit: dips.slice(5, 10) };
    case 'rotary': return { kind, group: Number(draft.group), unit: Number(draft.unit) };
    case 'intertechno': {
      const at = Number(draft.number) - 1;
      return { kind, family: draft.family, group: Math.floor(at / 4) + 1, unit: at % 4 + 1 };
    }
    case 'rev': return { kind, group: draft.revGroup, unit: Number(draft.revUnit) };
    case 'tri-state': {
      const [on, off] = [draft.on, draft.off].map((text) => text.trim().toUpperCase()) as [string, string];
      return word.test(on) && word.test(off) ? { kind, on, off } : undefined;
    }
  }
}
