import type { FastifyRequest } from 'fastify';
import { z } from 'zod';

/** A path of ours: one slash, then anything but a second one (`//evil.example` is another site, and `/\` as well). */
export const LocalPath = z.string().max(500).regex(/^\/(?![/\\])[\x21-\x7e]*$/).catch('/');

/** What the browser keeps, in the encrypted cookie, while the person is at the issuer. */
const Attempt = z.object({
  /** The id of the issuer that they were sent to: an answer from any other is not theirs (RFC 9700, 4.4). */
  issuer: z.string(),
  nonce: z.string(),
  returnTo: LocalPath,
});
export type Attempt = z.infer<typeof Attempt>;

declare module '@fastify/secure-session' {
  interface SessionData {
    attempt: Attempt;
  }
}

/** The latest counts: a sign-in that was begun before, in another tab, cannot be ended any more. */
export function keepAttempt(request: FastifyRequest, attempt: Attempt): void {
  request.session.set('attempt', attempt);
}

/** One use, whatever comes of it. A session that is there stays: a link to the way back must not sign anybody out. */
export function takeAttempt(request: FastifyRequest): Attempt | undefined {
  const attempt = Attempt.safeParse(request.session.get('attempt'));
  request.session.set('attempt', undefined);
  return attempt.data;
}
