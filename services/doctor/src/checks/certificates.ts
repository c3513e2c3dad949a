import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../config.ts';
import { findingsOf, span, type Finding } from '../finding.ts';
import { remediesFor } from '../finding/remedies.ts';
import type { Use } from '../probe/chain.ts';
import { faultOfCertificate } from './judge.ts';
import { certificatesIn, isFinding, keyIn, pemOr, readTrust } from './store.ts';

const make = findingsOf('certificates');

type Party = { name: 'broker' | 'api' | 'metrics'; who: string; use: Use };
const parties: Party[] = [
  { name: 'broker', who: 'the broker', use: 'server' },
  { name: 'api', who: 'the API', use: 'client' },
  { name: 'metrics', who: 'the health check and the metrics', use: 'client' },
];

/** The services' own certificates: broker, API, metrics. */
export function certificates(config: Config): Finding[] {
  const { pkiDir, api } = config;
  if (pkiDir !== undefined && !existsSync(pkiDir)) return [noStore(config, pkiDir)];
  // The API sees no store: its certificate is then judged by the authority that it goes by itself.
  const trust = config.trustDir === undefined && api !== undefined
    ? { ...readTrust(undefined), services: pemOr(api.ca).certificates } : readTrust(config.trustDir);
  const has = (name: string) => pkiDir !== undefined && existsSync(join(pkiDir, name));
  return parties.flatMap((party) => {
    if (party.name === 'api' && api !== undefined) return [judge(config, trust, party, api)];
    if (pkiDir === undefined) return [];
    const folder = join(pkiDir, party.name);
    // Whoever is let look at a part of the store only, is not to say that the rest is missing.
    if (!has(party.name) && !has('authorities')) {
      return [make.skipped('not_seen', party.name, `The certificate of ${party.who} was not looked at.`,
        'Its folder is not open to the doctor here.')];
    }
    return [judge(config, trust, party,
      { ca: join(folder, 'ca.pem'), cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') })];
  });
}

const noStore = (config: Config, pkiDir: string) => make.problem('store_missing', config.shown(pkiDir), {
  what: `There are no certificates: ${config.shown(pkiDir)} is missing.`,
  why: 'They have not been made yet, or the folder was moved away.',
  do: `${remediesFor(config).pki}, or ${remediesFor(config).restore}` });

function judge(config: Config, trust: ReturnType<typeof readTrust>, { name, who, use }: Party,
  files: { ca: string; cert: string; key: string }): Finding {
  const { pki } = remediesFor(config);
  const folder = config.shown(join(files.cert, '..'));
  const anew = `mv ${folder} ${folder}.broken && ${pki}`;
  const read = certificatesIn({ config, make, path: files.cert, remedy: anew });
  if (isFinding(read)) return read;
  const key = keyIn({ config, make, path: files.key, remedy: anew });
  if (isFinding(key)) return key;
  const fault = faultOfCertificate(read.leaf, who, {
    use, authority: "the household's services authority", trusted: trust.services, shown: read.behind,
    crls: trust.servicesCrls, name,
    hosts: name === 'broker' && config.domain !== undefined ? [config.domain] : [],
    key: key === 'encrypted' ? undefined : key, renewsItself: true,
  }, Date.now());
  const subject = config.shown(files.cert);
  if (!fault) {
    return make.ok('certificate_good', subject,
      `The certificate of ${who} is good for ${span(read.leaf.validToDate.getTime() - Date.now())}.`);
  }
  return make[fault.severity](fault.code, subject, { what: fault.what,
    why: `${fault.why} ${consequences[name]}`,
    do: remedyOf(fault.code, config, anew) });
}

const consequences: Record<Party['name'], string> = {
  broker: 'No board and not the API can connect to the broker.',
  api: 'The API cannot reach the broker: no lamp can be switched.',
  metrics: "The broker's container counts as unhealthy.",
};

function remedyOf(code: string, { domain = '', view }: Config, anew: string): string {
  const { pki, pkiFor } = remediesFor({ view });
  switch (code) {
    // Names are added to those that it has.
    case 'certificate_wrong_host': return pkiFor(domain);
    case 'certificate_expired': case 'certificate_ends_soon': return pki;
    case 'certificate_not_yet_valid': return `timedatectl; if the clock is right, ${anew}`;
    default: return anew;
  }
}
