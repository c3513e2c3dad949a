import type { Config } from '../config.ts';
import { findingsOf, moment, span, type Finding } from '../finding.ts';
import { codeOf, dateAt } from '../probe/http.ts';
import { remediesFor } from '../finding/remedies.ts';
import { readTrust } from './store.ts';

const make = findingsOf('clock');

/** Milliseconds. Sign-in allows a minute (api/src/http/oidc.ts); a certificate that was just made begins now. */
const noticed = 60_000;
const serious = 600_000;

/** Whether this machine's clock is right: by what the issuer takes for the time, and by what is already signed here. */
export async function clock(config: Config): Promise<Finding[]> {
  const ahead = signedAhead(config);
  const found = await againstIssuer(config);
  if (ahead < serious || found.code === 'clock_wrong') return [found];
  const when = moment(Date.now() + ahead);
  if (found.severity !== 'ok') return [make.problem('clock_wrong', 'clock', wordsOf(ahead, `By what was signed here on ${when}`))];
  return [make.problem('signed_ahead', 'clock', {
    what: `A revocation list here is from ${when}, which is to come.`,
    why: 'It was made while this machine\'s clock was ahead. Until that day it counts as not yet valid, and whom the broker '
      + 'cannot check against it, it does not let in.',
    do: remediesFor(config).pki,
  })];
}

async function againstIssuer({ issuers: [issuer] }: Config): Promise<Finding> {
  if (issuer === undefined) return make.skipped('not_told', 'clock', 'The clock was not compared with another.',
    'No sign-in service is set whose time could be asked.');
  const { host } = new URL(issuer);
  try {
    const before = Date.now();
    const theirs = await dateAt(`${issuer}/.well-known/openid-configuration`);
    if (theirs === undefined) return make.skipped('not_seen', 'clock', `${host} does not say what time it is.`,
      'Its answer has no Date.');
    return compared(theirs - (before + Date.now()) / 2, host);
  } catch (error) {
    return make.skipped('not_seen', 'clock', `The clock could not be compared with that of ${host}.`,
      `It does not answer (${codeOf(error)}).`);
  }
}

/** @param ahead ms by which the other one is ahead of this; a Date has whole seconds */
function compared(ahead: number, host: string): Finding {
  if (Math.abs(ahead) < noticed) return make.ok('clock_good', 'clock', `The clock agrees with that of ${host}.`);
  return make[Math.abs(ahead) < serious ? 'warning' : 'problem']('clock_wrong', 'clock',
    wordsOf(ahead, `By the clock of ${host}`));
}

const wordsOf = (ahead: number, by: string) => ({
  what: `${by} this machine's clock is ${span(ahead)} ${ahead > 0 ? 'behind' : 'ahead'}.`,
  why: 'Certificates are good from one moment to another, and so is a sign-in: with a wrong clock good ones count as '
    + 'ended, or as not yet begun.',
  do: 'timedatectl set-ntp true, and look with timedatectl whether it says "synchronized: yes"',
});

/** Milliseconds by which the newest list was signed later than now: time does not run backwards. */
function signedAhead({ trustDir }: Config): number {
  const { devicesCrls, servicesCrls } = readTrust(trustDir);
  return Math.max(0, ...[...devicesCrls, ...servicesCrls].map(({ thisUpdate }) => thisUpdate)) - Date.now();
}
