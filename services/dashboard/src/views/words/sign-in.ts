/** Why signing in did not work, by the code that the server sends the browser back with. */
const known: Record<string, string> = {
  sign_in_failed: 'Signing in did not work this time. Perhaps it took too long, or was called off. Please try again.',
  issuer_unreachable: 'The Sconce server can’t reach the service that knows your account. Try again in a minute.',
  database_unreachable: 'The Sconce server can’t reach its database, so nobody can sign in for now. Please try again in a minute.',
  invitation_used: 'This invitation has been used already: each works once. If it was not you, ask for a new one.',
  invitation_ended: 'This invitation can’t be used any more. Ask whoever sent it for a new one.',
  invitation_revoked: 'This invitation was taken back. If that is a surprise, ask whoever sent it.',
  invitation_not_found: 'This invitation is not known here. Open the whole link once more, or ask for a new one.',
  deactivated: 'An admin of this household has ended the access of that account. If that was a mistake, ask them to bring it back.',
  not_signed_in: 'You have been signed out here. Sign in to go on.',
};

/** A code we do not know is shown, but only its letters: nobody's link is to speak to people in our name. */
export function signInTrouble(code: string): string {
  const letters = code.replace(/[^a-z_]/g, '').slice(0, 40);
  const words = Object.hasOwn(known, code) ? known[code] : undefined;
  return words ?? `Signing in did not work (${letters || 'no reason given'}). Please try again.`;
}
