import t from 'tap';
import { Failure } from '../src/api/client.ts';
import { attempts, byRoom, outlets, putOutlet, setOutlets, dropOutlet } from '../src/state/outlets.ts';
import { routeOf } from '../src/state/router.ts';
import { setDevices } from '../src/state/devices.ts';
import { accessOf, chosen, keyOf, mayDo, outletThing, things } from '../src/state/sharing.ts';
import { hallBoard, outletSamples } from '../src/views/design-page/fixtures.ts';
import { thingSamples } from '../src/views/design-page/sharing-fixtures.ts';
import { draftOf, read } from '../src/views/outlet-form.ts';

const lamp = outletSamples[0]!.outlet;

t.test('every address leads to its page, and no other does', async (t) => {
  const cases: [path: string, route: object][] = [
    ['/', { page: 'home' }],
    ['/outlets/x', { page: 'home', details: 'x' }],
    ['/outlets/x/edit', { page: 'edit-outlet', outlet: 'x' }],
    ['/outlets/x/sharing', { page: 'home', details: 'x', sharing: true }],
    ['/outlets/x/y', { page: 'not-found' }],
    ['/outlets', { page: 'not-found' }],
    ['/boards', { page: 'boards' }],
    ['/boards/b/new-outlet', { page: 'new-outlet', board: 'b' }],
    ['/boards/b/new-outlet/learn', { page: 'new-outlet', board: 'b', way: 'learn' }],
    ['/boards/b/new-outlet/learn?on=5393.24.1.350', { page: 'new-outlet', board: 'b', way: 'learn', on: '5393.24.1.350' }],
    ['/boards/b/new-outlet/guess', { page: 'not-found' }],
    ['/boards/b/new-outlet/learn/x', { page: 'not-found' }],
    ['/boards/b/radio', { page: 'radio', board: 'b' }],
    ['/boards/b/import', { page: 'import', board: 'b' }],
    ['/boards/b/radio/x', { page: 'not-found' }],
    ['/boards/b', { page: 'not-found' }],
    ['/scenes', { page: 'scenes' }],
    ['/scenes/new', { page: 'edit-scene', scene: undefined }],
    ['/scenes/x', { page: 'edit-scene', scene: 'x' }],
    ['/scenes/x/y', { page: 'not-found' }],
    ['/people', { page: 'people' }],
    ['/people/invite', { page: 'invite' }],
    ['/people/invite/x', { page: 'not-found' }],
    ['/invitation', { page: 'invitation' }],
    ['/invitation/x', { page: 'not-found' }],
    ['/people/x', { page: 'not-found' }],
    ['/settings', { page: 'settings' }],
    ['/settings/tokens', { page: 'tokens' }],
    ['/settings/tokens/x', { page: 'not-found' }],
    ['/settings/certificates', { page: 'certificates' }],
    ['/settings/doctor', { page: 'doctor' }],
    ['/settings/doctor/x', { page: 'not-found' }],
    ['/sign-in?problem=sign_in_failed', { page: 'sign-in', problem: 'sign_in_failed' }],
    ['/design', { page: 'design' }],
    ['/design/a/b/c', { page: 'not-found' }],
    ['/nonsense', { page: 'not-found' }],
  ];
  for (const [path, route] of cases) t.same({ ...routeOf(new URL(path, 'http://localhost')) }, route, path);
});

t.test('outlets stand by room, by name, and those without a room last', async (t) => {
  const named = (name: string, room: string | null) => ({ ...lamp, name, room });
  const rooms = byRoom([named('b', null), named('Lamp 10', 'Hall'), named('Lamp 2', 'Hall'), named('a', 'Attic')]);
  t.same(rooms.map(({ name, outlets }) => [name, outlets.map((one) => one.name)]),
    [['Attic', ['a']], ['Hall', ['Lamp 2', 'Lamp 10']], [null, ['b']]]);
});

t.test('a failure stays on its tile until the outlet has moved on', async (t) => {
  const failed = () => {
    const failure = new Failure({ code: 'device_offline', status: 409, detail: '' });
    setOutlets([lamp]);
    attempts.value = new Map([[lamp.id, { phase: 'failed', on: true, failure }]]);
  };
  const moved = { ...lamp, state: { ...lamp.state, at: '2026-11-23T20:00:00.000Z' } };
  const away = { ...lamp, device: { ...lamp.device, online: false } };
  for (const [why, next, gone] of [
    ['the same news again', lamp, false], ['a new state', moved, true], ['the board came or went', away, true],
  ] as const) {
    for (const [how, takeIn] of [['as an event', putOutlet], ['with the whole list', (one: typeof lamp) => setOutlets([one])]] as const) {
      failed();
      takeIn(next);
      t.equal(attempts.value.has(lamp.id), !gone, `${why}, ${how}`);
      t.same(outlets.value?.get(lamp.id), next, `${why}, ${how}: taken in`);
    }
  }
  dropOutlet(lamp.id);
  t.equal(outlets.value?.size, 0);
});

t.test('a right that changes while the page is open comes with its outlet, and goes with it', async (t) => {
  const code = { code: 1, bits: 24, protocol: 1, pulse: 350 };
  setOutlets([lamp]);
  putOutlet({ ...lamp, right: 'manage', control: { kind: 'rf', on: code, off: code, repeat: 10 } });
  t.match(outlets.value?.get(lamp.id), { right: 'manage', control: { kind: 'rf' } });
  putOutlet(lamp);
  t.equal(outlets.value?.get(lamp.id)?.right, 'use');
  t.notOk(outlets.value?.get(lamp.id)?.control, 'the codes are not kept back');
  dropOutlet(lamp.id);
  t.notOk(outlets.value?.has(lamp.id));
});

t.test('of a share and that of its board the greater counts, and the lesser need not be given', async (t) => {
  const [{ board, outlets: lamps }] = thingSamples as [typeof thingSamples[0] & object];
  const one = outletThing(lamps[0]!);
  type Given = ['outlet' | 'device', 'use' | 'manage'][];
  const cases: [given: Given, may: string | undefined, sent: Given][] = [
    [[], undefined, []],
    [[['outlet', 'use']], 'use', [['outlet', 'use']]],
    [[['device', 'use']], 'use', [['device', 'use']]],
    [[['device', 'use'], ['outlet', 'use']], 'use', [['device', 'use']]],
    [[['device', 'use'], ['outlet', 'manage']], 'manage', [['device', 'use'], ['outlet', 'manage']]],
    [[['device', 'manage'], ['outlet', 'use']], 'manage', [['device', 'manage']]],
  ];
  for (const [given, may, sent] of cases) {
    const rights = new Map(given.map(([kind, right]) => [keyOf(kind === 'device' ? board : one), right]));
    t.equal(mayDo(accessOf(rights, one, board.id)), may, JSON.stringify(given));
    t.same(chosen(thingSamples, rights).map(({ thing, right }) => [thing.kind, right]), sent, JSON.stringify(given));
  }
});

t.test('everything that can be shared stands by board, what is new and unnamed does not', async (t) => {
  setDevices([hallBoard, { ...hallBoard, id: '0'.repeat(32) as typeof hallBoard.id, name: null, adopted: false }]);
  setOutlets(thingSamples[0]!.outlets.toReversed());
  t.same(things.value.map(({ board, outlets }) => [board.name, outlets.map(({ name }) => name)]),
    [['Hall board', ['Hall lamp', 'Reading lamp', 'Porch light']]]);
  setDevices(undefined);
  t.same(things.value, []);
});

t.test('the outlet form sends numbers, or says where they are wrong', async (t) => {
  const code = { code: 5393, bits: 24, protocol: 1, pulse: 350 };
  const start = draftOf({ ...lamp, control: { kind: 'rf', on: code, off: { ...code, code: 5396 }, repeat: 10 } });
  t.match(read({ ...start, name: ' Hall ', room: ' ' }),
    { ok: true, value: { name: 'Hall', room: null, control: { on: code, repeat: 10 } } }, 'what was there comes back');
  const board = hallBoard.id;
  t.match(read({ ...start, also: [board], repeat: '40' }), { ok: true, value: { control: { also: [board], repeat: 40 } } });
  t.match(read({ ...start, toggles: true, off: { ...start.off, code: 'x' }, also: [board] }),
    { ok: true, value: { control: { on: code, off: code, also: undefined } } }, 'one button for both: one code, from one board');
  t.match(draftOf({ ...lamp, control: { kind: 'rf', on: code, off: { ...code, pulse: 351 }, repeat: 10, also: [board] } }),
    { toggles: true, also: [board] });
  const cases: [why: string, change: Partial<typeof start>, path: string][] = [
    ['no name', { name: ' ' }, 'name'],
    ['no code', { on: { ...start.on, code: '' } }, 'control.on.code'],
    ['letters', { off: { ...start.off, code: '0x1F' } }, 'control.off.code'],
    ['more bits than it says', { on: { ...start.on, code: '16777216' } }, 'control.on.code'],
    ['no such protocol', { on: { ...start.on, protocol: '13' } }, 'control.on.protocol'],
    ['half a microsecond', { on: { ...start.on, pulse: '350.5' } }, 'control.on.pulse'],
    ['never sent', { repeat: '0' }, 'control.repeat'],
    ['on and off the same', { off: start.on }, 'control.off.code'],
    ['no pin chosen', { kind: 'pin', pin: '' }, 'control.pin'],
  ];
  for (const [why, change, path] of cases) {
    const result = read({ ...start, ...change });
    t.same(result.ok ? [] : result.errors.map((error) => error.path), [path], why);
  }
});
