import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { Outlet } from '@sconce/protocol/http';
import { startDevice, type RunningDevice } from '../src/conformance/device.ts';
import { outlets as household } from '../src/demo/household.ts';
import { launchers } from '../src/launchers.ts';
import { repository } from '../src/pki.ts';
import { Server } from '../src/server.ts';
import { until } from '../src/until.ts';
import { Visitor } from '../src/visitor.ts';
import { World } from './world.ts';

/*
 * A server of the time when the devices' root itself signed boards, and the broker was published: make upgrade brings it
 * to where it has an issuing authority and a gate, and its boards notice nothing. Run by `make test-compose`, as root.
 */
const stepMs = 600_000;
t.setTimeout(2 * stepMs);
const step = (name: string, work: (t: Test) => Promise<void>) => t.test(name, { timeout: stepMs, bail: true }, work);

const git = (...args: string[]) => execFileSync('git', ['-C', repository, ...args], { encoding: 'utf8' }).trim();
/** The last version without a gate. */
const before = `${git('log', '--diff-filter=A', '--format=%H', '-1', '--', 'services/gate/package.json')}^`;

const dir = t.testdir({ board: {} });
const origin = join(dir, 'sconce.git');
git('clone', '--quiet', '--bare', repository, origin);
const branch = git('symbolic-ref', '--short', 'HEAD');
const world = await World.around({ dir, domain: 'lamps.sconce.test', validSeconds: 86_400 });
const server = await Server.clone(world.answers);
let board: RunningDevice | undefined;
t.teardown(async () => {
  await board?.kill();
  await server.remove();
  await world.end();
});
await server.run('git', 'remote', 'set-url', 'origin', origin);
await server.run('git', 'reset', '--quiet', '--hard', before);
await server.run('git', 'fetch', '--quiet');
await server.run('git', 'branch', '--quiet', `--set-upstream-to=origin/${branch}`);
world.adapt(server.dir, { before: true });

const olive = new Visitor(world.url);
let lamp: Outlet;
let on = false;
async function tap(): Promise<true> {
  on = !on;
  const { outcome } = await olive.json<{ outcome: string }>(`/api/v1/outlets/${lamp.id}/switch`, { method: 'POST', body: { on } });
  if (outcome !== 'transmitted') throw new Error(`the tap was ${outcome}`);
  return true;
}

await step('a server as it was, with a board', async () => {
  await server.run('make', 'init');
  await server.compose('up', '--detach', '--build', '--wait');
  await world.hasCertificates();
  await olive.signIn('olive');
  const minted = /^Minted .* in (.*)$/m.exec(await server.run('make', 'pki', 'DEVICE=Hall board'))?.[1] ?? '';
  const { id } = JSON.parse(readFileSync(join(minted, 'device.json'), 'utf8')) as { id: string };
  const identity = join(dir, 'board', id);
  mkdirSync(identity);
  for (const file of readdirSync(minted)) copyFileSync(join(minted, file), join(identity, file));
  board = startDevice(launchers.simulator, {
    identities: [identity], broker: { host: '127.0.0.1', port: world.devicesPort }, airtime: 0, pins: [5],
    backoff: { minMs: 200, maxMs: 2000 },
  });
  await board.connected();
  await until('the board to be known', async () => (await olive.json<unknown[]>('/api/v1/devices')).length > 0);
  await olive.json(`/api/v1/devices/${id}/adopt`, { method: 'POST', body: { name: 'Hall board' } });
  lamp = await olive.json<Outlet>('/api/v1/outlets', { method: 'POST', body: { deviceId: id, ...household[0] } });
  await tap();
});

await step('upgraded: boards come in by the gate, and who was trusted still is', async (t) => {
  const said = await server.run('make', 'upgrade');
  t.comment(said.split('\n').slice(-3).join('\n'));
  await until('a tap', tap, 60_000);
  for (const service of ['gate', 'authority', 'mosquitto']) await server.healthy(service);
  const status = await server.run('services/deploy/status').catch(String);
  t.match(status, /ok +gate +healthy/);
  t.match(status, /ok +issuing authority +\d+ days left/);
  t.match(await server.run('make', 'pki', 'DEVICE=Shed board'), /^Minted "Shed board"/m, 'the issuing authority signs');
});
