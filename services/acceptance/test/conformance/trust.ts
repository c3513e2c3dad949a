import type { AddressInfo } from 'node:net';
import { createServer } from 'node:tls';
import type { Test } from 'tap';
import { credentials, type Identity } from '../../src/pki.ts';
import type { Bench } from './bench.ts';
import { attic, boards, brokers } from './household.ts';

/** Something that listens with this certificate, and its port. */
async function listenAs(t: Test, identity: Identity): Promise<number> {
  const server = createServer(credentials(identity)).listen(0, '127.0.0.1');
  server.on('tlsClientError', () => { /* the board hangs up, as it should */ });
  t.teardown(() => server.close());
  await new Promise((resolve) => { server.once('listening', resolve); });
  return (server.address() as AddressInfo).port;
}

/** Certificates that do not fit, each in words that name the remedy. */
export async function trust(t: Test, { start, closedPort }: Bench) {
  const board = (folder: string) => ({ identities: [folder] });
  const at = (port: number) => ({ ...board(attic.dir), broker: { host: '127.0.0.1', port } });
  const refused = /broker refuses the certificate of this board\. Its log says why/;
  for (const [why, options, words] of [
    ['the broker\'s certificate is for another name', board(boards.expectsAnotherName),
      /broker's certificate is not for lamps\.example\.org.*BROKER_HOST/],
    ['the broker\'s certificate does not name the address', board(boards.expectsAnAddress),
      /broker's certificate is not for 127\.0\.0\.1.*BROKER_HOST/],
    ['the broker\'s certificate is from another authority', board(boards.trustsAnother),
      /broker's certificate is not from the authority/],
    ['the broker\'s certificate has ended', at(await listenAs(t, brokers.ended)),
      /broker's certificate has expired.*make pki.*the clock here is wrong/],
    ['the broker\'s certificate is not valid yet', at(await listenAs(t, brokers.early)),
      /broker's certificate is not valid yet. A clock is wrong/],
    ['the broker\'s certificate is no server\'s', at(await listenAs(t, brokers.forClients)),
      /certificate that is not made for a server.*make pki/],
    ['the board\'s certificate has ended', board(boards.ended), /certificate of this board ended on 2020-02-01.*mint/],
    ['the board\'s certificate is revoked', board(boards.revoked), /certificate of this board has been revoked/],
    ['the board\'s certificate is from another authority', board(boards.ofAnother),
      /does not trust the authority of the certificate of this board/],
    ['the board\'s certificate is not valid yet', board(boards.early), refused],
    ['the board\'s certificate is a server\'s', board(boards.forServers), refused],
    ['nothing listens', at(closedPort), /Nothing listens at 127\.0\.0\.1:\d+\. Start the broker/],
  ] as const) {
    const device = start(t, options);
    await device.record.first(why, ({ event, message }) => event === 'error' && words.test(message ?? ''));
    // The broker hangs up right behind its alert, which may then be lost on the way; the next try brings it.
    const others = device.events('error').filter(({ code, message }) =>
      String(code) !== 'closed_early' && !words.test(message ?? ''));
    t.same(others, [], `${why}: said in words, and nothing else`);
    t.same(device.events('connected', 'ended'), [], `${why}: it stays outside, and goes on trying`);
    await device.kill();
  }

  const mixedUp = start(t, board(boards.mixedUp));
  const ended = await mixedUp.record.first('the end', ({ event }) => event === 'ended');
  t.match(ended.message, new RegExp(`certificate is for ${attic.id}, device\\.json says .*[Mm]int`),
    'a certificate with another board\'s name: it does not start');
}
