import { AuthorityRefused, AuthorityUnreachable } from '../authority/client.ts';
import { Failure } from '../domain/failure.ts';

/**
 * For what a person asked for: asks the authority, and says in the API's codes why it cannot be done.
 * @throws Failure `authority_unreachable`, `authority_failed`
 */
export async function askAuthority<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof AuthorityUnreachable) throw new Failure('authority_unreachable', error.message, { cause: error });
    if (error instanceof AuthorityRefused) throw new Failure('authority_failed', error.message, { cause: error });
    throw error;
  }
}
