/**
 * The root of a fleet's boards is changed while they are at work, one of them being away for a while: no board is lost, and
 * the last step waits until the one has come back and moved. By pki/rotate, as make pki-rotate runs it.
 */
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { AuditPage } from '@sconce/protocol/audit';
import { Fleet, fleetSize } from '../src/fleet.ts';
import type { Identity } from '../src/pki.ts';
import { until } from '../src/until.ts';
import { connect } from './clients.ts';

const count = fleetSize;
const fleet = await Fleet.start({ count });
t.teardown(() => fleet.stop());
const away = fleet.boards[0] as (typeof fleet.boards)[number];
const there = fleet.boards.slice(1);

/** When the broker has been told to trust the new root alone: the length of the record then. */
let alone = 0;

const status = () => fleet.pki('rotate', '--status');
const moved = (boards: number) => new RegExp(`\\b${boards} of ${count} boards`);
const allOnline = (boards: readonly { id: string }[]) => until(`${boards.length} boards`, async () => {
  const online = new Set<string>(await fleet.online());
  return boards.every(({ id }) => online.has(id));
}, 90_000);
const roots = () => readFileSync(join(fleet.pkiDir, 'trust/devices.pem'), 'utf8').match(/-----BEGIN/g)?.length;
/** Serial numbers of what each board connects with. */
const renewed = (boards: readonly Identity[]) => boards.map(({ dir }) => new X509Certificate(readFileSync(join(dir, 'renewed.pem'), 'utf8')
  .replace(/^[^]*?(?=-----BEGIN CERT)/, '')));

t.test('from one root to the next', async (t) => {
  const absent = await fleet.startBoards([away]);
  await fleet.startBoards(there);
  await allOnline(fleet.boards);
  await absent.stop();
  const before = new X509Certificate(readFileSync(join(fleet.pkiDir, 'trust/devices.pem')));

  await fleet.pki('rotate', 'devices');
  t.equal(roots(), 2, 'first both are trusted');
  // The broker takes in another authority when it starts, and is not pressed to sign by it before it has.
  await until('the second step', () => fleet.pki('rotate').then(() => true, (error: Error & { code?: number }) => {
    if (error.code !== 3) throw error;
    return false;
  }), 60_000);
  t.match(await status(), new RegExp(`of ${count} boards have a certificate by the new one`));

  await until('all that are there', async () => moved(count - 1).test(await status()), 150_000);
  await t.rejects(fleet.pki('rotate'), { code: 3, message: new RegExp(`waiting for .*${away.id}[^]*not yet: ${count - 1} of ${count} boards have moved`) },
    'the last step is refused, and says for whom it waits');
  t.equal(roots(), 2, 'and nothing has changed');

  // It has slept through all of this; what it was minted with is by the old root, which is still trusted.
  await fleet.startBoards([away]);
  await until('the last board', async () => moved(count).test(await status()), 60_000);
  alone = fleet.record.length;
  await fleet.pki('rotate');
  t.match(await status(), /No authority is being changed/);
  const after = new X509Certificate(readFileSync(join(fleet.pkiDir, 'trust/devices.pem')));
  t.equal(roots(), 1);
  t.not(after.fingerprint256, before.fingerprint256, 'the new one, alone');
});

t.test('no board is lost, and nothing of the old root gets in', async (t) => {
  // The broker is started anew, and with it every connection.
  await until('every board to connect to the broker that trusts the new one alone', () => {
    const back = new Set(fleet.record.slice(alone).filter(({ event }) => event === 'connected').map(({ device }) => device));
    return fleet.boards.every(({ id }) => back.has(id));
  }, 60_000);
  await allOnline(fleet.boards);
  for (const [at, leaf] of renewed(fleet.boards).entries()) {
    if (leaf.subject !== `CN=${fleet.boards[at]?.id}`) t.fail(`board ${at} has another id: ${leaf.subject}`);
  }
  t.same(fleet.events('former'), [], 'none had to go back to what it had');
  t.same(fleet.events('error').filter(({ code }) => code?.startsWith('own_certificate')), [], 'none was ever refused');
  for (const board of fleet.boards.slice(0, 3)) {
    await t.rejects(connect(fleet.devicesPort, board), /unknown ca|alert number 48/, 'what was minted under the old root is refused');
  }
  const { entries } = await fleet.olive.json<AuditPage>('/api/v1/audit?action=device.renew&limit=200');
  t.equal(new Set(entries.filter(({ outcome }) => outcome === 'done').map(({ target }) => target?.id)).size, count,
    'each move stands in the log');
});
