import type { Problem, ProblemCode } from '@sconce/protocol/http';

/**
 * Types only from the protocol, no schemas: zod would more than double what a phone loads, and buys little here. The
 * answers come from our own server of the same release, no right is decided on this side, and a page that was opened
 * before an update must not go blank over an icon it does not know. What may truly come from somebody else (a proxy's
 * error page in place of a problem document, an event of a newer server) is looked at before it is believed.
 */

/** `unreachable`: no answer. `unexpected`: an answer, but not one of the API's. A newer server may know more codes. */
export type FailureCode = ProblemCode | 'unreachable' | 'unexpected' | (string & {});

/** What is wrong with one field of a form. `path`: where, with dots: `control.on.code`. */
export interface FieldError { path: string; message: string }

/** A call that did not succeed. `detail` is for people; `status` is 0 where there was no answer. */
export class Failure extends Error {
  readonly code: FailureCode;
  readonly status: number;
  readonly detail: string;
  readonly fields: FieldError[];

  constructor(failure: { code: FailureCode; status: number; detail: string; fields?: FieldError[] }) {
    super(`${failure.code}: ${failure.detail}`);
    this.code = failure.code;
    this.status = failure.status;
    this.detail = failure.detail;
    this.fields = failure.fields ?? [];
  }
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

/** Reads an answer that is not a success: a problem document (RFC 9457), or whatever stands in its place. */
export async function failureOf(response: Response): Promise<Failure> {
  const body: unknown = await response.json().catch(() => undefined);
  if (!isObject(body) || typeof body.code !== 'string' || typeof body.detail !== 'string') {
    return new Failure({
      code: 'unexpected',
      status: response.status,
      detail: `The server gave an answer that was not Sconce's (${response.status}). Wait a moment and try again.`,
    });
  }
  const problem = body as Partial<Problem> & { code: string; detail: string };
  const errors = Array.isArray(problem.errors) ? problem.errors : [];
  return new Failure({
    code: problem.code,
    status: response.status,
    detail: problem.detail,
    fields: errors.map((error) => ({ path: String(error.path), message: String(error.message) })),
  });
}

export const unreachable = () => new Failure({
  code: 'unreachable',
  status: 0,
  detail: 'Your Sconce server can’t be reached. Check the connection and try again.',
});

/** Longer than the longest call, a switch that waits 4 s for its board. */
const timeoutMs = 12_000;

/**
 * One call to the API. Resolves to the answer's JSON (`undefined` for 204).
 * @param patience in milliseconds, for what takes longer
 * @throws {Failure}
 */
export async function call<T>(method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, body?: unknown,
  patience = timeoutMs): Promise<T> {
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      signal: AbortSignal.timeout(patience),
      headers: { accept: 'application/json', ...(body !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  } catch {
    throw unreachable();
  }
  if (!response.ok) throw await failureOf(response);
  if (response.status === 204) return undefined as T;
  return response.json().catch(() => {
    const { status } = response;
    throw new Failure({ code: 'unexpected', status, detail: 'The server’s answer could not be read.' });
  }) as Promise<T>;
}

/** Any thrown thing as a Failure; a fault of our own is thrown on, to be seen. */
export function asFailure(error: unknown): Failure {
  if (error instanceof Failure) return error;
  throw error;
}
