import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import pg from 'pg';
import t from 'tap';
import { startPostgres } from '../../acceptance/src/postgres.ts';

const server = await startPostgres();
t.teardown(server.stop);
const as = (role: string, password: string, database = 'postgres') =>
  `${server.url.replace('sconce@', `${role}:${encodeURIComponent(password)}@`).replace(/postgres$/, database)}`;

/** Statements, one after the other. @throws what PostgreSQL says */
async function ask(url: string, ...statements: string[]): Promise<pg.QueryResult | undefined> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    let last: pg.QueryResult | undefined;
    for (const statement of statements) last = await client.query(statement);
    return last;
  } finally {
    await client.end();
  }
}

/** `main.ts migrate` with nothing but these in its environment. */
async function migrate(api: string, owner: string) {
  const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
  const env = { PATH: process.env.PATH ?? '', DATABASE_URL: api, MIGRATION_DATABASE_URL: owner };
  return promisify(execFile)(process.execPath, [main, 'migrate'], { env }).then(
    ({ stdout }) => ({ code: 0, said: stdout }),
    ({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }) => ({ code, said: stdout + stderr }));
}

// Everybody needs a password from here on, and PostgreSQL writes down every statement.
await ask(server.url,
  "alter role sconce password 'administrator'",
  "create role sconce_owner login createrole password 'owning'", 'alter schema public owner to sconce_owner',
  "create role tenant login password 'renting'", 'create database flat owner tenant',
  "alter system set log_statement = 'all'");
const hba = (await ask(server.url, 'show hba_file'))?.rows[0] as { hba_file: string };
await ask(server.url, `copy (select 'host all all 127.0.0.1/32 scram-sha-256') to '${hba.hba_file}'`, 'select pg_reload_conf()');
const owner = as('sconce_owner', 'owning');

const fails = (url: string) => ask(url, 'select 1').then(() => 'came in', (error: { code?: string }) => error.code);

t.test('the API’s role is made with its password, which no log of anybody’s holds', async (t) => {
  const password = 'pass:w/o%rd@1';
  const api = as('sconce_api', password);
  t.equal(await fails(api), '28P01', 'passwords count');
  const first = await migrate(api, owner);
  t.equal(first.code, 0, first.said);
  t.match(first.said, /the role in DATABASE_URL has been made/);
  t.equal((await ask(api, 'select count(*)::integer as people from people'))?.rows[0].people, 0, 'it works');
  t.equal(await fails(as('sconce_api', 'another')), '28P01');
  await t.rejects(ask(api, 'delete from audit'), { code: '42501' }, 'with the rights of the API alone');
  t.match((await ask(owner, "select rolsuper or rolcreaterole or rolcreatedb as may from pg_roles where rolname = 'sconce_api'"))?.rows,
    [{ may: false }]);

  const again = await migrate(api, owner);
  t.equal(again.code, 0);
  t.notMatch(again.said, /has been made|given its password/, 'a second time there is nothing to do');

  t.match(server.log(), /create role "sconce_api" login password 'SCRAM-SHA-256\$4096:/, 'PostgreSQL writes down what it is asked');
  for (const log of [server.log(), first.said, again.said]) t.notOk(log.includes(password));
});

t.test('a secret that was changed becomes its password', async (t) => {
  const before = as('sconce_api', 'pass:w/o%rd@1');
  const api = as('sconce_api', 'rotated');
  const { code, said } = await migrate(api, owner);
  t.equal(code, 0, said);
  t.match(said, /the role in DATABASE_URL has been given its password/);
  t.equal(await fails(before), '28P01');
  t.equal(await fails(api), 'came in');
  t.notMatch(server.log() + said, /rotated/);
});

t.test('what cannot or should not be done is refused in words, and nothing is changed', async (t) => {
  for (const [why, api, owning, words] of [
    ['an owner who may make no roles', as('lodger', 'secret-1', 'flat'), as('tenant', 'renting', 'flat'),
      /The role lodger in DATABASE_URL does not exist, and the role in MIGRATION_DATABASE_URL may not make or change roles\. As PostgreSQL's administrator: create role lodger/],
    ['a role of that owner with another password', as('sconce_api', 'secret-2', 'flat'), as('tenant', 'renting', 'flat'),
      /The role sconce_api in DATABASE_URL has another password, .*alter role sconce_api/],
    ['the administrator’s role, with a wrong password', as('sconce', 'secret-3'), owner,
      /The role sconce in DATABASE_URL has another password, and it may do more than the API should/],
    ['the owner’s role, with a wrong password', as('sconce_owner', 'secret-4'), owner, /sconce_owner in DATABASE_URL has another password/],
  ] as const) {
    const { code, said } = await migrate(api, owning);
    t.equal(code, 1, why);
    t.match(said, words, why);
    t.notMatch(said + server.log(), /secret-\d/, why);
  }
  t.equal(await fails(as('sconce', 'administrator')), 'came in');
  t.equal(await fails(owner), 'came in');
  t.equal(await fails(as('sconce_api', 'rotated')), 'came in');
});
