import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createServer } from 'node:tls';
import { Info } from '@sconce/protocol/messages';
import type { Test } from 'tap';
import { credentials, mintDevice, type Identity } from '../../src/pki.ts';
import { inWords, says, type Bench } from './bench.ts';
import { pki } from './household.ts';
import { base64Of, brokerUnder, fingerprintOf, nameAuthority, newAuthority } from './issuing.ts';

/** Something that listens with this certificate: its port, and the first board that believes it. */
async function listenAs(t: Test, identity: Identity) {
  const server = createServer(credentials(identity)).listen(0, '127.0.0.1');
  server.on('tlsClientError', () => { /* the board hangs up */ });
  server.on('secureConnection', (socket) => socket.on('error', () => undefined));
  // The board speaks only once it has believed the server.
  const believed = new Promise<void>((resolve) => {
    server.on('secureConnection', (socket) => socket.once('data', () => { resolve(); socket.destroy(); }));
  });
  t.teardown(() => server.close());
  await new Promise((resolve) => { server.once('listening', resolve); });
  return { broker: { host: '127.0.0.1', port: (server.address() as AddressInfo).port }, believed };
}

/** The household changes the authority of the broker's certificate: besides the old one, then in its place. */
export async function trustsANewAuthority(t: Test, bench: Bench) {
  const { asker, start, launcher } = bench;
  const board = await mintDevice(pki.dir, `Trusting ${launcher.name}`);
  const old = readFileSync(join(pki.dir, 'trust/services.pem'), 'utf8');
  const oldKey = join(pki.dir, 'authorities/services/key.pem');
  const next = newAuthority('Sconce services authority');
  const stranger = newAuthority('Stranger');
  const nextBroker = brokerUnder(t, next);
  const trusts = async (from: number) =>
    Info.parse((await asker.heard.first('info', (message) => message.device === board.id && says('info')(message), { from })).json).trusts;
  const ask = async (action: Parameters<typeof asker.ask>[1]) => inWords(await asker.answer(await asker.ask(board.id, action)));

  let from = asker.heard.all.length;
  const device = start(t, { identities: [board.dir] });
  await device.connected();
  t.same(await trusts(from), [fingerprintOf(old)], 'it trusts what it was minted with');

  from = asker.heard.all.length;
  const good = nameAuthority(next.certificate, oldKey, false);
  for (const [why, action] of [
    ['named by the API', nameAuthority(next.certificate, pki.api.key, false)],
    ['named by the boards\' authority', nameAuthority(next.certificate, join(pki.dir, 'authorities/devices/key.pem'), false)],
    ['named by itself', nameAuthority(next.certificate, next.keyFile, false)],
    ['named to be trusted besides, and sent as alone', { ...good, alone: true }],
    ['named to be trusted alone, and sent as besides', { ...nameAuthority(next.certificate, oldKey, true), alone: false }],
    ['another than the one named', { ...good, certificate: base64Of(stranger.certificate) }],
    ['signed without saying what for', nameAuthority(next.certificate, oldKey, false, base64Of(next.certificate))],
  ] as const) {
    t.equal(await ask(action), 'refused not_signed', why);
    t.match(device.events('refused').at(-1), { why: /\w+ \w+/ }, `${why}: the record says why`);
  }
  const rubbish = Buffer.alloc(200, 0x30).toString('base64');
  t.equal(await ask({ ...good, certificate: rubbish }), 'refused wrong_certificate', 'rubbish');
  t.equal(asker.heard.all.slice(from).filter((message) => message.device === board.id && says('info')(message)).length, 0,
    'it says nothing of any of these');

  const before = await listenAs(t, nextBroker);
  const early = start(t, { identities: [board.dir], broker: before.broker });
  await early.record.first('not trusted', ({ event, message }) =>
    event === 'error' && /broker's certificate is not from the authority/.test(message ?? ''));
  await early.kill();

  from = asker.heard.all.length;
  t.equal(await ask(good), 'transmitted', 'named by the authority that it trusts');
  t.same((await trusts(from))?.sort(), [fingerprintOf(old), fingerprintOf(next.certificate)].sort(), 'it trusts both, and says so');
  t.equal(await ask(good), 'transmitted', 'the same once more');
  t.same(device.events('disconnected', 'error', 'ended'), [], 'it has stayed connected through all of it');
  await device.kill();

  const between = await listenAs(t, nextBroker);
  const moved = start(t, { identities: [board.dir], broker: between.broker });
  await Promise.race([between.believed, moved.record.first('an end', ({ event }) => event === 'ended')]);
  t.same(moved.events('error').filter(({ code }) => String(code).startsWith('broker_')), [], 'after a restart it believes a broker of the new one');
  await moved.kill();

  from = asker.heard.all.length;
  const back = start(t, { identities: [board.dir] });
  await back.connected();
  t.same((await trusts(from))?.length, 2, 'and one of the old');
  from = asker.heard.all.length;
  t.equal(await ask(nameAuthority(next.certificate, next.keyFile, true)), 'transmitted', 'alone, by its own word: it is trusted');
  t.same(await trusts(from), [fingerprintOf(next.certificate)], 'it trusts the new one alone');
  await back.kill();

  const after = await listenAs(t, nextBroker);
  const last = start(t, { identities: [board.dir], broker: after.broker });
  await Promise.race([after.believed, last.record.first('an end', ({ event }) => event === 'ended')]);
  t.same(last.events('error').filter(({ code }) => String(code).startsWith('broker_')), [], 'it believes a broker of the new one');
  await last.kill();
  const outside = start(t, { identities: [board.dir] });
  const { message } = await outside.record.first('an error', ({ event }) => event === 'error');
  t.match(message, /broker's certificate is not from the authority/, 'and none of the old any more');
  t.same(outside.events('connected'), [], 'it stays outside');
}
