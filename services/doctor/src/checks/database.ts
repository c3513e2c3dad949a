import type { Config } from '../config.ts';
import { findingsOf, type Finding, type Words } from '../finding.ts';
import { remediesFor } from '../finding/remedies.ts';
import { boardsIn } from '../probe/household.ts';
import { codeOf } from '../probe/http.ts';

const make = findingsOf('database');

/** The database, as the API comes to it. */
export async function database(config: Config): Promise<Finding[]> {
  const { database: url } = config;
  if (url === undefined) {
    return [make.skipped('not_told', 'database', 'The database was not looked at.',
      'DATABASE_URL is not set: it is PGlite, inside the API, or out of reach of the doctor here.')];
  }
  const { host } = new URL(url);
  try {
    const boards = await boardsIn(url);
    return [make.ok('database_good', host,
      `The database answers, and knows ${boards.length} board${boards.length === 1 ? '' : 's'}.`)];
  } catch (error) {
    const [code, words] = wordsOf(codeOf(error), host, error, config);
    return [make.problem(code, host, words)];
  }
}

/** By the codes of sockets and of PostgreSQL (appendix A of its manual). */
function wordsOf(code: string, host: string, error: unknown, config: Config): [string, Words] {
  const { start, logs } = remediesFor(config);
  const without = 'Without the database nobody can sign in or switch a lamp.';
  switch (code) {
    case 'ECONNREFUSED': return ['database_down', { what: `Nothing listens at ${host}.`,
      why: `PostgreSQL does not run. ${without}`,
      do: `${start('postgres')} && ${logs('postgres')}` }];
    case 'ENOTFOUND': case 'EAI_AGAIN': return ['database_name_unknown', {
      what: `No name server knows the database, ${host}.`,
      why: `Its container does not run, or DATABASE_URL has another name. ${without}`, do: start('postgres') }];
    case '28P01': case '28000': return ['database_password', {
      what: `PostgreSQL at ${host} does not accept the name or the password in DATABASE_URL.`,
      why: 'The secret was changed on one side only.',
      do: 'docker compose up migrate (it gives the role the password of secrets/database_url)' }];
    case '3D000': return ['database_missing', { what: `There is no such database at ${host}.`,
      why: 'DATABASE_URL has another name than the one that was made.',
      do: 'make restore FILE=backups/sconce-….tar.age FORCE=yes, or docker compose up migrate' }];
    case '42P01': case '42703': return ['database_not_migrated', {
      what: 'The database has not the tables that this version needs.',
      why: 'The step that brings it up to date has not run, or has failed.',
      do: `docker compose up migrate && ${logs('migrate')}` }];
    case '57P03': return ['database_starting', { what: 'PostgreSQL is just starting, or stopping.',
      why: without,
      do: `run make doctor again in a minute; if it stays so: ${logs('postgres')}` }];
    case '53300': return ['database_busy', { what: 'PostgreSQL takes no more connections.',
      why: 'Others have all that it allows.',
      do: 'docker compose restart api' }];
    case 'ETIMEDOUT': return ['database_silent', { what: `The database at ${host} does not answer.`,
      why: `It hangs, or a firewall drops what is sent to it. ${without}`,
      do: `docker compose restart postgres && ${logs('postgres')}` }];
    default: return ['database_fault', {
      what: `The database cannot be used: ${error instanceof Error ? error.message : code} (${code}).`,
      why: without,
      do: logs('postgres') }];
  }
}
