import type { RefusalReason } from '@sconce/protocol/gate';
import type { Opening } from '../tls/opening.ts';
import type { Shown } from './shown.ts';

/** What an alert says whoever sent it (RFC 8446, 6). Of certificates: below. */
const plainAlerts: Partial<Record<number, RefusalReason>> = {
  44: 'revoked', 43: 'wrong_use', 70: 'tls_version', 71: 'tls_ciphers', 86: 'tls_version', 109: 'tls_ciphers',
  116: 'no_certificate', 120: 'tls_ciphers',
};
/** Alerts by which a board says that it does not like the broker's certificate. */
const distrust = [42, 43, 44, 45, 46, 48, 49, 51, 113];

/**
 * Why a connection came to nothing before both sides had agreed. The broker's alert is the word that counts; what it
 * leaves open, the certificate says. Which alert stands for what: OpenSSL's ssl_x509err2alert (ssl/statem/statem_lib.c).
 * @param left who hung up first
 */
export function judge(seen: Opening, shown: Shown | undefined, left: 'board' | 'broker', now: number): RefusalReason {
  const { alert } = seen;
  if (alert?.by === 'broker') return brokersReason(alert.number, seen, shown, now);
  if (alert?.by === 'board') {
    if (distrust.includes(alert.number)) return 'distrusts_broker';
    return (alert.number === 40 ? 'tls_ciphers' : plainAlerts[alert.number]) ?? 'closed_early';
  }
  // TLS 1.3 hides the alert, but not that there was one. The broker has no other reason by then.
  if (seen.hiddenAlert) return seen.hiddenAlert === 'broker' ? 'bad_certificate' : 'distrusts_broker';
  // Its alert may have been lost: who hangs up with something unread makes the network drop what was on its way.
  if (left === 'broker' && seen.chain) return faultOf(seen, shown, now) ?? 'closed_early';
  // BearSSL, on the boards, sends no alert when it does not like the broker's certificate; the board hangs up.
  if (left === 'board' && seen.brokerShown && !seen.chain) return 'distrusts_broker';
  return 'closed_early';
}

function brokersReason(alert: number, seen: Opening, shown: Shown | undefined, now: number): RefusalReason {
  const plain = plainAlerts[alert];
  if (plain) return plain;
  if (alert === 40 && !seen.answered) return 'tls_ciphers';
  if (!seen.answered) return 'not_tls';
  if (!seen.chain) return 'closed_early';
  // 51: the proof of the key is wrong, or the authority's signature, which is somebody else's then.
  if (alert === 51 && shown?.genuine) return 'key_mismatch';
  // Of 45 with a certificate that has not ended: the CRL has (X509_V_ERR_CRL_HAS_EXPIRED); of 48: it has none.
  return faultOf(seen, shown, now) ?? (alert === 48 || alert === 51 ? 'unknown_authority' : 'bad_certificate');
}

/** What is wrong with what was shown, by itself, in the order in which OpenSSL looks. */
function faultOf(seen: Opening, shown: Shown | undefined, now: number): RefusalReason | undefined {
  if (seen.chain?.length === 0) return 'no_certificate';
  if (!shown) return 'bad_certificate';
  if (shown.by === 'services') return 'wrong_use';
  if (!shown.genuine) return 'unknown_authority';
  if (shown.incomplete) return 'missing_intermediate';
  if (shown.notAfter < now) return 'expired';
  if (shown.notBefore > now) return 'not_yet_valid';
  return undefined;
}
