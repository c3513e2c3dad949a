import { warnDays, type CertificateView } from '@sconce/protocol/certificates-api';

const day = 86_400_000;

export const daysUntil = (end: Date, now: Date): number => Math.floor((end.getTime() - now.getTime()) / day);

/**
 * How urgent an end is: the smallest of `warnDays` that it is nearer than, 0 once it is past, null: not at all.
 * @param renewAt for what is renewed without a person: from when on. Only if that has not come about is there anything to
 *   say; a tenth of the time that is left then is given it, as a board may be off, and a timer not have struck.
 */
export function levelOf(end: Date, renewAt: Date | null, now: Date): number | null {
  if (renewAt !== null) {
    const grace = Math.max(0, end.getTime() - renewAt.getTime()) / 10;
    if (now.getTime() < renewAt.getTime() + grace) return null;
  }
  if (end <= now) return 0;
  return warnDays.filter((days) => end.getTime() - now.getTime() < days * day).at(-1) ?? null;
}

/** How people are told. The dashboard and the metrics show what is, and remember nothing. */
export type WarningWay = 'log' | 'webhook' | 'email';

/** What people are warned of, once: the same thing with another end is another. */
export type Warning = Pick<CertificateView, 'kind' | 'name' | 'device' | 'notAfter' | 'daysLeft' | 'advice'> & {
  /** Of `name` in the table: a board by its id, as names change. */
  key: string;
  level: number;
};

export const warningsIn = (views: readonly CertificateView[]): Warning[] => views.flatMap((view) => {
  const { kind, name, device, notAfter, daysLeft, advice, warning: level } = view;
  return level === null ? [] : [{ kind, name, device, notAfter, daysLeft, advice, level, key: `${kind} ${device ?? name}` }];
});

const what: Record<CertificateView['kind'], (name: string) => string> = {
  root: (name) => `The ${name}’s certificate`,
  issuing: (name) => `The ${name}’s certificate`,
  services: (name) => `The ${name}’s certificate`,
  broker: () => 'The broker’s certificate',
  api: () => 'The API’s certificate',
  metrics: () => 'The metrics reader’s certificate',
  board: (name) => `The certificate of the board “${name}”`,
  crl: (name) => `The revocation list of the ${name}`,
  web: (name) => `The web’s certificate for ${name}`,
};

/** One line: what ends when, and what to do. */
export function warningWords({ kind, name, notAfter, daysLeft, advice }: Warning): string {
  const on = `${notAfter.slice(0, 10)} ${notAfter.slice(11, 16)} UTC`;
  const when = daysLeft < 0 ? `ended on ${on}` : daysLeft === 0 ? `ends within a day, on ${on}`
    : `ends in ${daysLeft} day${daysLeft === 1 ? '' : 's'}, on ${on}`;
  return `${what[kind](name)} ${when}.${advice === null ? '' : ` ${advice}`}`;
}
