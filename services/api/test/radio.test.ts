import type { AddressInfo } from 'node:net';
import t from 'tap';
import type { AuditPage } from '@sconce/protocol/audit';
import type { Event } from '@sconce/protocol/events';
import type { Outlet } from '@sconce/protocol/http';
import type { DeviceId, OutletId } from '@sconce/protocol/ids';
import type { RfCode } from '@sconce/protocol/messages';
import { FreshCodes, ImportResult, LearnResult, TransmitResult } from '@sconce/protocol/radio-api';
import { until } from '../../acceptance/src/until.ts';
import { insertDeviceIfNew, nameDevice, setDeviceInfo } from '../src/db/devices.ts';
import { setPerson } from '../src/db/people.ts';
import { Air, type Frame } from '../src/domain/air.ts';
import { alone } from '../src/domain/peers.ts';
import { BusUnreachable, type Delivery } from '../src/mqtt/bus.ts';
import { board, databases, Household, type Client } from './household.ts';
import { openStream } from './stream.ts';

const attic = 'a'.repeat(32) as DeviceId;
const shed = 'b'.repeat(32) as DeviceId;
const relays = 'c'.repeat(32) as DeviceId;
const fresh = 'e'.repeat(32) as DeviceId;
const code = (number: number, protocol = 1, bits = 24): RfCode => ({ code: number, bits, protocol, pulse: 350 });
const rf = (on: RfCode, off: RfCode, more: object = {}) => ({ kind: 'rf', on, off, ...more });
const lamp = rf(code(1), code(2));

const { db, stop } = await databases.PGlite!();
const household = await Household.on(db);
t.teardown(async () => {
  await household.close();
  await stop();
});
const { bus, context } = household;
const olive = await household.person('olive');
const hall = await household.withOutlet(olive.client);
const info = (await db.selectFrom('devices').select('info').where('id', '=', board).executeTakeFirstOrThrow()).info!;
for (const [id, name] of [[attic, 'Attic board'], [shed, 'Shed board'], [relays, 'Relays'], [fresh, null]] as const) {
  await insertDeviceIfNew(db, id, new Date());
  if (name) await nameDevice(db, id, name, new Date());
  context.presence.set(id, true);
}
await setDeviceInfo(db, relays, { ...info, capabilities: ['pin.set'], pins: [5] });
await household.app.listen({ host: '127.0.0.1', port: 0 });
const url = `http://127.0.0.1:${(household.app.server.address() as AddressInfo).port}`;

const hears = (value: RfCode & { learning?: boolean }, device = board) =>
  household.boardSays({ channel: 'rf/received', value }, device);
const add = async (name: string, control: object, deviceId = board) => {
  const answer = await olive.client('POST', '/api/v1/outlets', { deviceId, name, control });
  if (answer.statusCode !== 201) throw new Error(answer.body);
  return answer.json<Outlet>();
};
const stateOf = async ({ id }: { id: OutletId }) =>
  (await olive.client('GET', '/api/v1/outlets')).json<Outlet[]>().find((one) => one.id === id)?.state;
const tap = ({ id }: Outlet, on: boolean, client = olive.client) => client('POST', `/api/v1/outlets/${id}/switch`, { on });
const log = async (query: string) =>
  (await olive.client('GET', `/api/v1/audit?limit=200${query}`)).json<AuditPage>().entries;
const join = async (name: string, shares: object[]) => {
  const somebody = await household.person(name);
  await setPerson(db, somebody.person.id, { state: 'active' });
  for (const share of shares) await olive.client('PUT', '/api/v1/shares', { personId: somebody.person.id, ...share });
  return somebody;
};
/** What is told meanwhile, in this process. */
async function toldOf(what: () => Promise<unknown>): Promise<Event[]> {
  const told: Event[] = [];
  const stop = context.feed.subscribe(({ event }) => void told.push(event));
  await what();
  await household.settled();
  stop();
  return told;
}
const outletsIn = (events: Event[]) => events.flatMap((event) => event.type === 'outlet' ? [event.outlet.name] : []);
t.beforeEach(() => {
  // What was sent and heard in the test before is over.
  household.later(5000);
  bus.answer = async () => ({ outcome: 'transmitted' });
  bus.sent.length = 0;
});

t.test('the air: what is a press, and what is not', (t) => {
  type Step = [device: DeviceId, code: RfCode, atMs: number, expected: string];
  for (const [why, sent, steps] of [
    ['a button that is held for two seconds', undefined, [[board, code(7), 0, 'press'], [board, code(7), 499, ''],
      [board, code(7), 998, ''], [board, code(7), 1497, ''], [board, code(7), 1997, 'press']]],
    ['heard by several boards', undefined, [[board, code(7), 0, 'press'], [attic, code(7), 3, 'pressHere'], [shed, code(7), 60, 'pressHere'],
      [attic, code(7), 100, ''], [board, code(7), 700, 'press'], [attic, code(7), 690, 'pressHere']]],
    ['two buttons in turns', undefined, [[board, code(7), 0, 'press'], [board, code(8), 100, 'press'], [attic, code(7), 120, 'pressHere']]],
    ['one code by other protocols and lengths', undefined, [[board, code(7), 0, 'press'], [board, code(7, 2), 1, 'press'], [board, code(7, 1, 23), 2, 'press'],
      [board, { ...code(7), pulse: 377 }, 3, '']]],
    ['what a board sends, until a second after', [100, 400], [[attic, code(7), 99, 'press'], [attic, code(7), 100, 'own'],
      [attic, code(7), 1400, 'own'], [attic, code(7), 1401, 'press']]],
    ['another code while one sends', [0, 400], [[attic, code(8), 200, 'press']]],
    ['what was never sent after all', [0, undefined], [[attic, code(7), 200, 'press']]],
    ['a clock that is put back', undefined, [[board, code(7), 100_000, 'press'], [board, code(7), 0, 'press']]],
  ] as [string, [number, number | undefined] | undefined, Step[]][]) {
    const air = new Air(alone('test'));
    if (sent) {
      const sending = air.sending(code(7), sent[0]);
      if (sent[1] === undefined) sending.never();
      else sending.ended(sent[1]);
    }
    for (const [device, value, at, expected] of steps) {
      const frame: Frame = { device, value, at: new Date(at) };
      const { own, press, pressHere } = air.hear(frame);
      t.equal(own ? 'own' : press ? 'press' : pressHere ? 'pressHere' : '', expected, `${why}: at ${at}`);
      t.same(air.hear(frame), { own, press, pressHere }, `${why}: the same frame again is no other`);
    }
  }
  for (const [sentAs, heardAs] of [[code(7, 12), code(7, 11)], [code(15, 9), code(7, 8)]] as const) {
    const air = new Air(alone('test'));
    air.sending(sentAs, 0);
    t.ok(air.hear({ device: attic, value: heardAs, at: new Date(1) }).own, `${sentAs.protocol} is heard as ${heardAs.protocol}`);
  }
  const air = new Air(alone('test'));
  for (let n = 0; n < 5000; n += 1) t.ok(air.hear({ device: board, value: code(n), at: new Date(0) }).press);
  t.end();
});

t.test('the hand remote is followed: one event and one entry a press, however many hear it', async (t) => {
  const told = await toldOf(async () => {
    await Promise.all([hears(code(5396)), hears(code(5396), attic), hears(code(5396), shed)]);
    household.later(100);
    await hears({ ...code(5396), pulse: 377 });
  });
  t.same(outletsIn(told), ['Hall lamp']);
  t.match(await stateOf(hall), { on: false, source: 'remote' });
  t.equal((await log(`&outlet=${hall.id}&action=outlet.switch`)).length, 1);
  household.later(600);
  t.same(outletsIn(await toldOf(() => hears(code(5396)))), ['Hall lamp'], 'pressed again to be sure');
  t.equal((await log(`&outlet=${hall.id}&action=outlet.switch`)).length, 1, 'that changes nothing');
});

t.test('codes are followed as they are heard', async (t) => {
  for (const [why, control, press, on] of [
    ['SM5212, heard as HT12E', rf(code(7, 12, 12), code(8, 12, 12)), code(7, 11, 12), true],
    ['Conrad’s transmitter, a last bit that is lost', rf(code(40, 9), code(43, 9)), code(21, 8), false],
    ['a pulse that drifts', rf(code(1001), code(1002)), { ...code(1002), pulse: 402 }, false],
    ['an off code that is another’s on', rf(code(1003), code(1001)), code(1001), false],
  ] as const) {
    const outlet = await add(why, control);
    await hears(press);
    t.match(await stateOf(outlet), { on, source: 'remote' }, why);
    household.later(5000);
  }
});

t.test('a code that only toggles: what it is after a press, or a command, nobody knows', async (t) => {
  const fan = await add('Fan', rf(code(77), code(77)));
  const told = await toldOf(async () => {
    await hears(code(77));
    household.later(600);
    await hears(code(77));
  });
  t.same(outletsIn(told), ['Fan', 'Fan']);
  t.match(await stateOf(fan), { on: null, source: 'remote', at: String });
  t.match(told.find(({ type }) => type === 'radio'), { frame: { outlets: [{ name: 'Fan', on: null }] } });
  household.later(5000);
  t.equal((await tap(fan, true)).statusCode, 200);
  t.match(await stateOf(fan), { on: null, source: 'command' });
  t.equal(bus.sent.length, 1, 'it is sent once');
  t.match(await log(`&outlet=${fan.id}&action=outlet.switch`), [
    { actor: { kind: 'person' }, detail: { on: null } }, { actor: { kind: 'remote' }, detail: { on: null } }, { actor: { kind: 'remote' } }]);
});

t.test('what a board of the household sends is no press to the others', async (t) => {
  const entries = async () => (await log('&action=outlet.switch')).filter(({ actor }) => actor.kind === 'remote').length;
  const before = await entries();
  await tap(hall, false);
  household.later(5000);
  bus.answer = async () => {
    await hears(code(5393), attic);
    return { outcome: 'transmitted' };
  };
  const told = await toldOf(async () => {
    await tap(hall, true);
    household.later(900);
    await hears(code(5393), shed);
  });
  t.notOk(told.some(({ type }) => type === 'radio'));
  t.ok(told.every((event) => event.type !== 'outlet' || event.outlet.state.source === 'command'));
  t.equal(await entries(), before);
  household.later(200);
  t.same(outletsIn(await toldOf(() => hears(code(5393), shed))), ['Hall lamp'], 'a second later it is one');
  for (const [why, outcome] of [['refused', 'refused'], ['not there', 'offline']] as const) {
    household.later(5000);
    bus.answer = async () => ({ outcome });
    await tap(hall, false);
    t.same(outletsIn(await toldOf(() => hears(code(5396)))), ['Hall lamp'], `${why}: nothing was sent, so it is one`);
  }
});

t.test('the word of a new board counts for nothing, and drowns no other out', async (t) => {
  await hears(code(5396));
  household.later(5000);
  const told = await toldOf(async () => {
    await hears(code(5393), fresh);
    t.match(await stateOf(hall), { on: false });
    await hears(code(5393));
  });
  t.match(await stateOf(hall), { on: true });
  t.equal(told.filter(({ type }) => type === 'radio').length, 1);
});

t.test('frames are told to who manages the board that hears them, with the outlets that they manage', async (t) => {
  const cellar = await add('Cellar lamp', rf(code(5393), code(900)), attic);
  const thing = (kind: string, id: string, right: string) => ({ thing: { kind, id }, right });
  const people = {
    olive,
    bea: await join('bea', [thing('device', board, 'manage'), thing('outlet', cellar.id, 'use')]),
    ada: await join('ada', [thing('device', attic, 'manage')]),
    ben: await join('ben', [thing('device', board, 'use'), thing('outlet', hall.id, 'manage')]),
  };
  const streams = Object.fromEntries(await Promise.all(Object.entries(people).map(async ([name, { cookie }]) =>
    [name, await openStream(url, { cookie })] as const)));
  await hears(code(5393));
  await hears({ ...code(5393), learning: true });
  await hears({ ...code(5393), learning: true });
  await hears(code(5393));
  await hears(code(5393), attic);
  await hears(code(123_456), attic);
  context.feed.publish({ type: 'bus', connected: true }, { to: 'everyone' });
  for (const [name, expected] of [
    ['olive', ['hall Cellar lamp,Hall lamp', 'hall! Cellar lamp,Hall lamp', 'hall! Cellar lamp,Hall lamp', 'attic Cellar lamp,Hall lamp', 'attic ']],
    ['bea', ['hall Hall lamp', 'hall! Hall lamp', 'hall! Hall lamp']],
    ['ada', ['attic Cellar lamp', 'attic ']],
    ['ben', []],
  ] as const) {
    const { seen, leave } = streams[name]!;
    await until('the end', () => seen.filter(({ type }) => type === 'bus').length === 2);
    t.same(seen.flatMap((event) => event.type !== 'radio' ? [] : [`${event.frame.deviceId === board ? 'hall' : 'attic'}`
      + `${event.frame.learning ? '!' : ''} ${event.frame.outlets.map((outlet) => outlet.name).toSorted().join(',')}`]), expected, name);
    await leave();
  }
  await olive.client('DELETE', `/api/v1/outlets/${cellar.id}`);
});

t.test('learn, send a code, fresh codes', async (t) => {
  const at = (path: string, device: string = board) => `/api/v1/devices/${device}/${path}`;
  const { until: end } = LearnResult.parse((await olive.client('POST', at('learn'), { seconds: 20 })).json());
  t.ok(Math.abs(Date.parse(end) - context.now().getTime() - 20_000) < 1000);
  const sent = TransmitResult.parse((await olive.client('POST', at('transmit'), { ...code(424_242), repeat: 40 })).json());
  t.ok(sent.ms >= 0);
  t.same(bus.sent.map(({ action }) => action), [{ do: 'rf.learn', seconds: 20 }, { do: 'rf.send', ...code(424_242), repeat: 40 }]);
  t.match(await log(`&device=${board}`), [
    { action: 'radio.transmit', outcome: 'transmitted', target: { name: 'Hall board' }, detail: { protocol: 1, bits: 24, repeat: 40, ms: Number } },
    { action: 'radio.learn', outcome: 'transmitted', detail: { seconds: 20 } }]);
  t.notMatch(JSON.stringify(await log('')), /424242/, 'which code it was is no business of a log');

  const { control } = FreshCodes.parse((await olive.client('POST', at('codes'))).json());
  const paired = await add('Paired', control);
  const again = FreshCodes.parse((await olive.client('POST', at('codes'))).json());
  t.notSame(again.control, control);
  await hears(code(1));
  await olive.client('POST', at('transmit'), 'on' in control ? control.on : {});
  await until('the lamp that has the code to follow', async () => (await stateOf(paired))?.on === true);

  const mia = await join('mia', [{ thing: { kind: 'device', id: attic }, right: 'use' }]);
  for (const [why, answer, problem] of [
    ['no answer', async () => ({ outcome: 'expired' }), 'command_expired'],
    ['an older firmware', async () => ({ outcome: 'refused', reason: 'unknown_command' }), 'command_refused'],
    ['no broker', () => Promise.reject(new BusUnreachable()), 'broker_unreachable'],
  ] as [string, () => Promise<Delivery>, string][]) {
    bus.answer = answer;
    t.match((await olive.client('POST', at('learn'), {})).json(), { code: problem }, `${why}: learn`);
    t.match((await olive.client('POST', at('transmit'), code(1))).json(), { code: problem }, `${why}: transmit`);
    t.match(await log(`&device=${board}`), [{ action: 'radio.transmit' }, { action: 'radio.learn' }], `${why}: written down`);
  }
  bus.answer = async () => ({ outcome: 'transmitted' });
  context.presence.set(attic, false);
  for (const [path, body] of [['learn', {}], ['transmit', code(1)], ['codes', undefined]] as const) {
    for (const [why, device, client, problem] of [
      ['no such board', 'd'.repeat(32), olive.client, 'device_not_found'],
      ['a new board', fresh, olive.client, 'device_not_adopted'],
      ['no radio', relays, olive.client, 'device_not_capable'],
      ['one that may use it only', attic, mia.client, 'forbidden'],
      ...path === 'codes' ? [] : [['offline', attic, olive.client, 'device_offline'] as const],
    ] as const) t.match((await client('POST', at(path, device), body)).json(), { code: problem }, `${path}: ${why}`);
  }
  context.presence.set(attic, true);
  for (const [path, body] of [['learn', { seconds: 4 }], ['learn', { seconds: 61 }], ['transmit', { ...code(1), repeat: 41 }],
    ['transmit', { ...code(2 ** 24) }], ['transmit', { ...code(1), x: 1 }]] as const) {
    t.match((await olive.client('POST', at(path), body)).json(), { code: 'invalid_request' }, JSON.stringify(body));
  }
});

t.test('further boards send it again, one after the other; that one did is enough', async (t) => {
  const outlet = await add('Far lamp', rf(code(601), code(602), { also: [attic, shed] }));
  for (const [why, outcomes, status, audited] of [
    ['all do', ['transmitted', 'transmitted', 'transmitted'], 200, { sentBy: 'Hall board, Attic board, Shed board', notSentBy: undefined }],
    ['one of them fails', ['transmitted', 'expired', 'transmitted'], 200, { sentBy: 'Hall board, Shed board', notSentBy: 'Attic board (expired)' }],
    ['its own fails', ['offline', 'transmitted', 'refused'], 200, { sentBy: 'Attic board', notSentBy: 'Hall board (offline), Shed board (refused)' }],
    ['none does', ['refused', 'offline', 'expired'], 502, { sentBy: undefined, notSentBy: 'Hall board (refused), Attic board (offline), Shed board (expired)' }],
  ] as const) {
    let onAir = 0;
    bus.sent.length = 0;
    bus.answer = async (device) => {
      t.equal(onAir += 1, 1, `${why}: not at the same time`);
      await new Promise((resolve) => setImmediate(resolve));
      onAir -= 1;
      return { outcome: outcomes[[board, attic, shed].indexOf(device)] ?? 'failed' };
    };
    t.equal((await tap(outlet, why !== 'none does')).statusCode, status, why);
    t.same(bus.sent.map(({ device, action }) => [device, 'code' in action && action.code]),
      [board, attic, shed].map((device) => [device, why === 'none does' ? 602 : 601]), why);
    t.match((await log(`&outlet=${outlet.id}`))[0], { outcome: status === 200 ? 'transmitted' : 'refused', detail: audited }, why);
    t.match(await stateOf(outlet), { on: true }, why);
  }
  bus.answer = async () => ({ outcome: 'transmitted' });
  bus.sent.length = 0;
  await olive.client('DELETE', `/api/v1/devices/${shed}`);
  await tap(outlet, true);
  t.same(bus.sent.map(({ device }) => device), [board, attic], 'a board that was forgotten is left out');
});

t.test('which further boards one may name', async (t) => {
  const kai = await join('kai', [{ thing: { kind: 'device', id: board }, right: 'manage' }, { thing: { kind: 'device', id: attic }, right: 'use' }]);
  const lea = await join('lea', [board, attic].map((id) => ({ thing: { kind: 'device', id }, right: 'manage' })));
  const outlet = await add('Further lamp', lamp);
  const naming = (client: Client, also: string[], on = code(1)) =>
    client('PATCH', `/api/v1/outlets/${outlet.id}`, { control: rf(on, code(2), { also }) });
  for (const [why, ask, status, problem] of [
    ['who manages both', () => naming(lea.client, [attic]), 200],
    ['one that is not theirs, but stood there', () => naming(kai.client, [attic]), 200],
    ['none', () => naming(kai.client, []), 200],
    ['one that is not theirs', () => naming(kai.client, [attic]), 403, 'forbidden'],
    ['one that they do not know', () => naming(kai.client, ['d'.repeat(32)]), 404, 'device_not_found'],
    ['its own', () => naming(olive.client, [board]), 400, 'invalid_request'],
    ['one twice', () => naming(olive.client, [attic, attic]), 400, 'invalid_request'],
    ['three', () => naming(olive.client, [attic, relays, fresh]), 400, 'invalid_request'],
    ['one without a radio', () => naming(olive.client, [relays]), 409, 'device_not_capable'],
    ['a new one', () => naming(olive.client, [fresh]), 409, 'device_not_adopted'],
    ['for one that only toggles', () => naming(olive.client, [attic], code(2)), 409, 'outlet_toggles'],
    ['with a new outlet', () => kai.client('POST', '/api/v1/outlets', { deviceId: board, name: 'a', control: rf(code(1), code(2), { also: [attic] }) }), 403, 'forbidden'],
  ] as [string, () => ReturnType<Client>, number, string?][]) {
    const answer = await ask();
    t.equal(answer.statusCode, status, `${why}: ${answer.body}`);
    if (problem) t.match(answer.json(), { code: problem }, why);
  }
});

t.test('import: each line is accepted or refused with its reason, and all are added or none', async (t) => {
  await add('Taken', rf(code(801), code(802)));
  const ask = async (text: string, more: object = {}) =>
    ImportResult.parse((await olive.client('POST', '/api/v1/outlets/import', { deviceId: board, text, ...more })).json());
  const count = async () => (await olive.client('GET', '/api/v1/outlets')).json<Outlet[]>().length;
  const before = await count();
  const good = 'Porch; 811; 812\nBath fan; 821; 822; 24; 2; 640\n';
  for (const [why, text, more, lines] of [
    ['only looked at', good, { check: true }, ['1 Porch', '2 Bath fan']],
    ['a line that is no code', `${good}Nothing here`, {}, ['1 Porch', '2 Bath fan', /^3: .{15}/]],
    ['a name that is taken', 'TAKEN; 811; 812\nPorch; 813; 814', {}, [/^1: There is an outlet “TAKEN” without a room already/, '2 Porch']],
    ['a name twice', 'Porch; 811; 812\nporch; 813; 814', {}, ['1 Porch', /^2: Line 1 is called “porch”, too/]],
    ['codes twice', 'Porch; 811; 812\nBath; 811; 812', {}, ['1 Porch', /^2: It has the codes of line 1/]],
    ['codes that an outlet has', 'Porch; 801; 802', {}, [/^1: An outlet of this household has these codes already/]],
    ['a name that is too long', `${'x'.repeat(61)}; 811; 812`, {}, [/^1: .*60 characters/]],
    ['nothing', '\n\n', {}, []],
  ] as [string, string, object, (string | RegExp)[]][]) {
    const { imported, lines: read } = await ask(text, more);
    t.equal(imported, false, why);
    const said = read.map(({ line, outlet, reason }) => outlet ? `${line} ${outlet.name}` : `${line}: ${reason}`);
    t.equal(said.length, lines.length, `${why}: ${said.join(' / ')}`);
    for (const [at, expected] of lines.entries()) t.match(said[at], expected, why);
    t.equal(await count(), before, `${why}: nothing is added`);
  }
  const entries = await log('&action=outlet.add');
  const { imported, lines } = await ask(good);
  t.equal(imported, true);
  t.match(lines, [{ line: 1, outlet: { name: 'Porch', deviceId: board, room: null, control: rf(code(811), code(812)) } },
    { line: 2, outlet: { control: { on: { code: 821, bits: 24, protocol: 2, pulse: 640 } } } }]);
  t.equal(await count(), before + 2);
  t.match((await log('&action=outlet.add')).filter(({ id }) => !entries.some((entry) => entry.id === id)),
    [{ target: { name: 'Bath fan' }, actor: { name: 'olive' } }, { target: { name: 'Porch' } }], 'an entry each');
  t.match(await ask(good), { imported: false, lines: [{ reason: /already/ }, { reason: /already/ }] }, 'twice is refused');
  const porch = (await olive.client('GET', '/api/v1/outlets')).json<Outlet[]>().find(({ name }) => name === 'Porch')!;
  await hears(code(811));
  t.match(await stateOf(porch), { on: true });

  const pam = await join('pam', [{ thing: { kind: 'device', id: board }, right: 'use' }]);
  for (const [why, client, body, problem] of [
    ['a board without a radio', olive.client, { deviceId: relays, text: good }, 'device_not_capable'],
    ['a new board', olive.client, { deviceId: fresh, text: good }, 'device_not_adopted'],
    ['one that may use it only', pam.client, { deviceId: board, text: good }, 'forbidden'],
    ['no text', olive.client, { deviceId: board, text: '' }, 'invalid_request'],
    ['more than a request may have', olive.client, { deviceId: board, text: 'x'.repeat(20_000) }, 'body_too_large'],
  ] as const) t.match((await client('POST', '/api/v1/outlets/import', body)).json(), { code: problem }, why);
});

t.test('two imports of one file at once: one of them adds it, whole', async (t) => {
  const text = Array.from({ length: 20 }, (_, n) => `Lamp ${n}; ${900 + 2 * n}; ${901 + 2 * n}`).join('\n');
  const answers = await Promise.all([1, 2].map(() => olive.client('POST', '/api/v1/outlets/import', { deviceId: board, text })));
  t.equal(answers.filter((answer) => answer.statusCode === 200 && answer.json<ImportResult>().imported).length, 1);
  const names = (await olive.client('GET', '/api/v1/outlets')).json<Outlet[]>().filter(({ name }) => /^Lamp \d+$/.test(name));
  t.equal(names.length, 20);
});
