import type { Finding } from '../finding.ts';

/**
 * One fault shows in many places. What follows from another says nothing of its own until that one is put right, and would
 * hide it among so many.
 */
type Rule = { causes(finding: Finding): boolean; explains(finding: Finding, cause: Finding): boolean };

const code = (pattern: RegExp) => (finding: Finding) => pattern.test(finding.code);
/** In the area of certificates, about a file whose path ends so. */
const file = (path: RegExp) => (finding: Finding) => finding.area === 'certificates' && path.test(finding.subject);

const connections = /^(broker_|own_|closed_early|silent|not_authorised|gate_without|domain_)/;
const containers: Record<string, RegExp> = {
  mosquitto: /^(broker_|own_|closed_early|silent|watcher_|gate_without_broker|domain_|board_offline|name_unknown|refused_broker)/,
  gate: /^(gate_|domain_|board_offline|board_port_closed|name_unknown|refused_broker)/,
  authority: /^authority_/, postgres: /^database_|^api_down|^web_odd/, api: /^api_down|^web_odd/, nginx: /^web_/, acme: /^renewal_|^web_no_certificate/,
};

const rules: Rule[] = [
  { causes: code(/^clock_wrong$/), explains: code(/expired|not_yet_valid|ends_soon|stale|not_renewed|issuer_certificate|watcher_dead|_set_old|^refused_|untrusted|board_own|^own_|^broker_certificate|board_broker|board_offline|closed_early/) },
  { causes: code(/^disk_full$/), explains: code(/damaged|sums_mismatch|database_fault|gate_silent|broker_status/) },
  { causes: code(/^container_down$/), explains: (finding, { subject }) => containers[subject]?.test(finding.code) ?? false },
  { causes: (finding) => finding.area === 'names' && finding.code === 'name_unknown',
    explains: (finding, { subject }) => /^(name_unknown|board_host_unknown)$/.test(finding.code) && finding.area !== 'names'
      || (finding.code === 'certificate_wrong_host' || finding.area === 'web') && finding.what.includes(subject) },
  { causes: code(/^store_missing$/), explains: (finding) => finding.area === 'certificates' || connections.test(finding.code) },
  { causes: file(/(^|\/)broker\//), explains: (finding) => finding.area !== 'certificates' && /^(broker_|watcher_|gate_without|domain_|closed_early|silent|board_(broker|closed|offline|port)|refused_distrusts)/.test(finding.code) },
  { causes: file(/(^|\/)api\//), explains: (finding) => finding.area === 'broker' && /^(own_|closed_early|broker_certificate|not_authorised|unknown)/.test(finding.code) },
  { causes: (finding) => /^(crl_|sums_)/.test(finding.code) || file(/(^|\/)trust\//)(finding),
    explains: (finding) => /^(broker_set|gate_set|broker_down|watcher_|gate_without|own_|closed_early|domain_|board_own|board_closed|board_offline|refused_)/.test(finding.code) },
  { causes: (finding) => /^(crl_|file_|authority_|certificate_)/.test(finding.code) && file(/(^|\/)trust\//)(finding), explains: code(/^sums_mismatch$/) },
  { causes: (finding) => finding.area === 'broker' && finding.code === 'broker_down',
    explains: code(/^(gate_without|watcher_|broker_set|broker_status|domain_|refused_broker|board_offline|board_closed|board_port)/) },
  { causes: code(/^gate_down$/), explains: code(/^(domain_|gate_silent|gate_set|board_offline|board_port_closed|board_silent)/) },
  { causes: (finding) => finding.area === 'broker' && /^(gate_without|not_tls|silent)/.test(finding.code), explains: code(/^(domain_|board_offline|board_closed|board_not_tls|board_silent|refused_broker)/) },
  { causes: code(/^watcher_dead$/), explains: code(/^broker_set/) },
  { causes: code(/^database_/), explains: code(/^(api_down|web_odd)$/) },
  // A board: what is wrong with its files is why it was turned away, and that is why it is offline.
  { causes: (finding) => finding.area === 'boards' && /^(certificate_|key_|chain_|file_|board_(revoked|distrusts|wrong|host))/.test(finding.code),
    explains: (finding, { subject }) => finding.area === 'boards' && (finding.subject === subject || subject.includes('/')) && /^(board_(own|closed|broker|offline|name)|refused_)/.test(finding.code) },
  { causes: (finding) => finding.area === 'boards' && /^(refused_|board_own|board_not)/.test(finding.code), explains: (finding, { subject }) => finding.subject === subject && finding.code === 'board_offline' },
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
