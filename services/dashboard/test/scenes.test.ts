import { mock } from 'node:test';
import type { Run } from '@sconce/protocol/radio-api';
import t from 'tap';
import { attempts, setOutlets } from '../src/state/outlets.ts';
import { allOff, dropScene, failures, going, passedOver, putAway, putScene, runScene, scenes, setScenes, takeRun } from '../src/state/scenes.ts';
import { lamp } from '../src/views/design-page/fixtures.ts';
import { goingSamples, sceneSamples } from '../src/views/design-page/radio-fixtures.ts';
import { goingWords, passedOverWords, resultWords, stepsWords } from '../src/views/words/scene.ts';

type Id = typeof lamp.id;
const shed = { ...lamp.device, id: 'f'.repeat(32) as typeof lamp.device.id, name: 'Shed board' };
const outlets = [{ ...lamp, id: 'a' as Id }, { ...lamp, id: 'b' as Id }, { ...lamp, id: 'c' as Id, device: shed }];
type Step = Run['steps'][number];
const step = (id: string, outcome: Step['outcome'] = null, more: Partial<Step> = {}): Step =>
  ({ outletId: id as Id, on: true, outcome, ms: outcome && 460, problem: null, ...more });
const run = (...steps: Step[]): Run => ({ id: 'one', steps, passedOver: [] });
const refused = { problem: { code: 'device_offline', detail: 'It is offline.' } } as const;
const phases = () => ['a', 'b', 'c'].map((id) => attempts.value.get(id as Id)?.phase);

/** The seconds for which outcomes are shown pass when a test says so. */
mock.timers.enable({ apis: ['setTimeout'] });

function start() {
  putAway();
  attempts.value = new Map();
  setOutlets(outlets);
  setScenes([]);
}

t.test('scenes stand by name, come and go', async (t) => {
  setScenes(sceneSamples.toReversed());
  t.same(scenes.value.map(({ name }) => name), ['Evening', 'Everybody is out of the house', 'Film']);
  putScene({ ...sceneSamples[0]!, name: 'Night' });
  dropScene(sceneSamples[1]!.id);
  t.same(scenes.value.map(({ name }) => name), ['Everybody is out of the house', 'Night']);
});

t.test('while a scene goes, each tile shows its own part', async (t) => {
  start();
  takeRun(run(step('a'), step('b'), step('c')));
  t.same(phases(), ['busy', 'waiting', 'busy'], 'one at a time of each board');
  takeRun(run(step('a', 'transmitted'), step('b'), step('c')));
  t.same(phases(), ['sent', 'busy', 'busy']);
  t.equal(going.value?.over, false);
  takeRun(run(step('a', 'transmitted'), step('b', 'transmitted'), step('c', 'offline', refused)));
  t.same(phases(), ['sent', 'sent', 'failed']);
  t.match(attempts.value.get('c' as Id), { failure: { code: 'device_offline', detail: 'It is offline.' } });
  t.equal(going.value?.over, true);
  t.same(failures.value.map(({ outlet, step }) => [outlet?.id, step.problem?.code]), [['c', 'device_offline']]);
});

t.test('that all went well is shown for a while, what failed until it is put away', async (t) => {
  for (const [why, last, stays] of [['well', step('b', 'transmitted'), false], ['one failed', step('b', 'offline', refused), true]] as const) {
    start();
    const { fetch } = globalThis;
    globalThis.fetch = async () => Response.json(run(step('a', 'transmitted'), last));
    await runScene(sceneSamples[0]!);
    globalThis.fetch = fetch;
    t.match(going.value, { title: 'Evening', over: true }, why);
    mock.timers.tick(6000);
    t.equal(going.value !== undefined, stays, why);
    t.same(phases().slice(0, 2), [undefined, stays ? 'failed' : undefined], `${why}: the tiles`);
  }
});

t.test('what all off passes over is no failure, is named, and the end stays for twice as long', async (t) => {
  start();
  const { fetch } = globalThis;
  globalThis.fetch = async () => Response.json({ ...run(step('a', 'transmitted')), passedOver: ['c', 'gone'] });
  await allOff('All off');
  globalThis.fetch = fetch;
  t.same(failures.value, []);
  t.same(passedOver.value, [lamp.name]);
  t.equal(goingWords(going.value!), 'Switched');
  t.equal(attempts.value.get('c' as Id), undefined);
  mock.timers.tick(6000);
  t.not(going.value, undefined);
  mock.timers.tick(6000);
  t.equal(going.value, undefined);
});

t.test('an outcome is shown once: what was tapped since is not painted over', async (t) => {
  start();
  takeRun(run(step('a', 'transmitted'), step('b')));
  attempts.value = new Map(attempts.value).set('a' as Id, { phase: 'busy', on: false });
  takeRun(run(step('a', 'transmitted'), step('b', 'transmitted')));
  t.same(phases().slice(0, 2), ['busy', 'sent']);
});

t.test('what comes late of an earlier run is passed over', async (t) => {
  start();
  takeRun({ ...run(step('a')), id: 'two' });
  takeRun(run(step('a', 'transmitted')));
  t.equal(going.value?.run?.id, 'two');
  takeRun({ ...run(step('a', 'transmitted')), id: 'two' });
  takeRun({ ...run(step('a')), id: 'two' });
  t.equal(going.value?.over, true, 'and its own earlier word, too');
});

t.test('a run that was begun elsewhere is called by its scene', async (t) => {
  const scene = { ...sceneSamples[0]!, steps: [{ outletId: 'a' as Id, on: true }, { outletId: 'b' as Id, on: true }] };
  const cases: [why: string, run: Run, title: string][] = [
    ['the scene', run(step('a'), step('b')), 'Evening'],
    ['everything off', run(step('a', null, { on: false })), 'All off'],
    ['a scene that is not known', run(step('c')), 'Several outlets'],
  ];
  for (const [why, one, title] of cases) {
    start();
    putScene(scene);
    takeRun(one);
    t.equal(going.value?.title, title, why);
  }
});

t.test('a scene whose end is not heard of leaves no tile busy', async (t) => {
  start();
  const { fetch } = globalThis;
  t.teardown(() => { globalThis.fetch = fetch; });
  let fail = () => {};
  globalThis.fetch = () => new Promise((_, reject) => { fail = () => reject(new TypeError('the network is gone')); });
  const end = runScene(sceneSamples[0]!);
  t.equal(await runScene(sceneSamples[1]!), undefined, 'one at a time');
  takeRun(run(step('a', 'transmitted'), step('b')));
  fail();
  t.match(await end, { over: true, failure: { code: 'unreachable' } });
  t.equal(attempts.value.get('b' as Id), undefined);
  putAway();
  t.equal(going.value, undefined);
});

t.test('progress in words', async (t) => {
  t.same(goingSamples.map(({ going }) => goingWords(going)), ['Starting…', '4 of 10', 'All 10 switched', 'All 10 switched', '8 of 10 switched',
    'Your Sconce server can’t be reached. Check the connection and try again.']);
  t.equal(resultWords(run(step('a', 'transmitted'))), 'Switched');
  t.equal(resultWords(run(step('a', 'offline'), step('b', 'expired'))), 'Nothing was switched');
  t.equal(resultWords(run()), 'Nothing to switch');
  t.equal(stepsWords([{ on: true }, { on: false }, { on: true }]), '2 on, 1 off');
  t.equal(stepsWords([{ on: false }]), '1 off');
  for (const [names, words] of [
    [[], undefined],
    [['Fan'], 'Fan is left as it is: its remote has one button for on and off.'],
    [['Fan', 'Pump'], 'Fan and Pump are left as they are: their remotes have one button for on and off.'],
    [['Fan', 'Pump', 'Bell'], 'Fan, Pump and Bell are left as they are: their remotes have one button for on and off.'],
  ] as const) t.equal(passedOverWords(names), words);
});
