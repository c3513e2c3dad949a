/**
 * What a board may ask the household's authority for: a certificate for its own id and a new key, and nothing else. Asked
 * over MQTT, by whoever holds a board's key; answered by the API and the authority; what was refused stands in the log.
 */
import { execFile } from 'node:child_process';
import { randomBytes, X509Certificate } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import t from 'tap';
import type { AuditPage } from '@sconce/protocol/audit';
import { Inventory } from '@sconce/protocol/authority';
import type { DeviceId } from '@sconce/protocol/ids';
import { Command } from '@sconce/protocol/messages';
import { topics } from '@sconce/protocol/topics';
import { Fleet } from '../src/fleet.ts';
import type { Identity } from '../src/pki.ts';
import { until } from '../src/until.ts';
import { connect } from './clients.ts';

const fleet = await Fleet.start({ count: 50 });
t.teardown(() => fleet.stop());
const { dir } = fleet;
type Board = Identity & { id: DeviceId };
const boards = fleet.boards as Board[];
let next = 0;
const anotherBoard = () => boards[next++] as Board;
const somebodyElse = boards.at(-1) as Board;

/** A request by openssl, which asks for whatever it is told. DER. */
async function request(subject: string, { key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'], ask = [], name = randomBytes(4).toString('hex') }:
  { key?: string[]; ask?: string[]; name?: string } = {}): Promise<Buffer> {
  const out = join(dir, `${name}.der`);
  const own = key[0] === '-key' ? [] : ['-nodes', '-keyout', `${out}.key`];
  await promisify(execFile)('openssl', ['req', '-new', ...key, ...own, '-subj', subject, '-outform', 'DER', '-out', out,
    ...ask.flatMap((one) => ['-addext', one])]);
  return readFileSync(out);
}

const flipped = (der: Buffer) => {
  const copy = Buffer.from(der);
  // Within the signature's last number.
  copy[copy.length - 3] = (copy[copy.length - 3] ?? 0) ^ 1;
  return copy;
};

const asks = (...ask: string[]) => (id: string) => request(`/CN=${id}`, { ask });
const cases: readonly [why: string, code: string, make: (id: DeviceId, board: Board) => Promise<Buffer>][] = [
  ['the name of a service', 'wrong_name', () => request('/CN=api')],
  ['somebody else’s id', 'wrong_name', () => request(`/CN=${somebodyElse.id}`)],
  ['its own id and more', 'wrong_name', (id) => request(`/CN=${id}/O=Sconce`)],
  ['two names', 'wrong_name', (id) => request(`/CN=${id}/CN=api`)],
  ['to be an authority', 'authority_asked', asks('basicConstraints=critical,CA:true')],
  ['to sign certificates', 'authority_asked', asks('keyUsage=critical,keyCertSign')],
  ['to be a server', 'extensions_asked', asks('extendedKeyUsage=clientAuth,serverAuth')],
  ['another name beside', 'extensions_asked', asks('subjectAltName=DNS:localhost')],
  ['a key that no board has', 'wrong_key', (id) => request(`/CN=${id}`, { key: ['-newkey', 'rsa:1024'] })],
  ['another curve', 'wrong_key', (id) => request(`/CN=${id}`, { key: ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-384'] })],
  ['the key that it has', 'wrong_key', (id, board) => request(`/CN=${id}`, { key: ['-key', board.key] })],
  ['what nobody has signed', 'bad_signature', async (id) => flipped(await request(`/CN=${id}`))],
  ['what is no request', 'malformed', async () => randomBytes(200)],
  ['a request, and something behind it', 'malformed', async (id) => Buffer.concat([await request(`/CN=${id}`), Buffer.of(5, 0)])],
];

const log = async (device: DeviceId) => (await fleet.olive.json<AuditPage>(
  `/api/v1/audit?device=${device}&action=device.renew&action=device.renew_refused`)).entries;
const certificatesOf = (inventory: Inventory, id: DeviceId) => inventory.certificates.filter((one) => one.id === id).length;

/** A board's line, by a client that is not ours, with all that it is told. */
async function line(board: Board) {
  const client = await connect(fleet.devicesPort, board);
  t.teardown(() => client.mqtt.endAsync());
  await client.mqtt.subscribeAsync(topics.command(board.id), { qos: 1 });
  return client;
}
const ask = (der: Buffer) => JSON.stringify({ request: der.toString('base64') });

t.test('whatever else a board asks for is refused, and stands in the audit log', async (t) => {
  for (const [why, code, make] of cases) {
    const board = anotherBoard();
    const client = await line(board);
    await client.say(topics.certificate(board.id), ask(await make(board.id, board)));
    const [entry, ...more] = await until(`the log of ${why}`, async () => {
      const found = await log(board.id);
      return found.length > 0 && found;
    }, 30_000);
    t.match(entry, {
      action: 'device.renew_refused', outcome: 'refused', actor: { kind: 'board' }, target: { kind: 'device', id: board.id },
      detail: { code, why: /\w{3}.* \w/ },
    }, why);
    t.same(more, [], `${why}: once`);
    t.same(client.heard, [], `${why}: and it is told nothing`);
  }
  const inventory = Inventory.omit({ faults: true }).parse(JSON.parse(await fleet.pki('list', '--json'))) as Inventory;
  for (const { id } of boards.slice(0, next)) t.equal(certificatesOf(inventory, id), 1, 'the ledger holds what was minted, and no more');
  t.equal(certificatesOf(inventory, somebodyElse.id), 1);
});

t.test('a board cannot ask for another, whatever the request says; what is good is answered with the profile of a board', async (t) => {
  const [one, other] = [anotherBoard(), anotherBoard()];
  const client = await line(one);
  const good = await request(`/CN=${one.id}`, { name: 'good' });
  for (const wish of [good, await request(`/CN=${other.id}`)]) await client.say(topics.certificate(other.id), ask(wish));

  // Of what came before on the same line nothing is under way any more once this has been answered.
  const asked: Command[] = [];
  client.mqtt.on('message', (_topic, payload) => {
    const command = Command.parse(JSON.parse(payload.toString()));
    asked.push(command);
    void client.say(topics.ack(one.id, command.replyTo), JSON.stringify({ id: command.id, outcome: 'transmitted', ms: 1 }));
  });
  await client.say(topics.status(one.id), JSON.stringify({ online: true, since: Date.now() }), { retain: true });
  await client.say(topics.certificate(one.id), ask(good));
  const [entry] = await until('the log', async () => {
    const found = await log(one.id);
    return found.length > 0 && found;
  }, 30_000);
  t.match(entry, { action: 'device.renew', outcome: 'done', actor: { kind: 'board' }, target: { id: one.id } });
  t.same(await log(other.id), [], 'nothing was asked in the other one’s name');

  t.same(asked.map((command) => command.do), ['certificate.issuer', 'certificate.install']);
  const given = asked.map((command) => new X509Certificate(Buffer.from('certificate' in command ? command.certificate : '', 'base64')));
  const [issuer, leaf] = given as [X509Certificate, X509Certificate];
  t.match(leaf, { subject: `CN=${one.id}`, ca: false, subjectAltName: undefined });
  t.same(leaf.keyUsage, ['1.3.6.1.5.5.7.3.2'], 'clientAuth, and nothing else');
  t.ok(leaf.verify(issuer.publicKey));
  t.equal(entry?.detail.serial, leaf.serialNumber.toLowerCase());

  const renewed = { ...one, cert: join(dir, 'renewed.pem'), key: join(dir, 'good.der.key') };
  writeFileSync(renewed.cert, `${String(leaf)}${String(issuer)}`);
  const again = await connect(fleet.devicesPort, renewed);
  await again.mqtt.endAsync();
  t.pass('the broker lets it in');
});
