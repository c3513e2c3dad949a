import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { RfCode } from '@sconce/protocol/messages';
import { outlets } from '../household.ts';

/** The room's file, as far as the demo writes it: the simulator's README says what may be in it. */
export interface RoomContents {
  boards: string[];
  sockets: { name: string; on?: boolean; learned?: { on: RfCode; off?: RfCode | undefined }[] }[];
  remotes: { name: string; buttons: ({ name: string } & RfCode)[] }[];
}

/** A row of a usual remote (PT2262 and its kin): 20 bits of its own, then 0001 for on, 0100 for off. */
const row = (own: number) => {
  const usual = { bits: 24, protocol: 1, pulse: 350 };
  return { on: { code: own * 16 + 0b0001, ...usual }, off: { code: own * 16 + 0b0100, ...usual } };
};
const buttons = ({ on, off }: { on: RfCode; off: RfCode }, what = '') =>
  [{ name: `${what} On`.trim(), ...on }, { name: `${what} Off`.trim(), ...off }];

/**
 * A socket for each of the household's radio outlets, and their remote; one whose remote Sconce does not know yet, one
 * that has learned nothing, and somebody else's remote behind the wall.
 */
function freshRoom(board: string): RoomContents {
  const known = outlets.flatMap(({ name, control }) => control?.kind === 'rf' ? [{ name, on: control.on, off: control.off }] : []);
  const fan = row(0x8f4a2);
  return {
    boards: [board],
    sockets: [
      ...known.map(({ name, on, off }) => ({ name, learned: [{ on, off }] })),
      { name: 'Fan', learned: [fan] },
      { name: 'Box-fresh socket' },
    ],
    remotes: [
      { name: 'The lamps’ remote', buttons: known.flatMap((outlet) => buttons(outlet, outlet.name)) },
      { name: 'The fan’s remote', buttons: buttons(fan) },
      { name: 'A neighbour’s remote', buttons: buttons(row(0x3c0d7)) },
    ],
  };
}

/** What an earlier start has left in the file, sockets with what they had learned; or a new room, written there. */
export function loadRoom(file: string, board: string): RoomContents {
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as RoomContents;
  const room = freshRoom(board);
  saveRoom(file, room);
  return room;
}

/** Never half-written. */
export function saveRoom(file: string, room: RoomContents): void {
  writeFileSync(`${file}.new`, `${JSON.stringify(room, null, 2)}\n`);
  renameSync(`${file}.new`, file);
}
