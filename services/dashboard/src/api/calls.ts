import type {
  Control, Device, MadeToken, Me, NewOutlet, NewToken, Outlet, OutletChange, Person, PersonChange, Session, SignInIssuer,
  SwitchResult, Token,
} from '@sconce/protocol/http';
import type { AuditPage } from '@sconce/protocol/audit';
import type { Certificates, RefusalView, RevokeResult } from '@sconce/protocol/certificates-api';
import type { DoctorReport } from '@sconce/protocol/doctor';
import type { DeviceId, InvitationId, OutletId, PersonId, SceneId, SessionId, ShareId, TokenId } from '@sconce/protocol/ids';
import type { Invitation, MadeInvitation, NewInvitation, NewShare, Offer, Share } from '@sconce/protocol/sharing';
import { limits } from '@sconce/protocol/limits';
import type { ImportResult, NewScene, Run, Scene, SceneChange, TransmitRequest } from '@sconce/protocol/radio-api';
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

/** Broker and gate have seconds to say that it is cut off. */
const revokeMs = 30_000;
/** For good: there is no way back. */
export const revokeDevice = (id: DeviceId) => call<RevokeResult>('POST', `${device(id)}/revoke`, undefined, revokeMs);

/** The board reports each frame for `seconds`; they come as events. */
export const learn = (id: DeviceId, seconds: number) =>
  call<{ until: string }>('POST', `${device(id)}/learn`, { seconds });
/** Sends a code that is no outlet's, or not yet. */
export const transmit = (id: DeviceId, body: TransmitRequest) =>
  call<{ ms: number }>('POST', `${device(id)}/transmit`, body);
/** A pair of codes that no outlet of the household uses. */
export const freshCodes = (id: DeviceId) => call<{ control: Control }>('POST', `${device(id)}/codes`);
/** `check`: say only what would come of it. */
export const importOutlets = (deviceId: DeviceId, text: string, check: boolean) =>
  call<ImportResult>('POST', '/api/v1/outlets/import', { deviceId, text, check });

/** The answer comes when all has ended: at worst each waits for its deadline, one after the other. */
const runMs = limits.sceneSteps * limits.commandDeadlineMs + 10_000;

export const scenes = () => call<Scene[]>('GET', '/api/v1/scenes');
export const addScene = (body: NewScene) => call<Scene>('POST', '/api/v1/scenes', body);
export const changeScene = (id: SceneId, body: SceneChange) => call<Scene>('PATCH', `/api/v1/scenes/${id}`, body);
export const removeScene = (id: SceneId) => call<void>('DELETE', `/api/v1/scenes/${id}`);
export const runScene = (id: SceneId) => call<Run>('POST', `/api/v1/scenes/${id}/run`, undefined, runMs);
/** Without a room everything; `null`: what is in none. */
export const allOff = (room?: string | null) =>
  call<Run>('POST', '/api/v1/outlets/off', room === undefined ? {} : { room }, runMs);

export const people = () => call<Person[]>('GET', '/api/v1/people');
export const changePerson = (id: PersonId, body: PersonChange) =>
  call<Person>('PATCH', `/api/v1/people/${id}`, body);

/** Everybody's of everything: a household has few, and every page that tells of some tells of others beside them. */
export const shares = () => call<Share[]>('GET', '/api/v1/shares');
/** Shares, or changes the right where it is shared already. */
export const giveShare = (body: NewShare) => call<Share>('PUT', '/api/v1/shares', body);
export const endShare = (id: ShareId) => call<void>('DELETE', `/api/v1/shares/${id}`);

export const invitations = () => call<Invitation[]>('GET', '/api/v1/invitations');
export const invite = (body: NewInvitation) => call<MadeInvitation>('POST', '/api/v1/invitations', body);
export const revokeInvitation = (id: InvitationId) => call<unknown>('DELETE', `/api/v1/invitations/${id}`);
/** What a link offers; the next sign-in in this browser takes it. */
export const openInvitation = (secret: string) => call<Offer>('POST', '/auth/invitation', { secret });

export const tokens = () => call<Token[]>('GET', '/api/v1/tokens');
export const makeToken = (body: NewToken) => call<MadeToken>('POST', '/api/v1/tokens', body);
export const revokeToken = (id: TokenId) => call<unknown>('DELETE', `/api/v1/tokens/${id}`);

export const sessions = () => call<Session[]>('GET', '/api/v1/sessions');
export const endSession = (id: SessionId) => call<void>('DELETE', `/api/v1/sessions/${id}`);
export const endOtherSessions = () => call<void>('DELETE', '/api/v1/sessions');

export const certificates = () => call<Certificates>('GET', '/api/v1/certificates');
/** Newest first. */
export const refusals = () => call<RefusalView[]>('GET', '/api/v1/refusals');
/** The server gives it 20 s. */
const doctorMs = 40_000;
export const doctor = () => call<DoctorReport>('GET', '/api/v1/doctor', undefined, doctorMs);

/** `filter`: of AuditQuery; an action may be given several times. */
export const audit = (filter: URLSearchParams) => call<AuditPage>('GET', `/api/v1/audit?${filter}`);
export const auditCsvHref = (filter: URLSearchParams) => `/api/v1/audit.csv?${filter}`;

export const issuers = () => call<SignInIssuer[]>('GET', '/auth/issuers');
/** Where the browser goes to sign in; it comes back to `path`. `issuer`: the first, unless told. */
export const signInHref = (path: string, issuer?: string) =>
  `/auth/login?${new URLSearchParams({ ...issuer !== undefined && { with: issuer }, returnTo: path })}`;
