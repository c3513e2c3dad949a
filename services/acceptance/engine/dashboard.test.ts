import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { Outlet } from '@sconce/protocol/http';
import { describedAs, Phone, startBrowser } from '../src/browser.ts';
import { startDevice, type RunningDevice } from '../src/conformance/device.ts';
import { outlets as household } from '../src/demo/household.ts';
import { launchers } from '../src/launchers.ts';
import { Server } from '../src/server.ts';
import { until } from '../src/until.ts';
import { Visitor } from '../src/visitor.ts';
import { says, seen } from '../test/screen.ts';
import { World } from './world.ts';

/*
 * The dashboard in Chromium, at a server as `make init` and Compose bring it up on an engine: what people see while
 * certificates are renewed and while parts of the server are gone. No page is loaded anew meanwhile, but where it says so.
 * Run by `make test-compose`, as root.
 */
const stepMs = 300_000;
t.setTimeout(4 * stepMs);
const step = (name: string, work: (t: Test) => Promise<void>) => t.test(name, { timeout: stepMs, bail: true }, work);

/** Certificates hold for so long, and are renewed for real while the page is open. */
const validSeconds = 90;
const domain = 'lamps.sconce.test';
const dir = t.testdir();
const world = await World.around({ dir, domain, validSeconds });
t.teardown(() => world.end());
const server = await Server.clone(world.answers);
t.teardown(() => server.remove());
world.adapt(server.dir);
await server.run('make', 'init');
await server.compose('up', '--detach', '--build', '--wait');
await world.hasCertificates();
const browser = await startBrowser({ names: '*.sconce.test' });
t.teardown(() => browser.close());
const olive = await Phone.open(browser, 'light', { strangers: true });
const script = new Visitor(world.url);

const began = () => olive.page.evaluate(() => performance.timeOrigin);
/** The serial number of the certificate that nginx shows. */
const serial = () => execFileSync('sh', ['-c',
  `openssl s_client -connect 127.0.0.1:${new URL(world.url).port} -servername ${domain} </dev/null 2>/dev/null | openssl x509 -noout -serial`],
{ encoding: 'utf8' });
let board: RunningDevice | undefined;
t.teardown(() => board?.kill());
let lamp: Outlet;
let openedAt = 0;
const hall = () => olive.outlet('Hall lamp');
/** A tap on the phone, until it is sent. */
const tapWorks = () => until('a tap', async () => {
  const was = await hall().getAttribute('aria-checked');
  await hall().click();
  await describedAs(hall(), /Sent in \d+ ms/, 2000);
  return await hall().getAttribute('aria-checked') !== was;
}, 40_000);

await step('she signs in, and a lamp that is added elsewhere appears', async (t) => {
  await until('the page', () => olive.signIn(world.url, 'Olive').then(() => true), 30_000);
  await script.signIn('olive');
  const folder = /^Minted .* in (.*)$/m.exec(await server.run('make', 'pki', 'DEVICE=Hall board'))?.[1] ?? '';
  board = startDevice(launchers.simulator, { identities: [folder], broker: { host: '127.0.0.1', port: world.devicesPort },
    airtime: 1, pins: [5], backoff: { minMs: 200, maxMs: 2000 } });
  await board.connected();
  const { id } = JSON.parse(readFileSync(join(folder, 'device.json'), 'utf8')) as { id: string };
  await until('the board', async () => (await script.json<unknown[]>('/api/v1/devices')).length > 0);
  await script.json(`/api/v1/devices/${id}/adopt`, { method: 'POST', body: { name: 'Hall board' } });
  lamp = await script.json<Outlet>('/api/v1/outlets', { method: 'POST', body: { deviceId: id, ...household[0] } });
  await seen(hall());
  openedAt = await began();
  await tapWorks();
  await olive.photograph('server-home-light');
  t.equal(await began(), openedAt);
});

await step('a certificate is renewed: the page goes on', async (t) => {
  const before = serial();
  await until('a new certificate', () => serial() !== before, validSeconds * 1000);
  const on = await hall().getAttribute('aria-checked') === 'true';
  await script.json(`/api/v1/outlets/${lamp.id}/switch`, { method: 'POST', body: { on: !on } });
  await until('what a script did', async () => (await hall().getAttribute('aria-checked') === 'true') === !on);
  await tapWorks();
  t.equal(await began(), openedAt);
});

for (const service of ['nginx', 'api', 'mosquitto', 'postgres']) {
  await step(`${service} crashes: the page goes on`, async (t) => {
    await server.crash(service);
    await tapWorks();
    await server.healthy(service);
    await olive.page.getByText(/Can’t reach/).waitFor({ state: 'hidden' });
    t.equal(await began(), openedAt);
  });
}

await step('without the API: a banner on the page that is open, words on one that is opened', async (t) => {
  await server.compose('stop', 'api');
  await says(olive.page, /Can’t reach your Sconce server/, 30_000);
  await olive.photograph('server-without-api-light');
  const stranger = await Phone.open(browser, 'dark', { strangers: true });
  await stranger.page.goto(`${world.url}/auth/login`);
  await says(stranger.page, /Sconce’s server does not answer at the moment/);
  await stranger.photograph('server-error-dark');
  await server.compose('start', 'api');
  await tapWorks();
  t.equal(await began(), openedAt);
  t.same(olive.complaints, []);
});
