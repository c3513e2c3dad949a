import { execFileSync } from 'node:child_process';
import { createPrivateKey, sign, X509Certificate } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { Signed } from '@sconce/protocol/authority';
import type { Command } from '@sconce/protocol/messages';
import type { Happening } from '../src/device/happenings.ts';
import { readIdentity } from '../src/device/identity.ts';
import { Keyring } from '../src/device/keyring.ts';
import { Renewal, serialOf } from '../src/device/renewal.ts';
import { HandClock } from './hand-clock.ts';

const dir = mkdtempSync(join(tmpdir(), 'sconce-renewal-'));
t.teardown(() => rmSync(dir, { recursive: true }));
const pki = (script: string, args: string[] = [], input?: Buffer, lifetime = '730d') => execFileSync(
  fileURLToPath(new URL(`../../../pki/${script}`, import.meta.url)), args,
  { input, env: { PATH: process.env.PATH, PKI_DIR: dir, PKI_BOARD_LIFETIME: lifetime }, encoding: 'utf8', stdio: ['pipe', 'pipe', 'pipe'] });
for (const name of ['Hall board', 'Attic board']) pki('mint', [name]);
const [folder, otherFolder] = readdirSync(join(dir, 'devices')).map((id) => join(dir, 'devices', id)) as [string, string];
const identity = readIdentity(folder);
const day = 86_400_000;

/** A board's renewal with all that it says, at a time of its own. */
function bench({ in: afterMs = 0, of = identity }: { in?: number; of?: typeof identity } = {}) {
  const clock = new HandClock(Date.now() + afterMs);
  const told: Happening[] = [];
  const requests: Buffer[] = [];
  const keyring = new Keyring(of, clock.now());
  let asked = Promise.withResolvers<undefined>();
  const renewal = new Renewal({
    id: of.id, keyring, clock, random: () => 0, tell: (happening) => told.push(happening),
    send: async ({ request }) => {
      requests.push(Buffer.from(request, 'base64'));
      asked.resolve(undefined);
      asked = Promise.withResolvers();
    },
  });
  return { clock, told, requests, keyring, renewal, nextRequest: () => asked.promise };
}
type Bench = ReturnType<typeof bench>;

const envelope = {} as Pick<Command, 'id' | 'replyTo' | 'deadline'>;
const give = ({ renewal }: Bench, signed: Pick<Signed, 'issuer' | 'certificate'>) => [
  renewal.takeIssuer({ ...envelope, do: 'certificate.issuer', certificate: signed.issuer })?.reason,
  renewal.install({ ...envelope, do: 'certificate.install', certificate: signed.certificate })?.reason,
];
async function ask(board: Bench, lifetime?: string): Promise<Signed> {
  const sent = board.nextRequest();
  board.renewal.ask();
  await sent;
  return Signed.parse(JSON.parse(pki('sign-request', [identity.id], board.requests.at(-1), lifetime)));
}
const forget = () => {
  for (const name of ['renewed.pem', 'pending.pem', 'trusted.pem']) rmSync(join(folder, name), { force: true });
};

t.test('it asks from two thirds of its life on, and again while nothing comes', async (t) => {
  t.teardown(forget);
  const young = bench({ in: 486 * day });
  young.renewal.begin();
  t.same(young.told, [], 'not before');
  young.renewal.pause();

  const board = bench({ in: 486.5 * day });
  const first = board.nextRequest();
  board.renewal.begin();
  t.same(board.told, []);
  // By the hour: a clock may be set meanwhile.
  board.clock.pass(day);
  await first;
  const times = board.told.length;
  t.ok(times >= 1, 'it has asked');
  board.clock.pass(3_600_000 - 1);
  const again = board.nextRequest();
  board.clock.pass(1);
  await again;
  t.ok(board.told.length > times && board.told.every(({ event }) => event === 'renew'), 'an hour later again');
  board.renewal.pause();
  const silent = board.told.length;
  board.clock.pass(3 * day);
  t.equal(board.told.length, silent, 'without a line it asks nobody');
});

t.test('the same key is asked for again, so that a late answer fits; after three times and an hour another', async (t) => {
  t.teardown(forget);
  const board = bench();
  const keys: string[] = [];
  for (const afterMs of [0, 10, 10, 3_600_000]) {
    board.clock.pass(afterMs);
    const sent = board.nextRequest();
    board.renewal.ask();
    await sent;
    keys.push(readFileSync(join(folder, 'pending.pem'), 'utf8'));
  }
  t.same([keys[0] === keys[1], keys[1] === keys[2], keys[2] === keys[3]], [true, true, false]);
  t.equal(statSync(join(folder, 'pending.pem')).mode & 0o777, 0o600);
  t.ok(new Keyring(identity, Date.now()).pending?.equals(createPrivateKey(keys[3]!)), 'a restart does not lose it');
});

t.test('what it is given is taken if it is for its key and its id, and signed by who was named', async (t) => {
  t.teardown(forget);
  const board = bench();
  const foreign = readIdentity(otherFolder);
  const der = (pem: string) => new X509Certificate(pem).raw.toString('base64');
  const minted = { issuer: der(readFileSync(join(dir, 'authorities/issuing/cert.pem'), 'utf8')), certificate: der(identity.cert) };
  t.same(give(board, minted), ['not_asked', 'not_asked'], 'nothing was asked for');

  const signed = await ask(board);
  t.equal(board.renewal.install({ ...envelope, do: 'certificate.install', certificate: signed.certificate })?.reason, 'not_asked', 'by whom was not said');
  const services = der(readFileSync(join(dir, 'authorities/services/cert.pem'), 'utf8'));
  for (const [why, given] of [
    ['for the key that it had', minted],
    ['for another board', { ...signed, certificate: der(foreign.cert) }],
    ['by another issuer', { ...signed, issuer: services }],
    ['an authority', { ...signed, certificate: signed.issuer }],
    ['no certificate', { ...signed, certificate: 'AAAA' }],
  ] as const) t.equal(give(board, given)[1], 'wrong_certificate', why);
  t.same(give(board, { ...signed, issuer: signed.certificate }), ['wrong_certificate', 'not_asked'], 'the issuer is no authority');
  t.notOk(existsSync(join(folder, 'renewed.pem')), 'nothing of this was kept');

  const late = bench({ in: 731 * day });
  t.equal(give(late, signed)[1], 'wrong_certificate', 'it has ended by this board’s clock');
  t.same(give(board, signed), [undefined, undefined]);
  t.equal(serialOf(board.keyring.current.leaf), signed.serial);
  t.equal(statSync(join(folder, 'renewed.pem')).mode & 0o777, 0o600);
  t.notOk(existsSync(join(folder, 'pending.pem')));
  t.same(give(board, signed), ['not_asked', 'not_asked'], 'once');
  t.equal(serialOf(bench().keyring.current.leaf), signed.serial, 'after a restart it has it still');
});

t.test('power that fails at any moment leaves the old one or the new one', async (t) => {
  t.teardown(forget);
  const board = bench();
  const signed = await ask(board);
  const pending = readFileSync(join(folder, 'pending.pem'));
  give(board, signed);
  writeFileSync(join(folder, 'renewed.pem.new'), '-----BEGIN PRI');
  writeFileSync(join(folder, 'pending.pem'), pending);
  const after = bench().keyring;
  t.equal(serialOf(after.current.leaf), signed.serial, 'half a file beside it is nothing');
  t.equal(after.pending, undefined, 'and a key that has its certificate is not asked for again');
  rmSync(join(folder, 'renewed.pem.new'));

  const whole = readFileSync(join(folder, 'renewed.pem'), 'utf8');
  for (const [why, text] of [['cut short', whole.slice(0, 900)], ['somebody else’s', whole.replace(/-----BEGIN PRIVATE[^]*?END PRIVATE KEY-----/, readFileSync(join(otherFolder, 'key.pem'), 'utf8').trim())]] as const) {
    writeFileSync(join(folder, 'renewed.pem'), text);
    const { keyring } = bench();
    t.equal(keyring.current.chain, identity.cert, `${why}: it goes on with what it was minted with`);
    t.match(keyring.complaint, /renewed\.pem is damaged/);
  }
});

t.test('a certificate that the broker refuses is given up for the one before, while that lasts', async (t) => {
  t.teardown(forget);
  const refused = { code: 'own_certificate_revoked', message: 'refused' };
  const board = bench();
  const one = await ask(board);
  give(board, one);
  const two = await ask(board, '60s');
  give(board, two);
  for (const fault of [refused, { code: 'port_closed', message: '' }, refused]) board.renewal.refusedBy(fault);
  t.equal(serialOf(board.keyring.current.leaf), two.serial, 'twice may be chance');
  board.renewal.refusedBy(refused);
  t.equal(serialOf(board.keyring.current.leaf), one.serial, 'three times is not');
  t.match(board.told.at(-1), { event: 'former', serial: one.serial });
  t.equal(serialOf(bench().keyring.current.leaf), one.serial, 'after a restart, too');
  for (let i = 0; i < 3; i += 1) board.renewal.refusedBy(refused);
  t.equal(board.keyring.current.chain, identity.cert, 'and once more');
  t.notOk(existsSync(join(folder, 'renewed.pem')));
  for (let i = 0; i < 3; i += 1) board.renewal.refusedBy(refused);
  t.equal(board.keyring.current.chain, identity.cert, 'the last stays');

  give(board, await ask(board));
  const late = bench({ in: 729.999 * day });
  t.not(late.keyring.current.chain, identity.cert);
  late.clock.pass(day);
  for (let i = 0; i < 3; i += 1) late.renewal.refusedBy(refused);
  t.not(late.keyring.current.chain, identity.cert, 'one that has ended is no way back');
});

t.test('another authority is trusted if one that is trusted vouches for it', async (t) => {
  t.teardown(forget);
  const make = (name: string) => {
    const [key, cert] = [join(dir, `${name}.key`), join(dir, `${name}.pem`)];
    execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', `/CN=${name}`,
      '-keyout', key, '-out', cert, '-days', '9'], { stdio: 'pipe' });
    return { key: readFileSync(key), cert: new X509Certificate(readFileSync(cert)) };
  };
  const present = { key: readFileSync(join(dir, 'authorities/services/key.pem')), cert: new X509Certificate(identity.ca) };
  const [next, stranger] = [make('next'), make('stranger')];
  const text = (of: X509Certificate, how: string) => `sconce authority v1\n${how}\n${of.fingerprint256.replaceAll(':', '').toLowerCase()}\n`;
  const notice = (of: X509Certificate, by: Buffer, { alone = false, signed = alone ? 'alone' : 'add' }: { alone?: boolean; signed?: string } = {}) => ({
    ...envelope, do: 'authority.trust' as const, certificate: of.raw.toString('base64'), alone,
    signature: sign('sha256', Buffer.from(text(of, signed)), by).toString('base64'),
  });
  const board = bench();
  const trusts = () => board.keyring.trusted.map(({ subject }) => subject);
  const before = trusts();
  for (const [why, reason, one] of [
    ['by itself', 'not_signed', notice(stranger.cert, stranger.key)],
    ['by itself, alone', 'not_signed', notice(stranger.cert, stranger.key, { alone: true })],
    ['signed for beside, told as alone', 'not_signed', notice(next.cert, present.key, { alone: true, signed: 'add' })],
    ['no authority', 'wrong_certificate', notice(new X509Certificate(identity.cert), present.key)],
  ] as const) t.equal(board.renewal.trust(one)?.reason, reason, why);
  t.same(trusts(), before, 'nothing has changed');

  t.equal(board.renewal.trust(notice(next.cert, present.key)), undefined);
  t.same(trusts(), ['CN=next', ...before], 'both');
  t.equal(board.renewal.trust(notice(next.cert, present.key)), undefined, 'again is no harm');
  t.same(bench().keyring.fingerprints, board.keyring.fingerprints, 'after a restart, too');
  t.match(board.keyring.fingerprints[0], /^[0-9a-f]{16}$/);
  t.equal(board.renewal.trust(notice(next.cert, next.key, { alone: true })), undefined);
  t.same(trusts(), ['CN=next'], 'alone');
  t.equal(board.renewal.trust(notice(present.cert, present.key, { alone: true }))?.reason, 'not_signed', 'what is gone vouches for nobody');
});
