import type { Certificates, CertificateView } from '@sconce/protocol/certificates-api';
import { urgency } from './certificate.ts';
import { ago, clock, count, daysLeft, midnight, when } from './times.ts';

/** How long everything lives that the household's trust hangs on, as its page says it. `now`: ms since 1970. */

/** What is shown at once; the rest is history. */
export const matters = (one: CertificateView) => urgency(one) !== 'off';

/** "341 days left", "20 years left", "Ends today, 18:00", "Ended 3 days ago". */
export function lifeWords({ state, notBefore, notAfter }: CertificateView, now: number): string {
  if (state === 'revoked') return 'Revoked';
  if (state === 'superseded') return 'Replaced';
  if (Date.parse(notAfter) <= now) return `Ended ${ago(notAfter, now)}`;
  if (Date.parse(notBefore) > now) return `Begins ${when(notBefore, now)}`;
  const days = daysLeft(notAfter, now);
  if (days === 0) {
    const end = Date.parse(notAfter);
    return `Ends ${midnight(end) === midnight(now) ? 'today' : 'tomorrow'}, ${clock.format(end)}`;
  }
  return days < 1000 ? `${count(days, 'day')} left` : `${Math.round(days / 365.25)} years left`;
}

export const fullTime = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeStyle: 'short' });

const titles: Partial<Record<CertificateView['kind'], string>> = { broker: 'Broker', api: 'API', metrics: 'Metrics reader' };

/** How its row is called: boards and hosts by their names. */
export const titleOf = ({ kind, name }: CertificateView) => titles[kind]
  ?? (kind === 'board' || kind === 'web' ? name : name.charAt(0).toUpperCase() + name.slice(1));

const groups = [
  { title: 'Boards', kinds: ['board'] },
  { title: 'Household services', kinds: ['broker', 'api', 'metrics'] },
  { title: 'Authorities', kinds: ['root', 'issuing', 'services'] },
  { title: 'Revocation lists', kinds: ['crl'] },
  { title: 'Web', kinds: ['web'] },
] satisfies { title: string; kinds: CertificateView['kind'][] }[];

export interface Group { title: string; shown: CertificateView[]; past: CertificateView[] }

/** By what they are for; within, what ends first stands first, and what no longer matters apart. */
export function grouped(all: readonly CertificateView[]): Group[] {
  const byEnd = [...all].sort((a, b) => Date.parse(a.notAfter) - Date.parse(b.notAfter));
  return groups.map(({ title, kinds }) => {
    const own = byEnd.filter(({ kind }) => (kinds as string[]).includes(kind));
    return { title, shown: own.filter(matters), past: own.filter((one) => !matters(one)).reverse() };
  }).filter(({ shown, past }) => shown.length + past.length > 0);
}

/** Where the root's key is, and what that means. */
export const rootKeyWords: Record<NonNullable<Certificates['rootKey']>, { title: string; words: string; command?: string }> = {
  plain: {
    title: 'The root key lies on the server, open',
    words: 'Whoever breaks into the server could make boards and authorities of their own. Encrypt it, then carry it away.',
    command: 'make pki-lock',
  },
  encrypted: {
    title: 'The root key is on the server, encrypted',
    words: 'It opens with its passphrase alone. Better still: carry the file away. Boards renew without it.',
  },
  away: {
    title: 'The root key is away from the server',
    words: 'As it should be. It is needed only to change the authority; boards renew without it.',
  },
};

type Rotation = NonNullable<Certificates['rotation']>;

/** How far the change of an authority is. `next`: what to type when nobody is waited for. */
export function rotationWords({ authority, step, moved, of, waiting }: Rotation):
  { title: string; words: string; progress: string | undefined; next: string | undefined } {
  const title = authority === 'devices' ? 'The boards’ authority is being changed' : 'The services’ authority is being changed';
  const command = authority === 'devices' ? 'make pki-rotate' : 'make pki-rotate AUTHORITY=services';
  if (authority === 'devices' && step === 'trusting') return {
    title, progress: undefined, next: command,
    words: 'Step 1 of 3: the new authority is trusted beside the old one. No board has to do anything yet.',
  };
  const progress = `${moved} of ${count(of, 'board')} ${moved === 1 ? 'has' : 'have'} moved`;
  const next = waiting.length === 0 ? command : undefined;
  const steps: Record<typeof step, string> = authority === 'devices'
    ? { trusting: '', moving: 'Step 2 of 3: boards get certificates of the new authority, each as soon as it is connected.' }
    : {
      trusting: 'Step 1 of 3: boards learn to trust the new authority beside the old one, each as soon as it is connected.',
      moving: 'Step 2 of 3: boards learn to trust the new authority alone.',
    };
  return { title, progress, next, words: steps[step] };
}
