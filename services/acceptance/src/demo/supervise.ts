import type { Running } from '../process.ts';

/** Milliseconds before a program that has ended is started again, as Compose's `restart:` does it on a server. */
const pauseMs = 2000;

/**
 * Keeps a program running: started again whenever it ends by itself.
 * @param say tells the person what happened
 */
export class Supervised {
  readonly name: string;
  readonly #start: () => Promise<Running>;
  readonly #say: (line: string) => void;
  #running: Running | undefined;
  #wanted = false;
  #restarting: NodeJS.Timeout | undefined;

  constructor(name: string, start: () => Promise<Running>, say: (line: string) => void) {
    this.name = name;
    this.#start = start;
    this.#say = say;
  }

  get running(): Running | undefined {
    return this.#running;
  }

  /** Starts it. @throws what it said if it does not come up */
  async up(): Promise<void> {
    this.#wanted = true;
    const running = await this.#start();
    this.#running = running;
    void running.ended.then(() => this.#onEnd(running));
    if (!this.#wanted) await this.down();
  }

  /** Not to be started again: the next end is meant. A Ctrl-C reaches every program of the terminal, not only us. */
  letGo(): void {
    this.#wanted = false;
    clearTimeout(this.#restarting);
  }

  async down(): Promise<void> {
    this.letGo();
    const running = this.#running;
    this.#running = undefined;
    await running?.stop();
  }

  #onEnd(running: Running): void {
    if (this.#running !== running) return;
    this.#running = undefined;
    if (!this.#wanted) return;
    this.#say(`${this.name} has ended. Starting it again in ${pauseMs / 1000} s.`);
    this.#again();
  }

  #again(): void {
    this.#restarting = setTimeout(() => {
      this.up().then(
        () => this.#say(`${this.name} is back.`),
        (error: unknown) => {
          this.#say(`${this.name} does not start: ${error instanceof Error ? error.message : String(error)}`);
          if (this.#wanted) this.#again();
        });
    }, pauseMs);
  }
}
