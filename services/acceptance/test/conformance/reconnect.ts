import { Info } from '@sconce/protocol/messages';
import type { Test } from 'tap';
import { deedsOf, says, type Bench } from './bench.ts';
import { hall } from './household.ts';

export async function brokerRestart(t: Test, bench: Bench) {
  const device = bench.start(t);
  await device.connected();
  const before = await bench.asker.ask(hall.id, { do: 'identify' });
  const first = await bench.asker.answer(before);

  const from = device.record.all.length;
  await bench.broker.kill();
  await device.record.first('disconnected', ({ event }) => event === 'disconnected', { from });
  const inVain = /Nothing listens at 127\.0\.0\.1:\d+/;
  await device.record.first('a vain try', ({ event, message }) => event === 'error' && inVain.test(message ?? ''), { from });
  await bench.restartBroker();
  const { asker } = bench;
  await device.connected(from);
  await asker.heard.first('status', says('status', { online: true }));
  const info = await asker.heard.first('info', says('info'));
  t.match(Info.parse(info.json).lastError, inVain, 'it says what had been wrong');

  const next = await asker.answer(await asker.ask(hall.id, { do: 'identify' }));
  t.equal(next.outcome, 'transmitted', 'the next command works');
  await asker.ask(hall.id, { do: 'identify' }, { id: before });
  t.same(await asker.answer(before), first, 'an id from before is known: the first outcome again');
  t.equal(deedsOf(device, before).length, 1, 'and nothing done again');
}
