import type { Finding } from '../finding.ts';

/**
 * One fault shows in many places. What follows from another says nothing of its own until that one is put right, and
 * would hide it among so many.
 */
type Rule = { causes(finding: Finding): boolean; explains(finding: Finding, cause: Finding): boolean };

const code = (pattern: RegExp) => (finding: Finding) => pattern.test(finding.code);
/** In the area of certificates, about a file whose path ends so. */
const file = (path: RegExp) => (finding: Finding) => finding.area === 'certificates' && path.test(finding.subject);

/** Matches what begins with one of these words. */
const begins = (words: string) => new RegExp(`^(${words.split(' ').join('|')})`);

const connections = begins('broker_ own_ closed_early silent not_authorised gate_without domain_');
const containers: Record<string, RegExp> = {
  mosquitto: begins('broker_ own_ closed_early silent watcher_ gate_without_broker domain_ board_offline name_unknown '
    + 'refused_broker'),
  gate: begins('gate_ domain_ board_offline board_port_closed name_unknown refused_broker'),
  authority: begins('authority_'),
  postgres: begins('database_ api_down web_odd'),
  api: begins('api_down web_odd'),
  nginx: begins('web_'),
  acme: begins('renewal_ web_no_certificate'),
};

/** Whatever is judged by a date. */
const dated = /expired|not_yet_valid|ends_soon|stale|not_renewed|issuer_certificate|untrusted|_set_old|closed_early/;
const followsFromClock = begins('watcher_dead refused_ own_ broker_certificate board_own board_broker board_offline');

const rules: Rule[] = [
  { causes: code(/^clock_wrong$/), explains: ({ code }) => dated.test(code) || followsFromClock.test(code) },
  { causes: code(/^disk_full$/), explains: code(/damaged|sums_mismatch|database_fault|gate_silent|broker_status/) },
  { causes: code(/^container_down$/),
    explains: (finding, { subject }) => containers[subject]?.test(finding.code) ?? false },
  { causes: ({ area, code }) => area === 'names' && code === 'name_unknown',
    explains: ({ area, code, what }, { subject }) => /^(name_unknown|board_host_unknown)$/.test(code)
      && area !== 'names'
      || (code === 'certificate_wrong_host' || area === 'web') && what.includes(subject) },
  { causes: code(/^store_missing$/), explains: ({ area, code }) => area === 'certificates' || connections.test(code) },
  { causes: file(/(^|\/)broker\//), explains: ({ area, code }) => area !== 'certificates'
    && begins('broker_ watcher_ gate_without domain_ closed_early silent board_broker board_closed board_offline '
      + 'board_port refused_distrusts').test(code) },
  { causes: file(/(^|\/)api\//), explains: ({ area, code }) => area === 'broker'
    && begins('own_ closed_early broker_certificate not_authorised unknown').test(code) },
  { causes: (finding) => /^(crl_|sums_)/.test(finding.code) || file(/(^|\/)trust\//)(finding),
    explains: code(begins('broker_set gate_set broker_down watcher_ gate_without own_ closed_early domain_ board_own '
      + 'board_closed board_offline refused_')) },
  { causes: (finding) => begins('crl_ file_ authority_ certificate_').test(finding.code)
    && file(/(^|\/)trust\//)(finding),
    explains: code(/^sums_mismatch$/) },
  { causes: ({ area, code }) => area === 'broker' && code === 'broker_down',
    explains: code(begins('gate_without watcher_ broker_set broker_status domain_ refused_broker board_offline '
      + 'board_closed board_port')) },
  { causes: code(/^gate_down$/),
    explains: code(begins('domain_ gate_silent gate_set board_offline board_port_closed board_silent')) },
  { causes: ({ area, code }) => area === 'broker' && begins('gate_without not_tls silent').test(code),
    explains: code(begins('domain_ board_offline board_closed board_not_tls board_silent refused_broker')) },
  { causes: code(/^watcher_dead$/), explains: code(begins('broker_set domain_other_certificate')) },
  { causes: code(/^database_/), explains: code(/^(api_down|web_odd)$/) },
  // A board: what is wrong with its files is why it was turned away, and that is why it is offline.
  { causes: ({ area, code }) => area === 'boards'
    && begins('certificate_ key_ chain_ file_ board_revoked board_distrusts board_wrong board_host').test(code),
  explains: (finding, { subject }) => finding.area === 'boards'
    && (finding.subject === subject || subject.includes('/'))
    && begins('board_own board_closed board_broker board_offline board_name refused_').test(finding.code) },
  { causes: ({ area, code }) => area === 'boards' && begins('refused_ board_own board_not').test(code),
    explains: (finding, { subject }) => finding.subject === subject && finding.code === 'board_offline' },
];

const weights = { ok: 0, skipped: 0, warning: 1, problem: 2 };

/** What follows from another finding, that is at least as grave, becomes one that could not be judged. */
export function withCauses(findings: Finding[]): Finding[] {
  const faulty = findings.filter(({ severity }) => weights[severity] > 0);
  return findings.map((finding) => {
    if (weights[finding.severity] === 0) return finding;
    const cause = faulty.find((other) => other !== finding && weights[other.severity] >= weights[finding.severity]
      && rules.some(({ causes, explains }) => causes(other) && explains(finding, other)));
    return cause ? { ...finding, severity: 'skipped',
      why: `It follows from this, and cannot be judged before that is put right: ${cause.what}`,
      do: '' } : finding;
  });
}
