import { X509Certificate } from 'node:crypto';
import { copyFileSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from 'node:tls';
import t, { type Test } from 'tap';
import type { RefusalView, RevokeResult } from '@sconce/protocol/certificates-api';
import type { DoctorReport } from '@sconce/protocol/doctor';
import type { Device, Outlet } from '@sconce/protocol/http';
import { startDevice, type RunningDevice } from '../src/conformance/device.ts';
import { outlets as household } from '../src/demo/household.ts';
import { launchers } from '../src/launchers.ts';
import { Server } from '../src/server.ts';
import { until } from '../src/until.ts';
import { Visitor } from '../src/visitor.ts';
import { World } from './world.ts';

/*
 * The household's certificates on a whole server on a Docker engine: boards come in by the gate, one is revoked on the
 * dashboard's way, one by make; what runs renews its own certificates, and nobody notices. Run by `make test-compose`, as
 * root.
 */
const stepMs = 600_000;
t.setTimeout(3 * stepMs);
const step = (name: string, work: (t: Test) => Promise<void>) => t.test(name, { timeout: stepMs, bail: true }, work);

/** From the click to the cut. */
const revokedWithinMs = 5000;
/** How long the certificates of broker, API and metrics hold: they are renewed for real while this runs. */
const serviceSeconds = 240;

const dir = t.testdir();
const world = await World.around({ dir, domain: 'lamps.sconce.test', validSeconds: 86_400 });
const server = await Server.clone({ ...world.answers, PKI_SERVICE_LIFETIME: `${serviceSeconds}s` });
const boards: Board[] = [];
t.teardown(async () => {
  for (const { device } of boards) await device.kill();
  await server.remove();
  await world.end();
});
world.adapt(server.dir);

const olive = new Visitor(world.url);
let lamp: Outlet;
let on = false;

type Board = { id: string; device: RunningDevice };

/** A board that was minted on the server, and carried elsewhere. */
async function board(name: string): Promise<Board> {
  const minted = /^Minted .* in (.*)$/m.exec(await server.run('make', 'pki', `DEVICE=${name}`))?.[1] ?? '';
  const { id } = JSON.parse(readFileSync(join(minted, 'device.json'), 'utf8')) as { id: string };
  const identity = join(dir, id);
  mkdirSync(identity);
  for (const file of readdirSync(minted)) copyFileSync(join(minted, file), join(identity, file));
  const device = startDevice(launchers.simulator, {
    identities: [identity], broker: { host: '127.0.0.1', port: world.devicesPort }, airtime: 0, pins: [5],
    backoff: { minMs: 200, maxMs: 2000 },
  });
  boards.push({ id, device });
  await device.connected();
  await until(`${name} to be known`, async () => (await olive.json<Device[]>('/api/v1/devices')).some((one) => one.id === id));
  await olive.json(`/api/v1/devices/${id}/adopt`, { method: 'POST', body: { name } });
  return { id, device };
}

async function tap(): Promise<true> {
  on = !on;
  const { outcome } = await olive.json<{ outcome: string }>(`/api/v1/outlets/${lamp.id}/switch`, { method: 'POST', body: { on } });
  if (outcome !== 'transmitted') throw new Error(`the tap was ${outcome}`);
  return true;
}
const cuts = ({ device }: Board) => device.events('disconnected').length;
const comesIn = ({ device }: Board) => device.events('connected').length;

/** Resolves when the gate has told the API that this board has tried again from now on, and why it was turned away. */
function isRefused(one: Board): Promise<unknown> {
  const since = Date.now();
  return until('a refusal', async () => (await olive.json<RefusalView[]>('/api/v1/refusals'))
    .some(({ reason, device, last }) => reason === 'revoked' && device?.id === one.id && Date.parse(last) > since), 20_000);
}

let hall: Board;
let shed: Board;
let attic: Board;
await step('a server with three boards, which come in by the gate', async (t) => {
  // First, as it may take longer than those certificates last.
  await server.run('env', 'SCONCE_UID=0', 'SCONCE_GID=0', 'docker', 'compose', 'build');
  await server.run('make', 'init');
  await server.compose('up', '--detach', '--build', '--wait');
  t.notMatch(await server.compose('exec', '-T', 'api', 'ls', '-A', '/sconce/pki'), /^store$/m, 'no key lies in an image');
  await world.hasCertificates();
  await olive.signIn('olive');
  hall = await board('Hall board');
  shed = await board('Shed board');
  attic = await board('Attic board');
  lamp = await olive.json<Outlet>('/api/v1/outlets', { method: 'POST', body: { deviceId: hall.id, ...household[0] } });
  await tap();
});

await step('the doctor finds all well, from the server and from the dashboard; and says what is not', async (t) => {
  t.match(await server.run('make', 'doctor'), 'All is well');
  const { worst, findings } = await olive.json<DoctorReport>('/api/v1/doctor');
  // It cannot see all of it from there, and says so.
  t.match(worst, /^(ok|skipped)$/, JSON.stringify(findings.filter(({ severity }) => severity !== 'ok')));
  await server.compose('stop', 'authority');
  const said = await server.run('services/doctor/examine').catch(String);
  t.match(said, /The container authority does not run/);
  await server.compose('start', 'authority');
  await server.healthy('authority');
  // It looks after all when it starts, and does one thing at a time: what it is asked now is answered when that is done.
  await olive.json('/api/v1/certificates');
});

await step('revoked on the dashboard: cut within five seconds, refused by name when it tries again; the others stay', async (t) => {
  const began = performance.now();
  const { ms, why } = await olive.json<RevokeResult>(`/api/v1/devices/${shed.id}/revoke`, { method: 'POST', body: {} });
  await until('the cut', () => cuts(shed) > 0, revokedWithinMs);
  const took = performance.now() - began;
  t.ok(took < revokedWithinMs, `${took.toFixed(0)} ms; the API says ${ms}`);
  t.equal(why, null);
  await isRefused(shed);
  t.equal(comesIn(shed), 1, 'it does not come back');
  t.equal(cuts(hall) + cuts(attic), 0, 'nobody else has lost a connection');
  await tap();
});

await step('revoked by make: the same, and the dashboard learns of it', async (t) => {
  const began = performance.now();
  const revoking = server.run('make', 'pki-revoke', 'DEVICE=Attic board');
  await until('the cut', () => cuts(attic) > 0, 2 * revokedWithinMs);
  const took = performance.now() - began;
  t.comment(await revoking);
  t.ok(took < revokedWithinMs, `${took.toFixed(0)} ms after it was typed`);
  await isRefused(attic);
  await until('the dashboard', async () => (await olive.json<Device[]>('/api/v1/devices')).find(({ id }) => id === attic.id)?.revokedAt);
  t.equal(comesIn(attic), 1);
  t.equal(cuts(hall), 0);
  await tap();
});

for (const service of ['mosquitto', 'gate', 'authority']) {
  await step(`${service} crashes, and is back; who was revoked is not`, async (t) => {
    await server.crash(service);
    await until('a tap', tap, 30_000);
    await server.healthy(service);
    await isRefused(shed);
    t.equal(comesIn(shed) + comesIn(attic), 2);
  });
}

await step('the authority of boards is changed, and the board that is in use moves by itself', async (t) => {
  // Each call that succeeds is a step; one that comes too early is refused.
  const rotate = (what: string) => until(what, () => server.run('make', 'pki-rotate').then((said) => said || 'done'), 180_000);
  const signer = () => new X509Certificate(readFileSync(join(server.dir, 'pki/store/trust/issuing.pem'))).fingerprint256;
  const before = signer();
  t.match(await rotate('both to be trusted'), /trusted besides the old/);
  t.match(await server.run('services/deploy/status').catch(String), /look +rotation/);
  await rotate('the new one to sign');
  await rotate('all boards to have moved');
  t.not(signer(), before);
  await until('a tap', tap, 30_000);
  t.notMatch(await server.run('services/deploy/status').catch(String), /look +rotation/);
  t.match(await server.run('make', 'doctor'), 'All is well');
});

const services = ['broker', 'api', 'metrics'] as const;
/** The certificate that a service has in the store. */
const certificate = (service: string) => new X509Certificate(readFileSync(join(server.dir, 'pki/store', service, 'cert.pem')));
/** The serial number of the one that boards are shown. */
const shown = () => new Promise<string>((resolve, reject) => {
  const socket = connect({ host: '127.0.0.1', port: world.devicesPort, rejectUnauthorized: false }, () => {
    resolve(socket.getPeerX509Certificate()?.serialNumber ?? '');
    socket.destroy();
  });
  socket.once('error', reject);
});

await step('broker, API and metrics get new certificates before theirs end: nobody is started for it, nobody is locked out', async (t) => {
  const first = new Map(services.map((service) => [service, certificate(service)]));
  const isNew = (service: (typeof services)[number]) => certificate(service).serialNumber !== first.get(service)?.serialNumber;
  const begun = (await server.container('api')).State.Pid;
  await until('the API to ask for its own', () => isNew('api'), serviceSeconds * 1000);
  // Its timer goes by the hour; when it starts, it looks, too.
  await server.compose('restart', 'authority');
  await until('the others', () => services.every(isNew), 30_000);
  await until('the broker to show it', async () => await shown() === certificate('broker').serialNumber, 30_000);
  await until('the first to have ended', () => [...first.values()].every(({ validTo }) => Date.parse(validTo) < Date.now()), serviceSeconds * 1000);
  await tap();
  // Now nothing old is of use any more.
  await server.crash('mosquitto');
  await until('a tap', tap, 30_000);
  await server.healthy('mosquitto');
  t.equal((await server.container('api')).State.Pid, begun, 'the API has gone on all the time');
});
