/** The household's authority in the suite's hands: what the API and pki/sign-request do, and what they would never do. */
import { execFileSync } from 'node:child_process';
import { createHash, createPublicKey, X509Certificate } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { limits } from '@sconce/protocol/limits';
import { CertificateRequest, parsePayload, type Action } from '@sconce/protocol/messages';
import type { Test } from 'tap';
import type { Asker, Message } from '../../src/conformance/asker.ts';
import type { Heard } from '../../src/conformance/heard.ts';
import { identityIn, type Identity, type MintedDevice } from '../../src/pki.ts';
import { openssl, profiles } from '../openssl.ts';
import { inWords } from './bench.ts';
import { pki } from './household.ts';

/** The next request of a board, in DER. `from`: as in Heard.first. */
export async function requestOf({ heard }: { heard: Heard<Message> }, { id }: MintedDevice, from: number, ms?: number): Promise<Buffer> {
  const asked = await heard.first('a certificate request', ({ channel, device }) => channel === 'certificate' && device === id,
    { from, ...ms !== undefined && { ms } });
  const read = parsePayload(CertificateRequest, asked.bytes, limits.deviceMessageBytes);
  if (!read.ok) throw new Error(`a request that the protocol does not know: ${read.why}`);
  return Buffer.from(read.value.request, 'base64');
}

/** What stands in a request, by openssl, which checks its signature, too. */
export function readRequest(request: Buffer): { subject: string; attributes: string; curve: string; key: string } {
  const file = scratch(request);
  const args = ['req', '-inform', 'DER', '-in', file, '-noout', '-nameopt', 'RFC2253'];
  const text = openssl([...args, '-verify', '-text']);
  const key = openssl([...args, '-pubkey']);
  return {
    subject: /Subject: (.*)/.exec(text)?.[1] ?? '',
    attributes: /Attributes:\s*([^]*?)\n\s*(Requested|Signature Algorithm)/.exec(text)?.[1]?.trim() ?? text,
    curve: createPublicKey(key).asymmetricKeyDetails?.namedCurve ?? '', key,
  };
}

export interface Signing {
  authority?: 'issuing' | 'devices' | 'services';
  /** Unless told: as asked. */
  subject?: string;
  profile?: string;
  /** As YYYYMMDDHHMMSSZ. */
  dates?: { start: string; end: string };
}

/** Signs a request as pki/sign-request never would. Gives PEM. */
export function signAnyhow(request: Buffer, { authority = 'issuing', subject, profile = 'device', dates }: Signing = {}): string {
  const [der, pem, out] = [scratch(request), scratch(''), scratch('')];
  const folder = join(pki.dir, 'authorities', authority);
  openssl(['req', '-inform', 'DER', '-in', der, '-out', pem]);
  openssl(['ca', '-batch', '-notext', '-config', profiles, '-rand_serial', '-extensions', profile,
    ...dates ? ['-startdate', dates.start, '-enddate', dates.end] : ['-days', '30'],
    ...subject !== undefined ? ['-subj', subject] : [], '-in', pem, '-out', out], folder);
  return readFileSync(out, 'utf8');
}

/** A request as somebody else would make it, for a key of his own. */
export function foreignRequest(name: string): Buffer {
  const [key, out] = [scratch(''), scratch('')];
  openssl(['genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256', '-out', key]);
  openssl(['req', '-new', '-config', profiles, '-key', key, '-subj', `/CN=${name}`, '-outform', 'DER', '-out', out]);
  return readFileSync(out);
}

/** An authority that nobody has heard of. Its certificate as PEM, and the file of its key. */
export function newAuthority(name: string): { certificate: string; keyFile: string } {
  const [keyFile, out] = [scratch(''), scratch('')];
  openssl(['genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256', '-pkeyopt', 'ec_param_enc:named_curve', '-out', keyFile]);
  openssl(['req', '-x509', '-new', '-config', profiles, '-extensions', 'authority', '-key', keyFile, '-subj', `/CN=${name}`,
    '-days', '30', '-out', out]);
  return { certificate: readFileSync(out, 'utf8'), keyFile };
}

/** What an authority of newAuthority() signs for this request or for a service: PEM. */
export function signBy(authority: { certificate: string; keyFile: string }, request: Buffer, profile = 'device'): string {
  const [der, ca, out] = [scratch(request), scratch(authority.certificate), scratch('')];
  openssl(['x509', '-req', '-inform', 'DER', '-in', der, '-CA', ca, '-CAkey', authority.keyFile, '-days', '30',
    '-set_serial', `0x${createHash('sha256').update(request).digest('hex').slice(0, 32)}`,
    '-extfile', profiles, '-extensions', profile, '-out', out]);
  return readFileSync(out, 'utf8');
}

/** A broker's identity under that authority. `localhost` is its name. */
export function brokerUnder(t: Test, authority: { certificate: string; keyFile: string }): Identity {
  const dir = mkdtempSync(join(tmpdir(), 'sconce-next-broker-'));
  t.teardown(() => rmSync(dir, { recursive: true }));
  cpSync(join(pki.dir, 'broker/key.pem'), join(dir, 'key.pem'));
  openssl(['req', '-new', '-config', profiles, '-key', join(dir, 'key.pem'), '-subj', '/CN=broker', '-outform', 'DER',
    '-out', join(dir, 'request.der')]);
  writeFileSync(join(dir, 'cert.pem'), signBy(authority, readFileSync(join(dir, 'request.der')), 'service_server'));
  writeFileSync(join(dir, 'ca.pem'), authority.certificate);
  return identityIn(dir);
}

/** As commands have certificates. */
export const base64Of = (pem: string) => new X509Certificate(pem).raw.toString('base64');
/** As info tells of authorities. */
export const fingerprintOf = (pem: string) => createHash('sha256').update(new X509Certificate(pem).raw).digest('hex').slice(0, 16);
/** As info tells of certificates. */
export const serialOf = (pem: string) => new X509Certificate(pem).serialNumber.toLowerCase().replace(/^0+/, '');

/** The text that names an authority, signed by the key in this file. */
export function nameAuthority(pem: string, keyFile: string, alone: boolean, text?: string): Extract<Action, { do: 'authority.trust' }> {
  const digest = createHash('sha256').update(new X509Certificate(pem).raw).digest('hex');
  const signed = text ?? `sconce authority v1\n${alone ? 'alone' : 'add'}\n${digest}\n`;
  const signature = execFileSync('openssl', ['dgst', '-sha256', '-sign', keyFile], { input: signed }).toString('base64');
  return { do: 'authority.trust', certificate: base64Of(pem), signature, alone };
}

/** Hands a board what was signed, and gives the answers to both commands in a word or two. */
export async function handOver(asker: Asker, { id }: MintedDevice, issuer: string, certificate: string): Promise<[string, string]> {
  const named = await asker.answer(await asker.ask(id, { do: 'certificate.issuer', certificate: issuer }));
  const given = await asker.answer(await asker.ask(id, { do: 'certificate.install', certificate }));
  return [inWords(named), inWords(given)];
}

const scratchDir = mkdtempSync(join(tmpdir(), 'sconce-issuing-'));
process.once('exit', () => { rmSync(scratchDir, { recursive: true, force: true }); });
let scratches = 0;
function scratch(content: string | Buffer): string {
  const file = join(scratchDir, String(scratches += 1));
  writeFileSync(file, content);
  return file;
}
