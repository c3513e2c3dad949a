/** What the page shows of the virtual room; sent whole at each change. */
export interface RoomState {
  /** Whether the program that is the room runs. */
  up: boolean;
  sockets: SocketView[];
  remotes: { name: string; buttons: string[] }[];
  noisePerMinute: number;
  /** What was on the air, the latest first. */
  air: { at: string; from: string; code: number; frames: number }[];
}

export interface SocketView {
  name: string;
  on: boolean;
  /** Its button was held: it listens for a code. */
  learning: boolean;
  /** How many remotes it knows; null: it is wired to the board, without radio. */
  knows: number | null;
}

/** What the page asks for, as the simulator reads it on its stdin. */
export type RoomRequest =
  | { press: { remote: string; button: string } }
  | { touch: { socket: string; how: 'tap' | 'hold' | 'forget' } }
  | { noise: number };
