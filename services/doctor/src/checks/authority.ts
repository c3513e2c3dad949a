import { request, type IncomingMessage } from 'node:http';
import { once } from 'node:events';
import { AuthorityProblem, Inventory } from '@sconce/protocol/authority';
import type { Config } from '../config.ts';
import { findingsOf, type Finding } from '../finding.ts';
import { remediesFor } from '../finding/remedies.ts';
import { codeOf } from '../probe/http.ts';
import { TooLate, within } from '../probe/within.ts';

const make = findingsOf('certificates');

/** The authority answers on a Unix socket; it makes an inventory by openssl, which takes a moment. */
export async function authority(config: Config): Promise<Finding[]> {
  const { authoritySocket: socketPath } = config;
  if (socketPath === undefined) return [make.skipped('not_told', 'authority',
    'The authority, which renews certificates, was not asked.', 'AUTHORITY_SOCKET does not say where it is.')];
  const { start, logs } = remediesFor(config);
  try {
    await within(4000, get(socketPath, '/health'));
  } catch (error) {
    return [make.problem('authority_down', 'authority', { what: `The authority does not answer (${codeOf(error)}).`,
      why: 'No board can renew its certificate, none can be revoked from the dashboard, and revocation lists are not '
        + 'made anew.',
      do: `${start('authority')} && ${logs('authority')}` })];
  }
  try {
    const { faults } = Inventory.parse(await within(8000, get(socketPath, '/inventory')));
    return faults.length === 0
      ? [make.ok('authority_good', 'authority', 'The authority answers, and had no trouble with its last round.')]
      : faults.map((fault) => make.warning('authority_trouble', 'authority', { what: fault,
        why: 'The authority renews certificates and revocation lists by itself, and could not.',
        do: logs('authority') }));
  } catch (error) {
    if (error instanceof TooLate) return [make.skipped('not_seen', 'authority',
      'The authority answers; what it has made was not looked at.', 'It takes longer than 8 s to look through it.')];
    return [make.warning('authority_trouble', 'authority', {
      what: `The authority cannot say what it has made: ${error instanceof Error ? error.message : codeOf(error)}.`,
      why: 'Its scripts fail at the store: it renews nothing either.', do: logs('authority') })];
  }
}

async function get(socketPath: string, path: string): Promise<unknown> {
  const asked = request({ socketPath, path }).end();
  const [answer] = await once(asked, 'response') as [IncomingMessage];
  let body = '';
  for await (const part of answer.setEncoding('utf8')) body += part as string;
  if (answer.statusCode === 204) return undefined;
  if (answer.statusCode === 200) return parsed(body);
  throw new Error(AuthorityProblem.safeParse(parsed(body)).data?.why ?? `it answers ${answer.statusCode}`);
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
