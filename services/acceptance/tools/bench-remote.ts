/**
 * How long a press of a hand remote takes to show on somebody else's screen, and whether each press counts once.
 *
 *   node acceptance/tools/bench-remote.ts [--presses 1000] [--loss 0.2]
 *
 * Two simulated boards and a remote in one virtual room, in which every link loses that share of frames; the real
 * broker, the API, and a dashboard in Chromium whose tile is watched. For every press of the remote, which both boards
 * hear, one command is sent to another outlet by the first board, which the second hears. Nothing overlaps on purpose.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { AuditPage } from '@sconce/protocol/audit';
import type { Device, Outlet } from '@sconce/protocol/http';
import { Phone, startBrowser } from '../src/browser.ts';
import { startWeb } from '../src/demo/web.ts';
import { startIssuer } from '../src/issuer.ts';
import { startMosquitto } from '../src/mosquitto.ts';
import { initPki, mintDevice, repository } from '../src/pki.ts';
import { freePorts, startProgram } from '../src/process.ts';
import { until } from '../src/until.ts';
import { Visitor } from '../src/visitor.ts';

const { values } = parseArgs({ options: {
  presses: { type: 'string', default: '1000' }, loss: { type: 'string', default: '0.2' },
} });
const presses = Number(values.presses);
const loss = Number(values.loss);

const frame = { bits: 24, protocol: 1, pulse: 350 };
const [on, off] = [{ ...frame, code: 5393 }, { ...frame, code: 5396 }];
const [otherOn, otherOff] = [{ ...frame, code: 70001 }, { ...frame, code: 70004 }];
/** A command is answered within this, or it has failed; a press that nobody heard in this time is lost. */
const heardWithinMs = 1500;

const dir = await mkdtemp(join(tmpdir(), 'sconce-bench-'));
const undo: (() => Promise<unknown>)[] = [() => rm(dir, { recursive: true, force: true })];
try {
  await measure();
} finally {
  for (const step of undo.reverse()) await step();
}

async function measure(): Promise<void> {
  const [api, web, issuerPort, devicesPort, servicesPort] = await freePorts(5) as [number, number, number, number, number];
  const pkiDir = join(dir, 'pki');
  const pki = await initPki(pkiDir);
  const boards = [await mintDevice(pkiDir, 'Hall board'), await mintDevice(pkiDir, 'Attic board')] as const;
  const broker = await startMosquitto({ pkiDir, devicesPort, servicesPort });
  undo.push(() => broker.stop());
  const url = `http://localhost:${web}`;
  const issuer = await startIssuer({ port: issuerPort, dir, redirectUris: [`${url}/auth/callback`] });
  undo.push(() => issuer.stop());
  const served = await startProgram({
    name: 'the API', command: process.execPath, args: [join(repository, 'services/api/src/main.ts')], deadlineMs: 30_000,
    env: {
      PATH: process.env.PATH ?? '', PORT: String(api), PUBLIC_URL: url, OWNER_EMAIL: 'olive@example.org',
      OIDC_ISSUER: issuer.url, OIDC_CLIENT_ID: issuer.clientId, OIDC_CLIENT_SECRET: issuer.clientSecret,
      SESSION_KEYS: 'ab'.repeat(32), DATA_DIR: join(dir, 'data'), MQTT_URL: `mqtts://localhost:${servicesPort}`,
      MQTT_CA_FILE: pki.api.ca, MQTT_CERT_FILE: pki.api.cert, MQTT_KEY_FILE: pki.api.key,
    },
    ready: /Server listening/,
  });
  undo.push(() => served.stop());
  const pages = await startWeb(web, api);
  undo.push(() => pages.stop());

  await writeFile(join(dir, 'room.json'), JSON.stringify({ loss, remotes: [{ name: 'Remote',
    buttons: [{ name: 'On', ...on }, { name: 'Off', ...off }] }] }));
  const simulator = await startProgram({
    name: 'the simulator', command: process.execPath,
    args: [join(repository, 'services/simulator/src/main.ts'), '--room', join(dir, 'room.json'), '--broker', `localhost:${devicesPort}`,
      ...boards.flatMap((board) => ['--identity', board.dir])],
    env: { PATH: process.env.PATH ?? '' }, ready: /"connected"[\s\S]*"connected"/, input: true, deadlineMs: 20_000,
  });
  undo.push(() => simulator.stop());

  const olive = new Visitor(url);
  await until('the API', () => olive.signIn('olive').then(() => true), 20_000);
  await until('both boards', async () => (await olive.json<Device[]>('/api/v1/devices')).filter(({ online }) => online).length === 2);
  for (const board of boards) await olive.json(`/api/v1/devices/${board.id}/adopt`, { method: 'POST', body: { name: board.name } });
  const add = (name: string, control: object) => olive.json<Outlet>('/api/v1/outlets',
    { method: 'POST', body: { deviceId: boards[0].id, name, control: { kind: 'rf', repeat: 4, ...control } } });
  await add('Lamp', { on, off });
  const other = await add('Other lamp', { on: otherOn, off: otherOff });

  const browser = await startBrowser();
  undo.push(() => browser.close());
  const ned = await Phone.open(browser);
  await ned.signIn(url, 'Ned');
  const people = await olive.json<{ id: string; email: string }[]>('/api/v1/people');
  const { id } = people.find(({ email }) => email.startsWith('ned')) ?? {};
  await olive.json(`/api/v1/people/${id}`, { method: 'PATCH', body: { state: 'active', role: 'admin' } });
  await ned.outlet('Lamp').first().waitFor();
  // What the tile says of itself, with the moment at which it came to say so.
  await ned.page.evaluate(() => {
    const seen: [number, string | null][] = [];
    Object.assign(globalThis, { seen });
    const tile = document.querySelector('[role=switch]');
    if (!tile) throw new Error('there is no tile');
    new MutationObserver(() => seen.push([performance.timeOrigin + performance.now(), tile.getAttribute('aria-checked')]))
      .observe(tile, { attributes: true, attributeFilter: ['aria-checked'] });
  });
  const shown = () => ned.page.evaluate(() => (globalThis as unknown as { seen: [number, string][] }).seen.splice(0));

  const took: number[] = [];
  let lost = 0;
  let twice = 0;
  let commandsFailed = 0;
  let echoes = 0;
  let lamp = false;
  for (let n = 0; n < presses; n += 1) {
    const pressedAt = performance.timeOrigin + performance.now();
    simulator.write(JSON.stringify({ press: { remote: 'Remote', button: lamp ? 'Off' : 'On' } }));
    const changes: [number, string][] = [];
    await until('the tile', async () => { changes.push(...await shown()); return changes.length > 0; }, heardWithinMs).catch(() => undefined);
    if (changes[0]) {
      took.push(changes[0][0] - pressedAt);
      lamp = !lamp;
    } else lost += 1;
    // The rest of the press is still on the air.
    await new Promise((resolve) => setTimeout(resolve, 500));
    const { status } = await olive.request(`/api/v1/outlets/${other.id}/switch`, { method: 'POST', body: { on: n % 2 === 0 } });
    if (status !== 200) commandsFailed += 1;
    changes.push(...await shown());
    if (changes.length > 1) twice += 1;
    if ((n + 1) % 50 === 0) console.log(`${n + 1} of ${presses}: median ${at(took, 0.5)} ms, p95 ${at(took, 0.95)} ms, ${lost} not heard`);
  }
  const remote = async () => {
    let count = 0;
    let after = '';
    for (;;) {
      const page = await olive.json<AuditPage>(`/api/v1/audit?action=outlet.switch&limit=200${after}`);
      for (const { actor, target } of page.entries) {
        if (actor.kind !== 'remote') continue;
        count += 1;
        if (target?.id === other.id) echoes += 1;
      }
      if (page.next === null) return count;
      after = `&before=${page.next}`;
    }
  };
  const counted = await remote();
  console.log(`${presses} presses, each in 4 to 10 frames of which ${loss * 100} % are lost on each link:`);
  console.log(`  shown on another screen: median ${at(took, 0.5)} ms, p95 ${at(took, 0.95)} ms, longest ${at(took, 1)} ms`);
  console.log(`  ${took.length} were heard, ${lost} by neither board; ${counted} stand in the log; ${twice} showed twice`);
  console.log(`${presses} commands: ${commandsFailed} failed; ${echoes} were taken for a press of the remote`);
}

/** A quantile, rounded. */
function at(all: number[], share: number): number | undefined {
  const sorted = all.toSorted((a, b) => a - b);
  const found = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
  return found === undefined ? undefined : Math.round(found);
}
