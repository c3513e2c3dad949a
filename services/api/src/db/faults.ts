const codes = /^(ECONN|ENOTFOUND|EAI_AGAIN|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|08|57P0[123]|53300)/;
const words = /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection)/;

type Thrown = { code?: string; message: string };

/**
 * Whether the database could not be asked, as opposed to having refused: sockets that fail, class 08 (connection
 * exception), 57P01–03 (shutdown and start), 53300 (too many connections), and what pg and its pool say without a code.
 * Codes: https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
export function isUnreachable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code = '', message } = error as Thrown;
  return codes.test(code) || words.test(message);
}

/** 23505: two people chose the same name at the same moment. */
export const isUniqueViolation = ({ code }: { code?: string }): boolean => code === '23505';

/** 23503: what a row belongs to was removed at the same moment. */
export const isOrphan = ({ code }: { code?: string }): boolean => code === '23503';

/** 42501: this role has not been given the right. */
export const isForbidden = ({ code }: { code?: string }): boolean => code === '42501';

/** 22021, 22P05: a character that text in PostgreSQL cannot hold; of those that JSON can, NUL alone. */
export const isUnstorableText = ({ code }: { code?: string }): boolean => code === '22021' || code === '22P05';

/** 28P01: with passwords, also what is said of a role that is not there; 28000: what trust and peer say of it. */
export const isMissingOrWrongPassword = ({ code }: { code?: string }): boolean => code === '28P01' || code === '28000';
