import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { X509Certificate } from 'node:crypto';
import type { Config } from '../config.ts';
import { day, findingsOf, span, type Finding } from '../finding.ts';
import { remediesFor } from '../finding/remedies.ts';
import { readText } from '../probe/file.ts';
import { parsePem } from '../probe/pem.ts';
import type { Crl } from '../probe/crl.ts';
import { faultOfCertificate } from './judge.ts';
import { certificatesIn, faultOfFile, isFinding, readTrust } from './store.ts';

const make = findingsOf('certificates');

/** The set that broker and gate go by: authorities, revocation lists, and the sums that say that it is whole. */
export function trustSet(config: Config): Finding[] {
  const { trustDir } = config;
  if (trustDir === undefined) {
    return [make.skipped('not_told', 'trust', 'What the broker trusts was not looked at.',
      'PKI_DIR does not say where the certificates are.')];
  }
  // Then the whole store is, and certificates.ts says so.
  const noStore = config.pkiDir !== undefined && !existsSync(config.pkiDir);
  if (!existsSync(trustDir)) return noStore ? [] : [missingSet(config, trustDir)];
  const trust = readTrust(trustDir);
  return [
    anchors(config, trustDir, 'devices'), anchors(config, trustDir, 'services'),
    crl(config, trustDir, 'devices', [...trust.devices, ...trust.issuing]),
    crl(config, trustDir, 'services', trust.services),
    sums(config, trustDir),
  ];
}

const missingSet = (config: Config, trustDir: string) => make.problem('file_missing', config.shown(trustDir), {
  what: `${config.shown(trustDir)} is missing.`,
  why: 'It says whom the broker lets in; without it the broker does not start.',
  do: remediesFor(config).pki });

function anchors(config: Config, trustDir: string, kind: 'devices' | 'services'): Finding {
  const path = join(trustDir, `${kind}.pem`);
  const read = certificatesIn({ config, make, path, remedy: remediesFor(config).pki });
  if (isFinding(read)) return read;
  const all = [read.leaf, ...read.behind];
  const who = `the ${kind} authority`;
  const faults = all.map((one) =>
    faultOfCertificate(one, who, { authority: 'itself', trusted: [one], renewsItself: false }, Date.now()));
  // While it is rotated there are two: the one that ends is then the reason, and no fault.
  const fault = faults.every(Boolean) ? faults[0] : undefined;
  const subject = config.shown(path);
  if (!fault) {
    const count = all.length === 1 ? 'One authority is' : `${all.length} authorities are`;
    return make.ok('authority_trusted', subject, `${count} trusted for ${kind}, the last until ${day(last(all))}.`);
  }
  return make[fault.severity](fault.code, subject, { what: fault.what,
    why: `${fault.why} With it ends every certificate that it has signed.`,
    do: remediesFor(config).rotate(kind) });
}

const last = (certificates: X509Certificate[]) =>
  Math.max(...certificates.map(({ validToDate }) => validToDate.getTime()));

function crl(config: Config, trustDir: string, kind: 'devices' | 'services', authorities: X509Certificate[]): Finding {
  const path = join(trustDir, `${kind}.crl.pem`);
  const file = config.shown(path);
  // The authority does the same each hour, from what it has itself.
  const anew = remediesFor(config).pki;
  const read = readText(path);
  if ('fault' in read) return faultOfFile(make, file, read, anew);
  const lists = listsIn(read.text);
  if (lists === undefined || lists.length === 0) {
    return make.problem('crl_damaged', file, { what: `The revocation list ${file} is damaged or cut short.`,
      why: 'A copy broke off, or the disk was full. The broker goes on with the list that it had, and does not start '
        + 'again with this one.',
      do: anew });
  }
  const now = Date.now();
  const strange = lists.find((list) => !authorities.some((one) => list.signedBy(one)));
  if (strange) {
    return make.problem('crl_wrong_issuer', file, {
      what: `The revocation list ${file} is not from the authority that ${kind}.pem names.`,
      why: 'It is of another store. The broker can check nobody against it, and lets nobody in.', do: anew });
  }
  const stale = lists.find(({ nextUpdate }) => nextUpdate <= now);
  if (stale) {
    return make.problem('crl_stale', file, {
      what: `The revocation list ${file} should have been renewed by ${day(stale.nextUpdate)}, `
        + `${span(now - stale.nextUpdate)} ago.`,
      why: `The broker refuses ${kind === 'devices' ? 'every board' : 'the API'} while its list is out of date: `
        + 'somebody revoked might not stand on it yet.',
      do: anew });
  }
  const late = lists.find(({ thisUpdate, nextUpdate }) => now > thisUpdate + (nextUpdate - thisUpdate) * (2 / 3));
  if (late && late.nextUpdate - now < 60 * 86_400_000) {
    return make.warning('crl_not_renewed', file, {
      what: `The revocation list ${file} holds for ${span(late.nextUpdate - now)} more, and was not renewed in time.`,
      why: 'The authority makes it anew from a third of its time on; it does not run, or cannot.', do: anew });
  }
  const entries = lists.reduce((sum, { revoked }) => sum + revoked.size, 0);
  const until = day(Math.min(...lists.map(({ nextUpdate }) => nextUpdate)));
  return make.ok('crl_good', file, `The revocation list for ${kind} is up to date until ${until}; ${entries} on it.`);
}

function listsIn(text: string): Crl[] | undefined {
  try {
    return parsePem(text).crls;
  } catch {
    return undefined;
  }
}

/** `sha256sum` lines: "<64 digits>  <name>". */
function sums(config: Config, trustDir: string): Finding {
  const path = join(trustDir, 'SHA256SUMS');
  const file = config.shown(path);
  const { pki } = remediesFor(config);
  const read = readText(path);
  if ('fault' in read) return faultOfFile(make, file, read, pki);
  const odd = read.text.split('\n').filter(Boolean).map((line) => /^([0-9a-f]{64}) [ *](?:\.\/)?(.+)$/.exec(line))
    .find((match) => match === null || sumOf(join(trustDir, match[2] ?? '')) !== match[1]);
  if (odd === undefined) return make.ok('sums_good', file, 'What the broker is to trust is whole.');
  const name = odd?.[2] === undefined ? file : config.shown(join(trustDir, odd[2]));
  return make.problem('sums_mismatch', name, { what: `${name} is not what ${file} says that it is.`,
    why: 'It was changed by hand, damaged, or restored alone. Broker and gate go on with what they had before, until '
      + 'the set is whole.',
    do: pki });
}

const sumOf = (path: string): string | undefined => {
  const read = readText(path);
  return 'text' in read ? createHash('sha256').update(read.text).digest('hex') : undefined;
};
