import { readFileSync, statSync } from 'node:fs';

export type Fault = 'missing' | 'unreadable';
export type Read = { text: string; mode: number; changed: number } | { fault: Fault; reason: string };

/** A file's text, its permissions and when it was changed (ms since 1970); or why there is none. */
export function readText(path: string): Read {
  try {
    const { mode, mtimeMs } = statSync(path);
    return { text: readFileSync(path, 'utf8'), mode: mode & 0o777, changed: mtimeMs };
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    return { fault: code === 'ENOENT' || code === 'ENOTDIR' ? 'missing' : 'unreadable', reason: code };
  }
}
