import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { getCACertificates } from 'node:tls';
import { X509Certificate } from 'node:crypto';
import { faultOf } from '@sconce/protocol/faults';
import type { Config } from '../config.ts';
import { findingsOf, span, type Finding } from '../finding.ts';
import { remediesFor } from '../finding/remedies.ts';
import { nameIn } from '../probe/chain.ts';
import { readText } from '../probe/file.ts';
import { ask, codeOf } from '../probe/http.ts';
import { look } from '../probe/tls.ts';
import { faultOfCertificate } from './judge.ts';
import { certificatesIn, isFinding } from './store.ts';

const make = findingsOf('web');
/** Of the state, not of the store. */
const asItIs = { shown: (path: string) => path };

/** What browsers meet: nginx, its certificate and whether the API is behind it; and how renewals stand. */
export async function web(config: Config): Promise<Finding[]> {
  const { domain } = config;
  if (domain === undefined) return [make.skipped('not_told', 'web', 'What browsers meet was not looked at.',
    'DOMAIN is not set.')];
  return [...renewals(config, domain), ...await site(config, domain)];
}

/** What acme writes of names that it could not get a certificate for (nginx/acme/once). */
function renewals({ stateDir, view }: Config, domain: string): Finding[] {
  const read = stateDir === undefined ? undefined : readText(join(stateDir, 'acme/pauses', domain));
  if (read === undefined || 'fault' in read) return [];
  const [times = '1'] = read.text.split(' ');
  return [make.warning('renewal_fails', domain, {
    what: `${times} time${times === '1' ? '' : 's'} in a row no certificate could be had for ${domain}.`,
    why: 'The log of acme names the reason: port 80, DNS, or a limit of the authority.',
    do: `${remediesFor({ view }).logs('acme')}; then make certificates` })];
}

async function site(config: Config, domain: string): Promise<Finding[]> {
  const { web: at, view } = config;
  if (at === undefined) return [make.skipped('not_told', domain, 'nginx was not asked.',
    'WEB_HOST and WEB_PORT do not say where it is.')];
  const { start, logs, restart } = remediesFor({ view });
  let shown;
  try {
    shown = await look(at, domain);
  } catch (error) {
    const said = codeOf(error);
    // nginx turns names away for which it has no certificate (RFC 6066, 3).
    if (/UNRECOGNIZED_NAME/.test(said) || /alert number 112/.test(String(error))) {
      return [make.problem('web_no_certificate', domain, { what: `nginx has no certificate for ${domain} yet.`,
        why: 'Nobody is let in by https until there is one.',
        do: `${logs('acme')}; then make certificates` })];
    }
    const { code } = faultOf(error, false, { party: 'api', ...at, name: domain, notAfter: Infinity, now: Date.now() });
    if (code === 'not_tls') return [make.problem('web_not_tls', `${at.host}:${at.port}`, {
      what: `What listens at ${at.host}:${at.port} does not speak TLS.`,
      why: 'Another program has the port of nginx.',
      do: 'docker compose ps nginx' })];
    return [make.problem('web_down', `${at.host}:${at.port}`, {
      what: `nginx does not answer at ${at.host}:${at.port} (${said}).`,
      why: 'It does not run. Nobody can open the dashboard.',
      do: `${start('nginx')} && ${logs('nginx')}` })];
  }
  const certificate = certificateOf(shown, domain, config);
  const newest = notTaken(config, domain, shown[0], restart('nginx'));
  return [newest ?? certificate, ...certificate.severity === 'problem' ? [] : [await behind(config, domain)]];
}

/** Public authorities, and those that NODE_EXTRA_CA_CERTS adds. */
const authoritiesOfTheWeb = (): X509Certificate[] => getCACertificates().map((pem) => new X509Certificate(pem));

function certificateOf([leaf, ...behindIt]: X509Certificate[], domain: string, { stateDir, view }: Config): Finding {
  const { logs } = remediesFor({ view });
  if (!leaf) return make.problem('web_no_certificate', domain, { what: `nginx shows no certificate for ${domain}.`,
    why: 'Nobody is let in by https.',
    do: logs('nginx') });
  const full = stateDir === undefined ? undefined : certificatesIn({ config: asItIs, make,
    path: join(stateDir, 'acme/config/live', domain, 'fullchain.pem'), remedy: '' });
  const known = full !== undefined && !isFinding(full) ? full.behind : [];
  const fault = faultOfCertificate(leaf, domain, { use: 'server', authority: 'an authority that browsers know',
    trusted: authoritiesOfTheWeb(), shown: behindIt, known,
    hosts: [domain], renewsItself: true }, Date.now());
  // Those of the web live 90 days and less, and are renewed at a third of that.
  const [from, to] = [leaf.validFromDate.getTime(), leaf.validToDate.getTime()];
  const late = !fault && to - Date.now() < (to - from) / 4;
  if (!fault && !late) return make.ok('web_certificate_good', domain,
    `The certificate of ${domain} is good for ${span(to - Date.now())}.`);
  if (!fault || fault.severity === 'warning') {
    return make.warning('web_certificate_ends_soon', domain, {
      what: `The certificate of ${domain} ends in ${span(to - Date.now())}.`,
      why: 'It should have been renewed by itself.',
      do: `${logs('acme')}; then make certificates` });
  }
  if (fault.code === 'certificate_wrong_authority' && behindIt.length === 0 && leaf.issuer !== leaf.subject) {
    return make.problem('web_chain_incomplete', domain, {
      what: `nginx shows the certificate of ${domain} without that of "${nameIn(leaf.issuer)}", which signed it.`,
      why: 'Browsers that do not happen to know that one warn people away, and phones as a rule do not. fullchain.pem '
        + 'must hold both.',
      do: `make certificates; if it stays so: ${logs('acme')}` });
  }
  return make.problem(`web_${fault.code}`, domain, { what: fault.what,
    why: `${fault.why} Browsers warn people away.`,
    do: `make certificates; if it stays so: ${logs('acme')}` });
}

/** nginx takes what acme publishes within seconds. */
function notTaken({ stateDir }: Config, domain: string, leaf: X509Certificate | undefined,
  restart: string): Finding | undefined {
  const path = stateDir === undefined ? undefined : join(stateDir, 'public', `${domain}.pem`);
  if (path === undefined || !existsSync(path)) return undefined;
  const published = certificatesIn({ config: asItIs, make, path, remedy: 'make certificates' });
  if (isFinding(published)) return published;
  if (published.leaf.fingerprint256 === leaf?.fingerprint256) return undefined;
  return make.problem('web_certificate_not_taken', domain, {
    what: `nginx shows another certificate for ${domain} than the newest.`,
    why: 'It could not use the new one, or hangs. Its log says which.',
    do: `make logs SERVICE=nginx; then ${restart}` });
}

/** Whether a request comes through to the API. */
async function behind({ web: at, view }: Config, domain: string): Promise<Finding> {
  const { start, logs, restart } = remediesFor({ view });
  try {
    const { status } = await ask(`https://${at?.host}:${at?.port}/api/v1/me`,
      { headers: { host: domain }, servername: domain, rejectUnauthorized: false });
    // Nobody is signed in here.
    if (status === 401) return make.ok('web_good', domain, 'Requests come through nginx to the API.');
    if (status >= 502 && status <= 504) return make.problem('api_down', 'api', {
      what: `nginx gets no answer from the API (${status}).`,
      why: 'The API does not run, or hangs. People see a page that says so.',
      do: `${start('api')} && ${logs('api')}` });
    return make.warning('web_odd', domain, {
      what: `The API's answer through nginx is ${status}, where 401 was to be expected.`,
      why: 'Something else answers in its place.',
      do: logs('nginx') });
  } catch (error) {
    return make.problem('web_silent', domain, { what: `nginx does not answer a request (${codeOf(error)}).`,
      why: 'It hangs.',
      do: restart('nginx') });
  }
}
