import type { KeyObject, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { warnDays } from '@sconce/protocol/certificates-api';
import { chainOf, commonName, isFor, nameIn, type Use } from '../probe/chain.ts';
import { serial, type Crl } from '../probe/crl.ts';
import { day, dayMs, span } from '../finding.ts';

/** A fault of a certificate, with what it is and why that matters. What to do depends on whose it is. */
export type CertificateFault = { code: string; severity: 'warning' | 'problem'; what: string; why: string };

export type Demands = {
  use?: Use;
  /** "the services authority" */
  authority: string;
  trusted: X509Certificate[];
  /** What stands behind it in its file. */
  shown?: X509Certificate[];
  /** Authorities between, which might be missing from it. */
  known?: X509Certificate[];
  crls?: Crl[];
  /** Names of which each must be in it. */
  hosts?: string[];
  /** What its name must be. */
  name?: string;
  key?: KeyObject | undefined;
  /** Somebody makes it anew in time, without a person: a warning says that this does not happen. */
  renewsItself: boolean;
};

/** What is wrong with a certificate: the first fault, in the order in which one makes the next of no interest. */
export function faultOfCertificate(certificate: X509Certificate, who: string, demands: Demands,
  now: number): CertificateFault | undefined {
  return faultOfKey(certificate, who, demands) ?? faultOfChain(certificate, who, demands)
    ?? faultOfUse(certificate, who, demands)
    ?? faultOfDates(certificate, who, now) ?? endsSoon(certificate, who, demands, now);
}

const problem = (code: string, what: string, why: string): CertificateFault =>
  ({ code, severity: 'problem', what, why });

function faultOfKey(certificate: X509Certificate, who: string, { key }: Demands) {
  if (key === undefined || certificate.checkPrivateKey(key)) return undefined;
  return problem('key_mismatch', `The key of ${who} does not belong to its certificate.`,
    'The two are of different origin: a copy or a restore has mixed them. Nobody can prove with this key that the '
      + 'certificate is theirs.');
}

function faultOfChain(certificate: X509Certificate, who: string, demands: Demands) {
  const { authority, trusted, shown = [], known = [], crls = [] } = demands;
  const chain = chainOf(certificate, { shown, trusted, known });
  if (chain.state === 'missing') {
    return problem('chain_incomplete',
      `The certificate of ${who} comes without that of the "${commonName(chain.missing)}", which signed it.`,
      'Whoever trusts the root alone cannot see how the two belong together, and refuses it.');
  }
  if (chain.state === 'stranger') {
    return problem('certificate_wrong_authority', `The certificate of ${who} is not from ${authority}.`,
      `It is from "${nameIn(certificate.issuer)}", of another household, or of a store that was made anew.`);
  }
  if (!crls.some(({ revoked }) => revoked.has(serial(certificate.serialNumber)))) return undefined;
  return problem('certificate_revoked', `The certificate of ${who} is revoked.`,
    'Somebody has put it on the revocation list, so that nobody can use it any more.');
}

function faultOfUse(certificate: X509Certificate, who: string, { use, name, hosts = [] }: Demands) {
  if (use !== undefined && !isFor(certificate, use)) {
    return problem('certificate_wrong_use', `The certificate of ${who} is not made for a ${use}.`,
      `What is made for a ${use === 'server' ? 'client' : 'server'} is refused in the place of a ${use}.`);
  }
  if (name !== undefined && commonName(certificate) !== name) {
    return problem('certificate_wrong_name',
      `The certificate of ${who} is made out to "${commonName(certificate)}" and not to "${name}".`,
      'The broker gives rights by this name.');
  }
  const missing = hosts.find((host) => !(isIP(host) ? certificate.checkIP(host) : certificate.checkHost(host)));
  if (missing === undefined) return undefined;
  return problem('certificate_wrong_host', `The certificate of ${who} is not for ${missing}.`,
    `Who connects to ${missing} takes it for somebody else's. It is for ${namesIn(certificate)}.`);
}

/** "DNS:mosquitto, DNS:localhost" → "mosquitto, localhost" */
const namesIn = (certificate: X509Certificate) =>
  (certificate.subjectAltName ?? 'nobody').split(', ').map((name) => name.replace(/^(DNS|IP Address):/, '')).join(', ');

function faultOfDates({ validFromDate, validToDate }: X509Certificate, who: string, now: number) {
  if (now < validFromDate.getTime()) {
    return problem('certificate_not_yet_valid',
      `The certificate of ${who} is valid from ${day(validFromDate.getTime())} on, which is in the future.`,
      "This machine's clock was wrong when it was made, or is wrong now.");
  }
  if (now < validToDate.getTime()) return undefined;
  return problem('certificate_expired',
    `The certificate of ${who} ended on ${day(validToDate.getTime())}, ${span(now - validToDate.getTime())} ago.`,
    'Nobody accepts it any more.');
}

function endsSoon({ validFromDate, validToDate }: X509Certificate, who: string, { renewsItself }: Demands,
  now: number): CertificateFault | undefined {
  const [from, to] = [validFromDate.getTime(), validToDate.getTime()];
  // Two thirds of its lifetime are when it should be renewed; a tenth more is for a server that was off.
  const due = from + (to - from) * (2 / 3 + 1 / 10);
  const level = warnDays.findLast((days) => to - now < days * dayMs);
  if (level === undefined || (renewsItself && now < due)) return undefined;
  return { code: 'certificate_ends_soon', severity: 'warning',
    what: `The certificate of ${who} ends on ${day(to)}, in ${span(to - now)}.`,
    why: renewsItself ? `It should have been renewed by itself since ${day(from + (to - from) * 2 / 3)}.`
      : 'It has to be replaced before that day.' };
}
