/** New firmware over the air, by `make update`'s own program, through the shipped broker, to the firmware's own code. */
import { execFileSync, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Action } from '@sconce/protocol/messages';
import t, { type Test } from 'tap';
import { connectAsker } from '../src/conformance/asker.ts';
import { startDevice } from '../src/conformance/device.ts';
import { launchers, type Launcher } from '../src/launchers.ts';
import { startMosquitto } from '../src/mosquitto.ts';
import { initPki, mintDevice, repository } from '../src/pki.ts';
import { freePorts } from '../src/process.ts';

const dir = mkdtempSync(join(tmpdir(), 'sconce-update-'));
const pki = await initPki(join(dir, 'pki'));
const hall = await mintDevice(pki.dir, 'Hall');
const [devicesPort, servicesPort] = await freePorts(2) as [number, number];
const brokerOptions = { pkiDir: pki.dir, devicesPort, servicesPort };
let broker = await startMosquitto(brokerOptions);
t.teardown(async () => {
  await broker.kill();
  rmSync(dir, { recursive: true });
});
const arrived = join(hall.dir, 'firmware.bin');

async function startBoard(t: Test, launcher: Launcher = launchers.cpp) {
  rmSync(arrived, { force: true });
  const device = startDevice(launcher, { identities: [hall.dir], broker: { host: '127.0.0.1', port: devicesPort },
    airtime: 0, pins: [], backoff: { minMs: 100, maxMs: 200 } });
  t.teardown(() => device.kill());
  await device.connected();
  return device;
}

function makeFirmware(size: number): { path: string; bytes: Buffer } {
  const bytes = randomBytes(size);
  bytes[0] = 0xe9;
  const path = join(dir, 'new firmware.bin');
  writeFileSync(path, bytes);
  return { path, bytes };
}

/** `make update`, without make. `onLine`: called with each line that it says. */
function update(env: Record<string, string>, onLine: (line: string) => void = () => undefined) {
  const child = spawn(process.execPath, [join(repository, 'services/updater/src/main.ts')], {
    env: { PATH: process.env.PATH, PKI_DIR: pki.dir, DEVICE: 'hall', BROKER: `localhost:${servicesPort}`, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  const said = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said.stdout += text;
    for (const line of text.split('\n')) onLine(line);
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => { said.stderr += text; });
  return new Promise<typeof said & { code: number | null }>((resolve) => {
    child.once('close', (code) => { resolve({ ...said, code }); });
  });
}

t.test('300 kB arrive, and a broker that dies on the way costs no piece', async (t) => {
  const device = await startBoard(t);
  const { path, bytes } = makeFirmware(300_000);
  let again: Promise<void> | undefined;
  const { code, stdout, stderr } = await update({ FIRMWARE: path }, (line) => {
    if (again || !line.includes(' 30 %')) return;
    again = broker.kill().then(async () => { broker = await startMosquitto(brokerOptions); });
  });
  await again;
  t.equal(code, 0, stderr);
  t.ok(again !== undefined, 'the broker was killed');
  t.ok(existsSync(arrived) && readFileSync(arrived).equals(bytes), 'every byte as it was');
  t.equal(stdout.match(/^ +0 %/gm)?.length, 1, 'it went on from where it was');
  t.match(stdout, /Hall has firmware .*\n[^]*100 %.*kB\/s.*\n[^]*Hall is back with firmware .* It says: restart: new firmware\./);
  t.equal(device.events('restart').length, 1);
});

t.test('a board that is not there, or takes no update, is sent nothing', async (t) => {
  const { path } = makeFirmware(2000);
  const device = await startBoard(t, launchers.simulator);
  t.match(await update({ FIRMWARE: path }), { code: 1, stderr: /on Hall \(.*\) takes no update over the air\. Flash it once over its USB cable/ });
  t.same(device.events('command'), [], 'nothing was sent');
  await device.stop();
  t.match(await update({ FIRMWARE: path }), { code: 1, stderr: /Hall is offline\. Check its power/ });
});

t.test('what was not signed, or not sent as it was signed, is refused', async (t) => {
  const device = await startBoard(t);
  const asker = await connectAsker(pki, servicesPort);
  t.teardown(() => asker.close());
  const ask = async (action: Action) => asker.answer(await asker.ask(hall.id, action));
  const { path, bytes } = makeFirmware(1000);
  const said = execFileSync(join(repository, 'pki/sign-firmware'), [path], { env: { ...process.env, PKI_DIR: pki.dir }, encoding: 'utf8' });
  const offer = { do: 'update.begin', ...JSON.parse(said) as object } as Extract<Action, { do: 'update.begin' }>;

  const text = `sconce firmware v1\n1000\n${createHash('sha256').update(bytes).digest('hex')}\n${offer.signedAt}\n`;
  const signBy = (key: string, input: string) => execFileSync('openssl', ['dgst', '-sha256', '-sign', key], { input }).toString('base64');
  const household = join(pki.dir, 'authorities/services/key.pem');
  for (const [why, change] of [
    ['the API', { signature: signBy(pki.api.key, text) }],
    ['the authority of boards', { signature: signBy(join(pki.dir, 'authorities/devices/key.pem'), text) }],
    ['the household, another size', { size: 1001 }],
    ['the household, another firmware', { sha256: '0'.repeat(64) }],
    ['the household, another time', { signedAt: offer.signedAt + 1 }],
    ['the household, years ago', { signedAt: 0, signature: signBy(household, text.replace(`${offer.signedAt}\n`, '0\n')) }],
    ['the household, without saying what it is', { signature: signBy(household, text.replace('sconce firmware v1\n', '')) }],
  ] as const) {
    t.match(await ask({ ...offer, ...change }), { outcome: 'refused', reason: 'not_signed' }, why);
  }
  t.notOk(existsSync(`${arrived}.new`), 'no byte was written');

  t.match(await ask(offer), { outcome: 'transmitted', at: 0 }, 'the household');
  const flipped = Buffer.from(bytes);
  flipped[777]! ^= 1;
  for (const at of [0, 500]) {
    await ask({ do: 'update.data', at, data: flipped.subarray(at, at + 500).toString('base64') });
  }
  t.match(await ask({ do: 'update.end' }), { outcome: 'failed', reason: 'update_failed' }, 'a flipped bit');
  t.match(device.events('refused').at(-1)?.why, /what has arrived is not what was signed/);
  t.notOk(existsSync(arrived) || existsSync(`${arrived}.new`), 'nothing of it is left');
  t.same(device.events('restart'), [], 'it goes on with what it has');
});
