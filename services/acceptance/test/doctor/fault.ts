import { cpSync, readFileSync, rmSync, statSync, writeFileSync, mkdtempSync, chmodSync } from 'node:fs';
import { join } from 'node:path';
import type { Asked, World } from './world.ts';

export type Undo = () => unknown;
/** How the doctor is asked then, and how the fault is undone; without: it is one of the question alone. */
export type Broken = Asked & { undo?: Undo };

/**
 * Something that breaks, and what is to be said of it: the worst finding's code, subject and remedy; by a pattern where a
 * folder's name is not known before.
 */
export type Fault = {
  name: string;
  break(world: World): Broken | Promise<Broken>;
  finds(world: World): { code: string; subject: string | RegExp; do: string | RegExp };
};

/** Keeps a folder or file as it is. @returns what puts it back */
export function keep(world: World, path: string): Undo {
  const copy = join(mkdtempSync(join(world.dir, 'kept-')), 'it');
  cpSync(path, copy, { recursive: true, preserveTimestamps: true });
  return () => {
    rmSync(path, { recursive: true, force: true });
    cpSync(copy, path, { recursive: true, preserveTimestamps: true });
    rmSync(copy, { recursive: true });
  };
}

/** Writes another text into a file, whose permissions stay. @returns what puts it back */
export function rewrite(world: World, path: string, change: (text: string) => string): Undo {
  const undo = keep(world, path);
  const { mode } = statSync(path);
  const text = readFileSync(path, 'utf8');
  chmodSync(path, 0o600);
  writeFileSync(path, change(text));
  chmodSync(path, mode);
  return undo;
}

/** Long over, and long to come, as openssl writes dates. */
export const past = { start: '20200101000000Z', end: '20210101000000Z' };
export const future = { start: '20400101000000Z', end: '20410101000000Z' };
