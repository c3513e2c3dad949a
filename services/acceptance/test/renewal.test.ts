/**
 * A fleet's boards, whose certificates last for seconds, renew them by themselves, over generations: each keeps its id,
 * none is away for longer than it takes to connect again, and what has ended is not let in any more.
 */
import { X509Certificate } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { AuditPage } from '@sconce/protocol/audit';
import type { Device } from '@sconce/protocol/http';
import type { DeviceId } from '@sconce/protocol/ids';
import { connectAsker } from '../src/conformance/asker.ts';
import { Fleet, fleetSize } from '../src/fleet.ts';
import { identityIn, type Identity } from '../src/pki.ts';
import { until } from '../src/until.ts';
import { connect } from './clients.ts';

const count = fleetSize;
const generations = 3;
/**
 * Seconds; as short as one processor can bear, which signs three requests a second. One that has other things to do renews
 * them more slowly; the boards stay connected meanwhile.
 */
const lifetime = Math.max(15, count * 0.6);
/** A reconnect: handshake, subscription, the way to the API and back; on a machine that is busy with other things. */
const reconnectMs = 5000;

const fleet = await Fleet.start({ count, lifetimes: { PKI_BOARD_LIFETIME: `${lifetime}s` } });
t.teardown(() => fleet.stop());
const { dir } = fleet;
const watcher = await fleet.watch();
t.teardown(() => watcher.close());
await fleet.startBoards(fleet.boards);
await until('all boards', async () => (await fleet.online()).length === count, 60_000);
watcher.forget();
const from = fleet.record.length;

/** Their newest, as it stands in their folders, in files of its own. */
function keep(board: Identity, name: string): Identity {
  const [key = '', ...chain] = readFileSync(join(board.dir, 'renewed.pem'), 'utf8').match(/-----BEGIN [^-]+-----[^-]+-----END [^-]+-----\n/g) ?? [];
  const kept = { ...board, key: join(dir, `${name}.key`), cert: join(dir, `${name}.pem`) };
  writeFileSync(kept.key, key);
  writeFileSync(kept.cert, chain.slice(0, 2).join(''));
  return kept;
}

const installed = (id: DeviceId) => fleet.events('installed').filter(({ device }) => device === id);

t.test('each renews, over three generations', async (t) => {
  // What was minted lasts for two years: they are asked, this once. From then on nobody asks them.
  const asker = await connectAsker({ api: identityIn(join(fleet.pkiDir, 'api')) }, fleet.servicesPort);
  t.teardown(() => asker.close());
  for (const { id } of fleet.boards) void asker.ask(id, { do: 'certificate.renew' });
  const first = fleet.boards.slice(0, 3);
  const old: Identity[] = [];
  for (const [at, board] of first.entries()) {
    await until('its first renewal', () => installed(board.id).length > 0, 60_000);
    old.push(keep(board, `first-${at}`));
  }
  const began = performance.now();
  await until(`${generations} renewals of each`, () => fleet.boards.every(({ id }) => installed(id).length >= generations), 170_000);
  t.comment(`${fleet.events('installed').length} renewals in ${Math.round((performance.now() - began) / 1000)} s`);

  for (const { id, dir: folder } of fleet.boards) {
    const serials = installed(id).map(({ serial }) => serial);
    t.equal(new Set(serials).size, serials.length, 'each time another certificate');
    const now = new X509Certificate(readFileSync(join(folder, 'renewed.pem'), 'utf8').replace(/^[^]*?(?=-----BEGIN CERT)/, ''));
    t.equal(now.subject, `CN=${id}`, 'it keeps its id');
  }
  for (const [at, ended] of old.entries()) {
    t.ok(new X509Certificate(readFileSync(ended.cert)).validToDate.getTime() < Date.now(), 'the first of them have ended');
    await t.rejects(connect(fleet.devicesPort, ended), /expired|alert number 45/, `the broker refuses the one of board ${at}`);
    const board = first[at];
    const present = await connect(fleet.devicesPort, keep(board as Identity, `present-${at}`));
    await present.mqtt.endAsync();
  }
});

t.test('none was away for longer than it takes to connect again', async (t) => {
  const gaps = { api: [] as number[], boards: [] as number[] };
  for (const { id } of fleet.boards) {
    const told = watcher.seen.flatMap(({ event, at }) => event.type === 'device' && event.device.id === id ? [{ up: event.device.online, at }] : []);
    const own = fleet.record.slice(from).flatMap(({ device, event, atMs }) => device !== id ? []
      : event === 'connected' ? [{ up: true, at: atMs }] : event === 'disconnected' ? [{ up: false, at: atMs }] : []);
    gaps.api.push(...gapsOf(told, performance.now()));
    gaps.boards.push(...gapsOf(own, Date.now()));
  }
  for (const [whose, all] of Object.entries(gaps)) {
    t.ok(all.length >= count * generations, `${whose}: they have connected anew with each`);
    const sorted = all.toSorted((a, b) => a - b);
    t.comment(`${whose}: ${all.length} reconnects, median ${Math.round(sorted[all.length >> 1] ?? 0)} ms, longest ${Math.round(sorted.at(-1) ?? 0)} ms`);
    t.ok((sorted.at(-1) ?? Infinity) < reconnectMs, `${whose}: none took longer than ${reconnectMs} ms`);
  }
  t.same(fleet.events('error').filter(({ code }) => code?.startsWith('own_certificate')), [], 'no board was ever refused');
  t.same(fleet.events('former'), []);
});

t.test('the household has the same boards, and a log of what they did', async (t) => {
  const devices = await fleet.olive.json<Device[]>('/api/v1/devices');
  t.same(devices.map(({ id }) => id).toSorted(), fleet.boards.map(({ id }) => id).toSorted());
  await until('all boards', async () => (await fleet.online()).length === count);
  for (const { id } of fleet.boards.slice(0, 5)) {
    const { entries } = await fleet.olive.json<AuditPage>(`/api/v1/audit?device=${id}&action=device.renew&action=device.renew_refused`);
    t.ok(entries.length >= generations && entries.every(({ action, outcome }) => action === 'device.renew' && outcome === 'done'),
      'each renewal stands in the log');
  }
});

function gapsOf(changes: readonly { up: boolean; at: number }[], now: number): number[] {
  const gaps: number[] = [];
  let down: number | undefined;
  for (const { up, at } of changes) {
    if (!up) down ??= at;
    else if (down !== undefined) {
      gaps.push(at - down);
      down = undefined;
    }
  }
  // One that has not come back yet is away still.
  return down === undefined ? gaps : [...gaps, now - down];
}
