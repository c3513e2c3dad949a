import { openSync, writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import type { DeviceId } from '@sconce/protocol/ids';
import { limits } from '@sconce/protocol/limits';
import { obey } from './control.ts';
import { SimulatedBoard } from './device/board.ts';
import { systemClock } from './device/clock.ts';
import type { Happening } from './device/happenings.ts';
import { IdentityError, readIdentity } from './device/identity.ts';
import { readRoom, Room, RoomError, type RoomHappening } from './ether/room.ts';

const help = `Simulated boards: the protocol, certificates and radio timing of real ones, without the hardware.

  node simulator/src/main.ts --identity DIR [--identity DIR ...] [options]

  --identity DIR       a folder that pki/mint has made; once for each board
  --room FILE          sockets and remotes around the boards, and how well they hear one another; README.md has an
                       example. With it there may be no board at all
  --broker HOST:PORT   where to connect, if not where the identity says; the certificate
                       must still be for the name in the identity
  --record FILE        append what happens to FILE, one JSON object a line; it goes to stdout, too
  --airtime FACTOR     1 (the default): a code takes as long as on a real radio; 0: no time at all
  --pins 4,5           GPIO numbers that have a relay; none unless told
  --backoff MIN,MAX    bounds in ms of the wait before connecting again; 500,60000 unless told
  --help

On stdin, one JSON object a line: {"press":{"code":5393}} presses a button of a hand remote near the boards.
Beside "code" it may have "bits" (24), "protocol" (1), "pulse" (350), and "device" (an id: near that board only).
In a room {"press":{"remote":"Old remote","button":"On"}} presses a button of that remote, {"touch":{"socket":"Fan",
"how":"hold"}} holds the socket's button until it blinks ("tap": for a moment; "forget": until it has forgotten all),
{"noise":30} makes noise 30 times a minute, {"ask":"room"} asks how everything stands, and {"sent":{"board":"Hall board","code":5393,"bits":24,"protocol":1,
"pulse":350,"repeat":5}} tells what a board of another process has sent.

SIGTERM or SIGINT: the boards say that they go, and the process ends within 2 seconds.`;

class UsageError extends Error {}

const options = {
  identity: { type: 'string', multiple: true },
  room: { type: 'string' },
  broker: { type: 'string' },
  record: { type: 'string' },
  airtime: { type: 'string', default: '1' },
  pins: { type: 'string', default: '' },
  backoff: { type: 'string', default: '500,60000' },
  help: { type: 'boolean', default: false },
} as const;

function readArguments() {
  let values;
  try {
    ({ values } = parseArgs({ options }));
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
  if (values.help) return 'help';
  if (!values.identity && values.room === undefined) throw new UsageError('Name at least one board: --identity DIR');
  const airtime = Number(values.airtime);
  if (!(airtime >= 0 && airtime <= 1) || values.airtime.trim() === '') {
    throw new UsageError(`--airtime takes a factor from 0 to 1, not "${values.airtime}".`);
  }
  const [minMs, maxMs, ...rest] = numbers(values.backoff, '--backoff');
  if (!minMs || !maxMs || minMs > maxMs || rest.length) {
    throw new UsageError(`--backoff takes two numbers of milliseconds, the smaller first: 500,60000, not "${values.backoff}".`);
  }
  const pins = numbers(values.pins, '--pins');
  if (pins.some((pin) => pin < limits.pin.min || pin > limits.pin.max)) {
    throw new UsageError(`--pins takes GPIO numbers from ${limits.pin.min} to ${limits.pin.max}, not "${values.pins}".`);
  }
  return {
    folders: values.identity ?? [], room: values.room, record: values.record, airtime, pins, backoff: { minMs, maxMs },
    broker: values.broker === undefined ? undefined : hostAndPort(values.broker),
  };
}

function numbers(text: string, option: string): number[] {
  const words = text.split(',').map((word) => word.trim()).filter((word) => word !== '');
  const bad = words.find((word) => !/^\d+$/.test(word));
  if (bad !== undefined) throw new UsageError(`${option} takes whole numbers with commas between them, not "${bad}".`);
  return words.map(Number);
}

function hostAndPort(text: string): { host: string; port: number } {
  const { host, port } = /^\[?(?<host>[^[\]]+?)\]?:(?<port>\d{1,5})$/.exec(text)?.groups ?? {};
  if (!host || Number(port) < 1 || Number(port) > 65535) {
    throw new UsageError(`--broker takes a host and a port, like lamps.example.org:8883, not "${text}".`);
  }
  return { host, port: Number(port) };
}

/** Writes at once: what a killed process has done is in its record. */
function recorder(file: string | undefined) {
  let record: number | undefined;
  try {
    record = file === undefined ? undefined : openSync(file, 'a');
  } catch (error) {
    throw new UsageError(`--record: ${file} cannot be written (${(error as Error).message}).`);
  }
  const write = (what: object) => {
    const line = JSON.stringify({ at: new Date(systemClock.now()).toISOString(), ...what });
    if (record !== undefined) writeSync(record, `${line}\n`);
    console.log(line);
  };
  return {
    room: (happening: RoomHappening) => write(happening),
    board(device: DeviceId, happening: Happening) {
      write({ device, ...happening });
      if (happening.event === 'error') console.error(`${device}: ${happening.message}`);
    },
  };
}

function listen(boards: ReadonlyMap<DeviceId, SimulatedBoard>, room: Room | undefined): void {
  createInterface({ input: process.stdin }).on('line', (line) => {
    if (line.trim() === '') return;
    try {
      obey(line, boards, room);
    } catch (error) {
      console.error(`This line on stdin was not understood: ${line}\n${(error as Error).message}\n`
        + 'Write, for example: {"press":{"code":5393}}');
    }
  });
}

function run(args: Exclude<ReturnType<typeof readArguments>, 'help'>): void {
  const { folders, record, room: roomFile, ...common } = args;
  const tell = recorder(record);
  const room = roomFile === undefined ? undefined
    : new Room(readRoom(roomFile), { clock: systemClock, airtime: args.airtime, tell: tell.room });
  const boards = new Map<DeviceId, SimulatedBoard>();
  for (const folder of folders) {
    const identity = readIdentity(folder);
    if (boards.has(identity.id)) throw new UsageError(`--identity ${folder}: this board is named twice.`);
    const antenna = room?.addBoard(identity.name || identity.id, (code) => boards.get(identity.id)?.hear(code));
    boards.set(identity.id, new SimulatedBoard({
      ...common, antenna, identity, clock: systemClock, random: Math.random,
      tell: (happening) => tell.board(identity.id, happening),
    }));
  }

  let stopping = false;
  const stop = () => {
    if (stopping) process.exit(1);
    stopping = true;
    void Promise.all([...boards.values()].map((board) => board.stop())).then(() => process.exit(0));
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  // Whoever reads our stdout may leave; the record goes on.
  process.stdout.on('error', () => {});

  room?.noise();
  room?.ask();
  listen(boards, room);
  // Many boards: their handshakes one after the other, as if somebody went from room to room.
  for (const [index, board] of [...boards.values()].entries()) systemClock.after(index * 5, () => stopping || board.start());
}

try {
  const args = readArguments();
  if (args === 'help') console.log(help);
  else run(args);
} catch (error) {
  if (!(error instanceof UsageError || error instanceof IdentityError || error instanceof RoomError)) throw error;
  console.error(`${error.message}${error instanceof UsageError ? '\nSee --help.' : ''}`);
  process.exitCode = 2;
}
