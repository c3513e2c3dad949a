import t from 'tap';
import type { Finding } from '@sconce/protocol/doctor';
import { boards } from './doctor/boards.ts';
import type { Fault } from './doctor/fault.ts';
import { files } from './doctor/files.ts';
import { parts, taken } from './doctor/parts.ts';
import { faults, World } from './doctor/world.ts';

/*
 * All of Sconce runs, each part as it ships; then one thing after the other is broken and mended. Of each, the doctor must
 * name the cause and nothing that only follows from it: the gravest finding, its subject and its remedy are compared word
 * by word.
 */
const world = await World.start();
t.teardown(() => world.stop());

const all: readonly Fault[] = [...parts, ...files, ...boards];
let right = 0;

t.test('what is whole is called so, within the time', async (t) => {
  await taken(world);
  const began = performance.now();
  const { code, report, said } = await world.examine();
  t.same(faults(report), [], 'no fault');
  t.equal(code, 0);
  t.equal(report.worst, 'ok');
  t.ok(performance.now() - began < 15_000, 'within 15 s');
  t.notMatch(said, /PRIVATE KEY/);
});

for (const fault of all) {
  t.test(fault.name, async (t) => {
    const { undo, ...asked } = await fault.break(world);
    try {
      const { code, report } = await world.examine(asked);
      const [worst, ...more] = faults(report);
      if (t.match(worst, fault.finds(world), 'the gravest is the cause, with its remedy')) right += 1;
      t.equal(code, worst?.severity === 'problem' ? 2 : 1);
      t.ok(isTold(worst), 'what, why and do');
      t.same(more.filter(({ severity }) => severity === 'problem'), [], 'and nothing that follows from it');
    } finally {
      await undo?.();
    }
  });
}

t.test('mended, all is well again', async (t) => {
  await taken(world);
  const { report } = await world.examine();
  t.same(faults(report).filter(({ area }) => area !== 'boards'), []);
});

t.test(`each of ${all.length} faults is named rightly`, async (t) => {
  t.comment(`${right} of ${all.length} faults named rightly`);
  t.equal(right, all.length, `${right} of ${all.length} named rightly`);
});

const isTold = (finding: Finding | undefined) => [finding?.what, finding?.why, finding?.do].every((words) => (words ?? '').length > 10);
