/** Why signing in did not work, by the code that the server sends the browser back with. */
const known: Record<string, string> = {
  sign_in_failed: 'Signing in did not work this time. Perhaps it took too long, or was called off. Please try again.',
  issuer_unreachable: 'The Sconce server can’t reach the service that knows your account. Try again in a minute.',
  database_unreachable: 'The Sconce server can’t reach its database, so nobody can sign in for now. Please try again in a minute.',
  too_many_requests: 'There were too many sign-ins from your network in a short time. Wait ten minutes, then try again.',
  not_signed_in: 'You have been signed out here. Sign in to go on.',
};

/** A code we do not know is shown, but only its letters: nobody's link is to speak to people in our name. */
export function signInTrouble(code: string): string {
  const letters = code.replace(/[^a-z_]/g, '').slice(0, 40);
  const words = Object.hasOwn(known, code) ? known[code] : undefined;
  return words ?? `Signing in did not work (${letters || 'no reason given'}). Please try again.`;
}
