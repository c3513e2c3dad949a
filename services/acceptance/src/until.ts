import { within } from './process.ts';

/** Milliseconds between two looks at something that cannot be listened to. */
const lookEveryMs = 25;

/**
 * Waits until `look` gives something other than undefined or false; a look that throws counts as "not yet".
 * @throws after `ms` milliseconds, naming what was waited for and the last error
 */
export async function until<T>(what: string, look: () => Promise<T | undefined | false> | T | undefined | false,
  ms = 10_000): Promise<T> {
  let given = false;
  let last: unknown;
  const search = async (): Promise<T | undefined> => {
    while (!given) {
      try {
        const found = await look();
        if (found !== undefined && found !== false) return found;
      } catch (error) {
        last = error;
      }
      await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
    }
    return undefined;
  };
  const found = await within(ms, search());
  given = true;
  if (found === undefined) throw new Error(`waited ${ms} ms for ${what}`, { cause: last });
  return found;
}
