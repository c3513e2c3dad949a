import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Info, Status } from '@sconce/protocol/messages';
import type { Test } from 'tap';
import { mintDevice, signRequest, type MintedDevice } from '../../src/pki.ts';
import { inWords, says, send, type Bench } from './bench.ts';
import { attic, pki } from './household.ts';
import { base64Of, foreignRequest, handOver, newAuthority, readRequest, requestOf, serialOf, signAnyhow, signBy } from './issuing.ts';

const issuing = () => readFileSync(join(pki.dir, 'authorities/issuing/cert.pem'), 'utf8');

/** Each has a board of its own: what it is given stays in its folder. */
const minted = (bench: Bench, name: string, lifetime = '30d') =>
  mintDevice(pki.dir, `${name} ${bench.launcher.name}`, { boardLifetime: lifetime });

/** Waits until the board says that it has this certificate. */
async function comesWith({ heard }: Bench['asker'], { id }: MintedDevice, serial: string, from: number): Promise<Info> {
  const said = await heard.first(`info with certificate ${serial}`, (message) =>
    message.device === id && says('info', { certificateSerial: serial })(message), { from });
  return Info.parse(said.json);
}

/** Asks the board for a request, by command. */
async function askFor(asker: Bench['asker'], board: MintedDevice): Promise<Buffer> {
  const from = asker.heard.all.length;
  const answer = await asker.answer(await asker.ask(board.id, { do: 'certificate.renew' }));
  if (answer.outcome !== 'transmitted') throw new Error(`certificate.renew: ${inWords(answer)}`);
  return requestOf(asker, board, from);
}

/** By itself from two thirds of the lifetime on, again and again, with a new key each time. */
export async function renewsByItself(t: Test, bench: Bench) {
  const { asker, start } = bench;
  const lifetime = 24;
  const board = await minted(bench, 'Short', `${lifetime}s`);
  let current = new X509Certificate(readFileSync(board.cert));
  const keys = [current.publicKey.export({ format: 'pem', type: 'spki' }).toString()];
  let from = asker.heard.all.length;
  start(t, { identities: [board.dir] });
  const first = await asker.heard.first('online', says('status', { online: true }), { from });
  let { since } = Status.parse(first.json);

  for (const generation of [1, 2]) {
    const request = await requestOf(asker, board, from, lifetime * 1000 + 10_000);
    const asked = Date.now();
    const [began, ends] = [current.validFromDate.getTime(), current.validToDate.getTime()];
    t.ok(asked >= began + (ends - began) * 2 / 3, `${generation}: not before two thirds are over (${asked - began} of ${ends - began} ms)`);
    t.ok(asked < ends, `${generation}: while the old one is still good`);
    const { key, ...rest } = readRequest(request);
    t.same(rest, { subject: `CN=${board.id}`, attributes: '(none)', curve: 'prime256v1' },
      `${generation}: its id as the one name, no wishes, a key of P-256`);
    t.notOk(keys.includes(key), `${generation}: a new key`);
    keys.push(key);

    const signed = await signRequest(pki.dir, board.id, request, { boardLifetime: `${lifetime}s` });
    from = asker.heard.all.length;
    t.same(await handOver(asker, board, signed.issuer, signed.certificate), ['transmitted', 'transmitted'], `${generation}: taken`);
    const info = await comesWith(asker, board, signed.serial, from);
    t.equal(info.certificateNotAfter, signed.notAfter, `${generation}: and says when it ends`);
    t.ok(info.capabilities.includes('renew'), `${generation}: it can renew`);
    const again = await asker.heard.first('online again', (message) =>
      says('status', { online: true })(message) && Status.parse(message.json).since > since, { from });
    since = Status.parse(again.json).since;
    t.equal((await asker.answer(await asker.ask(board.id, send(1)))).outcome, 'transmitted', `${generation}: it serves with it`);
    current = new X509Certificate(Buffer.from(signed.certificate, 'base64'));
    // Not one that was repeated, since the answer took its time.
    from = asker.heard.all.length;
  }
}

/** When it is told to; and what it does not take. */
export async function renewsWhenTold(t: Test, bench: Bench) {
  const { asker, start } = bench;
  const board = await minted(bench, 'Told');
  const device = start(t, { identities: [board.dir] });
  await device.connected();
  t.same(await handOver(asker, board, base64Of(issuing()), base64Of(readFileSync(board.cert, 'utf8'))),
    ['refused not_asked', 'refused not_asked'], 'what nobody asked for');

  const request = await askFor(asker, board);
  const early = await asker.ask(board.id, { do: 'certificate.install', certificate: base64Of(signAnyhow(request)) });
  t.equal(inWords(await asker.answer(early)), 'refused not_asked', 'before its issuer is named');
  const rubbish = Buffer.alloc(200, 0x30).toString('base64');
  for (const [why, certificate] of [['rubbish', rubbish], ['a board', base64Of(readFileSync(board.cert, 'utf8'))]] as const) {
    const named = await asker.ask(board.id, { do: 'certificate.issuer', certificate });
    t.equal(inWords(await asker.answer(named)), 'refused wrong_certificate', `as its issuer: ${why}`);
  }
  const issuerName = new X509Certificate(issuing()).subject.replace('CN=', '');
  const past = { start: '20200101000000Z', end: '20200201000000Z' };
  const future = { start: '20900101000000Z', end: '20910101000000Z' };
  for (const [why, certificate] of [
    ['for a key that is not the board\'s', base64Of(signAnyhow(foreignRequest(board.id)))],
    ['for another board', base64Of(signAnyhow(request, { subject: `/CN=${attic.id}` }))],
    ['for two names', base64Of(signAnyhow(request, { subject: `/CN=${board.id}/CN=${attic.id}` }))],
    ['one that has ended', base64Of(signAnyhow(request, { dates: past }))],
    ['one that begins in years', base64Of(signAnyhow(request, { dates: future }))],
    ['by another than the one named', base64Of(signAnyhow(request, { authority: 'services' }))],
    ['by another of the same name', base64Of(signBy(newAuthority(issuerName), request))],
    ['an authority\'s', base64Of(signAnyhow(request, { profile: 'authority' }))],
    ['the one that it has', base64Of(readFileSync(board.cert, 'utf8'))],
    ['rubbish', rubbish],
  ] as const) {
    t.same(await handOver(asker, board, base64Of(issuing()), certificate), ['transmitted', 'refused wrong_certificate'], why);
    t.match(device.events('refused').at(-1), { why: /\w+ \w+/ }, `${why}: the record says why`);
  }
  t.same(device.events('disconnected', 'error', 'ended'), [], 'the board has stayed connected through all of it');

  const signed = await signRequest(pki.dir, board.id, request);
  const from = asker.heard.all.length;
  t.same(await handOver(asker, board, signed.issuer, signed.certificate), ['transmitted', 'transmitted'], 'what fits is taken all the same');
  await comesWith(asker, board, signed.serial, from);
  t.same(await handOver(asker, board, signed.issuer, signed.certificate), ['refused not_asked', 'refused not_asked'], 'and not twice');
}

/** The power fails: while the board waits for an answer, and when it has one. */
export async function renewsThroughPowerCuts(t: Test, bench: Bench) {
  const { asker, start } = bench;
  const board = await minted(bench, 'Cut');
  const device = start(t, { identities: [board.dir] });
  await device.connected();
  const request = await askFor(asker, board);
  await device.kill();

  const again = start(t, { identities: [board.dir] });
  await again.connected();
  const signed = await signRequest(pki.dir, board.id, request);
  let from = asker.heard.all.length;
  t.same(await handOver(asker, board, signed.issuer, signed.certificate), ['transmitted', 'transmitted'],
    'the key has outlived the power cut');
  await comesWith(asker, board, signed.serial, from);
  await again.kill();

  from = asker.heard.all.length;
  const third = start(t, { identities: [board.dir] });
  await third.connected();
  await comesWith(asker, board, signed.serial, from);
  t.same(third.events('error'), [], 'so has the new certificate');
}

/** A broker that does not let the board in with what it was given. */
export async function goesBack(t: Test, bench: Bench) {
  const { asker, start } = bench;
  const board = await minted(bench, 'Back');
  const device = start(t, { identities: [board.dir] });
  await device.connected();
  const good = await signRequest(pki.dir, board.id, await askFor(asker, board));
  let from = asker.heard.all.length;
  await handOver(asker, board, good.issuer, good.certificate);
  await comesWith(asker, board, good.serial, from);

  const stranger = newAuthority('Stranger');
  const request = await askFor(asker, board);
  const strange = signBy(stranger, request);
  from = asker.heard.all.length;
  const fromRecord = device.record.all.length;
  t.same(await handOver(asker, board, base64Of(stranger.certificate), base64Of(strange)), ['transmitted', 'transmitted'],
    'a board cannot know whom the broker trusts');
  await comesWith(asker, board, good.serial, from);
  const errors = device.record.all.slice(fromRecord).filter(({ event }) => event === 'error');
  const refused = errors.filter(({ code }) => String(code) === 'own_certificate_not_trusted');
  t.equal(refused.length, 3, 'refused three times, it is back with the one of before');
  const info = await comesWith(asker, board, good.serial, from);
  t.match(info.lastError, /does not trust the authority of the certificate of this board/, 'and says what was wrong');

  const better = await signRequest(pki.dir, board.id, await askFor(asker, board));
  from = asker.heard.all.length;
  t.same(await handOver(asker, board, better.issuer, better.certificate), ['transmitted', 'transmitted'], 'it takes a better one');
  await comesWith(asker, board, better.serial, from);
  t.not(serialOf(strange), better.serial);
}
