import { readFileSync, statfsSync } from 'node:fs';
import type { Config } from '../config.ts';
import { bytes, findingsOf, type Finding } from '../finding.ts';
import { remediesFor } from '../finding/remedies.ts';

const make = findingsOf('machine');

/** As deploy/status.sh: a share of the whole, and what Sconce needs to go on. */
const tight = { share: 0.03, bytes: 200e6 };
const scarce = { share: 0.1, bytes: 1e9 };

/** Disk, memory, containers, and whether the doctor itself was told what it needs. */
export function machine(config: Config): Finding[] {
  const told = config.wrong.map(({ name, why }) => make.problem('setting_wrong', name, {
    what: `${name} cannot be used: ${why}.`,
    why: 'What it is about could not be looked at, and the API has the same setting.',
    do: 'correct it in .env, or let make init do it' }));
  return [...told, ...disks(config.folders), memory(), ...containers(config)];
}

function disks(folders: string[]): Finding[] {
  if (folders.length === 0) return [make.skipped('not_told', 'disk', 'The disk was not looked at.',
    'STATE_DIR does not say which.')];
  const seen = new Set<string>();
  return folders.flatMap((folder) => {
    try {
      const { bsize, blocks, bavail, files, ffree } = statfsSync(folder);
      // Most folders lie on one disk: it is spoken of once.
      const disk = `${blocks} ${bavail} ${files}`;
      if (seen.has(disk)) return [];
      seen.add(disk);
      return [diskFinding(folder, bavail * bsize, blocks * bsize, files > 0 && ffree === 0)];
    } catch (error) {
      return [make.problem('folder_missing', folder, {
        what: `The folder ${folder} cannot be looked at (${(error as NodeJS.ErrnoException).code ?? 'unknown'}).`,
        why: 'It is missing, or closed to the one who runs Sconce.', do: 'make init' })];
    }
  });
}

function diskFinding(folder: string, free: number, total: number, noFiles: boolean): Finding {
  const words = {
    why: 'On a full disk nothing is stored any more: sign-ins, switched lamps, renewed certificates; files are cut '
      + 'short.',
    do: 'docker system prune, and look what is large: du -xh --max-depth=2 / | sort -h | tail' };
  const what = `${folder} has ${bytes(free)} of ${bytes(total)} free.`;
  // A share as well as a size: 200 MB are much on a small disk.
  const below = ({ share, bytes: least }: typeof tight) => free / total < share || free < Math.min(least, total / 2);
  if (free === 0 || noFiles || below(tight)) return make.problem('disk_full', folder, {
    what: noFiles && free > 0 ? `${folder} cannot hold another file.` : what, ...words });
  if (below(scarce)) return make.warning('disk_low', folder, { what, ...words });
  return make.ok('disk_good', folder, what);
}

function memory(): Finding {
  let text;
  try {
    text = readFileSync('/proc/meminfo', 'utf8');
  } catch {
    return make.skipped('not_seen', 'memory', 'The memory was not looked at.',
      'Only Linux says in /proc/meminfo how it stands.');
  }
  const kilobytes = (name: string) => Number(new RegExp(`^${name}: *(\\d+)`, 'm').exec(text)?.[1] ?? Number.NaN);
  const [free, total] = [kilobytes('MemAvailable') * 1000, kilobytes('MemTotal') * 1000];
  const what = `${bytes(free)} of ${bytes(total)} memory are available.`;
  if (!(free / total < 0.1)) return make.ok('memory_good', 'memory', what);
  return make[free / total < 0.03 ? 'problem' : 'warning']('memory_low', 'memory', { what,
    why: 'The kernel ends programs when there is none left.',
    do: 'docker stats --no-stream shows who takes it; end what is not needed, or take a larger machine' });
}

function containers({ containers, view }: Config): Finding[] {
  if (containers === undefined) return [];
  return [...containers].filter(([, state]) => state !== 'running').map(([name, state]) =>
    make.problem('container_down', name, {
    what: `The container ${name} ${state === 'missing' ? 'is not there' : `does not run (${state})`}.`,
    why: 'It has ended, or was never started.',
    do: `${remediesFor({ view }).start(name)} && ${remediesFor({ view }).logs(name)}` }));
}
