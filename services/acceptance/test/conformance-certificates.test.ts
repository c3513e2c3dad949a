/**
 * What every kind of board does when its certificate is to be renewed, and when the household changes the authority of the
 * broker's: as conformance.test.ts, but much of it is waiting for certificates to grow old.
 */
import t, { type Test } from 'tap';
import { launchers } from '../src/launchers.ts';
import { trustsANewAuthority } from './conformance/authority.ts';
import { setUp, type Bench } from './conformance/bench.ts';
import { goesBack, renewsByItself, renewsThroughPowerCuts, renewsWhenTold } from './conformance/renewal.ts';

const chapters: [what: string, chapter: (t: Test, bench: Bench) => Promise<void>][] = [
  ['renews its certificate: when it is told to, and only with what fits', renewsWhenTold],
  ['renews its certificate: through power cuts', renewsThroughPowerCuts],
  ['renews its certificate: back to the one before', goesBack],
  ['renews its certificate: by itself', renewsByItself],
  ['trusts a new authority', trustsANewAuthority],
];

// Each kind has a broker of its own.
t.jobs = 2;
for (const launcher of Object.values(launchers)) {
  t.test(launcher.name, { buffered: true }, async (t) => {
    const bench = await setUp(t, launcher);
    for (const [what, chapter] of chapters) await t.test(what, (t) => chapter(t, bench));
  });
}
