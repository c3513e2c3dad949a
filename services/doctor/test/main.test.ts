import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { DoctorReport } from '@sconce/protocol/doctor';

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));

/** Runs it with this and nothing else in its environment. */
const run = (env: Record<string, string>, ...args: string[]) =>
  new Promise<{ code: number; out: string; err: string }>((resolve) => {
  execFile(process.execPath, [main, ...args], { env: { PATH: process.env.PATH ?? '', ...env } }, (error, out, err) =>
    resolve({ code: error === null ? 0 : Number(error.code), out, err }));
});

t.test('who tells it nothing is told that nothing was looked at, and that is no fault', async (t) => {
  const { code, out } = await run({}, '--json');
  const { findings, worst } = DoctorReport.parse(JSON.parse(out));
  t.equal(code, 0);
  t.equal(worst, 'skipped');
  const areas = new Set(findings.map(({ area }) => area));
  t.same([...areas].sort(), ['boards', 'broker', 'certificates', 'clock', 'database', 'machine', 'names', 'sign-in', 'web']);
  for (const { severity, what, why } of findings) t.ok(severity === 'ok'
    || (severity === 'skipped' && what !== '' && why !== ''), what);
});

t.test('no secret is printed, whatever fails', async (t) => {
  const password = 'correct-horse';
  const file = join(t.testdir(), 'database_url');
  writeFileSync(file, `postgres://sconce_api:${password}@127.0.0.1:1/sconce\n`);
  const told = [{ DATABASE_URL: `postgres://sconce_api:${password}@127.0.0.1:1/sconce` }, { DATABASE_URL_FILE: file },
    { DATABASE_URL: `no address ${password}` }, { DATABASE_URL: `postgres://x:${password}@lamps.invalid/sconce` }];
  for (const env of told) {
    for (const how of [[], ['--json']]) {
      const { code, out, err } = await run(env, ...how);
      t.equal(code, 2, JSON.stringify(how));
      t.notMatch(out + err, password);
    }
  }
});

t.test('people read first what is broken, and what to do about it', async (t) => {
  const { code, out } = await run({ DATABASE_URL: 'postgres://sconce_api@127.0.0.1:1/sconce', DOMAIN: 'localhost' });
  t.equal(code, 2);
  t.match(out,
    /^1\. Nothing listens at 127\.0\.0\.1:1\.\n {3}Why: PostgreSQL does not run\..*\n(.*\n)? {3}Do: {2}docker compose up -d postgres && make logs SERVICE=postgres\n/);
  t.match(out, /\nDatabase\n {2}BROKEN {3}Nothing listens/);
  t.match(out, /\n1 thing broken\.\n$/);
  t.notMatch(out, '\x1b', 'no colours for who is no terminal');
});

t.test('what it does not understand it says, with another status than a report', async (t) => {
  const { code, err } = await run({}, '--bord', 'Hall');
  t.equal(code, 64);
  t.match(err, '--bord');
  t.match((await run({}, '--help')).out, '--board NAME');
});
