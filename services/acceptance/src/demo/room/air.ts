import { RfCode } from '@sconce/protocol/messages';
import { z } from 'zod';
import { join } from 'node:path';
import { repository } from '../../pki.ts';
import { type Running, startProgram } from '../../process.ts';
import { Supervised } from '../supervise.ts';
import { loadRoom, saveRoom, type RoomContents } from './contents.ts';
import type { RoomRequest, RoomState } from './state.ts';

const code = { code: z.int(), bits: z.int(), protocol: z.int(), pulse: z.int() };
const Socket = z.object({
  socket: z.string(), on: z.boolean(), learning: z.boolean(), learned: z.array(z.object({ on: RfCode, off: RfCode.optional() })),
});
/** The lines of the room's record that matter here. */
const RoomLine = z.discriminatedUnion('event', [
  z.object({ event: z.literal('room'), noisePerMinute: z.number(), sockets: z.array(Socket),
    remotes: z.array(z.object({ remote: z.string(), buttons: z.array(z.string()) })) }),
  Socket.extend({ event: z.literal('socket') }),
  z.object({ event: z.literal('air'), at: z.string(), from: z.string(), frames: z.int(), code: z.int() }),
  z.object({ event: z.literal('heard'), ...code }),
]);
/** The lines of a board's record that matter here, whatever it is made of. */
const BoardLine = z.discriminatedUnion('event', [
  z.object({ event: z.literal('transmitted'), repeat: z.int(), ...code }),
  z.object({ event: z.literal('pin'), pin: z.int(), on: z.boolean() }),
]);

/** Transmissions that the page shows. */
const shown = 8;

export interface AirOptions {
  /** Where the room is kept from one start to the next. */
  file: string;
  logFile: string;
  /** The board's name. */
  board: string;
  airtime: number;
  /** A lamp that is wired to the board's relay. */
  wired: { name: string; pin: number };
  /** A code has reached the board. */
  onHeard(code: RfCode): void;
  say(line: string): void;
}

/**
 * The room's sockets and remotes: a simulator without boards, which outlives the demo's board when that is unplugged.
 * What the board says in its record that it has sent goes to the room, and what the room says it hears goes to the board;
 * so the board may be of any kind.
 */
export class Air {
  readonly program: Supervised;
  readonly #options: AirOptions;
  readonly #room: RoomContents;
  readonly #watching = new Set<(state: RoomState) => void>();
  #sockets: z.infer<typeof Socket>[] = [];
  #wiredOn = false;
  #up = false;
  #remotes: RoomState['remotes'] = [];
  #noisePerMinute = 0;
  #air: RoomState['air'] = [];

  constructor(options: AirOptions) {
    this.#options = options;
    this.#room = loadRoom(options.file, options.board);
    this.program = new Supervised('The virtual room', () => this.#start(), options.say);
  }

  get state(): RoomState {
    const { wired } = this.#options;
    return {
      up: this.#up,
      sockets: [
        ...this.#sockets.map(({ socket, on, learning, learned }) => ({ name: socket, on, learning, knows: learned.length })),
        { name: wired.name, on: this.#wiredOn, learning: false, knows: null },
      ],
      remotes: this.#remotes,
      noisePerMinute: this.#noisePerMinute,
      air: this.#air,
    };
  }

  /** Tells each change from now on. Returns what ends that. */
  watch(tell: (state: RoomState) => void): () => void {
    this.#watching.add(tell);
    return () => void this.#watching.delete(tell);
  }

  /** Somebody in the room does something. `false`: there is no room at the moment. */
  ask(request: RoomRequest): boolean {
    const { running } = this.program;
    running?.write(JSON.stringify(request));
    return running !== undefined;
  }

  /** A line of the board's record. */
  boardSays(line: string): void {
    const said = read(BoardLine, line);
    if (said?.event === 'transmitted') {
      const { event: _, ...sent } = said;
      this.program.running?.write(JSON.stringify({ sent: { board: this.#options.board, ...sent } }));
    } else if (said?.pin === this.#options.wired.pin) {
      this.#wiredOn = said.on;
      this.#changed();
    }
  }

  async #start(): Promise<Running> {
    const { file, logFile, airtime } = this.#options;
    const running = await startProgram({
      name: 'The virtual room',
      command: process.execPath,
      args: [join(repository, 'services/simulator/src/main.ts'), '--room', file, '--airtime', String(airtime)],
      env: { PATH: process.env.PATH ?? '' },
      input: true,
      ready: /"event":"room"/,
      onLine: (line) => this.#hear(line),
      logFile,
    });
    void running.ended.then(() => {
      this.#up = false;
      this.#changed();
    });
    return running;
  }

  #hear(line: string): void {
    const said = read(RoomLine, line);
    switch (said?.event) {
      case undefined:
        return;
      case 'heard': {
        const { event: _, ...heard } = said;
        return this.#options.onHeard(heard);
      }
      case 'room':
        this.#up = true;
        this.#sockets = said.sockets;
        this.#remotes = said.remotes.map(({ remote, buttons }) => ({ name: remote, buttons }));
        this.#noisePerMinute = said.noisePerMinute;
        break;
      case 'socket':
        this.#sockets = this.#sockets.map((known) => known.socket === said.socket ? said : known);
        this.#keep(said);
        break;
      case 'air': {
        const { at, from, code, frames } = said;
        this.#air = [{ at, from, code, frames }, ...this.#air].slice(0, shown);
      }
    }
    this.#changed();
  }

  /** As a socket keeps it without power. */
  #keep({ socket, on, learned }: z.infer<typeof Socket>): void {
    for (const kept of this.#room.sockets) if (kept.name === socket) Object.assign(kept, { on, learned });
    saveRoom(this.#options.file, this.#room);
  }

  #changed(): void {
    for (const tell of this.#watching) tell(this.state);
  }
}

/** `undefined`: a line that does not matter here. */
function read<T>(schema: z.ZodType<T>, line: string): T | undefined {
  try {
    return schema.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}
