import { spawn } from 'node:child_process';
import { DoctorReport } from '@sconce/protocol/doctor';
import { Failure } from '../domain/failure.ts';
import { requireAdmin, type Viewer } from '../domain/viewer.ts';
import type { Context } from './context.ts';

/** How the doctor is started. `env` is its whole environment, secrets among it. */
export type DoctorProgram = { command: string; args: readonly string[]; env: Record<string, string | undefined> };

/** Milliseconds that it may take. */
const patienceMs = 20_000;

/** Characters of a report, at most. */
const longest = 1_000_000;

/** 0, 1, 2: how bad it is. Anything else: it could not finish. */
const reports = [0, 1, 2];

/** The whole chain looked at from the API's place; one look at a time: who asks meanwhile is told the same. */
export function createDoctor(program: DoctorProgram, log: Context['log']) {
  let running: Promise<DoctorReport> | undefined;
  /** @throws Failure `forbidden`, `scope_missing`, `doctor_failed` */
  return async (viewer: Viewer): Promise<DoctorReport> => {
    requireAdmin(viewer);
    running ??= run(program).catch((error: unknown) => {
      log.error({ err: error }, 'the doctor could not finish');
      throw new Failure('doctor_failed', `The doctor could not finish: ${(error as Error).message} `
        + 'Run “make doctor” on the server, which sees more.', { cause: error });
    }).finally(() => { running = undefined; });
    return running;
  };
}

async function run({ command, args, env }: DoctorProgram): Promise<DoctorReport> {
  const { code, out } = await outputOf(command, args, env);
  if (code === null || !reports.includes(code)) throw new Error(`it ended with ${code === null ? 'a signal' : `status ${code}`}.`);
  try {
    return DoctorReport.parse(JSON.parse(out));
  } catch (error) {
    throw new Error('its report cannot be understood.', { cause: error });
  }
}

function outputOf(command: string, args: readonly string[], env: Record<string, string | undefined>):
  Promise<{ code: number | null; out: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
    let out = '';
    let why: string | undefined;
    const end = (reason: string) => {
      why = reason;
      child.kill('SIGKILL');
    };
    const late = setTimeout(() => end(`it took longer than ${patienceMs / 1000} s.`), patienceMs);
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text;
      if (out.length > longest) end('its report does not end.');
    });
    child.once('error', (error) => {
      clearTimeout(late);
      reject(new Error(`it cannot be started (${error.message}).`, { cause: error }));
    });
    child.once('close', (code) => {
      clearTimeout(late);
      if (why === undefined) resolve({ code, out });
      else reject(new Error(why));
    });
  });
}
