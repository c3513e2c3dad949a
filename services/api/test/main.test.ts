import { once } from 'node:events';
import { spawn } from 'node:child_process';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { connectAsync } from 'mqtt';
import t from 'tap';
import { Command, type Status } from '@sconce/protocol/messages';
import { topics } from '@sconce/protocol/topics';
import type { Outlet } from '@sconce/protocol/http';
import { startMosquitto } from '../../acceptance/src/mosquitto.ts';
import { credentials, initPki, mintDevice } from '../../acceptance/src/pki.ts';
import { freePorts } from '../../acceptance/src/process.ts';
import { until } from '../../acceptance/src/until.ts';
import { Visitor } from '../../acceptance/src/visitor.ts';
import { startIssuer } from '../../acceptance/src/issuer.ts';

const dir = t.testdir();
const pkiDir = join(dir, 'pki');
const pki = await initPki(pkiDir);
const board = await mintDevice(pkiDir, 'Hall board');
const [port, devicesPort, servicesPort, issuerPort] = await freePorts(4) as [number, number, number, number];
const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const secret = 'hush-hush-client-secret';
const env = {
  PATH: process.env.PATH ?? '', PORT: String(port), PUBLIC_URL: `http://localhost:${port}`,
  OWNER_EMAIL: 'olive@example.org',
  OIDC_ISSUER: `http://localhost:${issuerPort}`, OIDC_CLIENT_ID: 'sconce', OIDC_CLIENT_SECRET: secret,
  SESSION_KEYS: 'ab'.repeat(32), DATA_DIR: join(dir, 'data'), MQTT_URL: `mqtts://localhost:${servicesPort}`,
  MQTT_CA_FILE: pki.api.ca, MQTT_CERT_FILE: pki.api.cert, MQTT_KEY_FILE: pki.api.key,
};

/** Starts it; `ended` gives its exit code. */
function serve(environment: Record<string, string>) {
  const child = spawn(process.execPath, [main], { env: environment, stdio: ['ignore', 'pipe', 'inherit'] });
  let log = '';
  child.stdout.on('data', (text) => log += String(text));
  const ended = once(child, 'close').then(([code]) => code as number | null);
  return { child, log: () => log, ended };
}

/** Runs it to its end. */
async function run(args: string[], environment: Record<string, string>) {
  const child = spawn(process.execPath, [main, ...args], { env: environment });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (text) => stdout += String(text));
  child.stderr.on('data', (text) => stderr += String(text));
  const [code] = await once(child, 'close') as [number | null];
  return { code, stdout, stderr };
}

t.test('an environment that cannot be used: every problem at once, no secret, 78', async (t) => {
  const { code, stdout, stderr } = await run([], { ...env, OWNER_EMAIL: '', SESSION_KEYS: 'my-short-key', PORT: 'web',
    MQTT_KEY_FILE: '/nowhere/key.pem', DATABASE_URL: 'mysql://user:my-password@db' });
  t.equal(code, 78);
  t.equal(stdout, '');
  for (const words of [
    /OWNER_EMAIL is missing/, /SESSION_KEYS: /, /PORT: /, /MQTT_KEY_FILE: cannot be read/, /DATABASE_URL: /,
  ]) t.match(stderr, words);
  t.notMatch(stderr, /my-short-key|my-password|hush/);
  t.notMatch(stderr, /\n\s+at /, 'no stack');
});

t.test('an unknown word is answered with the usage, 64, and nothing is touched', async (t) => {
  for (const args of [['serve'], ['migrate', 'now'], ['audit-retention'], ['audit-retention', '--keep-days', '0'], ['--help']]) {
    const { code, stderr } = await run(args, {});
    t.equal(code, 64, args.join(' '));
    t.match(stderr, /^usage: node api\/src\/main\.ts \[migrate\]/);
  }
});

t.test('migrate brings the database up to date and ends; again, and there is nothing to do', async (t) => {
  const first = await run(['migrate'], env);
  t.equal(first.code, 0, first.stderr);
  t.match(first.stdout, /0001-first/);
  const second = await run(['migrate'], env);
  t.equal(second.code, 0);
  t.match(second.stdout, /is up to date/);
  const retention = await run(['audit-retention', '--keep-days', '30'], env);
  t.equal(retention.code, 0, retention.stdout);
  t.match(retention.stdout, /"count":0,"keepDays":30/);
});

t.test('a database that is not there, and a port that is taken, are said in words', async (t) => {
  const blocker = createServer().listen(0, '127.0.0.1');
  await once(blocker, 'listening');
  t.teardown(() => void blocker.close());
  const taken = String((blocker.address() as AddressInfo).port);
  const busy = await run([], { ...env, PORT: taken });
  t.equal(busy.code, 1);
  t.match(busy.stdout,
    `Cannot listen on 127.0.0.1:${taken}. Is another program using that port? PORT chooses another.`);
  const [closed] = await freePorts(1);
  const away = await run([], { ...env, DATABASE_URL: `postgres://user:my-password@127.0.0.1:${closed}/sconce` });
  t.equal(away.code, 1);
  t.match(away.stdout, /The database cannot be used\. Is PostgreSQL running, and does DATABASE_URL name it\?/);
  t.notMatch(busy.stdout + away.stdout, /my-password|hush|abababab/);
});

t.test('asked to stop while a command is under way: it is answered first; a hung broker is no hindrance', async (t) => {
  const broker = await startMosquitto({ pkiDir, devicesPort, servicesPort });
  t.teardown(() => broker.kill());
  const issuer = await startIssuer({ port: issuerPort, dir, redirectUris: [`${env.PUBLIC_URL}/auth/callback`] });
  t.teardown(() => issuer.stop());
  const start = async () => {
    const api = serve({ ...env, OIDC_CLIENT_SECRET: issuer.clientSecret });
    t.teardown(() => void api.child.kill('SIGKILL'));
    await until('the API', () => api.log().includes('Server listening'), 20_000);
    return api;
  };
  const api = await start();

  const client = await connectAsync(`mqtts://localhost:${devicesPort}`, { ...credentials(board), clientId: board.id });
  t.teardown(() => client.endAsync(true));
  await client.subscribeAsync(topics.command(board.id), { qos: 1 });
  const asked: Command[] = [];
  client.on('message', (_topic, payload) => void asked.push(Command.parse(JSON.parse(payload.toString()))));
  const answer = ({ id, replyTo }: Command) =>
    client.publishAsync(topics.ack(board.id, replyTo), JSON.stringify({ id, outcome: 'transmitted', ms: 1 }),
      { qos: 1 });
  const status: Status = { online: true, since: Date.now() };
  await client.publishAsync(topics.status(board.id), JSON.stringify(status), { qos: 1, retain: true });

  const olive = new Visitor(env.PUBLIC_URL);
  await olive.signIn('olive');
  await until('the board', async () => (await olive.json<{ online: boolean }[]>('/api/v1/devices'))[0]?.online);
  await olive.json(`/api/v1/devices/${board.id}/adopt`, { method: 'POST', body: { name: 'Hall board' } });
  const outlet = await olive.json<Outlet>('/api/v1/outlets', { method: 'POST',
    body: { deviceId: board.id, name: 'Lamp', control: { kind: 'pin', pin: 5 } } });
  const stream = await olive.request('/api/v1/events', { headers: { accept: 'text/event-stream' } });
  const tap = olive.request(`/api/v1/outlets/${outlet.id}/switch`, { method: 'POST', body: { on: true } });
  const command = await until('the command', () => asked[0]);

  api.child.kill('SIGTERM');
  await until('the API to be stopping', () => api.log().includes('requests under way are finished first'));
  await stream.text();
  await answer(command);
  t.match(await (await tap).json(), { outcome: 'transmitted' });
  const began = performance.now();
  t.equal(await api.ended, 0);
  t.ok(performance.now() - began < 2000, `ended ${Math.round(performance.now() - began)} ms after the last answer`);
  const faults = api.log().split('\n').filter((line) => /"level":(50|60)/.test(line));
  t.strictSame(faults, [], 'nothing went wrong on the way');

  const again = await start();
  t.match(await olive.json<Outlet[]>('/api/v1/outlets'),
    [{ state: { on: true }, lastCommand: { outcome: 'transmitted' } }]);
  await until('the broker', () => again.log().includes('connected to the broker'));
  process.kill(broker.pid, 'SIGSTOP');
  const asking = performance.now();
  again.child.kill('SIGTERM');
  t.equal(await again.ended, 0);
  t.ok(performance.now() - asking < 4000, `a hung broker: ended after ${Math.round(performance.now() - asking)} ms`);
  const secrets = new RegExp(`${issuer.clientSecret}|abababab|__Host-session=`);
  for (const log of [api.log(), again.log()]) t.notMatch(log, secrets);
});
