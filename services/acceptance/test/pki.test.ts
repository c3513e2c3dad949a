import { execFile, execFileSync } from 'node:child_process';
import { createHash, createPublicKey, X509Certificate } from 'node:crypto';
import {
  chownSync, cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { limits } from '@sconce/protocol/limits';
import t from 'tap';
import { identityIn, initPki, mintDevice, repository } from '../src/pki.ts';
import type { PkiOptions } from '../src/pki.ts';
import { openssl, verify } from './openssl.ts';

const dir = join(t.testdir(), 'store');
const takenId = '00112233445566778899aabbccddeeff';
const goneId = 'ffeeddccbbaa99887766554433221100';
await mintDevice(dir, 'Hall lamp board', { id: takenId });
await mintDevice(dir, 'Sold board', { id: goneId });
rmSync(join(dir, 'devices', goneId), { recursive: true });

/** Every file and folder of a store, with its mode and a digest of what is in it. */
function snapshot(store: string): Record<string, string> {
  const entries = readdirSync(store, { recursive: true, withFileTypes: true });
  const paths = entries.map((entry) => join(entry.parentPath, entry.name)).sort();
  return Object.fromEntries(paths.map((path) => {
    const stat = statSync(path);
    const digest = stat.isFile() ? createHash('sha256').update(readFileSync(path)).digest('hex') : 'folder';
    return [relative(store, path), `${(stat.mode & 0o777).toString(8)} ${digest}`];
  }));
}

/** Runs a script of pki/ in an environment that is given whole. */
function script(name: string, args: string[], env: Record<string, string>, as: { uid?: number; gid?: number } = {},
  folder = join(repository, 'pki')) {
  return new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
    const child = execFile(join(folder, name), args, { env, cwd: '/', ...as }, (_, stdout, stderr) => {
      resolve({ code: child.exitCode ?? -1, stdout, stderr });
    });
  });
}

t.test('refuses, says why and what to do, and leaves nothing', async (t) => {
  const long = 'x'.repeat(limits.nameCharacters + 1);
  const host = (brokerHost: string) => ({ brokerHost });
  const isTaken = (name: string) => `the name "${name}" is taken by ${dir}/devices/${takenId}; choose another`;
  const notHost = (host: string) =>
    `BROKER_HOST has "${host}", which is neither a host name nor an address; write it like lamps.example.org`;
  const notId = 'ID must be 32 lowercase hexadecimal digits; leave it out for a random one';
  const control = 'the name has a control character (a tab or a new line, perhaps); leave it out';
  const cases: [why: string, name: string, options: PkiOptions & { id?: string }, words: string][] = [
    ['no name', '', {}, 'a board needs a name; try: pki/mint "Hall lamp board"'],
    ['a blank name', ' \t ', {}, 'a board needs a name; try: pki/mint "Hall lamp board"'],
    ['a long name', long, {}, `the name has ${long.length} characters; ${limits.nameCharacters} is the most`],
    ['a tab', 'Hall\tlamp', {}, control],
    ['a new line', 'Hall\nlamp', {}, control],
    ['a reserved name', 'api', {}, 'the name "api" is reserved for a part of Sconce; choose another'],
    ['one in disguise', ' Metrics ', {}, 'the name "Metrics" is reserved for a part of Sconce; choose another'],
    ['a taken name', 'Hall lamp board', {}, isTaken('Hall lamp board')],
    ['one in disguise', '  hall LAMP board ', {}, isTaken('hall LAMP board')],
    ['a name for an id', 'A', { id: 'hall' }, notId],
    ['capitals in an id', 'A', { id: 'A'.repeat(32) }, notId],
    ['a path for an id', 'A', { id: '../'.padEnd(32, '0') }, notId],
    ['an id that exists', 'A', { id: takenId }, `the id ${takenId} exists; leave ID out for a random one`],
    ['an id that was there once', 'A', { id: goneId }, `the id ${goneId} exists; leave ID out for a random one`],
    ['a dash before a host name', 'A', host('-lamps'), notHost('-lamps')],
    ['a line of configuration for a host name', 'A', host('a\n[device]'),
      'BROKER_HOST has a line break or a tab; put spaces between names'],
    ['a wildcard for a host name', 'A', host('*.example.org'), notHost('*.example.org')],
    ['a host name longer than a board keeps', 'A', host('x'.repeat(65)),
      'BROKER_HOST has a name of 65 characters; a board takes 64 at most, so choose a shorter one'],
    ['port 0', 'A', { brokerPort: 0 }, 'BROKER_PORT is "0"; it must be a port, 1 to 65535'],
    ['port 65536', 'A', { brokerPort: 65536 }, 'BROKER_PORT is "65536"; it must be a port, 1 to 65535'],
  ];
  const before = snapshot(dir);
  for (const [why, name, options, words] of cases) {
    await t.rejects(mintDevice(dir, name, options), { message: `pki/mint: ${words}` }, why);
    t.same(snapshot(dir), before, `${why}: the store is as it was`);
  }
  const env = { PATH: process.env.PATH ?? '', PKI_DIR: dir };
  for (const [name, args, words] of [
    ['mint', ['Hall', 'lamp'], 'takes one name; put it in quotes: pki/mint "Hall lamp board"'],
    ['init', ['Hall lamp'], 'takes no arguments; a board is minted by pki/mint "its name"'],
  ] as const) {
    t.match(await script(name, [...args], env), { code: 1, stdout: '', stderr: `pki/${name}: ${words}\n` });
  }
  t.same(snapshot(dir), before);
});

t.test('accepts names as people write them', async (t) => {
  const names = ['Küche', 'x'.repeat(limits.nameCharacters), 'ü'.repeat(limits.nameCharacters), 'Tom\'s "old" \\ board',
    '$(touch /tmp/owned) `id` %s ${HOME}', '-n', 'Hall lamp', '.*'];
  for (const name of names) {
    const device = await mintDevice(dir, `  ${name} `);
    t.equal(device.name, name);
  }
  await t.rejects(mintDevice(dir, 'TOM\'S "OLD" \\ BOARD'), /is taken by/, 'quotes do not hide that a name is taken');
  await t.rejects(mintDevice(dir, 'KÜCHE'), /is taken by/, 'nor do capitals beyond ASCII');
});

t.test('a second run changes no byte', async (t) => {
  const before = snapshot(dir);
  const { said } = await initPki(dir);
  t.same(snapshot(dir), before);
  t.notMatch(said, /made|new certificate/);
});

t.test('says what there is and when it ends', async (t) => {
  const lifetimes = { rootLifetime: '1000d', issuingLifetime: '500d', serviceLifetime: '100d', crlLifetime: '20d' };
  const { said } = await initPki(join(t.testdir(), 'store'), lifetimes);
  const lines = said.split('\n');
  const ends = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
  const things = [
    ['devices authority', 1000], ['services authority', 1000], ['issuing authority', 500],
    ['devices CRL', 1000], ['issuing CRL', 20], ['services CRL', 20],
    ['broker', 100], ['api', 100], ['metrics', 100],
  ] as const;
  for (const [at, [name, days]] of things.entries()) {
    t.match(lines[at + 1], new RegExp(`^${name} +${ends(days)} +(${days}|${days - 1})  made`));
  }
});

t.test('a service certificate past two thirds of its life is made anew, with a new key', async (t) => {
  const store = join(t.testdir(), 'store');
  await initPki(store, { serviceLifetime: '30d', daysAgo: 21 });
  const before = snapshot(store);
  const { said } = await initPki(store);
  const after = snapshot(store);
  for (const name of ['broker', 'api', 'metrics']) {
    t.match(said, new RegExp(`^${name} .*new certificate and key`, 'm'));
    t.not(after[`${name}/key.pem`], before[`${name}/key.pem`], `${name}: the key is new`);
    const { validToDate, publicKey } = new X509Certificate(readFileSync(join(store, name, 'cert.pem')));
    t.ok(publicKey.equals(createPublicKey(readFileSync(join(store, name, 'key.pem')))), `${name}: and the certificate's`);
    t.ok(validToDate.getTime() > Date.now() + 700 * 86_400_000, `${name}: it lasts`);
  }
});

t.test('keys and all else are for their owner alone', (t) => {
  const entries = Object.entries(snapshot(dir));
  for (const [path, line] of entries) {
    const mode = line.endsWith('folder') ? '700' : path.endsWith('key.pem') ? '400' : '600';
    t.equal(line.split(' ')[0], mode, path);
  }
  t.equal(statSync(dir).mode & 0o777, 0o700);
  const keys = entries.filter(([path]) => path.endsWith('key.pem')).length;
  t.equal(keys, 3 + 3 + readdirSync(join(dir, 'devices')).length, 'each authority, service and device has its own');
  t.end();
});

t.test('certificates may do what they are for, and no more', (t) => {
  const authority = { ca: 'CA:TRUE, pathlen:1', usage: 'Certificate Sign, CRL Sign', purpose: '', names: '' };
  const leaf = { ca: 'CA:FALSE', usage: 'Digital Signature', purpose: 'TLS Web Client Authentication', names: '' };
  const server = { ...leaf, purpose: 'TLS Web Server Authentication', names: 'DNS:localhost, DNS:mosquitto' };
  const cases = [
    ['authorities/devices', { ...authority, cn: 'Sconce devices authority' }],
    ['authorities/services', { ...authority, cn: 'Sconce services authority' }],
    ['authorities/issuing', { ...authority, ca: 'CA:TRUE, pathlen:0', purpose: leaf.purpose, cn: 'Sconce issuing authority' }],
    ['broker', { ...server, cn: 'broker' }],
    ['api', { ...leaf, cn: 'api' }],
    ['metrics', { ...leaf, cn: 'metrics' }],
    [join('devices', takenId), { ...leaf, cn: takenId }],
  ] as const;
  for (const [folder, expected] of cases) {
    const file = join(dir, folder, 'cert.pem');
    const text = openssl(['x509', '-in', file, '-noout', '-text']);
    const extension = (name: string) => new RegExp(`X509v3 ${name}: (?:critical)?\\n +(.*)\\n`).exec(text)?.[1] ?? '';
    const certificate = new X509Certificate(readFileSync(file));
    t.equal(certificate.subject, `CN=${expected.cn}`, `${folder}: subject`);
    t.equal(extension('Basic Constraints'), expected.ca, `${folder}: constraints`);
    t.equal(extension('Key Usage'), expected.usage, `${folder}: usage`);
    t.equal(extension('Extended Key Usage'), expected.purpose, `${folder}: purpose`);
    t.equal(extension('Subject Alternative Name'), expected.names, `${folder}: names`);
    t.equal(certificate.publicKey.asymmetricKeyDetails?.namedCurve, 'prime256v1', `${folder}: P-256`);
    const issuer = folder.startsWith('devices') ? 'issuing' : /devices|issuing/.test(folder) ? 'devices' : 'services';
    const { publicKey } = new X509Certificate(readFileSync(join(dir, 'trust', `${issuer}.pem`)));
    t.ok(certificate.verify(publicKey), `${folder}: from the ${issuer} authority`);
  }
  t.end();
});

t.test('a device folder is what firmware and simulator load', async (t) => {
  const device = await mintDevice(dir, 'Landing', { brokerHost: 'lamps.example.org, 10.0.0.2', brokerPort: 18883 });
  t.same(readdirSync(device.dir).sort(), ['ca.pem', 'cert.pem', 'device.json', 'key.pem']);
  t.same(JSON.parse(readFileSync(device.json, 'utf8')), {
    id: device.id,
    name: 'Landing',
    broker: { host: 'lamps.example.org', port: 18883 },
    certificateNotAfter: new X509Certificate(readFileSync(device.cert)).validToDate.getTime(),
  });
  t.same(readFileSync(device.ca), readFileSync(join(dir, 'trust/services.pem')), 'it checks the broker, not its peers');
  t.match(device.said, /^broker: new certificate, same key, for .*lamps.example.org 10.0.0.2$/m);
});

t.test('a broker name that is new makes a new certificate for the same key', async (t) => {
  const store = join(t.testdir(), 'store');
  const cert = () => new X509Certificate(readFileSync(join(store, 'broker/cert.pem')));
  await initPki(store, { brokerHost: 'old.example.org' });
  const [key, first] = [readFileSync(join(store, 'broker/key.pem')), cert()];
  const { said } = await initPki(store, { brokerHost: '192.168.1.10 ::1' });
  const names = ['old.example.org', 'mosquitto', 'localhost', '192.168.1.10'];
  t.match(said, new RegExp(`^broker .* new certificate, same key, for ${names.join(' ')} ::1$`, 'm'));
  t.same(readFileSync(join(store, 'broker/key.pem')), key);
  t.not(cert().serialNumber, first.serialNumber);
  for (const name of names) t.equal(cert().checkHost(name), name);
  for (const address of ['192.168.1.10', '::1']) t.equal(cert().checkIP(address), address);
  const before = snapshot(store);
  await initPki(store, { brokerHost: 'old.example.org' });
  t.same(snapshot(store), before, 'a name that it has already changes nothing');
});

t.test('no certificate outlives its authority, nor does a CRL', async (t) => {
  const store = join(t.testdir(), 'store');
  const device = await mintDevice(store, 'Hall', { rootLifetime: '10d' });
  const end = (file: string) => new X509Certificate(readFileSync(join(store, file))).validToDate.getTime();
  t.equal(end('authorities/issuing/cert.pem'), end('trust/devices.pem'));
  t.equal(end(relative(store, device.cert)), end('trust/devices.pem'));
  t.equal(end('api/cert.pem'), end('trust/services.pem'));
  for (const name of ['devices', 'issuing', 'services']) {
    const crl = openssl(['crl', '-in', join(store, 'authorities', name, 'crl.pem'), '-noout', '-nextupdate']);
    t.ok(Math.abs(Date.parse(crl.split('=')[1] ?? '') - end('trust/devices.pem')) <= 10_000, name);
  }
});

t.test('runs at the same time', async (t) => {
  const store = join(t.testdir(), 'store');
  const [one, two] = await Promise.all([mintDevice(store, 'One'), mintDevice(store, 'Two')]);
  t.not(one.id, two.id);
  for (const { cert } of [one, two]) verify(store, cert);
  const same = await Promise.allSettled([mintDevice(store, 'Same'), mintDevice(store, 'same')]);
  t.same(same.map(({ status }) => status).sort(), ['fulfilled', 'rejected'], 'one name goes to one board');
  t.equal(readdirSync(join(store, 'devices')).length, 3);
});

t.test('a run that fails or dies halfway leaves nothing that counts', async (t) => {
  const store = join(t.testdir(), 'store');
  await mintDevice(store, 'First');
  const bin = join(t.testdirName, 'bin');
  mkdirSync(bin);
  writeFileSync(join(bin, 'openssl'),
    `#!/bin/sh\n[ "$1" != ca ] || { echo "error: no room" >&2; exit 1; }\nexec "$REAL" "$@"\n`, { mode: 0o700 });
  const real = execFileSync('sh', ['-c', 'command -v openssl'], { encoding: 'utf8' }).trim();
  const before = snapshot(join(store, 'devices'));
  const failed = await script('mint', ['Second'], { PATH: `${bin}:${process.env.PATH}`, PKI_DIR: store, REAL: real });
  t.match(failed, { code: 1, stdout: '' });
  t.match(failed.stderr, /^pki\/mint: openssl could not make a certificate for \w{32}: error: no room\n$/);
  t.same(snapshot(join(store, 'devices')), before);
  t.notOk(readdirSync(store).includes('.new'));

  mkdirSync(join(store, '.new/devices'), { recursive: true });
  await mintDevice(store, 'Second');
  t.notOk(readdirSync(store).includes('.new'), 'what a killed run left is swept away');
});

t.test('a loss is reported, never papered over with a new key', async (t) => {
  const anew = 'restore it from a backup, or move the folder away';
  const lost: [gone: string, words: (store: string) => string][] = [
    ['authorities/issuing/key.pem', (s) => `${s}/authorities/issuing/key.pem is missing; ${anew}`],
    ['authorities/services/key.pem', (s) => `${s}/authorities/services/key.pem is missing; ${anew}`],
    ['authorities/devices/cert.pem', (s) => `${s}/authorities/devices/cert.pem is missing; ${anew}`],
    ['authorities/devices/index.txt', (s) =>
      `${s}/authorities/devices/index.txt is missing; restore it from a backup: it says what is revoked`],
    ['authorities/services', (s) =>
      `${s}/authorities/services is missing; restore it from a backup, or move ${s} away to begin anew`],
    ['broker/key.pem', (s) => `${s}/broker/key.pem is missing; ${anew}`],
    ['api/cert.pem', (s) => `${s}/api/cert.pem is missing; ${anew}`],
  ];
  for (const [gone, words] of lost) {
    const store = join(t.testdir(), 'store');
    cpSync(dir, store, { recursive: true });
    rmSync(join(store, gone), { recursive: true });
    await t.rejects(initPki(store), { message: `pki/init: ${words(store)}` }, gone);
  }
});

t.test('says so when openssl is not installed', async (t) => {
  const bin = t.testdir();
  for (const tool of ['bash', 'dirname', 'sed', 'od', 'tr', 'grep', 'flock']) {
    symlinkSync(execFileSync('sh', ['-c', `command -v ${tool}`], { encoding: 'utf8' }).trim(), join(bin, tool));
  }
  for (const name of ['init', 'mint']) {
    t.match(await script(name, name === 'mint' ? ['A'] : [], { PATH: bin, PKI_DIR: join(bin, 'store') }),
      { code: 1, stderr: `pki/${name}: openssl is not installed; on Debian: apt-get install openssl\n` });
  }
});

t.test('needs no root', async (t) => {
  // The user nobody, where this runs as root; else whoever runs this, who is an ordinary user already.
  const as = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};
  const home = mkdtempSync(join(tmpdir(), 'sconce-pki-'));
  t.teardown(() => rmSync(home, { recursive: true, force: true }));
  if (as.uid !== undefined) chownSync(home, as.uid, as.gid);
  // The repository may lie where nobody else gets in, as below /root.
  cpSync(join(repository, 'pki'), join(home, 'pki'), { recursive: true, filter: (path) => !path.endsWith('/store') });
  const env = { PATH: process.env.PATH ?? '', PKI_DIR: join(home, 'store') };
  t.match(await script('mint', ['Hall'], env, as, join(home, 'pki')), { code: 0, stderr: '' });
  const device = readdirSync(join(home, 'store/devices'))[0] ?? '';
  t.equal(statSync(identityIn(join(home, 'store/devices', device)).key).mode & 0o777, 0o400);
});
