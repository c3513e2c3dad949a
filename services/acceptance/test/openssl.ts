import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { identityIn, repository, runPki, sumTrust } from '../src/pki.ts';
import type { Identity } from '../src/pki.ts';

/** Runs the openssl command, with the household's profiles and the given authority at hand. Returns its stdout. */
export function openssl(args: string[], authority = '', san = 'DNS:localhost'): string {
  const env = { PATH: process.env.PATH, SCONCE_AUTHORITY: authority, SCONCE_SAN: san };
  return execFileSync('openssl', args, { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

export const profiles = join(repository, 'pki/openssl.cnf');

/**
 * An identity as pki/mint could never make it: any name, profile and dates (as YYYYMMDDHHMMSSZ), from an authority of
 * the store. `as` is the folder that it is put into.
 */
export function forge(pkiDir: string, as: string, { name, authority = 'devices', profile = 'device', start, end, san }:
  { name: string; authority?: 'devices' | 'issuing' | 'services'; profile?: string; start?: string; end?: string;
    /** Of the profile service_server; `DNS:localhost` unless told. */
    san?: string }): Identity {
  const folder = join(pkiDir, 'authorities', authority);
  cpSync(join(pkiDir, 'api'), as, { recursive: true });
  const identity = identityIn(as);
  const request = join(as, 'request.pem');
  openssl(['req', '-new', '-config', profiles, '-key', identity.key, '-subj', `/CN=${name}`, '-out', request]);
  const dates = start !== undefined && end !== undefined ? ['-startdate', start, '-enddate', end] : ['-days', '30'];
  openssl(['ca', '-batch', '-notext', '-config', profiles, '-rand_serial', '-extensions', profile, ...dates,
    '-in', request, '-out', identity.cert], folder, san);
  return identity;
}

/** A new private key, in `file`. `how`: openssl's options; EC P-256 unless told. */
export function makeKey(file: string, how = ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256']): string {
  openssl(['genpkey', ...how, '-out', file]);
  return file;
}

/** A request as openssl makes it, in DER. `more`: its options; `subject` as in `/CN=name`. */
export function makeRequest(key: string, subject: string, more: string[] = []): Buffer {
  const args = ['req', '-new', '-config', profiles, '-key', key, '-subj', subject, '-outform', 'DER', ...more];
  const env = { PATH: process.env.PATH, SCONCE_AUTHORITY: '.', SCONCE_SAN: 'DNS:localhost' };
  return execFileSync('openssl', args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
}

/** Looks at a board's certificate as Mosquitto does: by the trust set, with what the board sends along. Throws if it is refused. */
export function verify(pkiDir: string, cert: string): void {
  const trust = join(pkiDir, 'trust/devices');
  openssl(['verify', '-crl_check', '-purpose', 'sslclient', '-CAfile', `${trust}.pem`, '-CRLfile', `${trust}.crl.pem`,
    '-untrusted', cert, cert]);
}

/** Revokes one certificate of a board, whoever has signed it; pki/revoke would revoke them all. */
export async function revoke(pkiDir: string, cert: string): Promise<void> {
  const serial = openssl(['x509', '-in', cert, '-noout', '-serial']).trim().replace('serial=', '');
  const folder = ['issuing', 'devices'].map((name) => join(pkiDir, 'authorities', name))
    .find((name) => existsSync(join(name, 'issued', `${serial}.pem`)));
  openssl(['ca', '-config', profiles, '-revoke', cert], folder);
  const { code, stderr } = await runPki('refresh', [], pkiDir);
  if (code !== 0) throw new Error(stderr);
}

/** Writes the devices' CRLs anew, the root's first. `end`: openssl's options for their nextUpdate. */
export function makeCrl(pkiDir: string, end: string[]): void {
  const crls = ['devices', 'issuing'].map((name) =>
    openssl(['ca', '-gencrl', '-config', profiles, ...end], join(pkiDir, 'authorities', name)));
  writeFileSync(join(pkiDir, 'trust/devices.crl.pem'), crls.join(''));
  sumTrust(pkiDir);
}
