import { readFileSync } from 'node:fs';
import type { z } from 'zod';

/**
 * Environment variables on their way into a configuration. All that is wrong is gathered, one line each, and said at
 * once; values are never quoted. An empty variable counts as absent, and so does an empty file (Compose passes those).
 */
export class Variables {
  readonly problems: string[] = [];
  readonly #values: Record<string, string | undefined>;
  readonly #fromFile = new Set<string>();

  constructor(env: Record<string, string | undefined>) {
    this.#values = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  }

  /** Those that are set, files included. */
  get names(): string[] {
    return Object.keys(this.#values);
  }

  /**
   * These may come as a file, the way Docker hands over secrets: `<NAME>_FILE` holds the path. An empty one counts as
   * absent, too: Compose wants a file for each secret, be it set or not.
   */
  readFiles(names: readonly string[]): void {
    for (const name of names) {
      this.#fromFile.add(name);
      const path = this.#values[`${name}_FILE`];
      if (path === undefined) continue;
      if (this.#values[name] !== undefined) this.problems.push(`${name} and ${name}_FILE are both set: keep one`);
      try {
        this.#values[name] = readFileSync(path, 'utf8').trim() || undefined;
      } catch (error) {
        this.problems.push(`${name}_FILE cannot be read: ${error instanceof Error ? error.message : String(error)}`);
        this.#values[name] = undefined;
      }
    }
  }

  /**
   * Reads what the schema names.
   * @param prefix stands before each of the schema's names
   * @returns undefined if anything is wrong with them: `problems` then says what
   */
  parse<T>(schema: z.ZodType<T>, prefix = ''): T | undefined {
    const parsed = schema.safeParse(Object.fromEntries(Object.entries(this.#values)
      .filter(([name]) => name.startsWith(prefix)).map(([name, value]) => [name.slice(prefix.length), value])));
    if (parsed.success) return parsed.data;
    for (const issue of parsed.error.issues) {
      const name = prefix + String(issue.path[0]);
      const missing = this.#values[name] === undefined;
      if (missing && this.problems.some((line) => line.startsWith(`${name}_FILE`))) continue;
      const alternative = this.#fromFile.has(name) ? ` (or ${name}_FILE)` : '';
      this.problems.push(missing ? `${name}${alternative} is missing` : `${name}: ${issue.message}`);
    }
    return undefined;
  }
}
