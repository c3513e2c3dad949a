import { Device, Outlet, type Control, type MadeToken, type NewOutlet } from '@sconce/protocol/http';
import type { DeviceId } from '@sconce/protocol/ids';
import { z } from 'zod';
import { within } from '../process.ts';
import { Visitor } from '../visitor.ts';

/** A pair of codes as the cheap remotes send them: 24 bits, protocol 1. */
const radio = (on: number, off: number): Control => {
  const code = { bits: 24, protocol: 1, pulse: 350 };
  return { kind: 'rf', on: { code: on, ...code }, off: { code: off, ...code }, repeat: 5 };
};

/** The GPIO on which the demo's board has a relay. */
export const relayPin = 5;

/** What is in the household from the beginning. */
export const outlets: Omit<z.input<typeof NewOutlet>, 'deviceId'>[] = [
  { name: 'Hall lamp', room: 'Hall', icon: 'lamp-ceiling', control: radio(5_393, 5_396) },
  { name: 'Reading lamp', room: 'Living room', icon: 'lamp-floor', control: radio(4_461_905, 4_461_908) },
  { name: 'Porch light', room: 'Outside', icon: 'lightbulb', control: { kind: 'pin', pin: relayPin } },
];

export type Household = { token: string; devices: Device[]; outlets: Outlet[] };

/**
 * Sets the household up, through the door that everybody uses: Olive signs in, adopts the board, adds its outlets and
 * makes a token for scripts. What is there already stays.
 * @param knownToken from an earlier start; a new one is made if it is not valid any more
 */
export async function setUpHousehold(url: string, board: { id: DeviceId; name: string },
  knownToken: string | undefined): Promise<Household> {
  const olive = new Visitor(url);
  await olive.signIn('olive');
  const device = await boardSeen(olive, board.id);
  if (!device.adopted) {
    await olive.json(`/api/v1/devices/${board.id}/adopt`, { method: 'POST', body: { name: board.name } });
    for (const outlet of outlets) {
      await olive.json('/api/v1/outlets', { method: 'POST', body: { deviceId: board.id, ...outlet } });
    }
  }
  const token = await validToken(olive, knownToken);
  const found = {
    token,
    devices: z.array(Device).parse(await olive.json('/api/v1/devices')),
    outlets: z.array(Outlet).parse(await olive.json('/api/v1/outlets')),
  };
  await olive.request('/auth/logout', { method: 'POST' });
  return found;
}

/** The board appears by itself once it has connected. */
async function boardSeen(olive: Visitor, id: DeviceId): Promise<Device> {
  const seen = async (): Promise<Device> => {
    const devices = z.array(Device).parse(await olive.json('/api/v1/devices'));
    const board = devices.find((device) => device.id === id && device.online);
    if (board) return board;
    await new Promise((resolve) => setTimeout(resolve, 50));
    return seen();
  };
  const board = await within(10_000, seen());
  if (!board) throw new Error('The board did not come online within 10 s; its log says why.');
  return board;
}

async function validToken(olive: Visitor, known: string | undefined): Promise<string> {
  if (known !== undefined) {
    const answer = await fetch(new URL('/api/v1/me', olive.url), { headers: { authorization: `Bearer ${known}` } });
    await answer.body?.cancel();
    if (answer.ok) return known;
  }
  const made = await olive.json<MadeToken>('/api/v1/tokens',
    { method: 'POST', body: { name: 'demo.json', scopes: ['read', 'switch', 'manage'], days: 365 } });
  return made.token;
}
