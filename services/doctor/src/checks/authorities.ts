import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../config.ts';
import { findingsOf, span, type Finding } from '../finding.ts';
import { remediesFor } from '../finding/remedies.ts';
import { faultOfCertificate } from './judge.ts';
import { certificatesIn, isFinding, keyIn, readTrust } from './store.ts';

const make = findingsOf('certificates');

/** Those who sign: the devices' root, which may be away, the issuing authority below it, the services' authority. */
export function authorities(config: Config): Finding[] {
  const { pkiDir } = config;
  if (pkiDir === undefined || !existsSync(join(pkiDir, 'authorities'))) {
    return [make.skipped('not_seen', 'authorities', 'The authorities that sign were not looked at.',
      'Their folder is not open to the doctor here, as it should be for the API.')];
  }
  const folder = (name: string) => join(pkiDir, 'authorities', name);
  return [root(config, folder('devices')),
    ...existsSync(folder('issuing')) ? [signer(config, folder('issuing'), 'devices')] : [],
    signer(config, folder('services'), 'services')];
}

/** Its key signs nothing from day to day. */
function root(config: Config, folder: string): Finding {
  const { restore, rotate } = remediesFor(config);
  const read = certificatesIn({ config, make, path: join(folder, 'cert.pem'), remedy: restore });
  if (isFinding(read)) return read;
  const subject = config.shown(join(folder, 'cert.pem'));
  const trusted = [read.leaf];
  const fault = faultOfCertificate(read.leaf, "the devices' root",
    { authority: 'itself', trusted, renewsItself: false }, Date.now());
  if (fault) return make[fault.severity](fault.code, subject, { what: fault.what,
    why: `${fault.why} With it ends the certificate of every board.`,
    do: rotate('devices') });
  const plain = join(folder, 'key.pem');
  if (existsSync(plain)) {
    const key = keyIn({ config, make, path: plain, remedy: restore });
    if (isFinding(key)) return key;
    return make.ok('root_key_here', config.shown(plain),
      "The devices' root is good. Its key lies on this server as a plain file; make pki-lock puts a passphrase on it, "
        + 'and it can be carried away.');
  }
  return existsSync(`${plain}.enc`)
    ? make.ok('root_key_locked', config.shown(`${plain}.enc`),
      "The devices' root is good, and a passphrase is on its key.")
    : make.ok('root_key_away', subject, "The devices' root is good, and its key is not on this server.");
}

/** Signs while nobody looks: its key must be here. */
function signer(config: Config, folder: string, kind: 'devices' | 'services'): Finding {
  const { restore, rotate } = remediesFor(config);
  const who = kind === 'devices' ? 'the issuing authority' : "the services' authority";
  const read = certificatesIn({ config, make, path: join(folder, 'cert.pem'), remedy: restore });
  if (isFinding(read)) return read;
  const key = keyIn({ config, make, path: join(folder, 'key.pem'), remedy: restore });
  if (isFinding(key)) return key;
  const trust = readTrust(config.trustDir);
  const subject = config.shown(join(folder, 'cert.pem'));
  const fault = faultOfCertificate(read.leaf, who, {
    authority: kind === 'devices' ? "the household's devices root" : 'those that trust/services.pem trusts',
    trusted: trust[kind], crls: trust[`${kind}Crls`], key: key === 'encrypted' ? undefined : key, renewsItself: false,
  }, Date.now());
  if (!fault) return make.ok('authority_good', subject,
    `${who.replace('the', 'The')} is good for ${span(read.leaf.validToDate.getTime() - Date.now())}.`);
  const dated = fault.code === 'certificate_ends_soon' || fault.code === 'certificate_expired';
  return make[fault.severity](fault.code, subject, { what: fault.what,
    why: `${fault.why} What it signs is worth nothing then.`,
    do: dated ? rotate(kind) : restore });
}
