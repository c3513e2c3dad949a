import { readFile } from 'node:fs/promises';
import { Refusals } from '@sconce/protocol/gate';

/**
 * What the gate has written of boards that were turned away.
 * @returns undefined if it has not written anything yet
 * @throws when it cannot be read, in words
 */
export async function readRefusals(path: string): Promise<Refusals | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as { code?: string }).code === 'ENOENT') return undefined;
    throw new Error(`${path} cannot be read (${(error as Error).message}). GATE_REFUSALS names what the gate writes; the API must `
      + 'be let read it.', { cause: error });
  }
  try {
    return Refusals.parse(JSON.parse(text));
  } catch (error) {
    throw new Error(`${path} cannot be understood: the gate and the API differ in version. Update both to the same.`,
      { cause: error });
  }
}
