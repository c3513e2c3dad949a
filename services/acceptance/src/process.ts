import { spawn } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';

export interface Running {
  pid: number;
  /** Everything it has written to stdout and stderr so far. */
  log(): string;
  /** Gives it a line on its standard input; only if it was started with `input`. */
  write(line: string): void;
  /** Resolves when it has ended, however it did. */
  ended: Promise<void>;
  /** SIGTERM, then waits for the end; throws if that takes longer than 5 s (it is killed then). */
  stop(): Promise<void>;
  /** SIGKILL, then waits for the end: no farewell, as when the power fails. */
  kill(): Promise<void>;
}

export interface Program {
  /** How errors call it. */
  name: string;
  command: string;
  args?: string[];
  /** Its whole environment; what is not here does not leak in, but for where Node keeps what it has compiled. */
  env: Record<string, string>;
  cwd?: string;
  /** Whom it runs as, when that is somebody else (root can do that). */
  user?: { uid: number; gid: number };
  /** It is ready once its log matches. */
  ready: RegExp;
  /** Whether it reads lines from `write`; otherwise its standard input is empty. */
  input?: boolean;
  /** Is given each line of its stdout. */
  onLine?: (line: string) => void;
  /** A file to which its log is appended as well. */
  logFile?: string;
  /** Milliseconds after which `stop` repeats SIGTERM, for a program that may miss the first. */
  stopAgainMs?: number;
  /** Milliseconds until it must be ready; 5000 unless told. */
  deadlineMs?: number;
}

/** Characters of a log that are kept in memory; a demo may run for days. */
const longestLog = 1_000_000;

const children = new Set<() => void>();
process.once('exit', () => {
  for (const kill of children) kill();
});

/**
 * Starts a program and resolves when it is ready; rejects with its log if it ends or stays silent until the deadline.
 * It is killed when this process ends.
 */
export async function startProgram(program: Program): Promise<Running> {
  const { name, command, args = [], env, cwd, user, ready, input = false } = program;
  const { onLine, logFile, stopAgainMs, deadlineMs = 5000 } = program;
  const { NODE_COMPILE_CACHE } = process.env;
  const child = spawn(command, args, {
    env: { ...NODE_COMPILE_CACHE !== undefined && { NODE_COMPILE_CACHE }, ...env },
    cwd, ...user, stdio: [input ? 'pipe' : 'ignore', 'pipe', 'pipe'],
  });
  let log = '';
  let up = false;
  const kill = () => { child.kill('SIGKILL'); };
  children.add(kill);
  const ended = new Promise<void>((resolve) => {
    child.once('error', (error) => {
      log += error.message;
      resolve();
    });
    child.once('close', () => resolve());
  }).finally(() => children.delete(kill));

  const isReady = new Promise<'ready'>((resolve) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        log = (log + text).slice(-longestLog);
        if (logFile !== undefined) appendFileSync(logFile, text);
        if (!up && ready.test(log)) resolve('ready');
      });
    }
  });
  if (onLine && child.stdout) createInterface({ input: child.stdout }).on('line', onLine);
  // It may have ended before it was told something; `ended` says so.
  child.stdin?.on('error', () => {});
  const outcome = await within(deadlineMs, Promise.race([isReady, ended.then(() => 'ended' as const)]));
  if (outcome !== 'ready' || child.pid === undefined) {
    kill();
    await ended;
    const why = outcome === 'ended' ? 'ended before it was ready' : `was not ready after ${deadlineMs} ms`;
    throw new Error(`${name} ${why}. It said:\n${log.trim()}`);
  }
  up = true;
  return {
    pid: child.pid,
    log: () => log,
    write: (line) => void child.stdin?.write(`${line}\n`),
    ended,
    async stop() {
      child.kill('SIGTERM');
      const again = stopAgainMs !== undefined ? setInterval(() => child.kill('SIGTERM'), stopAgainMs) : undefined;
      const outcome = await within(5000, ended.then(() => 'ended' as const));
      clearInterval(again);
      if (outcome === 'ended') return;
      kill();
      await ended;
      throw new Error(`${name} did not end within 5 s of SIGTERM and was killed. It said:\n${log.trim()}`);
    },
    async kill() {
      kill();
      await ended;
    },
  };
}

/** The promise's value, or `undefined` if it takes longer than `ms`. */
export async function within<T>(ms: number, promise: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), ms);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** `count` different ports of 127.0.0.1 that nobody listens on at this moment. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports = await Promise.all(servers.map((server) => new Promise<number>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  })));
  await Promise.all(servers.map((server) => new Promise((resolve) => { server.close(resolve); })));
  return ports;
}
