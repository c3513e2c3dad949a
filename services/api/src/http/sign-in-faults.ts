import type { FastifyBaseLogger, FastifyReply } from 'fastify';
import { errors } from 'jose';
import { z } from 'zod';
import type { ProblemCode } from '@sconce/protocol/http';
import type { Issuer } from '../config/issuers.ts';
import { isUnreachable } from '../db/faults.ts';
import { Failure } from '../domain/failure.ts';

/**
 * Why signing in did not work: a `Failure` whose code the person is told, in the dashboard's words, and whose cause is
 * for the log. The issuer's own words appear in neither: they may hold codes and tokens.
 */

/** Cookies gone, another tab, the same way back twice: what the browser brings does not belong together. */
export const attemptOver = (reason: string) => new Failure('sign_in_expired',
  'This sign-in is not under way in this browser any more. Begin it anew.', { cause: new Error(reason) });

export const unreachable = ({ url }: Issuer, reason: string, error?: unknown) => new Failure('issuer_unreachable',
  `The sign-in service ${new URL(url).host} does not answer as it should. Try again in a moment.`,
  { cause: new Error(reason + codeOf(error)) });

const Code = z.string().regex(/^[A-Z][A-Z0-9_]+$/);
const Coded = z.object({ code: Code });

/** The name that Node gives to what broke, such as ECONNREFUSED or CERT_HAS_EXPIRED, wherever it is buried. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return '';
  if (error.name === 'TimeoutError') return ' (it took too long)';
  for (const place of [error, error.cause, (error as { data?: unknown }).data]) {
    const found = Coded.safeParse(place);
    if (found.success) return ` (${found.data.code})`;
  }
  return '';
}

const misset = (reason: string) => new Failure('issuer_refused',
  'The sign-in service does not accept this Sconce. Its owner has to look at the log.', { cause: new Error(reason) });

/** Errors by which an issuer says that the household is not registered there as it says, and what its owner must check. */
const missettings: Record<string, (issuer: Issuer, redirectUri: string) => string> = {
  invalid_client: ({ prefix }) => `the issuer does not know the client or its secret: check ${prefix}CLIENT_ID and `
    + `${prefix}CLIENT_SECRET, or the files that ${prefix}CLIENT_ID_FILE and ${prefix}CLIENT_SECRET_FILE name`,
  unauthorized_client: ({ prefix }) => 'the issuer does not let this client sign people in: check that '
    + `${prefix}CLIENT_ID is a web application there, with the authorization code flow`,
  // Google's, not in the standard: https://developers.google.com/identity/protocols/oauth2/web-server#authorization-errors
  redirect_uri_mismatch: ({ prefix }, redirectUri) => `the issuer does not know the way back: register ${redirectUri} there `
    + `for the client in ${prefix}CLIENT_ID, and check PUBLIC_URL, from which it is made`,
  invalid_scope: ({ prefix }) => `the issuer does not let the client in ${prefix}CLIENT_ID ask for openid, email and profile`,
  unsupported_response_type: ({ prefix }) => `the issuer in ${prefix}ISSUER does not offer the authorization code flow`,
};

/** Trouble that passes (RFC 6749, 4.1.2.1). */
const passing = new Set(['server_error', 'temporarily_unavailable']);

/** An error code of RFC 6749 and its kin, as it came in the address or from the token endpoint. */
export function refusedBy(issuer: Issuer, redirectUri: string, code: string): Error {
  if (code === 'access_denied') {
    return new Failure('sign_in_denied', 'The sign-in was called off at the sign-in service. Begin it anew.',
      { cause: new Error('the person, or the issuer for them, did not agree (access_denied)') });
  }
  if (passing.has(code)) return unreachable(issuer, `the issuer says ${code}`);
  const check = Object.hasOwn(missettings, code) ? missettings[code] : undefined;
  if (check) return misset(`${check(issuer, redirectUri)} (${code})`);
  if (code === 'invalid_grant') {
    return new Error('the issuer does not accept the code: it was used, has expired, or was given for another client, '
      + 'PKCE verifier or way back (invalid_grant)');
  }
  return new Error('the issuer answered with an error that is not known here');
}

/** As simple-oauth2 throws them: Boom errors, https://hapi.dev/module/wreck/api */
const Answered = z.object({
  data: z.object({ isResponseError: z.literal(true), payload: z.unknown() }),
  output: z.object({ statusCode: z.number() }),
});
const NotAnswered = z.object({ isBoom: z.literal(true), output: z.object({ statusCode: z.number() }) });
const Refusal = z.object({ error: z.string() });

/** The token endpoint gave no token. */
export function tokenFault(issuer: Issuer, redirectUri: string, error: unknown): Error {
  const answered = Answered.safeParse(error);
  if (answered.success) {
    const { data: { payload }, output: { statusCode } } = answered.data;
    const said = Refusal.safeParse(payload).data?.error;
    // RFC 6749, 5.2: 401 is for a client that cannot prove itself, in whatever words.
    if (said === undefined && statusCode === 401) return refusedBy(issuer, redirectUri, 'invalid_client');
    if (said !== undefined && statusCode < 500) return refusedBy(issuer, redirectUri, said);
    return unreachable(issuer, `the token endpoint answered ${statusCode}`);
  }
  const status = NotAnswered.safeParse(error).data?.output.statusCode;
  if (status === 504 || status === 408) return unreachable(issuer, 'the token endpoint did not answer in time');
  if (status !== undefined) return unreachable(issuer, 'the token endpoint cannot be reached, or speaks no JSON', error);
  return new Error('the token endpoint’s answer cannot be read');
}

/** The issuer's keys could not be had. A key that is not among them is another matter: then the token is not good. */
export function keysFault(issuer: Issuer, error: unknown): Error {
  if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys) return error;
  return unreachable(issuer, 'the issuer’s keys (jwks_uri) cannot be had', error);
}

const clockWrong = (reason: string) => new Failure('clock_wrong',
  'The clocks of this server and of the sign-in service do not agree. The owner has to set this server’s.',
  { cause: new Error(`${reason}: is this server’s clock right?`) });

/** Seconds since 1970, as in tokens. */
const Times = z.object({ exp: z.number().optional(), nbf: z.number().optional(), iat: z.number().optional() });

/**
 * Whether the times of an ID token, which is signed and only just made, say that one of the two clocks is wrong.
 * @param now seconds since 1970
 */
export function clockFault(claims: unknown, now: number, toleranceSeconds: number): Failure | undefined {
  const { exp = Infinity, nbf = -Infinity, iat = -Infinity } = Times.safeParse(claims).data ?? {};
  const late = Math.round(now - exp);
  const early = Math.round(Math.max(nbf, iat) - now);
  if (late >= toleranceSeconds) return clockWrong(`the ID token ended ${late} s ago`);
  if (early > toleranceSeconds) return clockWrong(`the ID token begins only in ${early} s`);
  return undefined;
}

/** What somebody has to look after: the owner, or whoever runs the issuer. The rest is everyday, or an attack. */
const forTheOwner: ReadonlySet<ProblemCode> = new Set(
  ['issuer_refused', 'issuer_unreachable', 'clock_wrong', 'database_unreachable', 'internal']);

/**
 * Tells the log what went wrong.
 * @param issuer the id of the one that it was about
 * @returns what the sign-in page is told: our own failures by their code, and no more of anything else than that it failed
 */
export function tellFault(log: FastifyBaseLogger, error: unknown, what: string, issuer: string | undefined): ProblemCode {
  const code = error instanceof Failure ? error.code : isUnreachable(error) ? 'database_unreachable' : 'sign_in_failed';
  const cause = error instanceof Failure && error.cause instanceof Error ? error.cause : error;
  const reason = cause instanceof Error ? cause.message || cause.name : String(cause);
  log[forTheOwner.has(code) ? 'error' : 'warn']({ issuer, code, reason }, what);
  return code;
}

/** The dashboard's sign-in page says in words what went wrong. */
export function endOnPage(reply: FastifyReply, error: unknown, code: ProblemCode) {
  const wait = error instanceof Failure ? error.more.retryAfter : undefined;
  if (wait !== undefined) reply.header('retry-after', wait);
  return reply.redirect(`/sign-in?problem=${code}`);
}
