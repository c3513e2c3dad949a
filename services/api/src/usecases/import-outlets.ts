import { NewOutlet } from '@sconce/protocol/http';
import type { DeviceId } from '@sconce/protocol/ids';
import { readImport } from '@sconce/protocol/import';
import type { Draft, Refused } from '@sconce/protocol/pairs';
import { sameCode, type CodePair } from '@sconce/protocol/radio';
import type { ImportRequest, ImportResult } from '@sconce/protocol/radio-api';
import type { Db } from '../db/database.ts';
import { codePairsInUse, insertOutlet, namesWithoutRoom } from '../db/outlets.ts';
import type { Viewer } from '../domain/viewer.ts';
import { requireManagedDevice } from './access.ts';
import { afterwards, announceDevice } from './announce.ts';
import { recorded } from './audit.ts';
import { requireRadio } from './capable.ts';
import type { Context } from './context.ts';
import { addition, nameTaken } from './outlets.ts';

type Line = { line: number; outlet: NewOutlet } | Refused;

/**
 * Adds the outlets that a text has, if every line of it can be: all of them in one transaction, or none.
 * @returns what each line is, or why it is refused; `imported`: whether they were added
 * @throws Failure `forbidden`, `scope_missing`, `device_not_found`, `device_not_adopted`, `device_not_capable`, and
 *   `name_taken` if somebody else takes a name at the same moment
 */
export async function importOutlets(context: Context, viewer: Viewer, { deviceId, text, check }: ImportRequest):
  Promise<ImportResult> {
  requireRadio(await requireManagedDevice(context, viewer, deviceId), 'rf.send');
  const lines = await linesOf(context.db, deviceId, readImport(text));
  const outlets = lines.flatMap((line) => 'outlet' in line ? [line.outlet] : []);
  if (check || outlets.length === 0 || outlets.length < lines.length) return { imported: false, lines };
  await recorded(context, viewer, async (tx, note) => {
    for (const outlet of outlets) note(addition(await insertOutlet(tx, outlet, context.now()), outlet));
  });
  afterwards(context, () => announceDevice(context, deviceId));
  return { imported: true, lines };
}

/** Each held against the household and the lines before it. */
async function linesOf(db: Db, deviceId: DeviceId, read: readonly (Draft | Refused)[]): Promise<Line[]> {
  const there = { names: await namesWithoutRoom(db), codes: await codePairsInUse(db) };
  const before: Draft[] = [];
  const lines: Line[] = [];
  for (const one of read) {
    const reason = 'reason' in one ? one.reason : refusal(one, before, there);
    if ('reason' in one || reason !== undefined) {
      lines.push({ line: one.line, reason: reason ?? '' });
      continue;
    }
    before.push(one);
    const { line, name, on, off } = one;
    lines.push({ line, outlet: NewOutlet.parse({ deviceId, name, control: { kind: 'rf', on, off } }) });
  }
  return lines;
}

function refusal(draft: Draft, before: readonly Draft[], there: { names: ReadonlySet<string>; codes: readonly CodePair[] }):
  string | undefined {
  const named = before.find(({ name }) => name.toLowerCase() === draft.name.toLowerCase());
  if (named) return `Line ${named.line} is called “${draft.name}”, too. Choose another name.`;
  if (there.names.has(draft.name.toLowerCase())) return nameTaken(draft.name, null);
  const twin = before.find((one) => samePair(one, draft));
  if (twin) return `It has the codes of line ${twin.line}. Leave one of them.`;
  // Not which: it may be none that they know of.
  if (there.codes.some((one) => samePair(one, draft))) return 'An outlet of this household has these codes already. Leave the line out.';
  return undefined;
}

const samePair = (a: CodePair, b: CodePair): boolean => sameCode(a.on, b.on) && sameCode(a.off, b.off);
