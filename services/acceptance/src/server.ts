import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { repository } from './pki.ts';
import { until } from './until.ts';

const run = promisify(execFile);

type Container = {
  Id: string;
  RestartCount: number;
  State: { Pid: number; Status: string; Health?: { Status: string } };
};

/** A server: a fresh clone of what is committed, and a project of Docker Compose of its own. */
export class Server {
  readonly dir: string;
  readonly #project: string;
  /** What is run in it is given. */
  readonly env: Record<string, string>;

  private constructor(dir: string, env: Record<string, string>) {
    this.dir = dir;
    // A project's name has no capitals.
    this.#project = basename(dir).toLowerCase();
    const { PATH = '', HOME = '', DOCKER_HOST, DOCKER_CONFIG } = process.env;
    this.env = {
      PATH, HOME, COMPOSE_PROJECT_NAME: this.#project, ...DOCKER_HOST && { DOCKER_HOST },
      ...DOCKER_CONFIG && { DOCKER_CONFIG }, ...env,
    };
  }

  /** @param env what `make init` is told, and Compose */
  static async clone(env: Record<string, string>): Promise<Server> {
    const dir = mkdtempSync(join(tmpdir(), 'sconce-server-'));
    await run('git', ['clone', '--quiet', repository, dir]);
    return new Server(dir, env);
  }

  /** Runs a program in the clone. @returns its stdout @throws with all that it said */
  async run(program: string, ...args: string[]): Promise<string> {
    try {
      return (await run(program, args, { cwd: this.dir, env: this.env, maxBuffer: 64e6, timeout: 900_000 })).stdout;
    } catch (error) {
      const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
      throw new Error(`${[program, ...args].join(' ')} failed:\n${stdout}${stderr}`, { cause: error });
    }
  }

  compose(...args: string[]): Promise<string> {
    return this.run('docker', 'compose', ...args);
  }

  async container(service: string): Promise<Container> {
    const id = (await this.compose('ps', '--all', '--quiet', service)).trim();
    const [found] = JSON.parse(await this.run('docker', 'inspect', id)) as [Container];
    return found;
  }

  /**
   * Ends a service's first process as a crash would: `docker kill` would count as somebody's wish. Needs to be root, whom
   * containers' processes are open to. Resolves when the engine has brought it back.
   */
  async crash(service: string): Promise<void> {
    const { RestartCount, State: { Pid } } = await this.container(service);
    process.kill(Pid, 'SIGKILL');
    await until(`${service} to be started again`, async () => (await this.container(service)).RestartCount > RestartCount);
  }

  /** Resolves when a service's health check is content. */
  async healthy(service: string): Promise<void> {
    await until(`${service} to be healthy`, async () =>
      (await this.container(service)).State.Health?.Status === 'healthy', 120_000);
  }

  /** Removes containers, networks, volumes, images and folders. May be called again. */
  async remove(): Promise<void> {
    if (!existsSync(this.dir)) return;
    await this.compose('down', '--volumes', '--rmi', 'local', '--timeout', '5');
    rmSync(this.dir, { recursive: true, force: true });
  }

  /** The volumes that its containers have, those without a name included. */
  async volumes(): Promise<string[]> {
    const ids = (await this.compose('ps', '--all', '--quiet')).split('\n').filter(Boolean);
    const mounts = await this.run('docker', 'inspect', '--format', '{{range .Mounts}}{{if eq .Type "volume"}}{{.Name}} {{end}}{{end}}', ...ids);
    return mounts.split(/\s+/).filter(Boolean).map((name) => name.replace(`${this.#project}_`, ''));
  }
}
