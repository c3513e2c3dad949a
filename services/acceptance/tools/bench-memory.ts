/**
 * How much memory the whole of Sconce takes on a server: at rest, and with a hundred boards that are tapped.
 *
 *   node acceptance/tools/bench-memory.ts [--boards 100] [--taps 1000]
 *
 * A fresh clone on a Docker engine, as `make init` and Compose bring it up; the boards are simulated, outside, and come in
 * by the published port. What each container has is the engine's figure, without what the kernel may take back (caches of
 * files). Needs root or the group `docker`, and the images: docker-compose.yml has their names and variables.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Device, Outlet } from '@sconce/protocol/http';
import { World } from '../engine/world.ts';
import { repository } from '../src/pki.ts';
import { startProgram } from '../src/process.ts';
import { Server } from '../src/server.ts';
import { until } from '../src/until.ts';
import { Visitor } from '../src/visitor.ts';

const { values } = parseArgs({ options: { boards: { type: 'string', default: '100' }, taps: { type: 'string', default: '1000' } } });
const boards = Number(values.boards);
const taps = Number(values.taps);

/** Commands that one person may send a minute, services/api/src/http/limits.ts, with some to spare. */
const tapsAMinute = 110;

const dir = await mkdtemp(join(tmpdir(), 'sconce-memory-'));
const undo: (() => Promise<unknown>)[] = [() => rm(dir, { recursive: true, force: true })];
try {
  await measure();
} finally {
  for (const step of undo.reverse()) await step();
}

async function measure(): Promise<void> {
  const world = await World.around({ dir, domain: 'lamps.sconce.test', validSeconds: 86_400 });
  undo.push(() => world.end());
  const server = await Server.clone(world.answers);
  undo.push(() => server.remove());
  world.adapt(server.dir);
  console.log('Building and starting everything …');
  await server.run('make', 'init');
  await server.compose('up', '--detach', '--build', '--wait');
  await world.hasCertificates();
  const olive = new Visitor(world.url);
  await until('the sign-in', () => olive.signIn('olive').then(() => true), 30_000);

  const rest = await memory(server);
  console.log(`Minting ${boards} boards …`);
  const folders: string[] = [];
  for (let n = 1; n <= boards; n += 1) {
    folders.push(/^Minted .* in (.*)$/m.exec(await server.run('make', 'pki', `DEVICE=Board ${n}`))?.[1] ?? '');
  }
  const simulator = await startProgram({
    name: 'the simulator', command: process.execPath,
    args: [join(repository, 'services/simulator/src/main.ts'), '--broker', `127.0.0.1:${world.devicesPort}`, '--airtime', '0',
      '--record', join(dir, 'record'), ...folders.flatMap((folder) => ['--identity', folder])],
    env: { PATH: process.env.PATH ?? '' }, ready: /"connected"/, deadlineMs: 60_000,
  });
  undo.push(() => simulator.stop());
  const online = async () => (await olive.json<Device[]>('/api/v1/devices')).filter((device) => device.online);
  await until(`${boards} boards`, async () => (await online()).length === boards, 120_000);
  const outlets: Outlet[] = [];
  for (const [n, { id }] of (await online()).entries()) {
    await olive.json(`/api/v1/devices/${id}/adopt`, { method: 'POST', body: { name: `Board ${n + 1}` } });
    const code = (value: number) => ({ code: value, bits: 24, protocol: 1, pulse: 350 });
    outlets.push(await olive.json<Outlet>('/api/v1/outlets', { method: 'POST',
      body: { deviceId: id, name: `Lamp ${n + 1}`, control: { kind: 'rf', on: code(2 * n + 1), off: code(2 * n + 2), repeat: 4 } } }));
  }
  const idle = await memory(server);
  console.log(`Tapping ${taps} times, ${tapsAMinute} a minute …`);
  let highest = idle;
  for (let n = 0; n < taps; n += 1) {
    const { outcome } = await olive.json<{ outcome: string }>(`/api/v1/outlets/${outlets[n % outlets.length]?.id}/switch`,
      { method: 'POST', body: { on: n % 2 === 0 } });
    if (outcome !== 'transmitted') throw new Error(`tap ${n} was ${outcome}`);
    await new Promise((resolve) => setTimeout(resolve, 60_000 / tapsAMinute));
    if (n % 100 === 99) {
      const now = await memory(server);
      highest = new Map([...now].map(([service, megabytes]) => [service, Math.max(megabytes, highest.get(service) ?? 0)]));
      console.log(`${n + 1} of ${taps}`);
    }
  }

  const row = (...cells: (string | number)[]) => console.log(`| ${cells.map((cell, i) => String(cell)[i === 0 ? 'padEnd' : 'padStart'](i === 0 ? 10 : 14)).join(' | ')} |`);
  const mib = (megabytes = 0) => megabytes.toFixed(0);
  row('MiB', 'at rest', `${boards} boards`, 'tapped, at most');
  for (const service of rest.keys()) row(service, mib(rest.get(service)), mib(idle.get(service)), mib(highest.get(service)));
  row('in all', ...[rest, idle, highest].map((all) => mib([...all.values()].reduce((sum, one) => sum + one, 0))));
}

/** MiB by service. */
async function memory(server: Server): Promise<Map<string, number>> {
  // What has just been done leaves its marks for a moment.
  await new Promise((resolve) => setTimeout(resolve, 5000));
  const ids = (await server.compose('ps', '--quiet')).split('\n').filter(Boolean);
  const lines = (await server.run('docker', 'stats', '--no-stream', '--format', '{{.Name}} {{.MemUsage}}', ...ids)).trim().split('\n');
  const units: Record<string, number> = { B: 2 ** -20, KiB: 2 ** -10, MiB: 1, GiB: 2 ** 10 };
  return new Map(lines.map((line): [string, number] => {
    const [, service = line, amount = '', unit = ''] = /-([a-z]+)-\d+ ([\d.]+)([KMG]?i?B) /.exec(line) ?? [];
    return [service, Number(amount) * (units[unit] ?? Number.NaN)];
  }).sort(([a], [b]) => a.localeCompare(b)));
}
