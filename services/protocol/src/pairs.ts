import { limits } from './limits.ts';
import type { RfCode } from './messages.ts';
import { sameCode, type CodePair } from './radio.ts';
import type { Reading } from './reading.ts';

/** An outlet as a text has it. `line`: its first, from 1. */
export type Draft = { line: number; name: string } & CodePair;
export type Refused = { line: number; reason: string };

/** Half a pair: one code, and what its words say of it. `name`: may be empty. */
export interface Half { line: number; name: string; state: 'on' | 'off' | undefined; reading: Reading }

type ReadAt = Pick<Half, 'line' | 'reading'>;

/** Why a code without its other half is refused. */
export const lone = (state: string): string =>
  `There is only a code for ${state}. Press the remote's other button, too, and add its line.`;

/** A half for its own reason, if it has one, or for this. */
const refused = ({ line, reading }: Half, reason: string): Refused =>
  ({ line, reason: 'reason' in reading ? reading.reason : reason });

/** One draft of an on and an off, or why not, told at each line that is concerned. */
export function paired(name: string, on: ReadAt, off: ReadAt): (Draft | Refused)[] {
  const line = Math.min(on.line, off.line);
  const lines = [...new Set([on.line, off.line])];
  if ('reason' in on.reading || 'reason' in off.reading) {
    return lines.map((one) => {
      const own = [on, off].find((half) => half.line === one && 'reason' in half.reading)?.reading;
      const other = on.line === one ? off.line : on.line;
      return { line: one, reason: own && 'reason' in own ? own.reason : `The code that belongs to it, in line ${other}, is refused.` };
    });
  }
  return [completed({ line, name, on: on.reading.code, off: off.reading.code })];
}

const toggles = 'On and off are the same code: the remote has one button that toggles, so that nobody knows what the socket '
  + 'does. Pair the socket with Sconce if it can learn.';

function completed(draft: Draft): Draft | Refused {
  const { line, name, on, off } = draft;
  if (name.length > limits.nameCharacters) return { line, reason: `The name is longer than ${limits.nameCharacters} characters.` };
  if (sameCode(on, off)) {
    return { line, reason: toggles };
  }
  return draft;
}

/** Lines that a reason names: more are of no help, and each of many lines is told the same. */
const namedMost = 5;

function numbered(halves: readonly Half[]): string {
  const lines = halves.slice(0, namedMost).map(({ line }) => line).join(', ');
  return halves.length > namedMost ? `${lines} and ${halves.length - namedMost} more` : lines;
}

const codeIn = ({ reading }: Half): RfCode | undefined => 'code' in reading ? reading.code : undefined;
const same = (a: Half, b: Half) => {
  const [one, other] = [codeIn(a), codeIn(b)];
  return a.state === b.state && one !== undefined && other !== undefined && sameCode(one, other);
};

/** The halves of one name, wherever they stand. */
export function pairNamed(halves: readonly Half[]): (Draft | Refused)[] {
  const each = halves.filter((half, at) => !halves.slice(0, at).some((earlier) => same(earlier, half)));
  const [on, ...moreOn] = each.filter(({ state }) => state === 'on');
  const [off, ...moreOff] = each.filter(({ state }) => state === 'off');
  const [first, second, ...more] = each.filter(({ state }) => state === undefined);
  const left = [moreOn, moreOff, more, on && off && first ? [first] : [], (on || off) && second ? [second] : []].flat();
  if (left.length > 0) {
    const tooMany = `"${left[0]?.name ?? ''}" has more codes than one for on and one for off, in lines `
      + `${numbered(each)}. Leave two. If its remote sends another at each press, it has a rolling code, `
      + 'which cannot be copied.';
    return each.map((half) => refused(half, tooMany));
  }
  const [one, other] = on ? [on, off ?? first] : off ? [first, off] : [first, second];
  if (one && other) return paired(one.name, one, other);
  return each.map((half) => refused(half, lone(half.state ?? 'one button')));
}

/** Those without a name, two after two. */
export function pairInOrder(halves: readonly Half[]): (Draft | Refused)[] {
  const each = halves.filter((half, at) => at === 0 || !same(halves[at - 1] ?? half, half));
  const results: (Draft | Refused)[] = [];
  let count = 0;
  for (let at = 0; at < each.length;) {
    const [first, second] = [each[at], each[at + 1]];
    if (!first) break;
    if (!second || first.state !== undefined && first.state === second.state) {
      results.push(refused(first, lone(first.state ?? 'one button')));
      at += 1;
      continue;
    }
    const turned = first.state === 'off' || second.state === 'on';
    results.push(...paired(`Socket ${++count}`, turned ? second : first, turned ? first : second));
    at += 2;
  }
  return results;
}
