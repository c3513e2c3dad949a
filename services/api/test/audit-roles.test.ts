import { execFile } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import t from 'tap';
import { startPostgres } from '../../acceptance/src/postgres.ts';
import { migrate, openDatabase } from '../src/db/database.ts';
import { insertAudit } from '../src/db/audit.ts';
import { mayChangeAudit, separateRoles } from '../src/db/roles.ts';
import { pruneAudit } from '../src/usecases/prune-audit.ts';
import { Household } from './household.ts';

const server = await startPostgres();
t.teardown(server.stop);
const as = (role: string) => server.url.replace('sconce@', `${role}@`);
const open = (role: string) => {
  const db = openDatabase({ url: as(role) }, () => undefined);
  t.teardown(() => db.destroy());
  return db;
};

/** Statements one after the other, in one psql. @returns "done", or PostgreSQL's code and words */
async function psql(role: string, ...statements: string[]): Promise<string> {
  const args = ['-X', '-q', '-v', 'ON_ERROR_STOP=1', '-v', 'VERBOSITY=verbose', as(role), ...statements.flatMap((one) => ['-c', one])];
  try {
    await promisify(execFile)('psql', args);
    return 'done';
  } catch (error) {
    return /^ERROR: {2}(\w{5}: .*)$/m.exec(String((error as { stderr?: string }).stderr))?.[1]?.replace(':', '') ?? String(error);
  }
}

await psql('sconce', 'create role home_owner login', 'create role sconce_api login', 'create role clerk login in role home_owner',
  'alter schema public owner to home_owner');

t.test('the owner migrates, the API works with a role of its own', async (t) => {
  const owner = open('home_owner');
  const api = open('sconce_api');
  await t.rejects(migrate(api), /permission denied.*run "migrate" with MIGRATION_DATABASE_URL/s, 'before the owner has');
  await migrate(owner);
  await separateRoles(owner, api);
  await separateRoles(owner, api);
  t.equal(await mayChangeAudit(api), false);
  t.equal(await mayChangeAudit(owner), true);

  const household = await Household.on(api);
  t.teardown(() => household.close());
  const olive = await household.person('olive');
  const { id } = await household.withOutlet(olive.client);
  t.equal((await olive.client('POST', `/api/v1/outlets/${id}/switch`, { on: true })).statusCode, 200, 'everything works');
  t.match((await olive.client('GET', '/api/v1/audit')).json(), { entries: [{ action: 'outlet.switch' }] });

  for (const statement of [
    'update audit set person_name = null', 'delete from audit', 'truncate audit', 'truncate audit cascade',
    'alter table audit disable trigger all', 'drop trigger audit_append_only on audit', 'drop table audit',
    'alter table audit owner to sconce_api', 'create or replace function audit_append_only() returns trigger language plpgsql as $$ begin return new; end $$',
    'set role home_owner', 'set session_replication_role = replica',
    'insert into audit select * from audit on conflict (id) do update set outcome = null',
    'merge into audit using audit other on audit.id = other.id when matched then delete',
    'delete from kysely_migration', 'create table elsewhere (id int)',
  ]) {
    t.match(await psql('sconce_api', statement), /^(42501|428C9|0A000|42601) /, statement);
  }
  t.match(await psql('sconce_api', 'begin', "set local sconce.audit_retention = 'on'", 'delete from audit', 'commit'),
    /^42501 permission denied for table audit/, 'saying that one is the retention job is not enough');
  // PostgreSQL answers such a grant with a warning only.
  t.match(await psql('sconce_api', 'grant update on audit to sconce_api', 'update audit set outcome = null'), /^42501 /);
  await t.rejects(pruneAudit(api, 1, new Date()), /permission denied/);
  t.match(await psql('home_owner', 'delete from audit'), /can only be added to/, 'nor does the owner by accident');
  t.match((await olive.client('GET', '/api/v1/audit')).json(), { entries: [{ action: 'outlet.switch' }] }, 'it is all there');
  t.equal(await pruneAudit(owner, 1, new Date()), 0, 'the owner runs the retention job');
});

t.test('roles that part nothing are refused in words', async (t) => {
  const owner = open('home_owner');
  await t.rejects(separateRoles(owner, open('home_owner')), /name the same role, home_owner/);
  await t.rejects(separateRoles(owner, open('clerk')), /clerk in DATABASE_URL could change the audit log/);
  await t.rejects(separateRoles(open('sconce'), open('sconce')), /same role/);
});

t.test('who reads on by ids misses nothing that ends late: entries are seen in the order of their ids', async (t) => {
  const [first, second] = [open('sconce_api'), open('sconce_api')];
  const row = { at: new Date(), actor_kind: 'system', person_id: null, person_name: null, token_name: null,
    action: 'person.join', target_kind: null, target_id: null, target_name: null, outcome: 'done', detail: '{}' } as const;
  let other: Promise<void> | undefined;
  let overtaken = false;
  await first.transaction().execute(async (tx) => {
    await insertAudit(tx, [{ ...row, address: 'slow' }]);
    other = insertAudit(second, [{ ...row, address: 'quick' }]).then(() => { overtaken = true; });
    // Time for it to overtake, had it not to wait: nothing tells that it waits.
    await pause(200);
    t.equal(overtaken, false);
  });
  await other;
  const rows = await first.selectFrom('audit').select('address').where('address', 'in', ['slow', 'quick']).orderBy('id').execute();
  t.same(rows.map(({ address }) => address), ['slow', 'quick']);
});
