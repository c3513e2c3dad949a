import { request as plain, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as secure } from 'node:https';
import { once } from 'node:events';
import { within } from './within.ts';

/** Milliseconds for a whole answer. */
const patienceMs = 5000;
/** Bytes of a body that are of interest. */
const most = 1_000_000;

export type Answer = { status: number; date: number | undefined; body: string };

/**
 * One request without a redirect.
 * @throws what the connection says, or TooLate
 */
export async function ask(url: string | URL,
  options: RequestOptions & { servername?: string; rejectUnauthorized?: boolean } = {}): Promise<Answer> {
  const asked = (new URL(url).protocol === 'https:' ? secure : plain)(url, { agent: false, ...options });
  asked.on('error', () => undefined);
  const whole = async (): Promise<Answer> => {
    asked.end();
    const [answer] = await once(asked, 'response') as [IncomingMessage];
    const parts: Buffer[] = [];
    let size = 0;
    for await (const part of answer) {
      size += (part as Buffer).length;
      if (size > most) break;
      parts.push(part as Buffer);
    }
    const date = Date.parse(answer.headers.date ?? '');
    return { status: answer.statusCode ?? 0, date: Number.isNaN(date) ? undefined : date,
      body: Buffer.concat(parts).toString() };
  };
  try {
    return await within(patienceMs, whole());
  } finally {
    asked.destroy();
  }
}

/**
 * What another machine takes for the time, by the Date of its answer. Whoever's certificate it shows: with a clock that
 * is wrong none can be checked, and nothing but that one header is read.
 */
export async function dateAt(url: string): Promise<number | undefined> {
  return (await ask(url, { method: 'HEAD', rejectUnauthorized: false })).date;
}

/** The name of what broke. */
export const codeOf = (error: unknown): string => {
  const { code } = error as { code?: unknown };
  if (typeof code === 'string') return code;
  return error instanceof Error ? error.name : 'unknown';
};
