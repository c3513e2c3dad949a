import type { Problem, ProblemCode } from '@sconce/protocol/http';

/**
 * Something that a person asked for and that cannot be done. `code` is stable and decides the HTTP status (in one
 * place, http/problems.ts); `detail` says what is wrong and what to do.
 */
export class Failure extends Error {
  readonly code: ProblemCode;
  /** `retryAfter`: seconds to wait before it is worth trying again. */
  readonly more: Pick<Partial<Problem>, 'commandId' | 'errors' | 'retryAfter'>;

  constructor(code: ProblemCode, detail: string, more: Failure['more'] & { cause?: unknown } = {}) {
    super(detail, { cause: more.cause });
    this.code = code;
    const { cause: _, ...rest } = more;
    this.more = rest;
  }
}
