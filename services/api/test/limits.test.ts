import t from 'tap';
import type { MadeToken, Outlet } from '@sconce/protocol/http';
import type { Scene } from '@sconce/protocol/radio-api';
import { Household, publicUrl, startServer } from './household.ts';

const { db, stop } = await startServer();
const household = await Household.on(db);
t.teardown(async () => {
  await household.close();
  await stop();
});
const olive = await household.person('olive');
const outlet = await household.withOutlet(olive.client);

/** nginx's word on where a request comes from; the app is asked by the loopback address, as nginx would. */
const from = (address: string) => ({ 'x-forwarded-for': address });

/** Asks again and again. @returns how many were let through before the first 429, and that */
async function untilRefused(ask: (n: number) => ReturnType<typeof olive.client>, atMost = 400) {
  for (let n = 0; n < atMost; n += 1) {
    const answer = await ask(n);
    const late = answer.statusCode === 429 || String(answer.headers.location).includes('too_many_requests');
    if (late) return { passed: n, answer };
  }
  throw new Error(`${atMost} were let through`);
}

/** As an admin, so that nothing but the limit can be in the way. */
async function admin(name: string) {
  const someone = await household.person(name);
  await olive.client('PATCH', `/api/v1/people/${someone.person.id}`, { state: 'active', role: 'admin' });
  return someone.client;
}
const switching = (client: typeof olive.client, headers = {}) =>
  client('POST', `/api/v1/outlets/${outlet.id}/switch`, { on: true }, headers);

t.test('commands, of one person: whatever they come with, wherever from; told how long to wait; others go on', async (t) => {
  const mona = await admin('mona');
  const { token } = (await mona('POST', '/api/v1/tokens', { name: 'script', scopes: ['switch'] })).json<MadeToken>();
  const script = household.as({ authorization: `Bearer ${token}` });
  const { passed, answer } = await untilRefused((n) => switching(n % 2 ? mona : script, from(`198.51.100.${n}`)));
  t.equal(passed, 120);
  t.match(answer, { statusCode: 429, headers: { 'content-type': /problem\+json/ } });
  const wait = Number(answer.headers['retry-after']);
  t.ok(wait >= 1 && wait <= 60, `Retry-After: ${wait}`);
  t.match(answer.json(), { code: 'too_many_requests', retryAfter: wait,
    detail: /too many commands from you .* Wait \d+ seconds?, then try again/ });
  t.equal((await switching(olive.client, from('198.51.100.1'))).statusCode, 200);
});

t.test('a scene counts once, however many outlets it sets, with all off and with what is sent to try it', async (t) => {
  const sara = await admin('sara');
  const other = { ...outlet, name: 'Other lamp' };
  const { id } = (await olive.client('POST', '/api/v1/outlets',
    { deviceId: other.device.id, name: other.name, control: other.control })).json<Outlet>();
  const scene = (await olive.client('POST', '/api/v1/scenes', { name: 'Evening',
    steps: [{ outletId: outlet.id, on: true }, { outletId: id, on: true }] })).json<Scene>();
  const asks = [
    () => sara('POST', `/api/v1/scenes/${scene.id}/run`, undefined),
    () => sara('POST', '/api/v1/outlets/off', {}),
    () => sara('POST', `/api/v1/devices/${other.device.id}/learn`, {}),
    () => sara('POST', `/api/v1/devices/${other.device.id}/transmit`, { code: 1, bits: 24, protocol: 1, pulse: 350 }),
    () => switching(sara),
  ];
  const { passed } = await untilRefused((n) => asks[n % asks.length]!());
  t.equal(passed, 120);
});

t.test('commands, from one address: by several people together; the same people go on from elsewhere', async (t) => {
  const people = await Promise.all(['a', 'b', 'c'].map(admin));
  const { passed, answer } = await untilRefused((n) => switching(people[n % 3] ?? olive.client, from('192.0.2.1')));
  t.equal(passed, 300);
  t.match(answer.json(), { detail: /from your network/ });
  t.equal((await switching(people[0] ?? olive.client, from('192.0.2.2'))).statusCode, 200);
});

t.test('new tokens, of one person', async (t) => {
  const nora = await admin('nora');
  const { passed, answer } = await untilRefused((n) =>
    nora('POST', '/api/v1/tokens', { name: `t${n}`, scopes: ['read'] }, from(`198.51.100.${n}`)));
  t.equal(passed, 20);
  t.ok(Number(answer.headers['retry-after']) > 3500);
  t.match(answer.json(), { detail: /Wait 60 minutes/ });
});

t.test('tokens that are none, from one address: it may not go on, and does not take good ones with it', async (t) => {
  const { token } = (await olive.client('POST', '/api/v1/tokens', { name: 'good', scopes: ['read'] })).json<MadeToken>();
  const ask = (bearer: string, address: string) =>
    household.as({ authorization: `Bearer ${bearer}` })('GET', '/api/v1/outlets', undefined, from(address));
  const { passed } = await untilRefused((n) => ask(`sct_${n}`, '192.0.2.9'));
  t.equal(passed, 60);
  t.equal((await ask(token, '192.0.2.9')).statusCode, 200);
  t.equal((await ask('sct_none', '192.0.2.10')).statusCode, 401);
});

t.test('sign-ins, from one address: the browser ends on a page that says so', async (t) => {
  const ask = (address: string) => household.as(from(address))('GET', '/auth/callback?code=a&state=b');
  const { passed, answer } = await untilRefused(() => ask('192.0.2.20'));
  t.equal(passed, 60);
  t.match(answer, { statusCode: 302, headers: { location: '/sign-in?problem=too_many_requests', 'retry-after': /^\d+$/ } });
  t.match((await household.as(from('192.0.2.20'))('GET', '/auth/login')).headers, { location: /too_many_requests/ },
    'the way there counts with the way back');
  t.match((await ask('192.0.2.21')).headers, { location: /sign_in_expired/ });
});

t.test('of IPv6, a network of 64 bits counts as one', async (t) => {
  const ask = (address: string) => household.as({ authorization: 'Bearer none', ...from(address) })('GET', '/api/v1/me');
  const { passed } = await untilRefused((n) => ask(`2001:db8:0:1:${n.toString(16)}::${n.toString(16)}`));
  t.equal(passed, 60);
  t.equal((await ask('2001:db8:0:2::1')).statusCode, 401);
});

t.test('who is no proxy of ours cannot choose its address', async (t) => {
  const ask = (n: number) => household.app.inject({ method: 'GET', url: '/api/v1/me', remoteAddress: '203.0.113.7',
    headers: { authorization: 'Bearer none', origin: publicUrl, ...from(`198.51.100.${n}`) } });
  t.equal((await untilRefused(ask)).passed, 60);
});
