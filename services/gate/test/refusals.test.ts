import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Refusals } from '@sconce/protocol/gate';
import { pino } from 'pino';
import t from 'tap';
import { Book } from '../src/refusals/book.ts';
import { judge } from '../src/refusals/judge.ts';
import type { Shown } from '../src/refusals/shown.ts';
import { readTrust } from '../src/refusals/trust.ts';
import { Admission } from '../src/relay/admission.ts';
import { Opening } from '../src/tls/opening.ts';

const now = Date.parse('2026-01-01');
const day = 86_400_000;
const sound: Shown = {
  name: 'a'.repeat(32), serial: '1', issuer: 'Sconce issuing authority', notBefore: now - day, notAfter: now + day, genuine: true,
  by: 'issuing', incomplete: false,
};

t.test('a reason for whatever was seen', (t) => {
  const seen = (what: Partial<Opening>) => Object.assign(new Opening(), { begun: true, answered: true, brokerShown: true }, what);
  const by = (side: 'broker' | 'board') => (number: number) => ({ alert: { number, by: side } });
  const [broker, board] = [by('broker'), by('board')];
  const chain = [Buffer.from([1])];
  const ended = { ...sound, notAfter: now - day };
  const early = { ...sound, notBefore: now + day };
  const strange = { ...sound, genuine: false, by: undefined };
  const cases: [Partial<Opening>, Shown | undefined, 'board' | 'broker', string][] = [
    [{ chain, ...broker(45) }, ended, 'broker', 'expired'],
    [{ chain, ...broker(45) }, sound, 'broker', 'bad_certificate'],
    [{ chain, ...broker(42) }, early, 'broker', 'not_yet_valid'],
    [{ chain, ...broker(42) }, undefined, 'broker', 'bad_certificate'],
    [{ chain, ...broker(44) }, ended, 'broker', 'revoked'],
    [{ chain, ...broker(43) }, sound, 'broker', 'wrong_use'],
    [{ chain, ...broker(48) }, { ...sound, by: 'services' }, 'broker', 'wrong_use'],
    [{ chain, ...broker(48) }, { ...sound, incomplete: true }, 'broker', 'missing_intermediate'],
    [{ chain, ...broker(48) }, strange, 'broker', 'unknown_authority'],
    [{ chain, ...broker(48) }, sound, 'broker', 'unknown_authority'],
    [{ chain, ...broker(51) }, sound, 'broker', 'key_mismatch'],
    [{ chain, ...broker(51) }, strange, 'broker', 'unknown_authority'],
    [{ chain: [], ...broker(40) }, undefined, 'broker', 'no_certificate'],
    [{ ...broker(116) }, undefined, 'broker', 'no_certificate'],
    [{ answered: false, ...broker(40) }, undefined, 'broker', 'tls_ciphers'],
    [{ answered: false, ...broker(70) }, undefined, 'broker', 'tls_version'],
    [{ answered: false, ...broker(50) }, undefined, 'broker', 'not_tls'],
    [{ ...board(48) }, undefined, 'board', 'distrusts_broker'],
    [{ ...board(70) }, undefined, 'board', 'tls_version'],
    [{ ...board(0) }, undefined, 'board', 'closed_early'],
    [{ tls13: true, hiddenAlert: 'broker' }, undefined, 'broker', 'bad_certificate'],
    [{ tls13: true, hiddenAlert: 'board' }, undefined, 'board', 'distrusts_broker'],
    // BearSSL: no alert.
    [{}, undefined, 'board', 'distrusts_broker'],
    [{ brokerShown: false }, undefined, 'board', 'closed_early'],
    [{ chain }, sound, 'board', 'closed_early'],
    // The alert was lost on its way.
    [{ chain }, ended, 'broker', 'expired'],
    [{ chain }, strange, 'broker', 'unknown_authority'],
    [{ chain }, sound, 'broker', 'closed_early'],
  ];
  for (const [what, shown, left, reason] of cases) {
    t.equal(judge(seen(what), shown, left, now), reason, `${JSON.stringify(what.alert ?? what.hiddenAlert)} ${shown?.by} → ${reason}`);
  }
  t.end();
});

t.test('the book has a bound, counts, and keeps the household’s own', async (t) => {
  const file = join(t.testdir(), 'refusals.json');
  const book = new Book(file, pino({ level: 'silent' }), () => ({ trust: 'x', open: 3, boards: 2 }));
  const { by: _by, incomplete: _incomplete, ...certificate } = sound;
  book.note({ reason: 'expired', address: '192.0.2.1', certificate });
  for (let n = 0; n < 1000; n += 1) book.note({ reason: 'not_tls', address: `198.51.100.${n}` });
  for (let n = 0; n < 5; n += 1) book.note({ reason: 'silent', address: '192.0.2.2' });
  book.close();
  const { refusals, ...rest } = Refusals.parse(JSON.parse(readFileSync(file, 'utf8')));
  t.match(rest, { trust: 'x', open: 3, boards: 2 });
  t.equal(refusals.length, 200);
  t.match(refusals[0], { reason: 'silent', address: '192.0.2.2', count: 5 }, 'the newest first');
  t.match(refusals.at(-1), { reason: 'expired', certificate: { name: sound.name } }, 'what is said of a board stays');
});

t.test('who may come in', (t) => {
  const admission = new Admission({ connections: 10, perSecond: 2, burst: 3 });
  const admits = (address: string, at: number, open = 0) => admission.admits(address, open, at);
  t.same([0, 0, 0, 0].map((at) => admits('192.0.2.1', at)), [true, true, true, false], 'so many at once');
  t.ok(admits('192.0.2.2', 0), 'another address is another matter');
  t.same([500, 500].map((at) => admits('192.0.2.1', at)), [true, false], 'one more for each half second');
  t.same(['2001:db8:0:1::1', '2001:db8:0:1::2', '2001:db8:0:1:ffff::3', '2001:db8:0:1::4', '2001:db8:0:2::1'].map((address) => admits(address, 0)),
    [true, true, true, false, true], 'a /64 is one customer');
  t.notOk(admits('192.0.2.3', 0, 10), 'there is no place');
  for (let n = 0; n < 20_000; n += 1) admits(`10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`, 0);
  t.ok(admits('192.0.2.1', 500), 'who was quiet for longest is forgotten first');
  t.end();
});

t.test('a trust set that is not sound is refused in words', (t) => {
  const dir = t.testdir();
  t.throws(() => readTrust(join(dir, 'none')), /SHA256SUMS cannot be read \(ENOENT\); run make pki/);
  mkdirSync(join(dir, 'trust'));
  writeFileSync(join(dir, 'trust/SHA256SUMS'), `${'0'.repeat(64)}  revoked\n`);
  writeFileSync(join(dir, 'trust/revoked'), 'x');
  t.throws(() => readTrust(join(dir, 'trust')), /revoked is damaged, or is being written/);
  rmSync(join(dir, 'trust/revoked'));
  t.throws(() => readTrust(join(dir, 'trust')), /revoked cannot be read/);
  t.end();
});
