import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { hasZodFastifySchemaValidationErrors, isResponseSerializationError } from 'fastify-type-provider-zod';
import { limits } from '@sconce/protocol/limits';
import type { Problem, ProblemCode } from '@sconce/protocol/http';
import { isOrphan, isUniqueViolation, isUnreachable, isUnstorableText } from '../db/faults.ts';
import { Failure } from '../domain/failure.ts';
import type { Meter } from '../domain/meter.ts';

/** The one place where a code becomes an HTTP status. */
const statuses: Record<ProblemCode, readonly [status: number, title: string]> = {
  invalid_request: [400, 'The request cannot be understood'],
  body_too_large: [413, 'The request is too large'],
  unsupported_media_type: [415, 'The request is not JSON'],
  not_found: [404, 'There is nothing here'],
  not_signed_in: [401, 'Not signed in'],
  token_invalid: [401, 'The token is not valid'],
  pending_approval: [403, 'Waiting for approval'],
  deactivated: [403, 'Access has ended'],
  guest_ended: [403, 'The visit is over'],
  forbidden: [403, 'Not allowed'],
  scope_missing: [403, 'The token may not do that'],
  cross_site: [403, 'The request came from another site'],
  too_many_requests: [429, 'Too many requests'],
  outlet_not_found: [404, 'No such outlet'],
  device_not_found: [404, 'No such board'],
  token_not_found: [404, 'No such token'],
  session_not_found: [404, 'No such session'],
  share_not_found: [404, 'Not shared'],
  scene_not_found: [404, 'No such scene'],
  invitation_not_found: [404, 'No such invitation'],
  invitation_used: [410, 'The invitation was used'],
  invitation_ended: [410, 'The invitation has ended'],
  invitation_revoked: [410, 'The invitation was taken back'],
  device_not_adopted: [409, 'The board is new'],
  device_adopted_already: [409, 'The board is adopted already'],
  device_not_capable: [409, 'The board cannot do that'],
  outlet_toggles: [409, 'The outlet only toggles'],
  device_revoked: [409, 'The board is revoked'],
  name_taken: [409, 'The name is taken'],
  person_not_found: [404, 'No such person'],
  last_admin: [409, 'The last admin has to stay'],
  guest_needs_end: [400, 'A guest needs an end'],
  device_offline: [409, 'The board is offline'],
  command_expired: [504, 'The board did not answer'],
  command_refused: [502, 'The board refused'],
  command_failed: [502, 'The board failed'],
  broker_unreachable: [503, 'The message broker is out of reach'],
  authority_unreachable: [503, 'The household’s authority is out of reach'],
  authority_failed: [502, 'The household’s authority could not do it'],
  doctor_failed: [500, 'The doctor could not finish'],
  sign_in_failed: [400, 'Signing in failed'],
  sign_in_denied: [403, 'The sign-in was called off'],
  sign_in_expired: [400, 'The sign-in is over'],
  clock_wrong: [500, 'The clocks do not agree'],
  issuer_refused: [502, 'The sign-in service refused'],
  issuer_unknown: [404, 'No such sign-in service'],
  issuer_unreachable: [503, 'The sign-in service is out of reach'],
  database_unreachable: [503, 'The database is out of reach'],
  internal: [500, 'Something went wrong here'],
  api_unreachable: [503, 'The server does not answer'],
};

/** A problem document (RFC 9457) for this failure. */
export function problemOf(failure: Failure, requestId: string): Problem {
  const { code, message: detail, more } = failure;
  const [status, title] = statuses[code];
  return { type: 'about:blank', title, status, detail, code, requestId, ...more };
}

/** Answers every error, and every unknown address, with a problem document; tells nobody outside what broke inside. */
export function answerWithProblems(app: FastifyInstance, meter: Pick<Meter, 'problem'>): void {
  const answer = (reply: FastifyReply, request: FastifyRequest, failure: Failure) => {
    const problem = problemOf(failure, request.id);
    meter.problem(failure.code);
    if (problem.status === 401) reply.header('www-authenticate', 'Bearer realm="sconce"');
    if (problem.retryAfter !== undefined) reply.header('retry-after', problem.retryAfter);
    return reply.code(problem.status).type('application/problem+json').send(JSON.stringify(problem));
  };
  app.setErrorHandler<FastifyError>((error, request, reply) => {
    const failure = failureOf(error);
    if (failure.code === 'internal') request.log.error({ err: error }, 'unexpected error');
    else if (failure.code === 'database_unreachable') request.log.error({ err: error }, 'the database is out of reach');
    return answer(reply, request, failure);
  });
  app.setNotFoundHandler((request, reply) => {
    const what = `${request.method} ${request.url.split('?')[0] ?? ''}`;
    const words = `There is no ${what}. The API is described at /api/v1/docs.`;
    return answer(reply, request, new Failure('not_found', words));
  });
}

/** Fastify's own errors, by their codes (https://fastify.dev/docs/latest/Reference/Errors/). */
const fastifyFailures: Record<string, () => Failure> = {
  FST_ERR_CTP_BODY_TOO_LARGE: () => new Failure('body_too_large',
    `A request may have at most ${limits.requestBytes} bytes.`),
  FST_ERR_CTP_INVALID_MEDIA_TYPE: () => new Failure('unsupported_media_type',
    'Send JSON, with the header content-type: application/json.'),
  FST_ERR_CTP_EMPTY_JSON_BODY: () => new Failure('invalid_request', 'The request announces JSON but has no body.'),
  FST_ERR_CTP_INVALID_JSON_BODY: () => new Failure('invalid_request', 'The body is not valid JSON.'),
};

function failureOf(error: FastifyError | Failure): Failure {
  if (error instanceof Failure) return error;
  if (hasZodFastifySchemaValidationErrors(error)) return invalid(error.validation);
  if (isResponseSerializationError(error)) return internal();
  const known = fastifyFailures[error.code];
  if (known) return known();
  if (isUniqueViolation(error)) return new Failure('name_taken', 'That name has just been taken. Choose another one.');
  if (isOrphan(error)) {
    return new Failure('not_found', 'What this was about has just been removed by somebody else. Look again.');
  }
  if (isUnstorableText(error)) {
    return new Failure('invalid_request', 'A text holds a character that cannot be kept (NUL). Leave it out.');
  }
  if (isUnreachable(error)) {
    return new Failure('database_unreachable', 'The server cannot reach its database. Try again in a moment.');
  }
  if (error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500) {
    return new Failure('invalid_request', 'The request cannot be understood.');
  }
  return internal();
}

const internal = () => new Failure('internal',
  'This is a fault of the server, not yours. Its log has the details, under the request id beside this.');

type Validation = { instancePath: string; message?: string | undefined; params?: object };

function invalid(issues: readonly Validation[]): Failure {
  const errors = issues.map(({ instancePath, message }) => ({
    path: instancePath.replace(/^\//, '').replaceAll('/', '.'),
    message: message ?? 'is not valid',
  }));
  const first = errors[0];
  const where = first?.path ? `${first.path}: ` : '';
  const detail = `${where}${first?.message ?? 'The request is not valid'}. The API is described at /api/v1/docs.`;
  return new Failure('invalid_request', detail, { errors });
}
