import { execFileSync } from 'node:child_process';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { identityIn, repository } from '../src/pki.ts';
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
export function forge(pkiDir: string, as: string, { name, authority = 'devices', profile = 'device', start, end }:
  { name: string; authority?: 'devices' | 'services'; profile?: string; start?: string; end?: string }): Identity {
  const folder = join(pkiDir, 'authorities', authority);
  cpSync(join(pkiDir, 'api'), as, { recursive: true });
  const identity = identityIn(as);
  const request = join(as, 'request.pem');
  openssl(['req', '-new', '-config', profiles, '-key', identity.key, '-subj', `/CN=${name}`, '-out', request]);
  const dates = start !== undefined && end !== undefined ? ['-startdate', start, '-enddate', end] : ['-days', '30'];
  openssl(['ca', '-batch', '-notext', '-config', profiles, '-extensions', profile, ...dates,
    '-in', request, '-out', identity.cert], folder);
  return identity;
}

/** Puts a certificate on the CRL of the store's devices authority. */
export function revoke(pkiDir: string, cert: string): void {
  const authority = join(pkiDir, 'authorities/devices');
  openssl(['ca', '-config', profiles, '-revoke', cert], authority);
  makeCrl(pkiDir, ['-crldays', '30']);
}

/** Writes a CRL of the devices authority anew. `end`: openssl's options for its nextUpdate. */
export function makeCrl(pkiDir: string, end: string[]): void {
  openssl(['ca', '-gencrl', '-config', profiles, ...end, '-out', join(pkiDir, 'trust/devices.crl.pem')],
    join(pkiDir, 'authorities/devices'));
}
