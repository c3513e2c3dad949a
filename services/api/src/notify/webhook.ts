import { warningWords, type Warning } from '../domain/warnings.ts';
import type { Way } from './way.ts';

/** Milliseconds for an answer. */
const patienceMs = 10_000;

/**
 * POSTs JSON: `text` is the whole in words, as chat services show it; `warnings` is for programs.
 * @param url may hold a secret, as most webhooks' do: neither logs nor errors name more of it than its host
 * @param publicUrl where the household's dashboard is
 */
export function webhookWay(url: string, publicUrl: string): Way {
  const { host } = new URL(url);
  return {
    name: 'webhook',
    async tell(warnings) {
      const status = await post(url, bodyOf(warnings, publicUrl)).catch((error: unknown) => {
        throw new Error(`The webhook at ${host} does not answer: ${causeOf(error)}. Look at WARN_WEBHOOK_URL.`);
      });
      if (status >= 200 && status < 300) return;
      throw new Error(`The webhook at ${host} answered ${status} in place of 2xx. Look at WARN_WEBHOOK_URL`
        + `${status >= 300 && status < 400 ? ': another address is not followed' : ''}.`);
    },
  };
}

async function post(url: string, body: object): Promise<number> {
  const answer = await fetch(url, {
    method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json', 'user-agent': 'Sconce' },
    // Elsewhere nobody was asked to be told.
    redirect: 'manual', signal: AbortSignal.timeout(patienceMs),
  });
  await answer.body?.cancel();
  return answer.status;
}

/** What fetch says first is "fetch failed"; some of what it says beneath quotes the address. */
function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'it failed';
  if (error.name === 'TimeoutError') return `silent for ${patienceMs / 1000} s`;
  const { code } = (error.cause ?? {}) as { code?: unknown };
  return typeof code === 'string' ? code : 'it failed';
}

const bodyOf = (warnings: readonly Warning[], publicUrl: string) => ({
  source: 'sconce',
  text: warnings.map(warningWords).join('\n'),
  url: publicUrl,
  warnings: warnings.map(({ kind, name, device, level, notAfter, daysLeft, advice, ...one }) =>
    ({ kind, name, device, level, notAfter, daysLeft, what: warningWords({ ...one, kind, name, device, level, notAfter, daysLeft, advice: null }), advice })),
});
