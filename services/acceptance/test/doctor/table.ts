import type { Test } from 'tap';
import type { Finding } from '@sconce/protocol/doctor';
import type { Fault } from './fault.ts';
import { faults, World } from './world.ts';

/**
 * Starts all of Sconce, each part as it ships; breaks one thing after the other, and mends it. Of each, the doctor must name
 * the cause and nothing that only follows from it: the gravest finding, its subject and its remedy are compared word by
 * word. Closes with the figure.
 */
export async function holdToItsWords(t: Test, all: readonly Fault[]): Promise<void> {
  // Some twenty runs of a program each: half a minute, and many times that beside others. The runner hears it by the comment.
  t.setTimeout(patienceMs);
  t.comment(`timeout=${patienceMs}`);
  const world = await World.start();
  t.teardown(() => world.stop());
  let right = 0;

  t.test('what is whole is called so, within the time', async (t) => {
    await world.settled();
    const began = performance.now();
    const { code, report, said } = await world.examine();
    t.same(faults(report), [], 'no fault');
    t.equal(code, 0);
    t.match(report.worst, /^(ok|skipped)$/);
    t.ok(performance.now() - began < 15_000, 'within 15 s');
    t.notMatch(said, /PRIVATE KEY/);
  });

  for (const fault of all) {
    t.test(fault.name, async (t) => {
      const { undo, ...asked } = await fault.break(world);
      try {
        const { code, report } = await world.examine(asked);
        const [worst, ...more] = faults(report);
        const named = t.match(worst, fault.finds(world), 'the gravest is the cause, with its remedy');
        t.equal(code, worst?.severity === 'problem' ? 2 : 1);
        t.ok(isTold(worst), 'what, why and do');
        const alone = t.same(more.filter(({ severity }) => severity === 'problem'), [], 'and nothing that follows from it');
        if (named && alone) right += 1;
      } finally {
        await undo?.();
        await world.settled();
      }
    });
  }

  t.test('mended, all is well again', async (t) => {
    await world.settled();
    const { report } = await world.examine();
    // What the gate has seen stays seen.
    t.same(faults(report).filter(({ code }) => !code.startsWith('refused_')), []);
  });

  t.test('the figure', async (t) => {
    t.comment(`${right} of ${all.length} named rightly`);
    t.equal(right, all.length, `${right} of ${all.length} named rightly`);
  });
}

/** Milliseconds for a whole file, where .taprc has less. */
const patienceMs = 900_000;

const isTold = (finding: Finding | undefined) => [finding?.what, finding?.why, finding?.do].every((words) => (words ?? '').length > 5);
