import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Inventory, Signed, type InUse } from '@sconce/protocol/authority';
import type { DeviceId } from '@sconce/protocol/ids';
import { z } from 'zod';
import { Failed, type Scripts } from './scripts.ts';

/** Milliseconds for which an inventory is as good as a new one, at most: its states go with the time, but not by the second. */
const freshMs = 60_000;

/** What changes with whatever is changed in a store: files that are replaced, folders in which something is. */
const marks = ['trust/SHA256SUMS', 'authorities', 'authorities/rotation', 'authorities/issuing/index.txt', 'authorities/services/index.txt',
  'authorities/devices/index.txt', 'seen', 'devices', 'broker/cert.pem', 'api/cert.pem', 'metrics/cert.pem'];

const RevokedByScript = z.object({ id: z.string(), certificates: z.int(), root: z.enum(['done', 'away']).optional() });
const Listed = Inventory.omit({ faults: true });

/** What can be asked of the store; each is one of the pki scripts. @throws Refused, Failed, Busy */
export class PkiAuthority {
  /** What the last round of `refresh` could not do, in words. */
  faults: string[] = [];
  readonly #scripts: Scripts;
  readonly #pkiDir: string;
  #listed: { at: number; marks: string; inventory: Promise<z.infer<typeof Listed>> } | undefined;

  constructor(scripts: Scripts, pkiDir: string) {
    this.#scripts = scripts;
    this.#pkiDir = pkiDir;
  }

  /** No older than what has been changed, here or on the command line, before it was asked for. */
  async inventory(): Promise<Inventory> {
    const now = performance.now();
    const marks = await this.#marks();
    if (this.#listed?.marks !== marks || now - this.#listed.at > freshMs) this.#listed = { at: now, marks, inventory: this.#list() };
    return { ...await this.#listed.inventory, faults: this.faults };
  }

  async sign(id: DeviceId, request: Buffer): Promise<Signed> {
    return understand(Signed, 'sign-request', await this.#change({ script: 'sign-request', args: [id], input: request }));
  }

  /** @returns certificates of it that would still have been let in */
  async revoke(id: DeviceId): Promise<z.infer<typeof RevokedByScript>> {
    const done = understand(RevokedByScript, 'revoke', await this.#change({ script: 'revoke', args: ['--json', id], urgent: true }));
    // The script takes names as well, and a board may be called anything.
    if (done.id !== id) throw new Failed(`pki/revoke struck ${done.id} in place of ${id}.`);
    return done;
  }

  async noteInUse({ id, serial, trusts }: z.infer<typeof InUse>): Promise<void> {
    // Each board says it again whenever the API has started: most of it is no news, and a script costs a tenth of a second.
    const before = await readFile(join(this.#pkiDir, 'seen', id), 'utf8').catch(() => '');
    if (before.trim() === [serial, ...trusts].join(' ')) return;
    await this.#change({ script: 'seen', args: [id, serial, ...trusts] });
  }

  /** Makes the API's own certificate anew. @returns whether it was time */
  async refreshApi(): Promise<boolean> {
    return (await this.#change({ script: 'refresh', args: ['api'] })).trim() !== '';
  }

  /** Makes anew what will end. @returns a line for each thing that was done */
  async refresh(): Promise<string[]> {
    try {
      const said = await this.#change({ script: 'refresh' });
      this.faults = [];
      return lines(said);
    } catch (error) {
      if (!(error instanceof Failed)) throw error;
      this.faults = lines(error.message);
      return [];
    }
  }

  #list(): Promise<z.infer<typeof Listed>> {
    const inventory = this.#scripts.run({ script: 'list', args: ['--json'], urgent: true }).then((text) => understand(Listed, 'list', text));
    // What has failed is nobody else's answer.
    inventory.catch(() => { if (this.#listed?.inventory === inventory) this.#listed = undefined; });
    return inventory;
  }

  async #marks(): Promise<string> {
    const stands = await Promise.all(marks.map(async (name) => {
      const { mtimeMs, ino } = await stat(join(this.#pkiDir, name)).catch(() => ({ mtimeMs: 0, ino: 0 }));
      return `${mtimeMs} ${ino}`;
    }));
    return stands.join();
  }

  async #change(run: Parameters<Scripts['run']>[0]): Promise<string> {
    try {
      return await this.#scripts.run(run);
    } finally {
      this.#listed = undefined;
    }
  }
}

const lines = (text: string) => text.split('\n').map((line) => line.trim()).filter((line) => line !== '');

function understand<T>(schema: z.ZodType<T>, script: string, text: string): T {
  try {
    return schema.parse(JSON.parse(text));
  } catch (error) {
    throw new Failed(`What pki/${script} printed cannot be understood: it and the authority differ in version. `
      + 'Update both to the same.', { cause: error });
  }
}
