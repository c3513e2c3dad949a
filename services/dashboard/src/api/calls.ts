import type {
  Device, MadeToken, Me, NewOutlet, NewToken, Outlet, OutletChange, Person, PersonChange, Session, SignInIssuer, SwitchResult,
  Token,
} from '@sconce/protocol/http';
import type { AuditPage } from '@sconce/protocol/audit';
import type { DeviceId, OutletId, PersonId, SessionId, TokenId } from '@sconce/protocol/ids';
import { call } from './client.ts';

/** Every call the dashboard makes. All throw `Failure`. */
const outlet = (id: OutletId) => `/api/v1/outlets/${id}`;
const device = (id: DeviceId) => `/api/v1/devices/${id}`;

export const me = () => call<Me>('GET', '/api/v1/me');
export const signOut = () => call<void>('POST', '/auth/logout');

export const outlets = () => call<Outlet[]>('GET', '/api/v1/outlets');
export const addOutlet = (body: NewOutlet) => call<Outlet>('POST', '/api/v1/outlets', body);
export const changeOutlet = (id: OutletId, body: OutletChange) => call<Outlet>('PATCH', outlet(id), body);
export const removeOutlet = (id: OutletId) => call<void>('DELETE', outlet(id));
export const switchOutlet = (id: OutletId, on: boolean) =>
  call<SwitchResult>('POST', `${outlet(id)}/switch`, { on });

export const devices = () => call<Device[]>('GET', '/api/v1/devices');
export const adopt = (id: DeviceId, name: string) => call<Device>('POST', `${device(id)}/adopt`, { name });
export const renameDevice = (id: DeviceId, name: string) => call<Device>('PATCH', device(id), { name });
export const forgetDevice = (id: DeviceId) => call<void>('DELETE', device(id));
export const identify = (id: DeviceId) => call<unknown>('POST', `${device(id)}/identify`);

export const people = () => call<Person[]>('GET', '/api/v1/people');
export const changePerson = (id: PersonId, body: PersonChange) =>
  call<Person>('PATCH', `/api/v1/people/${id}`, body);

export const tokens = () => call<Token[]>('GET', '/api/v1/tokens');
export const makeToken = (body: NewToken) => call<MadeToken>('POST', '/api/v1/tokens', body);
export const revokeToken = (id: TokenId) => call<unknown>('DELETE', `/api/v1/tokens/${id}`);

export const sessions = () => call<Session[]>('GET', '/api/v1/sessions');
export const endSession = (id: SessionId) => call<void>('DELETE', `/api/v1/sessions/${id}`);
export const endOtherSessions = () => call<void>('DELETE', '/api/v1/sessions');

/** `filter`: of AuditQuery; an action may be given several times. */
export const audit = (filter: URLSearchParams) => call<AuditPage>('GET', `/api/v1/audit?${filter}`);
export const auditCsvHref = (filter: URLSearchParams) => `/api/v1/audit.csv?${filter}`;

export const issuers = () => call<SignInIssuer[]>('GET', '/auth/issuers');
/** Where the browser goes to sign in; it comes back to `path`. `issuer`: the first, unless told. */
export const signInHref = (path: string, issuer?: string) =>
  `/auth/login?${new URLSearchParams({ ...issuer !== undefined && { with: issuer }, returnTo: path })}`;
