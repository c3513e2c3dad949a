import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { Outlet } from '@sconce/protocol/http';
import { faults, memoryMegabytes, membersOf, publishedPorts, type Compose } from '../src/compose.ts';
import { outlets as household } from '../src/demo/household.ts';
import { launchers } from '../src/launchers.ts';
import { startDevice, type RunningDevice } from '../src/conformance/device.ts';
import { identityIn } from '../src/pki.ts';
import { Server } from '../src/server.ts';
import { until } from '../src/until.ts';
import { Visitor } from '../src/visitor.ts';
import { Watcher } from '../src/watcher.ts';
import { World } from './world.ts';

/*
 * The whole server on a Docker engine, as somebody has it who follows the README: a fresh clone, make init, up. Everything
 * is asked from outside, at the published ports; ./world.ts has what stands around it.
 *
 * The images can be others, by the variables of .env.example. Run by `make test-compose`, as root.
 */
const domain = 'lamps.sconce.test';
/** Certificates hold for so long: they are renewed for real while this runs. */
const validSeconds = 100;
const world = await World.around({ dir: t.testdir(), domain, validSeconds });
const { url, other, devicesPort } = world;
const { port: httpsPort } = new URL(url);

let board: RunningDevice;
const server = await Server.clone(world.answers);
t.teardown(async () => {
  await (board as RunningDevice | undefined)?.kill();
  await server.remove();
  await world.end();
});

/** Images are built, certificates wait for their time: each step may take minutes. */
const stepMs = 600_000;
t.setTimeout(3 * stepMs);
const step = (name: string, work: (t: Test) => Promise<void>) => t.test(name, { timeout: stepMs }, work);

const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
const timed = async (work: () => Promise<unknown>) => {
  const began = performance.now();
  await work();
  return performance.now() - began;
};

/** The serial number of the certificate that nginx shows for a name. */
const serial = (name: string) => execFileSync('sh', ['-c',
  `openssl s_client -connect 127.0.0.1:${httpsPort} -servername ${name} </dev/null 2>/dev/null | openssl x509 -noout -serial`],
{ encoding: 'utf8' }).trim();

const olive = new Visitor(url);
let lamp: Outlet;
let on = false;

/** Olive taps her lamp, and the board sends its code. */
async function tap(): Promise<void> {
  on = !on;
  const { length } = board.events('transmitted');
  const { outcome } = await olive.json<{ outcome: string }>(`/api/v1/outlets/${lamp.id}/switch`, { method: 'POST', body: { on } });
  if (outcome !== 'transmitted' || board.events('transmitted').length !== length + 1) throw new Error(`the tap was ${outcome}`);
}

await step('from a fresh clone, without a question', async (t) => {
  world.adapt(server.dir);
  const said = await server.run('make', 'init');
  t.match(said, `${url}/auth/callback`);
  const took = await timed(() => server.compose('up', '--detach', '--build', '--wait'));
  t.comment(`up --build --wait: ${seconds(took)}`);
  const { State } = await server.container('migrate');
  t.equal(State.Status, 'exited', 'the migration has been done');
});

await step('Compose understands the file as the tests without an engine do', async (t) => {
  const compose = JSON.parse((await server.compose('config', '--format', 'json')).replaceAll(server.dir, '.')) as Compose;
  // An image that somebody puts in another's place is theirs to pin.
  t.strictSame(faults(compose).filter((line) => !Object.values(world.images).some((image) => line.endsWith(image))), []);
  t.strictSame(publishedPorts(compose), [`${devicesPort}→gate:8883/tcp`, `${world.answers.HTTP_PORT}→nginx:8080/tcp`,
    `${httpsPort}→nginx:8443/tcp`, `${httpsPort}→nginx:8443/udp`].sort());
  t.strictSame(membersOf(compose).data, ['api', 'backup', 'migrate', 'postgres']);
  t.ok(memoryMegabytes(compose) <= 960);
  const secrets = await server.run('sh', '-c', 'cat secrets/* | sed "s/.*:\\/\\/.*:\\(.*\\)@.*/\\1/"');
  for (const secret of secrets.split('\n').filter(Boolean)) t.notMatch(JSON.stringify(compose), secret, 'no secret stands in it');
});

await step('each name gets a certificate of its own', async (t) => {
  await world.hasCertificates();
  for (const name of [domain, other]) t.match(serial(name), /^serial=/);
  t.not(serial(domain), serial(other));
  await t.rejects(fetch(`https://stranger.sconce.test:${httpsPort}/`), 'a name that is not known here is refused');
});

await step('Olive signs in, adopts a board, taps: from outside, through it all', async (t) => {
  const { role } = await olive.signIn('olive');
  t.equal(role, 'admin');
  const said = await server.run('make', 'pki', 'DEVICE=Hall board');
  const folder = /^Minted .* in (.*)$/m.exec(said)?.[1] ?? '';
  board = startDevice(launchers.simulator, {
    identities: [identityIn(folder).dir], broker: { host: '127.0.0.1', port: devicesPort }, airtime: 0, pins: [5],
    backoff: { minMs: 200, maxMs: 2000 },
  });
  await board.connected();
  const { id } = JSON.parse(readFileSync(join(folder, 'device.json'), 'utf8')) as { id: string };
  await until('the board to be known', async () =>
    (await olive.json<{ id: string }[]>('/api/v1/devices')).some((device) => device.id === id));
  await olive.json(`/api/v1/devices/${id}/adopt`, { method: 'POST', body: { name: 'Hall board' } });
  lamp = await olive.json<Outlet>('/api/v1/outlets', { method: 'POST', body: { deviceId: id, ...household[0] } });
  await tap();
  const took = await timed(tap);
  t.comment(`a tap: ${took.toFixed(0)} ms`);
});

await step('make status tells all of it', async (t) => {
  // As its owner does once it lies in another place; until then status names it.
  rmSync(join(server.dir, 'backup-identity'));
  const said = await server.run('make', 'status');
  for (const words of [`${domain}, version`, 'healthy, running since', '1 of 1 online', 'seconds left']) t.match(said, words);
});

await step('what it takes at rest', async (t) => {
  const stats = await server.run('docker', 'stats', '--no-stream', '--format', '{{.Name}} {{.MemUsage}}');
  t.comment(stats);
  t.strictSame(await server.volumes(), ['database'], 'no volume without a name');
});

await step('certificates are renewed, nginx shows the new ones, and whoever watches sees on', async (t) => {
  const before = [domain, other].map(serial);
  const watcher = await Watcher.open(olive);
  for (const [at, name] of [domain, other].entries()) {
    await until(`a new certificate for ${name}`, () => serial(name) !== before[at], validSeconds * 1000);
  }
  watcher.forget();
  await tap();
  await watcher.event('the lamp, on a stream that began under the old certificate', ({ type }) => type === 'outlet');
  watcher.close();
  const fresh = await Watcher.open(olive);
  await tap();
  await fresh.event('the lamp, on a stream under the new', ({ type }) => type === 'outlet');
  fresh.close();
  t.not(serial(domain), before[0], 'and so it stays');
});

await step('the api\'s container made anew: nginx finds it', async (t) => {
  const { Id } = await server.container('api');
  await server.compose('up', '--detach', '--wait', '--force-recreate', '--no-deps', 'api');
  const took = await timed(() => until('an answer', async () => (await olive.request('/api/v1/me')).ok, 15_000));
  t.not((await server.container('api')).Id, Id);
  t.comment(`after it was healthy: ${seconds(took)}`);
  await tap();
});

for (const service of ['api', 'gate', 'authority', 'mosquitto', 'postgres', 'nginx', 'acme', 'backup']) {
  await step(`${service} crashes, and is back by itself`, async (t) => {
    const took = await timed(async () => {
      await server.crash(service);
      await until('a tap', async () => {
        await tap();
        return true;
      }, 30_000);
    });
    t.comment(`a tap works again after ${seconds(took)}`);
    await server.healthy(service);
    t.pass();
  });
}

await step('down and up keep everything', async (t) => {
  await server.compose('down');
  const from = board.record.all.length;
  const took = await timed(() => server.compose('up', '--detach', '--wait'));
  t.comment(`up --wait: ${seconds(took)}`);
  await board.connected(from);
  const [outlet] = await olive.json<Outlet[]>('/api/v1/outlets');
  t.equal(outlet?.name, lamp.name);
  await until('a tap', async () => {
    await tap();
    return true;
  });
});
