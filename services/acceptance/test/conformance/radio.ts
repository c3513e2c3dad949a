import { limits } from '@sconce/protocol/limits';
import { type Action, Received } from '@sconce/protocol/messages';
import type { Test } from 'tap';
import { until } from '../../src/until.ts';
import { blue, frameMs, red, says, send, type Bench } from './bench.ts';
import { attic, hall } from './household.ts';

export async function queue(t: Test, { start, asker }: Bench) {
  const device = start(t);
  await device.connected();
  const deadline = Date.now() + 10_000;
  // 179 ms each: the first is still on the air when the last arrives.
  const codes = Array.from({ length: limits.commandsQueued + 2 }, (_, index) => index + 1);
  const ids = await Promise.all(codes.map((code) => asker.ask(hall.id, send(4, code), { deadline })));
  const answers = await Promise.all(ids.map((id) => asker.answer(id)));
  t.match(answers.at(-1), { outcome: 'refused', reason: 'queue_full' },
    'one on the air and eight waiting: the next is refused');
  t.same(new Set(answers.slice(0, -1).map(({ outcome }) => outcome)), new Set(['transmitted']), 'the others are sent');
  const sent = device.events('transmitted');
  t.same(sent.map(({ code }) => code), codes.slice(0, -1), 'in the order of asking');
  for (const [index, { began, at }] of sent.entries()) {
    const previous = sent[index - 1];
    const onAir = Date.parse(at) - Date.parse(began!);
    t.ok(onAir >= Math.floor(4 * frameMs) - 1, `code ${index + 1}: as long as its frames take`);
    if (!previous) continue;
    t.ok(Date.parse(began!) >= Date.parse(previous.at), `code ${index + 1}: not before the one before has ended`);
  }
}

export async function remote(t: Test, { start, asker }: Bench) {
  const device = start(t);
  await device.connected();
  const from = asker.heard.all.length;
  const received = () => asker.heard.all.slice(from).filter(says('rf/received'));
  const reported = (what: string, code: number) =>
    asker.heard.first(what, says('rf/received', { code }), { from });

  device.press(red);
  t.same(Received.parse((await reported('the press', red.code)).json), red, 'a press is reported');
  device.press(red);
  device.press(blue);
  await reported('another button', blue.code);
  t.equal(received().length, 2, 'further frames of the same press are not');

  const id = await asker.ask(hall.id, send(4, 77));
  await device.record.first('the command', (line) => line.id === id && line.event === 'command');
  device.press({ ...red, code: 78 });
  await asker.answer(id);
  device.press({ ...red, code: 77 });
  device.press({ ...red, code: 79 });
  await reported('a third button', 79);
  t.same(received().map(({ json }) => (json as { code: number }).code), [red.code, blue.code, 79],
    'nothing while it sends, and never what it has just sent itself');
  // What SM5212 sends is heard as HT12E: the same frame on the air.
  await asker.answer(await asker.ask(hall.id, { ...send(4, 81), protocol: 12 } as Action));
  device.press({ ...red, code: 81, protocol: 11 });
  device.press({ ...red, code: 82, protocol: 12 });
  device.press({ ...red, code: 82, protocol: 11 });
  device.press({ ...red, code: 83 });
  await reported('a fourth button', 83);
  t.same(received().slice(3).map(({ json }) => (json as { code: number }).code), [82, 83],
    'not by the name of another protocol either, and one press is one by whichever name');
  t.equal(device.events('received').length, 5, 'the record says the same');

  // After an exchange the broker's side holds its TCP acknowledgements back, 40 ms: the second press shows who waits
  // for them.
  let fastest = Infinity;
  for (let code = 100; code < 110; code += 2) {
    await asker.answer(await asker.ask(hall.id, { do: 'identify' }));
    device.press({ ...red, code });
    await reported('one button', code);
    const pressed = performance.now();
    device.press({ ...red, code: code + 1 });
    await reported('another', code + 1);
    fastest = Math.min(fastest, performance.now() - pressed);
  }
  t.ok(fastest < 30,
    `two presses in a row: the second is heard after ${fastest.toFixed(1)} ms, Nagle's algorithm is off`);
}

export async function learning(t: Test, { start, asker }: Bench) {
  const device = start(t);
  await device.connected();
  const from = asker.heard.all.length;
  const received = () => asker.heard.all.slice(from).filter(says('rf/received')).map(({ json }) => Received.parse(json));
  const learn = async (seconds: number) => {
    t.equal((await asker.answer(await asker.ask(hall.id, { do: 'rf.learn', seconds }))).outcome, 'transmitted', 'at once');
  };

  await learn(limits.learnSeconds.max);
  // Frame after frame, as from a button that is held.
  await until('three frames of one press', () => {
    device.press(red);
    return received().length >= 3;
  });
  for (const frame of received()) t.same(frame, { ...red, learning: true }, 'each frame is reported, and marked');
  await until('another button', () => {
    device.press(blue);
    return received().some(({ code }) => code === blue.code);
  });
  await asker.answer(await asker.ask(hall.id, send(1, 77)));
  await until('a third button, pressed with the board\'s own code', () => {
    device.press({ ...red, code: 77 });
    device.press({ ...red, code: 79 });
    return received().some(({ code }) => code === 79);
  }, 400);
  t.notOk(received().some(({ code }) => code === 77), 'never what it has just sent itself');

  const began = performance.now();
  await learn(limits.learnSeconds.min);
  const had = received().length;
  let code = 1000;
  const press = await until('a frame that is not marked', () => {
    device.press({ ...red, code: code++ });
    return received().slice(had).find((frame) => !frame.learning);
  });
  const ms = Math.round(performance.now() - began);
  t.ok(ms >= limits.learnSeconds.min * 1000, `a second window takes the first one's place, and ends: ${ms} ms`);
  device.press(press);
  device.press({ ...red, code: 7 });
  await asker.heard.first('another press', says('rf/received', { code: 7 }), { from });
  t.equal(received().filter((frame) => frame.code === press.code).length, 1, 'after it a press is reported once');
}

export async function manyInOneProcess(t: Test, { start, asker }: Bench) {
  const from = asker.heard.all.length;
  const device = start(t, { identities: [hall.dir, attic.dir] });
  const both = async (channel: string, json: object) => {
    for (const { id, name } of [hall, attic]) {
      await asker.heard.first(`${channel} of ${name}`, (m) => m.device === id && says(channel, json)(m), { from });
    }
  };
  await both('status', { online: true });
  for (const { id } of [hall, attic]) {
    const command = await asker.ask(id, send(1));
    await asker.answer(command);
    const sent = device.events('transmitted').filter((line) => line.id === command);
    t.same(sent.map((line) => line.device), [id], 'each does its own');
  }
  device.press({ ...blue, device: attic.id });
  await asker.heard.first('a press near one board', says('rf/received', { code: blue.code }), { from });
  device.press({ ...blue, code: 80 });
  await both('rf/received', { code: 80 });
  const near = asker.heard.all.slice(from).filter(says('rf/received', { code: blue.code }));
  t.same(near.map(({ device }) => device), [attic.id], 'a press near one board is heard by that one alone');
}
