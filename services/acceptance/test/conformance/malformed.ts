import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { CommandId } from '@sconce/protocol/ids';
import { limits } from '@sconce/protocol/limits';
import type { Test } from 'tap';
import type { Asker } from '../../src/conformance/asker.ts';
import { deeds, deedsOf, inWords, says, send, type Bench } from './bench.ts';
import { hall } from './household.ts';

interface Sample { why: string; payload: string; valid: boolean; reason?: 'malformed' | 'unknown_command' | null }

const vectors = new URL('../../../protocol/vectors/commands.json', import.meta.url);
/**
 * Without those that end the board, those of an update, which not every board takes (update.test.ts), and those about
 * certificates, which it takes only if they fit (renewal.ts, authority.ts).
 */
const samples = (JSON.parse(readFileSync(vectors, 'utf8')) as Sample[])
  .filter(({ why, payload, valid }) => !why.startsWith('restart')
    && !(valid && /"do":"(update|certificate|authority)\./.test(payload)));

/** MQTT keeps the order: whatever was to come of the messages before has come when this is answered. */
const settle = async (asker: Asker) => asker.answer(await asker.ask(hall.id, { do: 'identify' }));

/** What the protocol allows, and what it does not. */
export async function vectorsOfTheProtocol(t: Test, { start, asker }: Bench) {
  const device = start(t, { airtime: 0, pins: [5, 16] });
  await device.connected();
  const from = asker.heard.all.length;
  const asked: (Sample & { id: CommandId })[] = [];
  for (const sample of samples) {
    const id = CommandId.parse(randomUUID());
    // Each its own id, a deadline of today, and answers to us; what the sample does not have stays away.
    await asker.raw(hall.id, sample.payload.replaceAll('0b5b2ad3-6f5e-4b43-9f0e-1c9a5d0e7a11', id)
      .replaceAll('1795000000000', String(Date.now() + limits.commandDeadlineMs)));
    asked.push({ ...sample, id });
  }
  await settle(asker);

  for (const { why, id, valid, reason, payload } of asked) {
    const expected = valid ? [payload.includes('"deadline":0') ? 'expired' : 'transmitted']
      : reason ? [`refused ${reason}`] : [];
    t.same(asker.answers(id).map(inWords), expected, `${why}: ${expected[0] ?? 'nobody is answered'}`);
    const done = deedsOf(device, id).length;
    t.equal(done, expected[0] === 'transmitted' ? 1 : 0, `${why}: ${done ? 'done' : 'nothing happens'}`);
    if (valid || !reason) continue;
    const refused = device.events('refused').find((line) => line.id === id);
    t.match(refused, { why: /\w+:? \w+/ }, `${why}: the record says why`);
  }
  const answerable = asked.filter(({ valid, reason }) => valid || reason).length + 1;
  t.equal(asker.heard.all.slice(from).filter(says('ack')).length, answerable, 'and no answer to anything else');
  const refused = asked.filter(({ valid }) => !valid).length;
  t.equal(device.events('refused').length, refused, 'a refusal in the record for each');
  t.same(device.events('disconnected', 'error', 'ended'), [], 'the board has stayed connected through all of it');
}

export async function oversized(t: Test, { start, asker }: Bench) {
  const device = start(t, { airtime: 0 });
  await device.connected();
  const command = (id: string) => JSON.stringify(
    { id, replyTo: asker.replica, deadline: Date.now() + limits.commandDeadlineMs, ...send(1) });
  for (const [why, bytes, expected] of [
    ['as large as may be', limits.commandBytes, 'transmitted'],
    ['one byte too many', limits.commandBytes + 1, 'refused too_large'],
    ['twice as many', 2 * limits.commandBytes, 'refused too_large'],
  ] as const) {
    const id = CommandId.parse(randomUUID());
    await asker.raw(hall.id, command(id).padEnd(bytes));
    t.equal(inWords(await asker.answer(id)), expected, why);
    t.equal(deedsOf(device, id).length, expected === 'transmitted' ? 1 : 0, `${why}: ${expected}`);
    if (expected === 'transmitted') continue;
    t.match(device.events('refused').find((line) => line.id === id), { why: /\d+ bytes/ }, `${why}: the record says why`);
  }

  const before = device.events('refused').length;
  const unreadable = [
    ['not UTF-8, and too large', Buffer.alloc(2 * limits.commandBytes, 0xff)],
    ['not JSON', Buffer.alloc(10, 0)],
    ['nothing', Buffer.alloc(0)],
  ] as const;
  for (const [, payload] of unreadable) await asker.raw(hall.id, payload);
  await settle(asker);
  const refused = device.events('refused').slice(before);
  for (const [index, [why]] of unreadable.entries()) t.match(refused[index], { why: /\w+ \w+/ }, `${why}: refused in words`);
  t.equal(device.events(...deeds).length, 2, 'and nothing happens');
  t.same(device.events('disconnected', 'error', 'ended'), [], 'the board has stayed connected through all of it');
}
