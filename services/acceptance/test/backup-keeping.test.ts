import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import t from 'tap';
import { startProgram } from '../src/process.ts';
import { script, scripts } from './backup/home.ts';

/** Which backups are kept, and what is said of them: a folder of files with names of made-up times. */
const dir = join(t.testdir(), 'backups');
const header = 'age-encryption.org/v1\n';
const nameOf = (time: Date) => `sconce-${time.toISOString().replace(/[-:]/g, '').replace('T', '-').slice(0, 15)}.tar.age`;

function lay(files: Record<string, string>): void {
  rmSync(dir, { recursive: true, force: true });
  mkdirSync(dir, { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, name), text);
}
const there = () => readdirSync(dir).sort();
/** One a day at 03:15, the last on `last`. */
const daily = (last: string, days: number) => Object.fromEntries(Array.from({ length: days }, (_, back) =>
  [nameOf(new Date(Date.parse(`${last}T03:15:00Z`) - back * 86_400_000)), header]));
const dates = (names: string[]) => names.map((name) => name.slice(7, 15));

t.test('kept are 7 daily, 4 weekly and 12 monthly ones', async (t) => {
  const cases: [why: string, files: Record<string, string>, env: Record<string, string>, kept: string[]][] = [
    ['none', {}, {}, []],
    ['a week', daily('2026-11-26', 7), {}, ['20261120', '20261121', '20261122', '20261123', '20261124', '20261125', '20261126']],
    // Sundays end a week: 22 and 15 November, and 8; months by their last day.
    ['two years', daily('2026-11-26', 730), {}, ['20251231', '20260131', '20260228', '20260331', '20260430', '20260531', '20260630',
      '20260731', '20260831', '20260930', '20261031', '20261108', '20261115', '20261120', '20261121', '20261122', '20261123', '20261124',
      '20261125', '20261126']],
    ['the turn of a year, whose first days belong to the last week', daily('2027-01-03', 10),
      { BACKUP_KEEP_DAILY: '1', BACKUP_KEEP_WEEKLY: '2', BACKUP_KEEP_MONTHLY: '2' }, ['20261227', '20261231', '20270103']],
    ['years without one push none out', { ...daily('2019-05-04', 2), ...daily('2026-11-26', 1) }, {}, ['20190503', '20190504', '20261126']],
    ['several on one day: the last', {
      'sconce-20261126-031500.tar.age': header, 'sconce-20261126-120000.tar.age': header, 'sconce-20261126-235959.tar.age': header,
    }, {}, ['20261126']],
    ['nothing is to be kept, and yet the newest is', daily('2026-11-26', 5),
      { BACKUP_KEEP_DAILY: '0', BACKUP_KEEP_WEEKLY: '0', BACKUP_KEEP_MONTHLY: '0' }, ['20261126']],
  ];
  for (const [why, files, env, kept] of cases) {
    lay(files);
    t.match(await script('thin', [], { BACKUP_DIR: dir, ...env }), { code: 0, stderr: '' }, why);
    t.strictSame(dates(there()), kept, why);
  }
  t.strictSame(there(), ['sconce-20261126-031500.tar.age']);
});

t.test('what is none of ours is left alone, and a damaged one does not pass for the newest', async (t) => {
  lay({ ...daily('2026-11-20', 3), 'sconce-20261126-031500.tar.age': '', 'notes.txt': 'mine', 'sconce-old.tar.age': header,
    'before-restore.tar': header, '.part': header });
  const env = { BACKUP_DIR: dir, BACKUP_KEEP_DAILY: '1', BACKUP_KEEP_WEEKLY: '1', BACKUP_KEEP_MONTHLY: '1' };
  t.match(await script('thin', [], env), { code: 0, stdout: '2 older deleted, 1 kept\n' });
  t.strictSame(there(), ['.part', 'before-restore.tar', 'notes.txt', 'sconce-20261120-031500.tar.age', 'sconce-20261126-031500.tar.age',
    'sconce-old.tar.age']);
  lay(daily('2026-11-20', 3));
  for (const number of ['-1', 'many', '7.5', '']) {
    const { code, stderr } = await script('thin', [], { ...env, BACKUP_KEEP_DAILY: number });
    if (number === '') continue;
    t.equal(code, 1);
    t.match(stderr, `one of them is "${number}". Nothing was deleted.`);
    t.equal(there().length, 3);
  }
});

t.test('how backups stand: in words, by age and by what happened since', async (t) => {
  const hoursAgo = (hours: number) => nameOf(new Date(Date.now() - hours * 3_600_000));
  const sums = (name: string) => `${createHash('sha256').update(header).digest('hex')}  ${name}\n`;
  const failed = `${Math.floor(Date.now() / 1000) - 300} The disk is full.`;
  const good = (hours: number) => ({ [hoursAgo(hours)]: header, SHA256SUMS: sums(hoursAgo(hours)) });
  const cases: [why: string, files: Record<string, string>, code: number, words: RegExp][] = [
    ['none yet', {}, 0, /^look\tthere is none yet; make one: make backup\n$/],
    ['none, and the first failed', { '.failed': failed }, 1, /^BAD\tthere is none; the last attempt, 5 minutes ago, failed: The disk is full\.\n$/],
    ['one of last night', good(7), 0, /^ok\tthe last 7 hours ago: sconce-.*, 22 bytes, 1 kept, whole\n$/],
    ['one of two nights ago', good(47), 0, /^ok\tthe last 47 hours ago/],
    ['one from the future stands for none', { ...good(7), [hoursAgo(-9)]: header }, 0, /^ok\tthe last 7 hours ago: .* 2 kept, whole\n$/],
    ['one that is too old', good(50), 1, /^BAD\tthe last 2 days ago/],
    ['too old, because it fails', { ...good(50), '.failed': failed }, 1, /^BAD\tthe last 2 days ago.*; since then it failed: The disk is full\.\n$/],
    ['one failed since', { ...good(7), '.failed': failed }, 0, /^look\tthe last 7 hours ago.*; an attempt 5 minutes ago failed: The disk is full\.\n$/],
    ['one that is not what was written', { [hoursAgo(7)]: `${header}x`, SHA256SUMS: sums(hoursAgo(7)) }, 1, /^BAD\tthe last is damaged: sconce-/],
    ['one whose checksum is gone', { [hoursAgo(7)]: header }, 0, /^look\t.*SHA256SUMS does not have it\n$/],
  ];
  for (const [why, files, code, words] of cases) {
    lay(files);
    const said = await script('health', ['whole'], { BACKUP_DIR: dir });
    t.equal(said.code, code, why);
    t.match(said.stdout, words, why);
  }
});

t.test('an identity that init makes is one of age', async (t) => {
  for (let n = 0; n < 5; n += 1) {
    const [recipient = '', identity = ''] = (await script('new-identity', [], {})).stdout.split('\n');
    t.equal(execFileSync('age-keygen', ['-y'], { input: identity, encoding: 'utf8' }), `${recipient}\n`);
  }
});

t.test('the clock of the container: makes up for what was missed, tells of what failed, ends at once', async (t) => {
  lay({});
  const start = (env: Record<string, string>, ready: RegExp) => startProgram({
    name: 'schedule', command: join(scripts, 'schedule'), env: { PATH: process.env.PATH ?? '', BACKUP_DIR: dir, BACKUP_LOOK_SECONDS: '600', ...env }, ready,
  });
  const first = await start({}, /FAILED\. .*BACKUP_RECIPIENT.* It will be tried again in an hour\./);
  t.match(first.log(), /^[\d-]+ [\d:]+ \w+ A backup every day at 03:15 \(\w+\); kept are 7 daily, 4 weekly, 12 monthly\.\n/);
  const began = performance.now();
  await first.stop();
  t.ok(performance.now() - began < 1000, 'asked to end while it waits');
  t.match(readFileSync(join(dir, '.failed'), 'utf8'), /^\d+ There is no BACKUP_RECIPIENT/);

  lay({ [nameOf(new Date())]: header });
  const second = await start({ BACKUP_AT: '00:00', TZ: 'Europe/London' }, /kept are/);
  t.notMatch(second.log(), /FAILED/, 'one newer than the last that was due: nothing to do');
  await second.stop();
  await t.rejects(start({ BACKUP_AT: '3am' }, /never/), /BACKUP_AT is "3am"; write a time of day like 03:15/);
});
