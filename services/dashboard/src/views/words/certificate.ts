import type { CertificateView } from '@sconce/protocol/certificates-api';
import { count, dayOfYear, daysLeft } from './times.ts';

/** What the home page and the boards say of certificates; their own page says more (lives.ts). `now`: ms since 1970. */

/** `off`: it opens nothing any more, and nobody misses it. */
export type Urgency = 'fine' | 'due' | 'urgent' | 'off';

export function urgency({ state, warning }: CertificateView): Urgency {
  if (warning !== null) return warning <= 7 ? 'urgent' : 'due';
  return state === 'valid' || state === 'not_yet_valid' ? 'fine' : 'off';
}

const renewers: Record<CertificateView['kind'], { due: string; late: string }> = {
  board: { due: 'The board renews it by itself from', late: 'The board should have renewed it on' },
  broker: { due: 'The server renews it by itself from', late: 'The server should have renewed it on' },
  api: { due: 'The server renews it by itself from', late: 'The server should have renewed it on' },
  metrics: { due: 'The server renews it by itself from', late: 'The server should have renewed it on' },
  crl: { due: 'The server makes the next one from', late: 'The server should have made the next one on' },
  web: { due: 'The web server renews it by itself from', late: 'The web server should have renewed it on' },
  root: { due: 'Time to rotate it from', late: 'Time to rotate it since' },
  issuing: { due: 'Time to rotate it from', late: 'Time to rotate it since' },
  services: { due: 'Time to rotate it from', late: 'Time to rotate it since' },
};

/** "The board renews it by itself from 23 March 2028." */
export function renewalWords(one: Pick<CertificateView, 'kind' | 'renewAt'>, now: number): string | undefined {
  if (one.renewAt === null) return undefined;
  const at = Date.parse(one.renewAt);
  const { due, late } = renewers[one.kind];
  return `${at > now ? due : late} ${dayOfYear.format(at)}.`;
}

/** What ends. */
function subjectOf({ kind, name }: CertificateView): string {
  switch (kind) {
    case 'board':
    case 'web': return `${name}’s certificate`;
    case 'broker': return 'The broker’s certificate';
    case 'api': return 'The API’s certificate';
    case 'metrics': return 'The metrics reader’s certificate';
    case 'crl': return `The revocation list of the ${name}`;
    case 'root':
    case 'issuing':
    case 'services': return `The ${name}`;
  }
}

/** "Hall board’s certificate ends in 6 days." */
export function warningWords(one: CertificateView, now: number): string {
  const subject = subjectOf(one);
  if (Date.parse(one.notAfter) <= now) return `${subject} has ended.`;
  const days = daysLeft(one.notAfter, now);
  return `${subject} ends ${days === 0 ? 'within a day' : `in ${count(days, 'day')}`}.`;
}

/** What the home page says to admins, if there is anything to say. */
export function bannerWords(warned: readonly CertificateView[], faults: number, now: number):
  { words: string; urgent: boolean } | undefined {
  const [first, ...more] = warned;
  if (first) {
    const rest = more.length === 0 ? '' : ` ${count(more.length, 'more needs', 'more need')} you, too.`;
    return { words: warningWords(first, now) + rest, urgent: urgency(first) === 'urgent' };
  }
  return faults === 0 ? undefined
    : { words: 'Something about the certificates could not be looked at, or not be done.', urgent: false };
}

/** "Cut off after 0.9 s." */
export const cutWords = (ms: number) => `Cut off after ${(Math.max(ms, 100) / 1000).toFixed(1)} s.`;
