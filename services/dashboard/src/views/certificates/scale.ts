import type { CertificateView } from '@sconce/protocol/certificates-api';

const dayMs = 86_400_000;

/**
 * Time as people see it: a week matters to what ends next week, and a year to what ends in twenty. So the drawing is
 * logarithmic on both sides of today, and even within some days of it; a straight one would show either the root's twenty
 * years or a list's thirty days.
 */
const evenMs = 3 * dayMs;
const far = (ms: number) => Math.log1p(Math.max(ms, 0) / evenMs);

/** Percent of the width that what is past has at most, and at least, so that the word "today" has room. */
const pastMost = 20;
const pastLeast = 7;
/** So much is shown of the time to come, whatever ends when. */
const leastAheadMs = 90 * dayMs;

export interface Scale {
  /** Percent of the width, from the left. `ms`: since 1970. */
  at: (ms: number) => number;
  today: number;
  /** Those without words are too near to the one before. */
  ticks: { at: number; words: string | undefined }[];
}

const ticks = [
  { ms: 7 * dayMs, words: '1 week' }, { ms: 30 * dayMs, words: '1 month' }, { ms: 182 * dayMs, words: '6 months' },
  { ms: 730.5 * dayMs, words: '2 years' }, { ms: 3652.5 * dayMs, words: '10 years' },
];
/** Percent of the width that a tick's words need on a phone. */
const room = 20;

/** One for all that is shown together, so that lengths can be compared. `now`: ms since 1970. */
export function scaleOf(all: readonly Pick<CertificateView, 'notBefore' | 'notAfter'>[], now: number): Scale {
  const past = far(Math.max(0, ...all.map(({ notBefore }) => now - Date.parse(notBefore))));
  const ahead = far(Math.max(leastAheadMs, ...all.map(({ notAfter }) => Date.parse(notAfter) - now)));
  const today = Math.min(pastMost, pastLeast + past * 5);
  const at = (ms: number) => (ms < now
    ? today - (past === 0 ? 0 : today * Math.min(far(now - ms) / past, 1))
    : today + (100 - today) * Math.min(far(ms - now) / ahead, 1));
  let last = today;
  const drawn = ticks.map(({ ms, words }) => ({ at: at(now + ms), words })).filter((tick) => tick.at < 100).map((tick) => {
    if (tick.at - last < room || tick.at > 100 - room / 2) return { at: tick.at, words: undefined };
    last = tick.at;
    return tick;
  });
  return { at, today, ticks: drawn };
}

/** A life as it is drawn, in percent: what is over of it, what is left, and where it is to be renewed. */
export interface Bar { from: number; now: number; to: number; renew: number | undefined }

export function barOf({ notBefore, notAfter, renewAt }: Pick<CertificateView, 'notBefore' | 'notAfter' | 'renewAt'>,
  { at, today }: Scale): Bar {
  const from = at(Date.parse(notBefore));
  const to = at(Date.parse(notAfter));
  return {
    from, to,
    now: Math.min(Math.max(today, from), to),
    renew: renewAt === null ? undefined : at(Date.parse(renewAt)),
  };
}
