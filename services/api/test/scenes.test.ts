import type { AddressInfo } from 'node:net';
import t from 'tap';
import type { AuditPage } from '@sconce/protocol/audit';
import type { MadeToken, Outlet } from '@sconce/protocol/http';
import type { DeviceId } from '@sconce/protocol/ids';
import { limits } from '@sconce/protocol/limits';
import { Run, Scene } from '@sconce/protocol/radio-api';
import type { Share } from '@sconce/protocol/sharing';
import { until } from '../../acceptance/src/until.ts';
import { insertDeviceIfNew } from '../src/db/devices.ts';
import { setPerson } from '../src/db/people.ts';
import type { Delivery } from '../src/mqtt/bus.ts';
import { board, type Client, Household, startServer } from './household.ts';
import { openStream } from './stream.ts';

const nobody = '00000000-0000-4000-8000-000000000000';
const far = 'f'.repeat(32) as DeviceId;
const frame = { bits: 24, protocol: 1, pulse: 350 };
const rf = (code: number) => ({ kind: 'rf', on: { code, ...frame }, off: { code: code + 1, ...frame } });
const toggle = { kind: 'rf', on: { code: 77, ...frame }, off: { code: 77, ...frame } };

t.test('PostgreSQL', async (t) => {
  const { db, stop } = await startServer();
  const household = await Household.on(db);
  t.teardown(async () => {
    await household.close();
    await stop();
  });
  const { bus, context } = household;
  const olive = await household.person('olive');
  const hall = await household.withOutlet(olive.client);
  await insertDeviceIfNew(db, far, new Date());
  await olive.client('POST', `/api/v1/devices/${far}/adopt`, { name: 'Far board' });
  context.presence.set(far, true);
  await household.app.listen({ host: '127.0.0.1', port: 0 });
  const url = `http://127.0.0.1:${(household.app.server.address() as AddressInfo).port}`;

  const add = async (name: string, control: object, deviceId = board, room: string | null = null) => {
    const answer = await olive.client('POST', '/api/v1/outlets', { deviceId, name, room, control });
    if (answer.statusCode !== 201) throw new Error(answer.body);
    return answer.json<Outlet>();
  };
  const on = ({ id }: { id: string }) => ({ outletId: id, on: true });
  const off = ({ id }: { id: string }) => ({ outletId: id, on: false });
  const make = async (name: string, steps: object[]) =>
    Scene.parse((await olive.client('POST', '/api/v1/scenes', { name, steps })).json());
  const run = async ({ id }: Scene, client = olive.client) =>
    Run.parse((await client('POST', `/api/v1/scenes/${id}/run`)).json());
  const names = async (client: Client) =>
    Scene.array().parse((await client('GET', '/api/v1/scenes')).json()).map(({ name }) => name);
  const log = async (query: string) =>
    (await olive.client('GET', `/api/v1/audit?limit=200${query}`)).json<AuditPage>().entries;
  const join = async (name: string) => {
    const somebody = await household.person(name);
    await setPerson(db, somebody.person.id, { state: 'active' });
    return somebody;
  };
  const share = async (personId: string, { id }: { id: string }) => (await olive.client('PUT', '/api/v1/shares',
    { personId, thing: { kind: 'outlet', id }, right: 'use' })).json<Share>();

  const ten: Outlet[] = [];
  for (let n = 0; n < 10; n += 1) ten.push(await add(`Lamp ${n}`, rf(100 + 2 * n)));
  const shed = await add('Shed lamp', rf(300), far, 'Shed');
  const fan = await add('Fan', toggle, far, 'Shed');

  t.test('ten outlets on one board: ten outcomes, in order, one on the air at a time, told on the way', async (t) => {
    const { leave, seen, event } = await openStream(url, { cookie: olive.cookie });
    const scene = await make('Evening', ten.toReversed().map(on));
    let onAir = 0;
    let most = 0;
    const left: number[] = [];
    bus.sent.length = 0;
    bus.answer = async () => {
      most = Math.max(most, onAir += 1);
      left.push((bus.sent.at(-1)?.deadline.getTime() ?? 0) - Date.now());
      await new Promise((resolve) => setImmediate(resolve));
      onAir -= 1;
      return { outcome: 'transmitted' };
    };
    const done = await run(scene);
    t.same(bus.sent.map(({ action }) => 'code' in action && action.code), [118, 116, 114, 112, 110, 108, 106, 104, 102, 100]);
    t.equal(most, 1);
    t.ok(left.every((ms) => ms > limits.commandDeadlineMs - 500), 'each has its time from when it is sent');
    t.same(done.steps.map(({ outletId, outcome, problem }) => [outletId, outcome, problem]),
      ten.toReversed().map(({ id }) => [id, 'transmitted', null]));
    await event('the end of the run', (one) => one.type === 'run' && one.run.steps.every(({ outcome }) => outcome !== null));
    const runs = seen.flatMap((one) => one.type === 'run' ? [one.run] : []);
    t.same(runs.map(({ steps }) => steps.filter(({ outcome }) => outcome !== null).length), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    t.ok(runs.every(({ id }) => id === done.id));
    await until('every lamp to be told of', () => ten.every(({ id }) =>
      seen.some((one) => one.type === 'outlet' && one.outlet.id === id && one.outlet.state.on)));
    t.match((await log('&action=outlet.switch')).slice(0, 10).map(({ target, outcome, detail }) => [target?.id, outcome, detail]),
      ten.map(({ id }) => [id, 'transmitted', { on: true, ms: Number, scene: 'Evening' }]), 'the newest first');
    await leave();
  });

  t.test('a step that goes wrong takes no other with it; a board that does not answer is asked once', async (t) => {
    const [first, second, third] = ten as [Outlet, Outlet, Outlet];
    const scene = await make('Mixed', [on(first), on(shed), off(second), off(third)]);
    for (const [why, answer, steps] of [
      ['refused once', (_, n) => ({ outcome: n === 1 ? 'refused' : 'transmitted', ...n === 1 && { reason: 'queue_full' } }),
        ['refused command_refused', 'transmitted', 'transmitted', 'transmitted']],
      ['no answer', (code) => ({ outcome: code < 300 ? 'expired' : 'transmitted' }),
        ['expired command_expired', 'transmitted', 'expired command_expired', 'expired command_expired']],
      ['nobody listens', () => ({ outcome: 'offline' }), Array(4).fill('offline device_offline')],
      ['failed', () => ({ outcome: 'failed', reason: 'hardware' }), Array(4).fill('failed command_failed')],
    ] as [string, (code: number, n: number) => Delivery, string[]][]) {
      let n = 0;
      bus.sent.length = 0;
      bus.answer = async (_, action) => 'code' in action ? answer(action.code, action.code < 300 ? n += 1 : 9) : { outcome: 'failed' };
      const done = await run(scene);
      t.same(done.steps.map(({ outcome, problem }) => [outcome, problem?.code].filter(Boolean).join(' ')), steps, why);
      t.ok(done.steps.every(({ problem }) => problem === null || problem.detail.length > 20), `${why}: with words`);
      t.equal(bus.sent.length, why === 'no answer' ? 2 : 4, `${why}: sent`);
    }
    bus.answer = async () => ({ outcome: 'transmitted' });
    context.presence.set(far, false);
    bus.sent.length = 0;
    t.same((await run(scene)).steps.map(({ outcome }) => outcome), ['transmitted', 'offline', 'transmitted', 'transmitted']);
    t.equal(bus.sent.length, 3, 'an offline board is not asked');
    context.presence.set(far, true);
  });

  t.test('different boards go on side by side, but on the air they take turns', async (t) => {
    const relay = await add('Relay', { kind: 'pin', pin: 5 }, far);
    const scene = await make('Both', [on(ten[0]!), on(ten[1]!), on(relay), on(shed)]);
    const relayIsAsked = Promise.withResolvers<Delivery>();
    let onAir = 0;
    bus.sent.length = 0;
    bus.answer = async (_, action) => {
      if (action.do === 'pin.set') {
        relayIsAsked.resolve({ outcome: 'transmitted' });
        return { outcome: 'transmitted' };
      }
      t.equal(onAir += 1, 1, 'one at a time');
      await relayIsAsked.promise;
      await new Promise((resolve) => setImmediate(resolve));
      onAir -= 1;
      return { outcome: 'transmitted' };
    };
    t.same((await run(scene)).steps.map(({ outcome }) => outcome), Array(4).fill('transmitted'));
    const codes = bus.sent.flatMap(({ action }) => 'code' in action ? [action.code] : []);
    t.same(codes.filter((code) => code < 300), [100, 102], 'each board in order');
    t.equal(codes.length, 3);
    bus.answer = async () => ({ outcome: 'transmitted' });
    await olive.client('DELETE', `/api/v1/outlets/${relay.id}`);
  });

  t.test('the air is taken for longer than a deadline: a scene waits, and has its time from its turn', async (t) => {
    const end = await context.peers.takeTurn('e'.repeat(32) as DeviceId, 60_000, 0);
    setTimeout(() => end?.(), limits.commandDeadlineMs + 200);
    const left: number[] = [];
    bus.answer = async () => {
      left.push((bus.sent.at(-1)?.deadline.getTime() ?? 0) - Date.now());
      return { outcome: 'transmitted' };
    };
    t.same((await run(await make('Patient', [on(ten[0]!), on(shed)]))).steps.map(({ outcome }) => outcome), ['transmitted', 'transmitted']);
    t.ok(left.every((ms) => ms > limits.commandDeadlineMs - 500), `${left}`);
    bus.answer = async () => ({ outcome: 'transmitted' });
  });

  t.test('what only toggles cannot be set: refused in a scene, and sent nothing', async (t) => {
    t.match(await olive.client('POST', '/api/v1/scenes', { name: 'Fan', steps: [on(fan)] }),
      { statusCode: 409, body: /“Fan” has one code for on and off/ });
    const lamp = await add('Turned', rf(500));
    const scene = await make('Turning', [on(lamp), on(shed)]);
    await olive.client('PATCH', `/api/v1/outlets/${lamp.id}`, { control: { ...toggle, on: { code: 9, ...frame }, off: { code: 9, ...frame } } });
    bus.sent.length = 0;
    t.match((await run(scene)).steps, [{ outcome: 'refused', problem: { code: 'outlet_toggles' } }, { outcome: 'transmitted' }]);
    t.equal(bus.sent.length, 1);
    t.match(await log(`&outlet=${lamp.id}`), [{ action: 'outlet.switch', outcome: 'refused', detail: { scene: 'Turning', toggles: true } }]);
    await olive.client('DELETE', `/api/v1/outlets/${lamp.id}`);
  });

  t.test('all off: what one may use, by room and name, or a room of it', async (t) => {
    const codes = () => bus.sent.map(({ action }) => 'code' in action && action.code);
    const ask = async (client: Client, body: object) => {
      bus.sent.length = 0;
      return Run.parse((await client('POST', '/api/v1/outlets/off', body)).json()).steps;
    };
    const ina = await join('ina');
    await share(ina.person.id, hall);
    await share(ina.person.id, ten[3]!);
    t.match(await ask(ina.client, {}), [{ outletId: hall.id, on: false, outcome: 'transmitted' }, { outletId: ten[3]!.id }]);
    t.same(codes(), [5396, 107]);
    for (const [why, room, expected] of [
      ['a room, however it is written', 'sHED', [301]], ['no room', null, ten.map((_, n) => 101 + 2 * n)], ['no such room', 'Attic', []],
    ] as const) {
      await ask(olive.client, { room });
      t.same(codes(), expected, why);
    }
    const entries = (await log(`&outlet=${fan.id}`)).length;
    const { steps, passedOver } = Run.parse((await olive.client('POST', '/api/v1/outlets/off', { room: 'Shed' })).json());
    t.match(steps, [{ outletId: shed.id, outcome: 'transmitted' }]);
    t.same(passedOver, [fan.id], 'what only toggles is named, and left as it is');
    t.equal((await log(`&outlet=${fan.id}`)).length, entries, 'nothing was done with it');
    t.match((await log('&action=outlet.switch'))[0], { detail: { on: false, allOff: true, room: 'Shed' } });
    t.same(await ask((await join('nora')).client, {}), [], 'who may use nothing switches nothing');
  });

  t.test('seen and run by whoever may use every outlet of it, and told as that changes', async (t) => {
    const mia = await join('mia');
    const [one, two, three] = ten.slice(4) as [Outlet, Outlet, Outlet];
    const scene = await make('Shared', [on(one), off(two)]);
    const tokens = async (client: Client, scopes: string[]) => household.as({ authorization:
      `Bearer ${(await client('POST', '/api/v1/tokens', { name: 'script', scopes })).json<MadeToken>().token}` });
    const { seen, leave } = await openStream(url, { cookie: mia.cookie });
    const told = (type: 'scene' | 'scene.removed') => until(`an event ${type}`, () => {
      const at = seen.findIndex((event) => event.type === type && (event.type === 'scene' ? event.scene.id : event.id) === scene.id);
      return at >= 0 && seen.splice(0, at + 1);
    });
    const running = `/api/v1/scenes/${scene.id}/run`;
    await share(mia.person.id, one);
    t.same(await names(mia.client), []);
    t.match((await mia.client('POST', running)).json(), { code: 'scene_not_found' }, 'half of it is not enough');
    const second = await share(mia.person.id, two);
    await told('scene');
    t.same(await names(mia.client), ['Shared']);
    t.match(await run(scene, mia.client), { steps: [{ outcome: 'transmitted' }, { outcome: 'transmitted' }] });
    t.match((await log('&action=outlet.switch'))[0], { actor: { name: 'mia' }, detail: { scene: 'Shared' } });
    t.match((await (await tokens(mia.client, ['read']))('POST', running)).json(), { code: 'scope_missing' });
    t.equal((await (await tokens(mia.client, ['switch']))('POST', running)).statusCode, 200);
    await olive.client('DELETE', `/api/v1/shares/${second.id}`);
    await told('scene.removed');
    t.same(await names(mia.client), []);
    await share(mia.person.id, two);
    await told('scene');
    await olive.client('PATCH', `/api/v1/scenes/${scene.id}`, { steps: [on(one), on(three)] });
    await told('scene.removed');
    await olive.client('PATCH', `/api/v1/scenes/${scene.id}`, { steps: [on(one), on(two), on(three)] });
    await olive.client('DELETE', `/api/v1/outlets/${three.id}`);
    await told('scene');
    t.same(await names(mia.client), ['Shared'], 'an outlet that is removed takes its step with it');
    t.match((await mia.client('GET', '/api/v1/scenes')).json(), [{ steps: [on(one), on(two)] }], 'the others keep their order');
    for (const outlet of [one, two]) await olive.client('DELETE', `/api/v1/outlets/${outlet.id}`);
    await told('scene.removed');
    t.same(await names(mia.client), []);
    t.match(await run(scene), { steps: [] }, 'when nothing is left, admins still see it');
    await leave();
  });

  t.test('made and changed by admins; what is asked wrongly', async (t) => {
    const scene = await make('Night', [off(hall), on(shed)]);
    const changed = Scene.parse((await olive.client('PATCH', `/api/v1/scenes/${scene.id}`,
      { name: 'Good night', icon: 'lamp', steps: [on(shed), off(hall)] })).json());
    t.match(changed, { id: scene.id, name: 'Good night', icon: 'lamp', steps: [on(shed), off(hall)] });
    t.match(await log('&action=scene.change'), [{ target: { kind: 'scene', name: 'Night' }, detail: { name: 'Good night', outlets: 2 } }, {}, {}]);
    const mona = await join('mona');
    const many = Array.from({ length: limits.sceneSteps + 1 }, (_, n) => off({ id: nobody.replace(/..$/, String(10 + n)) }));
    for (const [why, ask, code] of [
      ['a name that is taken', () => olive.client('POST', '/api/v1/scenes', { name: 'GOOD NIGHT', steps: [on(hall)] }), 'name_taken'],
      ['another’s name', () => olive.client('PATCH', `/api/v1/scenes/${scene.id}`, { name: 'evening' }), 'name_taken'],
      ['no steps', () => olive.client('POST', '/api/v1/scenes', { name: 'a', steps: [] }), 'invalid_request'],
      ['too many steps', () => olive.client('POST', '/api/v1/scenes', { name: 'a', steps: many }), 'invalid_request'],
      ['an outlet twice', () => olive.client('POST', '/api/v1/scenes', { name: 'a', steps: [on(hall), off(hall)] }), 'invalid_request'],
      ['an outlet that is not there', () => olive.client('POST', '/api/v1/scenes', { name: 'a', steps: [on({ id: nobody })] }), 'outlet_not_found'],
      ['no such scene', () => olive.client('PATCH', `/api/v1/scenes/${nobody}`, { name: 'a' }), 'scene_not_found'],
      ['no such scene, to remove', () => olive.client('DELETE', `/api/v1/scenes/${nobody}`), 'scene_not_found'],
      ['no change', () => olive.client('PATCH', `/api/v1/scenes/${scene.id}`, {}), 'invalid_request'],
      ['a member who makes one', () => mona.client('POST', '/api/v1/scenes', { name: 'a', steps: [on(hall)] }), 'forbidden'],
      ['a room that is none', () => olive.client('POST', '/api/v1/outlets/off', { room: '' }), 'invalid_request'],
    ] as [string, () => ReturnType<Client>, string][]) t.match((await ask()).json(), { code }, why);
    t.match((await names(olive.client)).filter((name) => /night/i.test(name)), ['Good night'], 'nothing half-made');
    t.equal((await olive.client('DELETE', `/api/v1/scenes/${scene.id}`)).statusCode, 204);
    t.equal((await olive.client('POST', `/api/v1/scenes/${scene.id}/run`)).statusCode, 404);
  });

  t.test('a board that is forgotten takes its outlets out of the scenes', async (t) => {
    const scene = await make('Two boards', [on(hall), on(shed)]);
    await olive.client('DELETE', `/api/v1/devices/${far}`);
    const [left] = Scene.array().parse((await olive.client('GET', '/api/v1/scenes')).json()).filter(({ id }) => id === scene.id);
    t.same(left?.steps, [on(hall)]);
  });
});
