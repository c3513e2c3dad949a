import { createServer } from 'node:net';
import { resolve } from 'node:path';
import { boardKinds, type BoardKind } from '../launchers.ts';
import { repository } from '../pki.ts';

/** Each port, the variable that moves it, and what listens there. */
const ports = {
  web: ['DEMO_PORT', 8080, 'the dashboard'],
  issuer: ['DEMO_ISSUER_PORT', 8081, 'the sign-in service'],
  api: ['DEMO_API_PORT', 8082, 'the API'],
  devices: ['DEMO_DEVICES_PORT', 8883, 'the gate, for boards'],
  broker: ['DEMO_BROKER_PORT', 8886, 'Mosquitto, behind the gate'],
  services: ['DEMO_SERVICES_PORT', 8884, 'Mosquitto, for the API'],
  room: ['DEMO_ROOM_PORT', 8085, 'the virtual room'],
} as const;

export type Ports = Record<keyof typeof ports, number>;
export type Settings = { dir: string; ports: Ports; board: BoardKind; airtime: number };

/** What a person can put right; shown without a stack. */
export class DemoError extends Error {}

/**
 * Reads the demo's few variables and looks whether its ports are free.
 * @throws DemoError naming every variable that is wrong, and every port that is not free, with the variable that moves it
 */
export async function readSettings(env: Record<string, string | undefined>): Promise<Settings> {
  const wrong: string[] = [];
  const board = boardKinds.find((kind) => kind === (env.BOARD || 'simulator'));
  if (!board) {
    wrong.push(`BOARD is "${env.BOARD}". There is BOARD=simulator, a board in TypeScript, which it is unless told; `
      + "and BOARD=cpp, the firmware's own code as a process.");
  }
  const airtime = Number(env.DEMO_AIRTIME ?? 1);
  if (!(airtime >= 0 && airtime <= 1)) wrong.push(`DEMO_AIRTIME is not a factor from 0 to 1: ${env.DEMO_AIRTIME}`);
  const chosen = {} as Ports;
  const entries = Object.entries(ports) as [keyof Ports, (typeof ports)[keyof Ports]][];
  for (const [name, [variable, standard, what]] of entries) {
    const port = Number(env[variable] ?? standard);
    chosen[name] = port;
    if (!Number.isInteger(port) || port < 1 || port > 65535) {
      wrong.push(`${variable} is not a port: ${env[variable] ?? ''}`);
    } else if (Object.entries(chosen).some(([other, taken]) => other !== name && taken === port)) {
      wrong.push(`${variable}: port ${port} is given twice`);
    } else if (!(await isFree(port, 'localhost') && await isFree(port, '127.0.0.1'))) {
      const another = port + 10000 > 65535 ? port - 1000 : port + 10000;
      wrong.push(`Port ${port} (${what}) is in use. End what uses it, or choose another: `
        + `${variable}=${another} make demo`);
    }
  }
  if (wrong.length > 0 || !board) throw new DemoError(wrong.join('\n'));
  return { dir: resolve(repository, env.DEMO_DIR ?? '.demo'), ports: chosen, board, airtime };
}

/** `localhost` may be ::1 here: both are asked for. */
const isFree = (port: number, host: string) => new Promise<boolean>((done) => {
  const server = createServer();
  server.once('error', () => done(false));
  server.listen(port, host, () => server.close(() => done(true)));
});
