import { DeviceId } from '@sconce/protocol/ids';
import { limits } from '@sconce/protocol/limits';
import { RfCode } from '@sconce/protocol/messages';
import { z } from 'zod';
import type { SimulatedBoard } from './device/board.ts';
import type { Room } from './ether/room.ts';

const frames = z.int().min(1).max(1000);

/** A button of a hand remote that is nowhere but here; heard by boards alone. */
const NearBoards = z.strictObject({
  device: DeviceId.optional(),
  code: z.int(),
  bits: z.int().default(24),
  protocol: z.int().default(1),
  pulse: z.int().default(350),
});
/** A button of one of the room's remotes. */
const OnRemote = z.strictObject({ remote: z.string(), button: z.string(), frames: frames.optional() });

/** One line of stdin. */
const Control = z.union([
  z.strictObject({ press: z.union([NearBoards, OnRemote]) }),
  z.strictObject({ touch: z.strictObject({ socket: z.string(), how: z.enum(['tap', 'hold', 'forget']) }) }),
  z.strictObject({ sent: RfCode.safeExtend({
    board: z.string(), repeat: z.int().min(limits.rfRepeat.min).max(limits.rfRepeat.max),
  }) }),
  z.strictObject({ noise: z.number().min(0).max(6000) }),
  z.strictObject({ ask: z.literal('room') }),
]);

/** Does what a line of stdin says. @throws Error, in words, if it is not understood or cannot be done */
export function obey(line: string, boards: ReadonlyMap<DeviceId, SimulatedBoard>, room: Room | undefined): void {
  try {
    act(Control.parse(JSON.parse(line)), boards, room);
  } catch (error) {
    throw error instanceof z.ZodError ? new Error(z.prettifyError(error)) : error;
  }
}

function act(control: z.infer<typeof Control>, boards: ReadonlyMap<DeviceId, SimulatedBoard>, room: Room | undefined): void {
  if ('press' in control) {
    const { press } = control;
    if ('code' in press) pressNear(press, boards);
    else inRoom(room).press(press.remote, press.button, press.frames);
  } else if ('touch' in control) {
    inRoom(room).touch(control.touch.socket, control.touch.how);
  } else if ('sent' in control) {
    const { board, repeat, ...code } = control.sent;
    inRoom(room).sent(board, code, repeat);
  } else if ('noise' in control) {
    inRoom(room).noise(control.noise);
    inRoom(room).ask();
  } else {
    inRoom(room).ask();
  }
}

function inRoom(room: Room | undefined): Room {
  if (!room) throw new Error('there is no room: start with --room FILE');
  return room;
}

function pressNear({ device, ...code }: z.infer<typeof NearBoards>, boards: ReadonlyMap<DeviceId, SimulatedBoard>): void {
  RfCode.parse(code);
  if (device && !boards.has(device)) throw new Error(`no board ${device} runs here`);
  for (const [id, board] of boards) if (!device || id === device) board.hear(code);
}
