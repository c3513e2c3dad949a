import { Agent, request } from 'node:http';
import { AuthorityProblem, type InUse, Inventory, Revoked, Signed } from '@sconce/protocol/authority';
import type { DeviceId } from '@sconce/protocol/ids';
import type { z } from 'zod';

/** The household's authority, which holds the keys that sign: a process of its own, behind a Unix socket. */
export type Authority = {
  /** Whether there is one: without it boards cannot renew, and nobody can be revoked from here. */
  readonly present: boolean;
  /** @throws AuthorityUnreachable, AuthorityRefused; so do all of these */
  inventory(): Promise<Inventory>;
  /** @param id whom the broker vouches for; @param asked PKCS #10 in base64 */
  sign(id: DeviceId, asked: string): Promise<Signed>;
  revoke(id: DeviceId): Promise<Revoked>;
  tellInUse(report: z.infer<typeof InUse>): Promise<void>;
  /** Has the API's own certificate made anew. @returns whether it was time */
  renewOwn(): Promise<boolean>;
};

/** It is not there, or does not answer as agreed. The message is for people: what is wrong, and what to do. */
export class AuthorityUnreachable extends Error {
  override name = 'AuthorityUnreachable';
}

/** It will not, or could not. `code`: of `signRefusals`, or what else it says; the message is its own, for people. */
export class AuthorityRefused extends Error {
  override name = 'AuthorityRefused';
  readonly code: string;

  constructor({ code, why }: AuthorityProblem) {
    super(why);
    this.code = code;
  }
}

/** Milliseconds for an answer: many boards may have asked before, and the store is one's alone for as long as it is written. */
const patienceMs = 90_000;
const longestAnswer = 4_000_000;
/**
 * Requests of boards that are under way at once: all of them may renew in the same minute, and would take every file that
 * this process may open. What people ask for does not wait behind them.
 */
const mostOfBoards = 8;

/** @param socket AUTHORITY_SOCKET; undefined: there is none, and every call says so */
export function createAuthority(socket: string | undefined): Authority {
  const ofBoards = new Agent({ maxSockets: mostOfBoards });
  const ask = (method: string, path: string, body?: object, agent?: Agent) => socket === undefined ? Promise.reject(notSet())
    : exchange({ socketPath: socket, method, path, agent: agent ?? false }, body);
  const read = async <T>(schema: z.ZodType<T>, method: string, path: string, body?: object, agent?: Agent): Promise<T> => {
    const { status, text } = await ask(method, path, body, agent);
    if (status !== 200) throw refusal(status, text);
    return understand(schema, text);
  };
  return {
    present: socket !== undefined,
    inventory: () => read(Inventory, 'GET', '/inventory'),
    sign: (id, asked) => read(Signed, 'POST', '/certificates', { id, request: asked }, ofBoards),
    revoke: (id) => read(Revoked, 'POST', '/revocations', { id }),
    async tellInUse(report) {
      const { status, text } = await ask('POST', '/in-use', report, ofBoards);
      if (status !== 204) throw refusal(status, text);
    },
    async renewOwn() {
      const { status, text } = await ask('POST', '/own');
      if (status !== 204 && status !== 409) throw refusal(status, text);
      return status === 204;
    },
  };
}

const notSet = () => new AuthorityUnreachable('This server has no authority beside it that could sign or revoke: '
  + 'AUTHORITY_SOCKET is not set. Start services/authority, and give the API its socket.');

function refusal(status: number, text: string): Error {
  const problem = understand(AuthorityProblem, text);
  return status < 500 || problem.code !== 'unavailable' ? new AuthorityRefused(problem) : new AuthorityUnreachable(problem.why);
}

function understand<T>(schema: z.ZodType<T>, text: string): T {
  try {
    return schema.parse(JSON.parse(text));
  } catch (error) {
    throw new AuthorityUnreachable('The authority’s answer cannot be understood: it and the API differ in version. '
      + 'Update both to the same.', { cause: error });
  }
}

function exchange(where: { socketPath: string; method: string; path: string; agent: Agent | false }, body?: object):
  Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const fail = (cause: Error) => reject(new AuthorityUnreachable(
      `The authority does not answer at ${where.socketPath} (${cause.message}). Is services/authority running, and may the API `
      + 'open its socket?', { cause }));
    const asking = request({ ...where, timeout: patienceMs,
      ...body && { headers: { 'content-type': 'application/json' } } }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (part: string) => {
        text += part;
        if (text.length > longestAnswer) answer.destroy(new Error('its answer does not end'));
      });
      answer.once('error', fail);
      answer.once('end', () => resolve({ status: answer.statusCode ?? 0, text }));
    });
    asking.once('timeout', () => asking.destroy(new Error(`silent for ${patienceMs / 1000} s`)));
    asking.once('error', fail);
    asking.end(body && JSON.stringify(body));
  });
}
