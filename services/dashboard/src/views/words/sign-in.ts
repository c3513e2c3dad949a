import type { ProblemCode, SignInIssuer } from '@sconce/protocol/http';

/** Why signing in did not work and what to do, by the code that the server sends the browser back with. */
const known: Partial<Record<ProblemCode, string>> = {
  sign_in_failed: 'Signing in did not work this time. Please try again; if it goes on, the log of the Sconce server says why.',
  sign_in_denied: 'You called the sign-in off, or the service that knows your account did not allow it. To come in, sign in again and agree to share your name and e-mail address.',
  sign_in_expired: 'That sign-in is over: it took too long, went on in another tab, or its address was opened twice. Please sign in again, in one tab, and with cookies allowed.',
  clock_wrong: 'The Sconce server’s clock seems to be wrong, so it can’t check who you are. Whoever looks after the server has to set its clock; then sign in again.',
  issuer_refused: 'This Sconce is not set up rightly at the service that knows your account. Trying again won’t help: whoever looks after the server has to mend it. Its log says which setting to check.',
  issuer_unknown: 'Nobody signs in to this Sconce that way. Choose one of the ways below.',
  issuer_unreachable: 'The Sconce server can’t reach the service that knows your account. Try again in a minute.',
  database_unreachable: 'The Sconce server can’t reach its database, so nobody can sign in for now. Please try again in a minute.',
  too_many_requests: 'There were too many sign-ins from your network in a short time. Wait ten minutes, then try again.',
  invitation_used: 'This invitation has been used already: each works once. If it was not you, ask for a new one.',
  invitation_ended: 'This invitation can’t be used any more. Ask whoever sent it for a new one.',
  invitation_revoked: 'This invitation was taken back. If that is a surprise, ask whoever sent it.',
  invitation_not_found: 'This invitation is not known here. Open the whole link once more, or ask for a new one.',
  deactivated: 'An admin of this household has ended the access of that account. If that was a mistake, ask them to bring it back.',
  not_signed_in: 'You have been signed out here. Sign in to go on.',
};

/** What a button says: a name helps only where there is a choice. */
export function signInLabel({ name }: SignInIssuer, all: readonly SignInIssuer[]): string {
  return all.length > 1 ? `Sign in with ${name}` : 'Sign in';
}

/** A code we do not know is shown, but only its letters: nobody's link is to speak to people in our name. */
export function signInTrouble(code: string): string {
  const letters = code.replace(/[^a-z_]/g, '').slice(0, 40);
  const words = Object.hasOwn(known, code) ? known[code as ProblemCode] : undefined;
  return words ?? `Signing in did not work (${letters || 'no reason given'}). Please try again.`;
}
