import { readFileSync } from 'node:fs';
import type { RfCode } from '@sconce/protocol/messages';
import { z } from 'zod';
import type { Clock } from '../device/clock.ts';
import type { Antenna } from '../device/radio.ts';
import { seededChance } from './chance.ts';
import { Ether, type Links, type OnAir } from './ether.ts';
import { Row } from './frames.ts';
import { Noise } from './noise.ts';
import { type PressHappening, Remote, RemoteSettings } from './remote.ts';
import { Socket, type SocketHappening, SocketSettings, type SocketState } from './socket.ts';

const Share = z.number().min(0).max(1);

/** A room's file. Every name in it is a station's: of a socket, a remote, a board, or `noise`. */
export const RoomSettings = z.strictObject({
  /** With the same seed chance falls the same way. */
  seed: z.int().default(1),
  /** Boards of other processes: this one tells what they hear, and is told what they have sent. */
  boards: z.array(z.string().min(1)).default([]),
  sockets: z.array(SocketSettings).default([]),
  remotes: z.array(RemoteSettings).default([]),
  /** Bursts of noise, on the average. */
  noisePerMinute: z.number().min(0).default(0),
  /** The share of frames that get lost on any link. */
  loss: Share.default(0),
  /** Links that are otherwise. Who does not hear another has `"reach":false`. */
  links: z.array(z.strictObject({ from: z.string(), to: z.string(), loss: Share.optional(), reach: z.boolean().default(true) }))
    .default([]),
});
export type RoomSettings = z.infer<typeof RoomSettings>;

/** A room that cannot be; the message says why. */
export class RoomError extends Error {}

/** @throws RoomError */
export function readRoom(file: string): RoomSettings {
  try {
    return RoomSettings.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    throw new RoomError(`${file}: ${error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message}`);
  }
}

export type RoomHappening = OnAir | PressHappening | SocketHappening
  /** A board of another process has heard a frame, as its receiver gives it. */
  | { event: 'heard'; board: string } & RfCode
  /** How everything stands, when asked. */
  | { event: 'room'; noisePerMinute: number; sockets: SocketState[]; remotes: { remote: string; buttons: string[] }[] };

/** Frames in a row that a board's receiver needs: firmware/lib/core/src/frame_decoder.h. */
const boardHearsFrom = 2;
const noise = 'noise';

/** Sockets, remotes and boards that share the air. */
export class Room {
  readonly #ether: Ether;
  readonly #names = new Set<string>();
  readonly #settings: RoomSettings;
  readonly #sockets = new Map<string, Socket>();
  readonly #remotes = new Map<string, Remote>();
  readonly #noise: Noise;
  readonly #tell: (happening: RoomHappening) => void;

  /** `airtime`: 1: a frame takes as long as on a real radio; 0: no time at all. @throws RoomError */
  constructor(settings: RoomSettings, { clock, airtime, tell }:
    { clock: Clock; airtime: number; tell(happening: RoomHappening): void }) {
    const random = seededChance(settings.seed);
    this.#tell = tell;
    this.#settings = settings;
    this.#ether = new Ether({ clock, airtime, random, tell, links: linksOf(settings) });
    for (const name of settings.boards) {
      this.addBoard(name, ({ code, bits, protocol, pulse }) => tell({ event: 'heard', board: name, code, bits, protocol, pulse }));
    }
    for (const each of settings.sockets) {
      const socket = new Socket(each, clock, tell);
      this.#join(each.name, socket);
      this.#sockets.set(each.name, socket);
    }
    for (const each of settings.remotes) this.#remotes.set(each.name, new Remote(each, this.#join(each.name), random, tell));
    this.#noise = new Noise({ clock, random, antenna: this.#join(noise) });
  }

  /** So many bursts of noise a minute from now on; those of the settings, unless told. Until then the air is quiet. */
  noise(perMinute = this.#settings.noisePerMinute): void {
    this.#noise.set(perMinute);
  }

  /** A board in this room. `hears`: a code, as its receiver gives it. @throws RoomError if the name is taken */
  addBoard(name: string, hears: (code: RfCode) => void): Antenna {
    const row = new Row();
    return this.#join(name, { hears: (frame) => { if (row.next(frame) >= boardHearsFrom) hears(frame.code); } });
  }

  /** A board of another process has sent this. @throws RoomError */
  sent(board: string, code: RfCode, repeat: number): void {
    const { boards } = this.#settings;
    if (!boards.includes(board)) throw unknown('board', board, boards);
    this.#ether.sent(board, code, repeat);
  }

  /** Somebody presses a remote's button. @throws RoomError */
  press(remote: string, button: string, frames?: number): void {
    const found = find('remote', this.#remotes, remote);
    if (!found.press(button, frames)) throw unknown('button', button, found.state.buttons);
  }

  /** Somebody's finger on a socket's button. @throws RoomError */
  touch(socket: string, how: 'tap' | 'hold' | 'forget'): void {
    find('socket', this.#sockets, socket)[how]();
  }

  /** Tells how everything stands. */
  ask(): void {
    this.#tell({
      event: 'room',
      noisePerMinute: this.#noise.perMinute,
      sockets: [...this.#sockets.values()].map(({ state }) => state),
      remotes: [...this.#remotes.values()].map(({ state }) => state),
    });
  }

  #join(name: string, ears?: Pick<Socket, 'hears'>): Antenna {
    if (this.#names.has(name)) throw new RoomError(`two stations have the name "${name}"`);
    this.#names.add(name);
    return this.#ether.join({ name, ...ears && { hears: (frame) => ears.hears(frame) } });
  }
}

function linksOf({ loss, links }: RoomSettings): Links {
  const key = (from: string, to: string) => JSON.stringify([from, to]);
  const known = new Map(links.map((link) => [key(link.from, link.to), link]));
  return {
    reaches: (from, to) => known.get(key(from, to))?.reach ?? true,
    loss: (from, to) => known.get(key(from, to))?.loss ?? loss,
  };
}

function find<T>(what: string, all: ReadonlyMap<string, T>, name: string): T {
  const found = all.get(name);
  if (found === undefined) throw unknown(what, name, [...all.keys()]);
  return found;
}

const unknown = (what: string, name: string, there: readonly string[]) =>
  new RoomError(`there is no ${what} "${name}" here; there is: ${there.join(', ') || 'none'}`);
