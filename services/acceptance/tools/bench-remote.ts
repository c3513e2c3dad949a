/**
 * How long a press of a hand remote takes to show on somebody else's screen, and whether each press counts once.
 *
 *   node acceptance/tools/bench-remote.ts [--presses 1000] [--loss 0.2]
 *
 * Two simulated boards and a remote in one virtual room, in which every link loses that share of frames; the real
 * broker, the API, and a dashboard in Chromium whose tile is watched. For every press of the remote, which both boards
 * hear, one command is sent to another outlet by the first board, which the second hears. Nothing overlaps on purpose.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { AuditPage } from '@sconce/protocol/audit';
import type { Outlet } from '@sconce/protocol/http';
import { Phone, startBrowser } from '../src/browser.ts';
import { startHouseholdInRoom } from '../src/household-in-room.ts';
import { until } from '../src/until.ts';

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
  const home = await startHouseholdInRoom(dir, { names: ['Hall board', 'Attic board'], pages: true, room: { loss,
    remotes: [{ name: 'Remote', buttons: [{ name: 'On', ...on }, { name: 'Off', ...off }] }] } });
  undo.push(() => home.stop());
  const { url, olive, boards, simulator } = home;
  const add = (name: string, control: object) => olive.json<Outlet>('/api/v1/outlets',
    { method: 'POST', body: { deviceId: boards[0]?.id, name, control: { kind: 'rf', repeat: 4, ...control } } });
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
