import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import t from 'tap';
import type { AuditPage } from '@sconce/protocol/audit';
import type { DeviceId } from '@sconce/protocol/ids';
import { startAuthority } from '../../acceptance/src/authority.ts';
import { initPki, mintDevice, revokeDevice, trustVersion } from '../../acceptance/src/pki.ts';
import { until } from '../../acceptance/src/until.ts';
import { createAuthority } from '../src/authority/client.ts';
import type { Way } from '../src/notify/way.ts';
import { followCertificates } from '../src/usecases/follow-certificates.ts';
import { databases, Household } from './household.ts';

// Short, as a socket's path holds 107 characters.
const dir = mkdtempSync(join(tmpdir(), 'sconce-revoked-'));
t.teardown(() => rmSync(dir, { recursive: true, force: true }));
const [pkiDir, socket, refusalsFile] = [join(dir, 'pki'), join(dir, 'a.sock'), join(dir, 'refusals.json')];
await initPki(pkiDir);
const [hall, attic, cellar] = [(await mintDevice(pkiDir, 'Hall board')).id, (await mintDevice(pkiDir, 'Attic board')).id,
  (await mintDevice(pkiDir, 'Cellar board')).id];
await mintDevice(pkiDir, 'Board of five days', { boardLifetime: '5d' });

const { db, stop } = await databases.PGlite!();
t.teardown(stop);
let said = '';
const log = pino({ level: 'info' }, { write: (line: string) => { said += line; } });
const home = await Household.on(db, { log, authority: createAuthority(socket) });
t.teardown(() => home.close());
const { context } = home;
const olive = await home.person('olive');
for (const id of [hall, attic, cellar]) await home.boardSays({ channel: 'status', value: { online: true, since: Date.now() } }, id);

const gateWrites = () => writeFileSync(refusalsFile,
  JSON.stringify({ at: Date.now(), trust: trustVersion(pkiDir), open: 0, boards: 0, refusals: [] }));
/** What it looks at each minute it would not see again here. */
const follow = (...ways: Way[]) => followCertificates(context, { refusalsFile, watched: [], ways }, { lookMs: 10, roundMs: 1e9 });
const noticed = async (id: DeviceId) => {
  await until('it to be noticed', () => context.revoked.has(id), 30_000);
  const { entries } = (await olive.client('GET', `/api/v1/audit?device=${id}&action=device.revoke`)).json<AuditPage>();
  return entries.map(({ actor, detail }) => [actor.kind, detail.commandLine]);
};

t.test('with the authority down, it is noticed when that is back', async (t) => {
  await revokeDevice(pkiDir, hall);
  gateWrites();
  const following = follow();
  t.teardown(() => following.stop());
  await until('a look in vain', () => said.includes('The authority does not answer'));
  const authority = await startAuthority({ pkiDir, socket });
  t.teardown(() => authority.stop());
  t.same(await noticed(hall), [['system', true]]);
});

t.test('with an authority that was asked a moment before', async (t) => {
  const authority = await startAuthority({ pkiDir, socket });
  t.teardown(() => authority.stop());
  const following = follow();
  t.teardown(() => following.stop());
  await until('the first look', () => following.views().length > 0, 30_000);
  let done = false;
  const revoking = revokeDevice(pkiDir, attic).finally(() => { done = true; });
  while (!done) await context.authority.inventory();
  await revoking;
  gateWrites();
  t.same(await noticed(attic), [['system', true]]);
});

t.test('while a webhook hangs, which keeps nobody from stopping either', async (t) => {
  const authority = await startAuthority({ pkiDir, socket });
  t.teardown(() => authority.stop());
  let asked = 0;
  const following = follow({ name: 'webhook', tell: () => new Promise(() => { asked += 1; }) });
  t.teardown(() => following.stop());
  await until('somebody to be warned', () => asked > 0, 30_000);
  await revokeDevice(pkiDir, cellar);
  gateWrites();
  t.same(await noticed(cellar), [['system', true]]);
  t.equal(asked, 1, 'it is not asked again before it has answered');
});
