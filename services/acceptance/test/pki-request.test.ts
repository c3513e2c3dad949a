import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SignRefusal } from '@sconce/protocol/authority';
import t from 'tap';
import { listPki, mintDevice, revokeDevice, runPki, signRequest } from '../src/pki.ts';
import { makeKey, makeRequest, openssl, verify } from './openssl.ts';

/* What a board may ask of the household's authority, and all that it may not: requests made by the real openssl. */
const dir = t.testdir();
const store = join(dir, 'store');
const hall = await mintDevice(store, 'Hall');
const attic = await mintDevice(store, 'Attic');
const stolen = await mintDevice(store, 'Stolen');
await revokeDevice(store, 'Stolen');

let keys = 0;
const newKey = (how?: string[]) => makeKey(join(dir, `key${(keys += 1)}.pem`), how);
const name = `/CN=${hall.id}`;
const request = (subject = name, more: string[] = []) => makeRequest(newKey(), subject, more);
const wanting = (extension: string) => request(name, ['-addext', extension]);
const certificateOf = (base64: string) => new X509Certificate(Buffer.from(base64, 'base64'));

/** A request with attributes, which openssl makes by a configuration alone. */
function attribute(line: string): Buffer {
  const config = join(dir, `attributes${(keys += 1)}.cnf`);
  writeFileSync(config, `[req]\nprompt = no\ndistinguished_name = called\nattributes = asked\n` +
    `[called]\ncommonName = ${hall.id}\n[asked]\n${line}\n`);
  return execFileSync('openssl', ['req', '-new', '-config', config, '-key', newKey(), '-outform', 'DER']);
}

/** The same key in half the bytes. */
function compressed(key: string): string {
  openssl(['pkey', '-in', key, '-ec_conv_form', 'compressed', '-out', `${key}.compressed`]);
  return `${key}.compressed`;
}

function spoiled(at: (der: Buffer) => number): Buffer {
  const der = request();
  const place = at(der);
  der[place] = (der[place] ?? 0) ^ 1;
  return der;
}

/** A request with the key of another: its signature is by somebody who does not have that key. */
function swapped(): Buffer {
  const [one, other] = [request(), request()];
  const point = (der: Buffer) => der.indexOf(Buffer.from('03420004', 'hex')) + 4;
  other.copy(one, point(one), point(other), point(other) + 64);
  return one;
}

t.test('a board gets its next certificate', async (t) => {
  const before = new X509Certificate(readFileSync(hall.cert));
  const key = newKey();
  const signed = await signRequest(store, hall.id, makeRequest(key, name));
  const certificate = certificateOf(signed.certificate);
  t.equal(certificate.subject, `CN=${hall.id}`);
  t.equal(certificate.serialNumber.toLowerCase(), signed.serial);
  t.equal(certificate.validFromDate.getTime(), signed.notBefore);
  t.equal(certificate.validToDate.getTime(), signed.notAfter);
  t.equal(signed.notAfter - signed.notBefore, 730 * 86_400_000 + 3_600_000, 'from an hour ago on: its clock may be behind');
  t.ok(certificate.verify(certificateOf(signed.issuer).publicKey));
  t.same(certificate.keyUsage, ['1.3.6.1.5.5.7.3.2'], 'client alone');
  t.notOk(certificate.ca);
  const chain = join(dir, 'chain.pem');
  writeFileSync(chain, certificate.toString() + certificateOf(signed.issuer).toString());
  verify(store, chain);
  verify(store, hall.cert);
  t.ok(before.serialNumber !== certificate.serialNumber, 'the one of before stays good until it ends');
  t.ok(signed.certificate.length <= 856, 'it fits into a command');

  const listed = (await listPki(store)).certificates.filter(({ id }) => id === hall.id);
  t.same(listed.map(({ name, state, issuer }) => [name, state, issuer]),
    [['Hall', 'valid', 'issuing authority'], ['Hall', 'valid', 'issuing authority']]);
  t.match(await runPki('seen', [hall.id, signed.serial], store), { code: 0, stdout: '', stderr: '' });
  const later = (await listPki(store)).certificates.filter(({ id }) => id === hall.id);
  t.same(later.map(({ state, inUse }) => [state, inUse]), [['superseded', false], ['valid', true]]);
});

t.test('an answer that got lost is given again, until its certificate is used', async (t) => {
  const key = newKey();
  const first = await signRequest(store, attic.id, makeRequest(key, `/CN=${attic.id}`));
  const again = await signRequest(store, attic.id, makeRequest(key, `/CN=${attic.id}`));
  t.same(again, first);
  const other = await runPki('sign-request', [hall.id], store, { input: makeRequest(key, name) });
  t.match(other, { code: 3, stderr: /^wrong_key: / }, 'to nobody else');
  await runPki('seen', [attic.id, first.serial], store);
  const used = await runPki('sign-request', [attic.id], store, { input: makeRequest(key, `/CN=${attic.id}`) });
  t.match(used, { code: 3, stdout: '', stderr: /^wrong_key: the key is that of an earlier certificate/ });
});

t.test('whatever else it asks is refused, in words, and leaves nothing', async (t) => {
  const p384 = ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-384'];
  const explicit = ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256', '-pkeyopt', 'ec_param_enc:explicit'];
  const asking = (how: string[]) => makeRequest(newKey(how), name);
  const unknown = 'f'.repeat(32);
  const cases: [why: string, id: string, input: Buffer, code: SignRefusal][] = [
    ['another board\'s name', hall.id, request(`/CN=${attic.id}`), 'wrong_name'],
    ['a name that is no id', hall.id, request('/CN=api'), 'wrong_name'],
    ['its name in capitals', hall.id, request(`/CN=${hall.id.toUpperCase()}`), 'wrong_name'],
    ['its name with more behind', hall.id, request(`${name} `), 'wrong_name'],
    ['two names, its own first', hall.id, request(`${name}/CN=api`), 'wrong_name'],
    ['two names, its own last', hall.id, request(`/CN=api${name}`), 'wrong_name'],
    ['two names in one', hall.id, makeRequest(newKey(), `${name}+CN=api`, ['-multivalue-rdn']), 'wrong_name'],
    ['an organization', hall.id, request(`/O=Sconce${name}`), 'wrong_name'],
    ['a serial number in the name', hall.id, request(`${name}/serialNumber=1`), 'wrong_name'],
    ['no name', hall.id, request('/'), 'wrong_name'],
    ['to be an authority', hall.id, wanting('basicConstraints=critical,CA:TRUE'), 'authority_asked'],
    ['to sign certificates', hall.id, wanting('keyUsage=keyCertSign'), 'authority_asked'],
    ['to sign lists of revoked ones', hall.id, wanting('keyUsage=digitalSignature,cRLSign'), 'authority_asked'],
    ['not to be an authority', hall.id, wanting('basicConstraints=CA:FALSE'), 'extensions_asked'],
    ['the use of a key', hall.id, wanting('keyUsage=digitalSignature'), 'extensions_asked'],
    ['to be a server', hall.id, wanting('extendedKeyUsage=serverAuth'), 'extensions_asked'],
    ['to be a client, which it is', hall.id, wanting('extendedKeyUsage=clientAuth'), 'extensions_asked'],
    ['another name besides', hall.id, wanting('subjectAltName=DNS:localhost'), 'extensions_asked'],
    ['an extension that nobody knows', hall.id, wanting('1.2.3.4=ASN1:UTF8String:x'), 'extensions_asked'],
    ['a password', hall.id, attribute('challengePassword = let-me-in'), 'extensions_asked'],
    ['a name without structure', hall.id, attribute('unstructuredName = api'), 'extensions_asked'],
    ['an RSA key', hall.id, asking(['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048']), 'wrong_key'],
    ['a P-384 key', hall.id, asking(p384), 'wrong_key'],
    ['an Ed25519 key', hall.id, asking(['-algorithm', 'ED25519']), 'wrong_key'],
    ['P-256 by parameters', hall.id, asking(explicit), 'wrong_key'],
    ['a compressed key', hall.id, makeRequest(compressed(newKey()), name), 'wrong_key'],
    ['its key of now', hall.id, makeRequest(hall.key, name), 'wrong_key'],
    ['another board\'s key', hall.id, makeRequest(attic.key, name), 'wrong_key'],
    ['the issuing authority\'s key', hall.id, makeRequest(join(store, 'authorities/issuing/key.pem'), name), 'wrong_key'],
    ['a broken signature', hall.id, spoiled((der) => der.length - 1), 'bad_signature'],
    ['another key, with its signature', hall.id, swapped(), 'bad_signature'],
    ['garbage', hall.id, Buffer.alloc(300, 'x'), 'malformed'],
    ['nothing', hall.id, Buffer.alloc(0), 'malformed'],
    ['half of it', hall.id, request().subarray(0, 120), 'malformed'],
    ['a byte more', hall.id, Buffer.concat([request(), Buffer.from([0])]), 'malformed'],
    ['it twice', hall.id, Buffer.concat([request(), request()]), 'malformed'],
    ['more bytes than fit', hall.id, request(`${name}${'/OU=abcdefghijklmnop'.repeat(20)}`), 'malformed'],
    ['PEM', hall.id, makeRequest(newKey(), name, ['-outform', 'PEM']), 'malformed'],
    ['a certificate', hall.id, new X509Certificate(readFileSync(hall.cert)).raw, 'malformed'],
    ['a revoked board', stolen.id, request(`/CN=${stolen.id}`), 'revoked'],
    ['an id that was never minted', unknown, request(`/CN=${unknown}`), 'unknown_id'],
  ];
  const before = await listPki(store);
  for (const [why, id, input, code] of cases) {
    const { stderr, ...rest } = await runPki('sign-request', [id], store, { input });
    t.match(stderr, new RegExp(`^${code}: [^\\n]+\\n$`), why);
    t.same(rest, { code: 3, stdout: '' }, why);
  }
  t.same({ ...await listPki(store), at: 0 }, { ...before, at: 0 }, 'nothing was signed');
});

t.test('an id that is none is no request at all', async (t) => {
  for (const args of [[], ['hall'], [`${hall.id}\n`], ['../authorities'], [hall.id, hall.id]]) {
    t.match(await runPki('sign-request', args, store, { input: request() }), { code: 1, stdout: '', stderr: /^pki\/sign-request: / });
  }
});

t.test('what a board says of itself is looked at, too', async (t) => {
  for (const [why, args] of [
    ['no serial number', [hall.id]], ['one with a path in it', [hall.id, '../../x']], ['capitals', [hall.id, 'AB']],
    ['three authorities', [hall.id, 'ab', ...Array<string>(3).fill('0123456789abcdef')]],
    ['a short fingerprint', [hall.id, 'ab', '0123']], ['an unknown id', ['f'.repeat(32), 'ab']], ['no id', ['../x', 'ab']],
  ] as const) {
    t.match(await runPki('seen', [...args], store), { code: 1, stdout: '', stderr: /^pki\/seen: / }, why);
  }
});
