import type { PersonId, SessionId, TokenId } from '@sconce/protocol/ids';
import type { PersonState, Role, Scope } from '@sconce/protocol/http';
import { Failure } from './failure.ts';

export type Person = {
  id: PersonId;
  name: string;
  email: string;
  picture: string | null;
  role: Role;
  state: PersonState;
  /** Guests have an end, others have none. Once it is past they may do nothing, though their state stays "active". */
  guestUntil: Date | null;
};

export type SessionHolder = { via: 'session'; person: Person; sessionId: SessionId };

/** Who has shown a session's secret or a token. */
export type Known =
  | SessionHolder
  | { via: 'token'; person: Person; tokenId: TokenId; tokenName: string; scopes: readonly Scope[] };

/**
 * Who asks, and from which network address: a person in a browser, or a script with one of their tokens, which can do
 * no more than its scopes say.
 */
export type Viewer = Known & { address: string };
export type SessionViewer = SessionHolder & { address: string };

/** What a viewer came with; when it is ended, what they have open closes. */
export const credentialOf = (viewer: Viewer): SessionId | TokenId =>
  viewer.via === 'session' ? viewer.sessionId : viewer.tokenId;

export const hasEnded = ({ guestUntil }: Person, at: Date): boolean => guestUntil !== null && guestUntil <= at;

export const isAdmin = ({ person }: Viewer): boolean => person.role === 'admin';

/** Whether the household's business is this viewer's: an admin's, and with a token only if it may manage. */
export const mayManage = (viewer: Viewer): boolean =>
  isAdmin(viewer) && (viewer.via === 'session' || viewer.scopes.includes('manage'));

/** @throws Failure `scope_missing` */
export function requireScope(viewer: Viewer, scope: Scope): void {
  if (viewer.via === 'token' && !viewer.scopes.includes(scope)) {
    throw new Failure('scope_missing',
      `This token may not do that: it needs the scope "${scope}". Make one under Settings.`);
  }
}

/** @throws Failure `forbidden`, `scope_missing` */
export function requireAdmin(viewer: Viewer): void {
  requireScope(viewer, 'manage');
  if (!isAdmin(viewer)) throw new Failure('forbidden', 'Only an admin of this household can do that. Ask one of them.');
}

/** Tokens must not make tokens: a leaked one would outlive its own revocation. @throws Failure `forbidden` */
export function requireSession(viewer: Viewer): asserts viewer is SessionViewer {
  if (viewer.via !== 'session') {
    throw new Failure('forbidden', 'A token cannot do this. Sign in with a browser and do it there.');
  }
}

/** @throws Failure `pending_approval`, `deactivated`, `guest_ended` */
export function requireActive(viewer: Viewer, at: Date): void {
  if (viewer.person.state === 'pending') {
    throw new Failure('pending_approval', 'You are signed in, but an admin of this household has to let you in first.');
  }
  refuseShutOut(viewer, at);
}

/** Lets those pass who are in, and those who wait to be let in. @throws Failure `deactivated`, `guest_ended` */
export function refuseShutOut({ person }: Viewer, at: Date): void {
  if (person.state === 'deactivated') {
    throw new Failure('deactivated', 'Your access to this household has ended. Ask an admin if that is a mistake.');
  }
  if (person.guestUntil !== null && hasEnded(person, at)) {
    throw new Failure('guest_ended',
      `Your access ended on ${inWords.format(person.guestUntil)} UTC. Ask an admin of this household for more time.`);
  }
}

const inWords = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' });
