import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AuditPage } from '@sconce/protocol/audit';
import type { Certificates } from '@sconce/protocol/certificates-api';
import type { Device } from '@sconce/protocol/http';
import t, { type Test } from 'tap';
import { startAuthority } from '../src/authority.ts';
import { Phone, startBrowser } from '../src/browser.ts';
import { Supervised } from '../src/demo/supervise.ts';
import { startWeb } from '../src/demo/web.ts';
import { startGate } from '../src/gate.ts';
import { startIssuer } from '../src/issuer.ts';
import { startMosquitto } from '../src/mosquitto.ts';
import { credentials, initPki, mintDevice, repository, runPki } from '../src/pki.ts';
import { prepareDatabase } from '../src/prepared-database.ts';
import { freePorts, startProgram } from '../src/process.ts';
import { until } from '../src/until.ts';
import { Visitor } from '../src/visitor.ts';
import { handshake, sendRaw } from './gate-clients.ts';
import { accessible, legible, says, seen } from './screen.ts';

/*
 * What an admin sees of certificates, on real parts: Mosquitto with what watches beside it, the gate, the authority, the
 * API, simulated boards, Chromium.
 */
const [dir, runDir] = [0, 1].map(() => mkdtempSync(join(tmpdir(), 'sconce-browser-certificates-'))) as [string, string];
const undo: (() => unknown)[] = [dir, runDir].map((one) => () => rmSync(one, { recursive: true, force: true }));
t.teardown(async () => {
  for (const step of undo.reverse()) await step();
});

const [port, webPort, issuerPort, gatePort, devicesPort, servicesPort] =
  await freePorts(6) as [number, number, number, number, number, number];
const pkiDir = join(dir, 'pki');
const pki = await initPki(pkiDir);
const hall = await mintDevice(pkiDir, 'Hall board');
const shed = await mintDevice(pkiDir, 'Shed board');
// Long over when anybody looks.
const cellar = await mintDevice(pkiDir, 'Cellar board', { boardLifetime: '1s' });
const elsewhere = await mintDevice(join(dir, 'other'), 'Hall board', { id: hall.id });

const statusFile = join(runDir, 'applied');
const broker = new Supervised('Mosquitto', () => startMosquitto({ pkiDir, devicesPort, servicesPort, runDir, statusFile }), () => undefined);
await broker.up();
undo.push(() => broker.down());
const gate = await startGate({ pkiDir, port: gatePort, brokerPort: devicesPort, dir });
undo.push(() => gate.stop());
const authority = await startAuthority({ pkiDir, brokerStatus: statusFile, gateRefusals: gate.file });
undo.push(() => authority.stop());
const url = `http://localhost:${webPort}`;
const issuer = await startIssuer({ port: issuerPort, dir, redirectUris: [`${url}/auth/callback`] });
const stopIssuer = () => issuer.stop();
undo.push(stopIssuer);
await prepareDatabase(join(dir, 'data/database'));
const api = await startProgram({
  name: 'the API', command: process.execPath, args: [join(repository, 'services/api/src/main.ts')], deadlineMs: 60_000,
  env: {
    PATH: process.env.PATH ?? '', PORT: String(port), PUBLIC_URL: url, OWNER_EMAIL: 'olive@example.org',
    OIDC_ISSUER: issuer.url, OIDC_CLIENT_ID: issuer.clientId, OIDC_CLIENT_SECRET: issuer.clientSecret, SESSION_KEYS: 'ab'.repeat(32),
    DATA_DIR: join(dir, 'data'), MQTT_URL: `mqtts://localhost:${servicesPort}`, MQTT_CA_FILE: pki.api.ca, MQTT_CERT_FILE: pki.api.cert,
    MQTT_KEY_FILE: pki.api.key, AUTHORITY_SOCKET: authority.socket, GATE_REFUSALS: gate.file,
  },
  ready: /Server listening/,
});
undo.push(() => api.stop());
const web = await startWeb(webPort, port);
undo.push(() => web.stop());
const simulator = await startProgram({
  name: 'the simulator', command: process.execPath, deadlineMs: 30_000,
  args: [join(repository, 'services/simulator/src/main.ts'), '--broker', `localhost:${gatePort}`, '--backoff', '200,1000',
    '--identity', hall.dir, '--identity', shed.dir],
  env: { PATH: process.env.PATH ?? '' }, ready: /"connected"[\s\S]*"connected"/,
});
undo.push(() => simulator.stop());

const admin = new Visitor(url);
await until('the API', () => admin.signIn('olive').then(() => true), 30_000);
const boards = () => admin.json<Device[]>('/api/v1/devices');
await until('both boards', async () => (await boards()).filter(({ online }) => online).length === 2, 30_000);
for (const { id, name } of [hall, shed]) await admin.json(`/api/v1/devices/${id}/adopt`, { method: 'POST', body: { name } });
await admin.json('/api/v1/outlets', { method: 'POST', body: { deviceId: shed.id, name: 'Shed light', room: 'Garden',
  control: { kind: 'rf', on: { code: 1, bits: 24, protocol: 1, pulse: 350 }, off: { code: 4, bits: 24, protocol: 1, pulse: 350 }, repeat: 10 } } });

const browser = await startBrowser();
undo.push(() => browser.close());
const olive = await Phone.open(browser);
const { page } = olive;
await olive.signIn(url, 'Olive');
/** On the wall, in the dark: what changes there, changes by itself. */
const wall = await Phone.open(browser, 'dark');
await wall.signIn(url, 'Olive');
const heading = (name: string | RegExp) => seen(page.getByRole('heading', { name }), 30_000);
/** As it is in both themes, for people to look at and for axe. */
async function look(t: Test, name: string, what: string): Promise<void> {
  await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' });
  await olive.photograph(`certificates-${name}-dark`);
  await legible(t, olive, `${what}, in the dark,`);
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
  await olive.photograph(`certificates-${name}-light`);
  await accessible(t, olive, what);
}
/** Nothing stands beyond the edge of the phone. */
const fits = (t: Test, what: string) => page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)
  .then((it) => t.ok(it, `${what} is no wider than the phone`));
/** A board's row of the timeline, as percents of the width. */
const bars = (name: string) => page.locator('details.life').filter({ hasText: name }).first().evaluate((row) => {
  const chart = row.querySelector('.life-chart')!.getBoundingClientRect();
  const ends = [...row.querySelectorAll('.life-bar')].map((bar) => bar.getBoundingClientRect());
  const today = row.querySelector('[data-today]')!.getBoundingClientRect();
  const renew = row.querySelector('.life-renew')!.getBoundingClientRect();
  return {
    from: Math.min(...ends.map(({ left }) => left)) - chart.left, to: Math.max(...ends.map(({ right }) => right)) - chart.left,
    today: today.left - chart.left, renew: renew.left - chart.left, width: chart.width, height: chart.height,
  };
});

t.test('the home page warns of a certificate that has ended, and leads to the timeline of all', async (t) => {
  const warning = page.getByRole('link', { name: /Cellar board’s certificate has ended/ });
  await seen(warning, 30_000);
  await look(t, 'warning', 'the home page with a warning');
  await warning.click();
  await heading('Certificates');
  await heading('Cellar board’s certificate has ended.');
  for (const group of ['Boards', 'Household services', 'Authorities', 'Revocation lists']) await heading(group);
  const { certificates } = await admin.json<Certificates>('/api/v1/certificates');
  t.equal(await page.locator('details.life').count(), certificates.length, 'every certificate and every list is drawn');

  const well = await bars('Hall board');
  t.ok(well.from <= well.today && well.today < well.renew && well.renew < well.to, `it goes on beyond today: ${JSON.stringify(well)}`);
  t.ok(well.to <= well.width + 1 && well.height > 0, 'within the drawing');
  const over = await bars('Cellar board');
  // However short, a bar can be seen: it has a width of its own.
  t.ok(over.to <= over.today + 3, `it does not go on beyond today: ${JSON.stringify(over)}`);
  await says(page, /^Ended /);
  t.match(await page.locator('details.life').filter({ hasText: 'Hall board' }).innerText(), /729 days left/);
  await fits(t, 'the timeline');
  await look(t, 'timeline', 'the timeline');

  await page.locator('details.life summary').filter({ hasText: 'Hall board' }).click();
  await says(page, /^The board renews it by itself from/);
  await heading('The root key lies on the server, open');
  await fits(t, 'the timeline with details');
  await look(t, 'details', 'the details of a certificate');
});

t.test('who is turned away appears by itself, with its words, and strangers stay folded', async (t) => {
  await page.goto(`${url}/boards`);
  await seen(page.getByRole('article', { name: 'Hall board' }));
  t.equal(await page.getByRole('heading', { name: 'Turned away', exact: true }).count(), 0);
  await handshake(gatePort, credentials(cellar));
  await gate.refusal('of Cellar board', ({ reason, certificate }) => reason === 'expired' && certificate?.id === cellar.id);
  await heading(/^Turned away$/);
  await says(page, /^The board “Cellar board”, at .*, was turned away: its certificate ended on/);
  await handshake(gatePort, { ...credentials(elsewhere), ca: credentials(hall).ca });
  await says(page, /who claims to be the board “Hall board”.*signed by/, 30_000);
  await sendRaw(gatePort, Buffer.from('GET / HTTP/1.1\r\n\r\n'));
  await page.getByText('Strangers: 1').click();
  await says(page, /spoke without TLS/);
  await seen(page.getByRole('link', { name: /Boards.*2 turned away/ }));
  await fits(t, 'the boards page');
  await page.evaluate(() => scrollTo(0, 0));
  await look(t, 'turned-away', 'who was turned away');
});

t.test('a connected board is revoked with two taps, and cut', async (t) => {
  const card = page.getByRole('article', { name: 'Shed board' });
  await seen(card.getByText(/^Online since/));
  await card.getByRole('button', { name: 'Revoke Shed board' }).click();
  const sheet = page.getByRole('dialog');
  await seen(sheet.getByText('This cannot be undone.'));
  await seen(sheet.getByText(/Shed light/));
  await look(t, 'revoke', 'the question whether to revoke');
  await sheet.getByRole('button', { name: 'Keep it' }).click();
  t.equal((await boards()).find(({ id }) => id === shed.id)?.online, true, 'nothing has happened');

  await wall.page.goto(`${url}/settings/certificates`);
  await seen(wall.page.locator('details.life').filter({ hasText: 'Shed board' }).filter({ hasText: 'days left' }));
  await card.getByRole('button', { name: 'Revoke Shed board' }).click();
  await sheet.getByRole('button', { name: 'Revoke now' }).click();
  const words = sheet.getByText(/^Cut off after \d+\.\d s\.$/);
  await seen(words, 30_000);
  t.ok(Number(/\d+\.\d/.exec(await words.innerText())?.[0]) < 5, await words.innerText());
  await look(t, 'revoked', 'that it is revoked');
  await sheet.getByRole('button', { name: 'Done' }).click();
  await seen(card.getByText(/It is kept out for good/));
  t.equal(await card.getByRole('button', { name: 'Blink Shed board' }).count(), 0);
  await seen(page.getByRole('article', { name: 'Hall board' }).getByText(/^Online since/));
  t.same((await boards()).map(({ id, online }) => [id, online]).sort(), [[hall.id, true], [shed.id, false]].sort());

  await wall.page.getByText('No longer in use: 1').click();
  await seen(wall.page.locator('details.life').filter({ hasText: 'Shed board' }).filter({ hasText: 'Revoked' }));
  await wall.photograph('certificates-one-revoked-dark');

  // It comes again and again, and is turned away: that is as it was asked.
  await seen(page.getByText(/^Revoked boards that tried: \d/), 30_000);
  await page.getByText(/^Revoked boards that tried/).click();
  await says(page, /^The board “Shed board”.*(has been revoked|was cut off)/);
  await look(t, 'boards-after', 'the boards after that');
  const { entries } = await admin.json<AuditPage>('/api/v1/audit');
  t.match(entries.find(({ action }) => action === 'device.revoke'), { actor: { name: /Olive/ }, target: { name: 'Shed board' } });
});

t.test('the doctor looks at it all, and says what to do', async (t) => {
  await page.getByRole('link', { name: 'Settings' }).click();
  await page.getByRole('link', { name: 'Doctor' }).click();
  await heading('Not asked yet');
  await look(t, 'doctor-before', 'the doctor’s page');
  await page.getByRole('button', { name: 'Have a look' }).click();
  await seen(page.getByRole('progressbar'));
  await olive.photograph('certificates-doctor-looking-light');
  await seen(page.getByRole('button', { name: 'Look again' }), 40_000);
  t.equal(await page.getByRole('alert').count(), 0, 'it could look');
  await heading('All is well');
  await page.getByText(/^Well: \d+$/).click();
  await seen(page.locator('.doctor-row p').filter({ visible: true }));
  await look(t, 'doctor-well', 'that all is well');

  undo.splice(undo.indexOf(stopIssuer), 1);
  await issuer.stop();
  await page.getByRole('button', { name: 'Look again' }).click();
  await heading('To be mended');
  await says(page, /^Sign-in · /);
  await seen(page.getByText('Do this'));
  await seen(page.getByRole('button', { name: /^Copy.*:/ }));
  await fits(t, 'the doctor’s page');
  await look(t, 'doctor', 'what the doctor found');
});

t.test('the change of an authority is followed as it goes', async (t) => {
  const rotate = async () => {
    const { code, stderr } = await runPki('rotate', ['devices'], pkiDir, { env: { BROKER_STATUS_FILE: statusFile, GATE_REFUSALS: gate.file } });
    if (code !== 0) throw new Error(stderr);
    return true;
  };
  await page.goto(`${url}/settings/certificates`);
  await heading('The root key lies on the server, open');
  await rotate();
  await says(page, /^Step 1 of 3/, 30_000);
  await seen(page.getByRole('button', { name: 'Copy: make pki-rotate' }));
  await look(t, 'rotation-begun', 'a change of authority that has begun');
  // The broker has to go by both before the next step is made.
  await until('the next step', rotate, 60_000);
  await says(page, /^Step 2 of 3/, 30_000);
  await says(page, /^1 of 1 board has moved$/, 60_000);
  await fits(t, 'the page with a change of authority');
  await page.getByText(/^1 of 1 board has moved$/).scrollIntoViewIfNeeded();
  await look(t, 'rotation-moved', 'a change of authority in which all have moved');
});

t.test('nothing on any page was refused or thrown', async (t) => {
  t.same([...olive.complaints, ...wall.complaints], []);
});
