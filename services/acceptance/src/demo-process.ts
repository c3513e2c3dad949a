import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Device, Outlet } from '@sconce/protocol/http';
import { freePorts, startProgram, type Running } from './process.ts';
import { repository } from './pki.ts';
import { prepareDatabase } from './prepared-database.ts';

/** What the demo tells scripts, in `demo.json`. */
export type DemoFacts = {
  url: string;
  /** The address of the virtual room. */
  room: string;
  token: string;
  devices: Device[];
  outlets: Outlet[];
  mqtt: { host: string; port: number; servicesPort: number; ca: string; cert: string; key: string };
  record: string;
  logs: string;
  processes: { demo: number; mosquitto: number; gate: number; api: number; air: number; board: number };
};

export type Demo = Running & { dir: string; env: Record<string, string>; facts(): DemoFacts };

const main = fileURLToPath(new URL('./demo/main.ts', import.meta.url));

/**
 * An environment for a demo of its own: free ports, a folder of its own, in which PGlite has started before unless this is
 * to be the `first` time.
 */
export async function demoEnvironment({ first = false } = {}):
  Promise<{ env: Record<string, string>; dir: string; remove(): Promise<void> }> {
  const dir = await mkdtemp(join(tmpdir(), 'sconce-demo-'));
  if (!first) await prepareDatabase(join(dir, 'data/database'));
  const [web, issuer, api, devices, broker, services, room] = await freePorts(7);
  return {
    dir,
    env: {
      PATH: process.env.PATH ?? '', DEMO_DIR: dir,
      DEMO_PORT: String(web), DEMO_ISSUER_PORT: String(issuer), DEMO_API_PORT: String(api),
      DEMO_DEVICES_PORT: String(devices), DEMO_BROKER_PORT: String(broker),
      DEMO_SERVICES_PORT: String(services), DEMO_ROOM_PORT: String(room),
    },
    remove: () => rm(dir, { recursive: true, force: true }),
  };
}

/** Starts what `make demo` starts. Rejects with what it said. */
export async function startDemo(env: Record<string, string>, dir: string): Promise<Demo> {
  const running = await startProgram({
    name: 'The demo', command: process.execPath, args: [main], env, cwd: repository, input: true,
    ready: /Ctrl-C stops/, deadlineMs: 120_000,
  });
  return { ...running, dir, env, facts: () => JSON.parse(readFileSync(join(dir, 'demo.json'), 'utf8')) as DemoFacts };
}
