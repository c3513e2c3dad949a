import { ReplicaId, type CommandId } from '@sconce/protocol/ids';
import { limits } from '@sconce/protocol/limits';
import type { Test } from 'tap';
import { blue, deeds, deedsOf, frameMs, inWords, red, says, send, type Bench } from './bench.ts';
import { hall } from './household.ts';

export async function commands(t: Test, { start, asker }: Bench) {
  const device = start(t);
  await device.connected();
  const replyTo = ReplicaId.parse('0badcafe');
  const fromFirst = asker.heard.all.length;
  for (const [why, action, record] of [
    ['a radio code', send(3), { event: 'transmitted', ...red, repeat: 3 }],
    ['a learning window', { do: 'rf.learn', seconds: 5 }, { event: 'learn', seconds: 5 }],
    ['a pin on', { do: 'pin.set', pin: 5, on: true }, { event: 'pin', pin: 5, on: true }],
    ['a pin off', { do: 'pin.set', pin: 5, on: false }, { event: 'pin', pin: 5, on: false }],
    ['identify', { do: 'identify' }, { event: 'identify' }],
  ] as const) {
    const asked = performance.now();
    const id = await asker.ask(hall.id, action, { replyTo });
    const { outcome, ms } = await asker.answer(id);
    t.equal(outcome, 'transmitted', why);
    t.ok(ms <= performance.now() - asked, `${why}: no longer than it took (${ms} ms)`);
    if (action.do === 'rf.send') t.ok(ms >= 3 * frameMs, `${why}: no shorter than on the air (${ms} ms)`);
    t.match(deedsOf(device, id), [record], `${why}: done once`);
  }
  const replicas = asker.heard.all.slice(fromFirst).filter(says('ack')).map(({ replica }) => replica);
  t.same(replicas, Array(5).fill(replyTo), 'one answer for each, to the one that asked, nowhere else');

  const refused = await asker.answer(await asker.ask(hall.id, { do: 'pin.set', pin: 16, on: true }));
  t.equal(inWords(refused), 'refused not_capable', 'a pin without a relay');

  const from = asker.heard.all.length;
  const restart = await asker.answer(await asker.ask(hall.id, { do: 'restart' }));
  t.equal(restart.outcome, 'transmitted', 'a restart is answered first');
  await asker.heard.first('online again', says('status', { online: true }), { from });
  const info = await asker.heard.first('info', says('info'), { from });
  t.match(info.json, { resetReason: /restart/ }, 'and says why it started');
}

export async function duplicates(t: Test, { start, asker }: Bench) {
  const device = start(t);
  await device.connected();
  const quick = await asker.ask(hall.id, send(3));
  await asker.ask(hall.id, send(3), { id: quick });
  const later = await asker.ask(hall.id, send(1, blue.code));
  await asker.answer(later);
  t.equal(deedsOf(device, quick).length, 1, 'twice quickly: sent once');
  t.ok(asker.answers(quick).length >= 1, 'and answered');
  const different = new Set(asker.answers(quick).map((ack) => JSON.stringify(ack)));
  t.equal(different.size, 1, 'with one and the same outcome');

  const first = await asker.answer(quick);
  const had = asker.answers(quick).length;
  for (const [index, [why, how]] of ([
    ['again after it was done: the first outcome again', {}],
    ['redelivered by MQTT: the same', { redelivered: true }],
    ['past its deadline: still what was', { deadline: Date.now() - 1 }],
  ] as const).entries()) {
    await asker.ask(hall.id, send(3), { id: quick, ...how });
    t.same(await asker.answer(quick, { count: had + index + 1 }), first, why);
  }
  await asker.answer(await asker.ask(hall.id, send(1)));
  t.equal(deedsOf(device, quick).length, 1, 'sent once in all');
}

export async function deadlines(t: Test, { start, asker }: Bench) {
  const device = start(t);
  await device.connected();
  const outcome = async (id: CommandId) => inWords(await asker.answer(id));

  for (const action of [send(1), { do: 'rf.learn', seconds: 5 }, { do: 'pin.set', pin: 4, on: true }, { do: 'identify' },
    { do: 'restart' }] as const) {
    const id = await asker.ask(hall.id, action, { deadline: Date.now() - 1 });
    t.equal(await outcome(id), 'expired', `past: ${action.do}`);
  }
  const ahead = await asker.ask(hall.id, send(1), { deadline: Date.now() + limits.deadlineAheadMaxMs + 5000 });
  t.equal(await outcome(ahead), 'refused deadline_too_far', 'a sender whose clock is wrong');
  t.same(device.events(...deeds), [], 'none was carried out');

  const late = [await asker.ask(hall.id, send(10)),
    await asker.ask(hall.id, send(1, 1), { deadline: Date.now() + 300 }), await asker.ask(hall.id, send(1, 2))];
  t.same(await Promise.all(late.map(outcome)), ['transmitted', 'expired', 'transmitted'],
    'passed while it waited for the radio');
  t.same(device.events('transmitted').map(({ code }) => code), [red.code, 2], 'it was not sent, the one behind it was');

  device.signal('SIGSTOP');
  const deadline = Date.now() + 300;
  const slept = await asker.ask(hall.id, send(1, 3), { deadline });
  await new Promise((resolve) => { setTimeout(resolve, deadline - Date.now() + 1); });
  device.signal('SIGCONT');
  t.equal(await outcome(slept), 'expired', 'passed while the board hung');
  await outcome(await asker.ask(hall.id, { do: 'identify' }));
  t.equal(device.events('transmitted').length, 2, 'it was not sent');
}
