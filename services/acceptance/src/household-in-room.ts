import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Device } from '@sconce/protocol/http';
import type { DeviceId } from '@sconce/protocol/ids';
import { startWeb } from './demo/web.ts';
import { startIssuer } from './issuer.ts';
import { startMosquitto } from './mosquitto.ts';
import { initPki, mintDevice, repository } from './pki.ts';
import { prepareDatabase } from './prepared-database.ts';
import { freePorts, startProgram, type Running } from './process.ts';
import { until } from './until.ts';
import { Visitor } from './visitor.ts';

/** A transmission that the room's record tells of, when it is over: `began` to `at`, ISO 8601, is its time on the air. */
export type OnAir = { from: string; code: number; frames: number; clashed: number; began: string; at: string };

export interface HouseholdInRoom {
  url: string;
  /** Olive, the owner; the boards are hers. */
  olive: Visitor;
  boards: { id: DeviceId; name: string }[];
  /** The room and the boards in it: it takes lines as the simulator's README says. */
  simulator: Running;
  /** What has been on the air so far. */
  onAir: OnAir[];
  stop(): Promise<void>;
}

/**
 * A household whose simulated boards share one air with remotes and sockets: the real broker, the API on PGlite, a
 * sign-in service and the simulator.
 * @param dir a folder of its own
 * @param room as the simulator's `--room` takes it
 * @param pages whether the dashboard is served, too; it must have been built
 */
export async function startHouseholdInRoom(dir: string, { names, room, pages = false }:
  { names: readonly string[]; room: object; pages?: boolean }): Promise<HouseholdInRoom> {
  const undo: (() => Promise<unknown>)[] = [];
  const stop = async () => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    return { ...await start(), stop };
  } catch (error) {
    await stop();
    throw error;
  }

  async function start(): Promise<Omit<HouseholdInRoom, 'stop'>> {
    const [apiPort, webPort, issuerPort, devicesPort, servicesPort] =
      await freePorts(5) as [number, number, number, number, number];
    const pkiDir = join(dir, 'pki');
    const pki = await initPki(pkiDir);
    const boards: { id: DeviceId; name: string; dir: string }[] = [];
    for (const name of names) boards.push({ ...await mintDevice(pkiDir, name), name });
    const broker = await startMosquitto({ pkiDir, devicesPort, servicesPort });
    undo.push(() => broker.stop());
    const url = `http://localhost:${pages ? webPort : apiPort}`;
    const issuer = await startIssuer({ port: issuerPort, dir, redirectUris: [`${url}/auth/callback`] });
    undo.push(() => issuer.stop());
    await prepareDatabase(join(dir, 'data/database'));
    const api = await startProgram({
      name: 'the API', command: process.execPath, args: [join(repository, 'services/api/src/main.ts')], deadlineMs: 60_000,
      env: {
        PATH: process.env.PATH ?? '', PORT: String(apiPort), PUBLIC_URL: url, OWNER_EMAIL: 'olive@example.org',
        OIDC_ISSUER: issuer.url, OIDC_CLIENT_ID: issuer.clientId, OIDC_CLIENT_SECRET: issuer.clientSecret,
        SESSION_KEYS: 'ab'.repeat(32), DATA_DIR: join(dir, 'data'), MQTT_URL: `mqtts://localhost:${servicesPort}`,
        MQTT_CA_FILE: pki.api.ca, MQTT_CERT_FILE: pki.api.cert, MQTT_KEY_FILE: pki.api.key,
      },
      ready: /Server listening/,
    });
    undo.push(() => api.stop());
    if (pages) {
      const web = await startWeb(webPort, apiPort);
      undo.push(() => web.stop());
    }

    const file = join(dir, 'room.json');
    await writeFile(file, JSON.stringify(room));
    const onAir: OnAir[] = [];
    const simulator = await startProgram({
      name: 'the simulator', command: process.execPath,
      args: [join(repository, 'services/simulator/src/main.ts'), '--room', file, '--broker', `localhost:${devicesPort}`,
        '--pins', '5', ...boards.flatMap((board) => ['--identity', board.dir])],
      env: { PATH: process.env.PATH ?? '' }, input: true, deadlineMs: 20_000,
      ready: new RegExp(boards.map(() => '"connected"').join('[\\s\\S]*')),
      onLine(line) {
        const said = JSON.parse(line) as { event: string } & OnAir;
        if (said.event === 'air') onAir.push(said);
      },
    });
    undo.push(() => simulator.stop());

    const olive = new Visitor(url);
    await until('the API', () => olive.signIn('olive').then(() => true), 20_000);
    await until('the boards', async () =>
      (await olive.json<Device[]>('/api/v1/devices')).filter(({ online }) => online).length === boards.length);
    for (const { id, name } of boards) await olive.json(`/api/v1/devices/${id}/adopt`, { method: 'POST', body: { name } });
    return { url, olive, boards, simulator, onAir };
  }
}
