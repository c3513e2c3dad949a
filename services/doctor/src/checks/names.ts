import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { join } from 'node:path';
import type { Config } from '../config.ts';
import { findingsOf, type Finding } from '../finding.ts';
import { remediesFor } from '../finding/remedies.ts';
import { codeOf } from '../probe/http.ts';
import { look } from '../probe/tls.ts';
import { within } from '../probe/within.ts';
import { certificatesIn, isFinding } from './store.ts';

const make = findingsOf('names');

/** Whether names lead where they should: the domain, by which boards and people come, and the broker's inside. */
export async function names(config: Config): Promise<Finding[]> {
  const { domain, services } = config;
  const inside = services && services.host !== domain ? [await resolves(config, services.host, 'MQTT_URL')] : [];
  if (domain === undefined) return [...inside,
    make.skipped('not_told', 'domain', 'The name of this server was not looked up.', 'DOMAIN is not set.')];
  const found = await resolves(config, domain, 'DOMAIN');
  if (found.severity !== 'ok') return [found, ...inside];
  return [found, ...inside, await leadsHere(config, domain)];
}

async function resolves(config: Config, host: string, variable: 'DOMAIN' | 'MQTT_URL'): Promise<Finding> {
  try {
    const addresses = await within(6000, lookup(host, { all: true }));
    return make.ok('name_good', host, isIP(host) ? `${host} is an address.`
      : `${host} leads to ${addresses.map(({ address }) => address).join(', ')}.`);
  } catch (error) {
    if (codeOf(error) !== 'ENOTFOUND') {
      return make.problem('name_server_silent', host, { what: `No name server answers for ${host} (${codeOf(error)}).`,
        why: 'The network is down, or the name server is.',
        do: 'resolvectl status, and look at /etc/resolv.conf' });
    }
    const inside = variable === 'MQTT_URL';
    return make.problem('name_unknown', host, { what: `No name server knows ${host}.`,
      why: inside ? 'The container of that name does not run, or MQTT_URL has another name than it.'
        : 'Neither people nor boards find this server. Its DNS record is missing, misspelt, or was made minutes ago.',
      do: inside ? remediesFor(config).start('mosquitto')
        : `make an A record for ${host} (and AAAA, if this machine has IPv6) that points to this machine; `
          + `dig +short ${host} shows what there is` });
  }
}

/** Whether who connects to the name meets this household's broker. */
async function leadsHere(config: Config, domain: string): Promise<Finding> {
  const { pkiDir, publicDevicesPort: port } = config;
  const at = `${domain}:${port}`;
  const own = pkiDir === undefined ? undefined
    : certificatesIn({ config, make, path: join(pkiDir, 'broker/cert.pem'), remedy: '' });
  if (own === undefined || isFinding(own)) {
    return make.skipped('not_seen', at, `Whether ${at} leads to this broker was not looked at.`,
      "The broker's certificate is not open to the doctor here.");
  }
  try {
    const [shown] = await look({ host: domain, port }, domain);
    if (shown?.fingerprint256 === own.leaf.fingerprint256) return make.ok('domain_leads_here', at,
      `${at} leads to this broker.`);
    return make.warning('domain_other_certificate', at, {
      what: `At ${at} another certificate is shown than the broker's in the store.`,
      why: 'The name leads to another machine, or the broker could not take its newest certificate, as its log says.',
      do: `dig +short ${domain}; if that is this machine: ${remediesFor(config).logs('mosquitto')}` });
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ECONNREFUSED') {
      return make.warning('domain_port_closed', at, { what: `Nothing listens at ${at}.`,
        why: 'Boards come in by this name and port. The name may lead to another machine, or the port is not '
          + 'published.',
        do: `docker compose ps, and dig +short ${domain}` });
    }
    return make.skipped('not_seen', at, `Whether ${at} leads to this broker could not be seen from here (${code}).`,
      'Many networks do not let a machine reach itself by its outer address. Try it from outside.',
      `openssl s_client -connect ${at} </dev/null`);
  }
}
