import { randomBytes } from 'node:crypto';
import t from 'tap';
import type { Device, MadeToken, Outlet, Person, Scope, Session } from '@sconce/protocol/http';
import { DeviceId } from '@sconce/protocol/ids';
import type { Scene } from '@sconce/protocol/radio-api';
import type { Invitation, MadeInvitation, Share } from '@sconce/protocol/sharing';
import { board, type Client, Household, publicUrl, startServer } from './household.ts';

/**
 * Every route of the OpenAPI document × everyone who may ask, and the status that each is answered with. A route that is
 * missing here fails the test, and so does one here that the document does not have.
 */
const { db, stop } = await startServer();
const household = await Household.on(db);
t.teardown(async () => {
  await household.close();
  await stop();
});
const olive = await household.person('olive');
const hall = await household.withOutlet(olive.client);

/** What the owner does on the way; it has to succeed. */
async function made<T>(...[method, url, body]: Parameters<Client>): Promise<T> {
  const answer = await olive.client(method, url, body);
  if (answer.statusCode >= 300) throw new Error(`${method} ${url}: ${answer.body}`);
  return answer.statusCode === 204 ? undefined as T : answer.json<T>();
}

const anHour = 3_600_000;
const guest = { role: 'guest', guestUntil: new Date(Date.now() + anHour).toISOString() };
const member = { role: 'member' };
/** People, with what they are let in as, and what is shared with them. */
const people: Record<string, { as?: object; share?: { kind: 'outlet' | 'device'; right: 'use' | 'manage' } }> = {
  'pending': {},
  'deactivated': { as: member },
  'guest without a share': { as: guest },
  'guest with': { as: guest, share: { kind: 'outlet', right: 'use' } },
  'ended guest': { as: guest, share: { kind: 'outlet', right: 'use' } },
  'member without': { as: member },
  'member with use': { as: member, share: { kind: 'outlet', right: 'use' } },
  'member with manage': { as: member, share: { kind: 'outlet', right: 'manage' } },
  'member with the board to use': { as: member, share: { kind: 'device', right: 'use' } },
  'member with the board to manage': { as: member, share: { kind: 'device', right: 'manage' } },
  'admin': { as: { role: 'admin' } },
};

/** One who asks. `fresh`: as the same person in another browser, for what ends a session. */
type Asker = { kind: string; ask: Client; person?: Person['id']; fresh: () => Promise<Client> };
const same = (client: Client) => () => Promise.resolve(client);
const askers: Asker[] = [];

const nobody = household.as({ 'origin': publicUrl, 'sec-fetch-site': 'same-origin' });
askers.push({ kind: 'no session', ask: nobody, fresh: same(nobody) });
for (const [kind, { as, share }] of Object.entries(people)) {
  const subject = kind.replaceAll(' ', '-');
  const { person, client } = await household.person(subject);
  if (as) await made('PATCH', `/api/v1/people/${person.id}`, { state: 'active', ...as });
  if (share) await shareWith(person.id, share.kind === 'outlet' ? { kind: 'outlet', id: hall.id } : { kind: 'device', id: board }, share.right);
  askers.push({ kind, ask: client, person: person.id, fresh: async () => (await household.person(subject)).client });
}
function shareWith(personId: Person['id'], thing: Share['thing'] | { kind: string; id: string }, right: string) {
  return made<Share>('PUT', '/api/v1/shares', { personId, thing: { kind: thing.kind, id: thing.id }, right });
}
const idOf = (kind: string) => askers.find((one) => one.kind === kind)?.person as Person['id'];

const makeToken = (scopes: Scope[]) => made<MadeToken>('POST', '/api/v1/tokens', { name: scopes.join(' '), scopes });
const bearer = ({ token }: MadeToken) => household.as({ authorization: `Bearer ${token}` });
const revoked = await makeToken(['read', 'switch', 'manage']);
await made('DELETE', `/api/v1/tokens/${revoked.id}`);
askers.push({ kind: 'revoked token', ask: bearer(revoked), fresh: same(bearer(revoked)) });
/** An admin's tokens, each with all scopes but one: a route is asked with the one that lacks what it needs. */
const without: Record<Scope, Client> = {
  read: bearer(await makeToken(['switch', 'manage'])), switch: bearer(await makeToken(['read', 'manage'])),
  manage: bearer(await makeToken(['read', 'switch'])),
};
const whole = bearer(await makeToken(['read', 'switch', 'manage']));

// Time passes for one, and the other's access is ended, in the database: over the API their sessions would end as well,
// and what is asked here is what their right alone says.
await db.updateTable('people').set({ guest_until: new Date(Date.now() - anHour) }).where('id', '=', idOf('ended guest')).execute();
await db.updateTable('people').set({ state: 'deactivated' }).where('id', '=', idOf('deactivated')).execute();

/** An outlet to be changed or removed by one request, shared as the hall's lamp is. */
let count = 0;
async function outletFor({ kind, person }: Asker): Promise<Outlet['id']> {
  const { id } = await made<Outlet>('POST', '/api/v1/outlets', newOutlet());
  const share = people[kind]?.share;
  if (share?.kind === 'outlet' && person) await shareWith(person, { kind: 'outlet', id }, share.right);
  return id;
}
const newOutlet = () => ({ deviceId: board, name: `Lamp ${count += 1}`, control: { kind: 'pin', pin: 5 } });

const newScene = () => ({ name: `Scene ${count += 1}`, steps: [{ outletId: hall.id, on: true }] });
const evening = await made<Scene>('POST', '/api/v1/scenes', newScene());

/** A board that has just shown up. */
async function newBoard(): Promise<Device['id']> {
  const id = DeviceId.parse(randomBytes(16).toString('hex'));
  await db.insertInto('devices').values({ id, name: null, first_seen_at: new Date(), adopted_at: null, online: false,
    online_changed_at: null, telemetry_at: null }).execute();
  return id;
}
const newcomer = async () => (await household.person(`newcomer-${count += 1}`)).person.id;
const invitation = () => ({ name: `Friend ${count += 1}`, role: 'member' });

const { link } = await made<MadeInvitation>('POST', '/api/v1/invitations', invitation());

/** Statuses by kind; `rest` for those that are not named. */
type Statuses = Record<string, number> & { rest: number };
/** Who has not signed in, or has no valid token, is turned away, whatever they ask. */
const strangers = { 'no session': 401, 'revoked token': 401 };
/** Who is not in the household, or not any more. */
const outsiders = { ...strangers, 'pending': 403, 'deactivated': 403, 'ended guest': 403 };
const forAdmins = (status: number): Statuses => ({ ...outsiders, 'admin': status, 'token with all scopes': status, rest: 403 });
/** A board: who has nothing on it does not know of it. */
const forManagersOfBoard = (status: number): Statuses => ({ ...forAdmins(status), 'member with the board to manage': status,
  'guest without a share': 404, 'member without': 404 });
/** In a browser only, whoever it is. */
const inBrowser = (status: number): Statuses =>
  ({ ...outsiders, 'token without the scope': 403, 'token with all scopes': 403, rest: status });
/** An outlet: nothing is there for those with whom it is not shared. */
const hidden = { ...outsiders, 'guest without a share': 404, 'member without': 404, 'token without the scope': 403 };
const everyone = (status: number): Statuses => ({ rest: status });

type Row = { needs?: Scope; statuses: Statuses; ask: (asker: Asker) => ReturnType<Client> | Promise<{ statusCode: number }> };

const matrix: Record<string, Row> = {
  'GET /healthz': { statuses: everyone(200), ask: ({ ask }) => ask('GET', '/healthz') },
  'GET /readyz': { statuses: everyone(200), ask: ({ ask }) => ask('GET', '/readyz') },
  'GET /auth/login': { statuses: everyone(302), ask: ({ ask }) => ask('GET', '/auth/login') },
  'GET /auth/callback': { statuses: everyone(302), ask: ({ ask }) => ask('GET', '/auth/callback?code=a&state=b') },
  'GET /auth/issuers': { statuses: everyone(200), ask: ({ ask }) => ask('GET', '/auth/issuers') },
  'POST /auth/invitation': {
    statuses: { ...everyone(200), 'token with all scopes': 403, 'token without the scope': 403, 'revoked token': 403 },
    // Looking does not use it up.
    ask: ({ ask }) => ask('POST', '/auth/invitation', { secret: new URL(link).hash.slice(1) }),
  },
  'POST /auth/logout': {
    statuses: { ...strangers, 'token without the scope': 403, 'token with all scopes': 403, rest: 204 },
    ask: async ({ fresh }) => (await fresh())('POST', '/auth/logout'),
  },
  'GET /api/v1/me': { statuses: { ...strangers, rest: 200 }, ask: ({ ask }) => ask('GET', '/api/v1/me') },
  'GET /api/v1/events': {
    needs: 'read', statuses: { ...outsiders, 'pending': 200, 'token without the scope': 403, rest: 200 },
    ask: async ({ ask }) => {
      const answer = await ask('GET', '/api/v1/events', undefined, { accept: 'text/event-stream' });
      answer.stream().destroy();
      return answer;
    },
  },

  'GET /api/v1/outlets/': {
    needs: 'read', statuses: { ...outsiders, 'token without the scope': 403, rest: 200 },
    ask: ({ ask }) => ask('GET', '/api/v1/outlets'),
  },
  'POST /api/v1/outlets/': {
    needs: 'manage',
    statuses: forManagersOfBoard(201),
    ask: ({ ask }) => ask('POST', '/api/v1/outlets', newOutlet()),
  },
  'POST /api/v1/outlets/import': {
    needs: 'manage',
    statuses: forManagersOfBoard(200),
    ask: ({ ask }) => ask('POST', '/api/v1/outlets/import', { deviceId: board, text: `Lamp ${count += 1}; 71; 72`, check: true }),
  },
  'PATCH /api/v1/outlets/{id}': {
    needs: 'manage',
    statuses: { ...hidden, 'guest with': 403, 'member with use': 403, 'member with the board to use': 403, rest: 200 },
    ask: async (asker) => asker.ask('PATCH', `/api/v1/outlets/${await outletFor(asker)}`, { icon: 'fan' }),
  },
  'DELETE /api/v1/outlets/{id}': {
    needs: 'manage',
    statuses: { ...hidden, 'guest with': 403, 'member with use': 403, 'member with manage': 403, 'member with the board to use': 403, rest: 204 },
    ask: async (asker) => asker.ask('DELETE', `/api/v1/outlets/${await outletFor(asker)}`),
  },
  'POST /api/v1/outlets/{id}/switch': {
    needs: 'switch', statuses: { ...hidden, rest: 200 },
    ask: ({ ask }) => ask('POST', `/api/v1/outlets/${hall.id}/switch`, { on: true }),
  },
  'POST /api/v1/outlets/off': {
    // What one may not use is not switched, and not told of.
    needs: 'switch', statuses: { ...outsiders, 'token without the scope': 403, rest: 200 },
    ask: ({ ask }) => ask('POST', '/api/v1/outlets/off', { room: 'Hall' }),
  },

  'GET /api/v1/scenes/': {
    needs: 'read', statuses: { ...outsiders, 'token without the scope': 403, rest: 200 },
    ask: ({ ask }) => ask('GET', '/api/v1/scenes'),
  },
  'POST /api/v1/scenes/': {
    needs: 'manage', statuses: forAdmins(201), ask: ({ ask }) => ask('POST', '/api/v1/scenes', newScene()),
  },
  'PATCH /api/v1/scenes/{id}': {
    needs: 'manage', statuses: forAdmins(200), ask: ({ ask }) => ask('PATCH', `/api/v1/scenes/${evening.id}`, { icon: 'lamp' }),
  },
  'DELETE /api/v1/scenes/{id}': {
    needs: 'manage', statuses: forAdmins(204),
    ask: async ({ ask }) => {
      const { id } = await made<Scene>('POST', '/api/v1/scenes', newScene());
      return ask('DELETE', `/api/v1/scenes/${id}`);
    },
  },
  'POST /api/v1/scenes/{id}/run': {
    needs: 'switch', statuses: { ...hidden, rest: 200 },
    ask: ({ ask }) => ask('POST', `/api/v1/scenes/${evening.id}/run`),
  },

  'GET /api/v1/devices/': {
    needs: 'manage', statuses: { ...outsiders, 'token without the scope': 403, rest: 200 },
    ask: ({ ask }) => ask('GET', '/api/v1/devices'),
  },
  'POST /api/v1/devices/{id}/adopt': {
    needs: 'manage', statuses: forAdmins(200),
    ask: async ({ ask }) => ask('POST', `/api/v1/devices/${await newBoard()}/adopt`, { name: `Board ${count += 1}` }),
  },
  'PATCH /api/v1/devices/{id}': {
    needs: 'manage',
    statuses: forManagersOfBoard(200),
    ask: ({ ask }) => ask('PATCH', `/api/v1/devices/${board}`, { name: 'Hall board' }),
  },
  'DELETE /api/v1/devices/{id}': {
    needs: 'manage', statuses: forAdmins(204),
    ask: async ({ ask }) => ask('DELETE', `/api/v1/devices/${await newBoard()}`),
  },
  'POST /api/v1/devices/{id}/revoke': {
    // Who may is told that this household has no authority.
    needs: 'manage', statuses: forAdmins(503),
    ask: async ({ ask }) => ask('POST', `/api/v1/devices/${await newBoard()}/revoke`),
  },
  'POST /api/v1/devices/{id}/identify': {
    needs: 'manage',
    statuses: forManagersOfBoard(204),
    ask: ({ ask }) => ask('POST', `/api/v1/devices/${board}/identify`),
  },
  'POST /api/v1/devices/{id}/learn': {
    needs: 'manage', statuses: forManagersOfBoard(200),
    ask: ({ ask }) => ask('POST', `/api/v1/devices/${board}/learn`, { seconds: 5 }),
  },
  'POST /api/v1/devices/{id}/transmit': {
    needs: 'manage', statuses: forManagersOfBoard(200),
    ask: ({ ask }) => ask('POST', `/api/v1/devices/${board}/transmit`, { code: 1, bits: 24, protocol: 1, pulse: 350 }),
  },
  'POST /api/v1/devices/{id}/codes': {
    needs: 'manage', statuses: forManagersOfBoard(200),
    ask: ({ ask }) => ask('POST', `/api/v1/devices/${board}/codes`),
  },

  'GET /api/v1/people/': { needs: 'manage', statuses: forAdmins(200), ask: ({ ask }) => ask('GET', '/api/v1/people') },
  'PATCH /api/v1/people/{id}': {
    needs: 'manage', statuses: forAdmins(200),
    ask: async ({ ask }) => ask('PATCH', `/api/v1/people/${await newcomer()}`, { state: 'active', role: 'member' }),
  },
  'GET /api/v1/shares/': { needs: 'manage', statuses: forAdmins(200), ask: ({ ask }) => ask('GET', '/api/v1/shares') },
  'PUT /api/v1/shares/': {
    needs: 'manage', statuses: forAdmins(200),
    ask: async ({ ask }) => ask('PUT', '/api/v1/shares',
      { personId: await newcomer(), thing: { kind: 'outlet', id: hall.id }, right: 'use' }),
  },
  'DELETE /api/v1/shares/{id}': {
    needs: 'manage', statuses: forAdmins(204),
    ask: async ({ ask }) => {
      const { id } = await shareWith(await newcomer(), { kind: 'outlet', id: hall.id }, 'use');
      return ask('DELETE', `/api/v1/shares/${id}`);
    },
  },
  'GET /api/v1/invitations/': { needs: 'manage', statuses: forAdmins(200), ask: ({ ask }) => ask('GET', '/api/v1/invitations') },
  'POST /api/v1/invitations/': {
    statuses: { ...forAdmins(201), 'token with all scopes': 403 },
    ask: ({ ask }) => ask('POST', '/api/v1/invitations', invitation()),
  },
  'DELETE /api/v1/invitations/{id}': {
    needs: 'manage', statuses: forAdmins(204),
    ask: async ({ ask }) => {
      const { id } = await made<Invitation>('POST', '/api/v1/invitations', invitation());
      return ask('DELETE', `/api/v1/invitations/${id}`);
    },
  },
  'GET /api/v1/audit': { needs: 'manage', statuses: forAdmins(200), ask: ({ ask }) => ask('GET', '/api/v1/audit') },
  'GET /api/v1/audit.csv': { needs: 'manage', statuses: forAdmins(200), ask: ({ ask }) => ask('GET', '/api/v1/audit.csv') },

  'GET /api/v1/certificates': {
    needs: 'manage', statuses: forAdmins(200), ask: ({ ask }) => ask('GET', '/api/v1/certificates'),
  },
  'GET /api/v1/refusals': { needs: 'manage', statuses: forAdmins(200), ask: ({ ask }) => ask('GET', '/api/v1/refusals') },
  'GET /api/v1/doctor': { needs: 'manage', statuses: forAdmins(200), ask: ({ ask }) => ask('GET', '/api/v1/doctor') },

  'GET /api/v1/tokens/': { statuses: inBrowser(200), ask: ({ ask }) => ask('GET', '/api/v1/tokens') },
  'POST /api/v1/tokens/': {
    statuses: inBrowser(201), ask: ({ ask }) => ask('POST', '/api/v1/tokens', { name: 'Script', scopes: ['read'] }),
  },
  'DELETE /api/v1/tokens/{id}': {
    statuses: { ...inBrowser(204) },
    // Their own, where they can have one; another's is not there for anybody.
    ask: async ({ ask }) => {
      const own = await ask('POST', '/api/v1/tokens', { name: 'Script', scopes: ['read'] });
      return ask('DELETE', `/api/v1/tokens/${own.statusCode === 201 ? own.json<MadeToken>().id : revoked.id}`);
    },
  },
  'GET /api/v1/sessions/': { statuses: inBrowser(200), ask: ({ ask }) => ask('GET', '/api/v1/sessions') },
  'DELETE /api/v1/sessions/': {
    statuses: inBrowser(204),
    // Every browser of theirs but the one that asks.
    ask: ({ ask }) => ask('DELETE', '/api/v1/sessions'),
  },
  'DELETE /api/v1/sessions/{id}': {
    statuses: inBrowser(204),
    ask: async ({ ask, fresh }) => {
      const there = (await (await fresh())('GET', '/api/v1/sessions'));
      const id = there.statusCode === 200 ? there.json<Session[]>().find(({ current }) => current)?.id : hall.id;
      return ask('DELETE', `/api/v1/sessions/${id}`);
    },
  },
};

const tokenAsker = (kind: string, ask: Client): Asker => ({ kind, ask, fresh: same(ask) });

t.test('the document has the routes of the matrix, and no others', async (t) => {
  type Document = { paths: Record<string, Record<string, unknown>> };
  const { paths } = (await nobody('GET', '/api/v1/openapi.json')).json<Document>();
  const routes = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`));
  t.ok(routes.length > 30);
  t.strictSame(routes.toSorted(), Object.keys(matrix).toSorted());
});

t.test('the document has every route that the server has, but for those of the document itself', async (t) => {
  const path: string[] = [];
  for (const line of household.app.printRoutes({ commonPrefix: false }).split('\n')) {
    const [, indent, part, methods] = /^([│ ]*)[├└]── (\S+) \(([A-Z, ]+)\)$/.exec(line) ?? [];
    if (indent === undefined || part === undefined || methods === undefined) continue;
    path.splice(indent.length / 4, path.length, part);
    const whole = path.join('').replace(':id', '{id}');
    if (/^\/api\/v1\/(docs|openapi\.json)/.test(whole)) continue;
    for (const method of methods.split(', ').filter((one) => one !== 'HEAD')) {
      t.ok(`${method} ${whole}` in matrix || `${method} ${whole}/` in matrix, `${method} ${whole}`);
    }
  }
  t.ok(path.length > 0);
});

for (const [route, { needs = 'manage', statuses, ask }] of Object.entries(matrix)) {
  t.test(route, async (t) => {
    for (const asker of [...askers, tokenAsker('token without the scope', without[needs]), tokenAsker('token with all scopes', whole)]) {
      const { statusCode } = await ask(asker);
      t.equal(statusCode, statuses[asker.kind] ?? statuses.rest, asker.kind);
    }
  });
}
