import { execFile } from 'node:child_process';
import { join } from 'node:path';

/** Runs that wait for the store at most; whoever comes then is told to come again. */
const mostWaiting = 2000;
/** Milliseconds that one script may take: openssl takes a tenth of a second, and another run may hold the store's lock. */
const scriptMs = 75_000;
const mostOutput = 4_000_000;

/** Exit code by which a script says that it will not (pki/README.md). */
const refused = 3;

/** It will not do it: `code` is for programs, the message for people. */
export class Refused extends Error {
  readonly code: string;
  constructor(code: string, why: string) {
    super(why);
    this.code = code;
  }
}

/** It could not do it: the script's own words. */
export class Failed extends Error {}

/** There is no time for it now. */
export class Busy extends Error {}

export type Run = { script: string; args?: string[]; input?: Buffer; urgent?: boolean };

/**
 * Runs the pki scripts, one at a time, as they would wait for the store's lock anyway; what is urgent before what is
 * not: who is to be kept out must not wait until fifty boards have renewed. No shell: an id is an argument, a request is
 * what the script reads.
 */
export class Scripts {
  readonly #folder: string;
  readonly #env: Record<string, string>;
  readonly #waiting: { urgent: boolean; start: () => Promise<void>; giveUp: () => void }[] = [];
  #running: Promise<void> | undefined;
  #closing = false;

  constructor(folder: string, env: Record<string, string>) {
    this.#folder = folder;
    this.#env = env;
  }

  /** @returns what it printed. @throws Refused, Failed, Busy */
  run({ script, args = [], input, urgent = false }: Run): Promise<string> {
    if (this.#closing) return Promise.reject(new Busy('The authority is stopping. Try again in a moment.'));
    if (this.#waiting.length >= mostWaiting) {
      return Promise.reject(new Busy('More is asked of the authority than it can do. Try again in a few minutes.'));
    }
    return new Promise((resolve, reject) => {
      const start = () => this.#execute(script, args, input).then(resolve, reject);
      const giveUp = () => reject(new Busy('The authority is stopping. Try again in a moment.'));
      const at = urgent ? this.#waiting.findIndex((one) => !one.urgent) : -1;
      this.#waiting.splice(at === -1 ? this.#waiting.length : at, 0, { urgent, start, giveUp });
      if (!this.#running) void this.#empty();
    });
  }

  /** Lets the one that runs come to its end: a store is not left half-way. */
  async close(): Promise<void> {
    this.#closing = true;
    for (const { giveUp } of this.#waiting.splice(0)) giveUp();
    await this.#running;
  }

  async #empty(): Promise<void> {
    for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) {
      this.#running = next.start();
      await this.#running;
    }
    this.#running = undefined;
  }

  #execute(script: string, args: string[], input: Buffer | undefined): Promise<string> {
    return new Promise((resolve, reject) => {
      const child = execFile(join(this.#folder, script), args,
        { env: this.#env, timeout: scriptMs, maxBuffer: mostOutput, encoding: 'utf8' }, (error, stdout, stderr) => {
          if (!error) return resolve(stdout);
          const [code = '', why = ''] = /^(?:pki\/[a-z-]+: )?([a-z_]+): (.+)$/m.exec(stderr)?.slice(1) ?? [];
          if (error.code === refused && code !== '') return reject(new Refused(code, why));
          reject(new Failed(wordsOf(script, error, stdout, stderr), { cause: error }));
        });
      // It may end before it has read all; its own words say why.
      child.stdin?.on('error', () => undefined);
      child.stdin?.end(input);
    });
  }
}

function wordsOf(script: string, error: { killed?: boolean; message: string }, stdout: string, stderr: string): string {
  if (error.killed) {
    return `pki/${script} did not end within ${scriptMs / 1000} s. Is another run using the store, or the disk too slow?`;
  }
  return stderr.trim() || stdout.trim() || error.message;
}
