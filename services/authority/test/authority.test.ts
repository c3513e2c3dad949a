import { execFile, execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import t from 'tap';
import { Inventory, Revoked, Signed, type AuthorityProblem } from '@sconce/protocol/authority';
import { startAuthority } from '../../acceptance/src/authority.ts';
import { initPki, mintDevice, revokeDevice } from '../../acceptance/src/pki.ts';
import { until } from '../../acceptance/src/until.ts';
import { PkiAuthority } from '../src/pki/authority.ts';
import { Failed, Scripts } from '../src/pki/scripts.ts';

// Short, as a socket's path holds 107 characters.
const dir = mkdtempSync(join(tmpdir(), 'sconce-authority-test-'));
t.teardown(() => rmSync(dir, { recursive: true, force: true }));
const pkiDir = join(dir, 'pki');
await initPki(pkiDir);
const [hall, attic] = [await mintDevice(pkiDir, 'Hall board'), await mintDevice(pkiDir, 'Attic board')];
const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const socket = join(dir, 'authority.sock');
const [brokerStatus, gateRefusals] = [join(dir, 'applied'), join(dir, 'refusals.json')];

const call = (method: string, path: string, body?: unknown) => new Promise<{ status: number; json: unknown }>((resolve, reject) => {
  const asking = request({ socketPath: socket, method, path, headers: body === undefined ? {} : { 'content-type': 'application/json' } }, (answer) => {
    let text = '';
    answer.setEncoding('utf8').on('data', (part: string) => { text += part; })
      .on('end', () => resolve({ status: answer.statusCode ?? 0, json: text === '' ? undefined : JSON.parse(text) }));
  });
  asking.once('error', reject);
  asking.end(body === undefined ? undefined : JSON.stringify(body));
});
const inventory = async () => Inventory.parse((await call('GET', '/inventory')).json);

/** Runs the program to its end. */
const run = async (env: Record<string, string>, ...args: string[]) => {
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [main, ...args], { env: { PATH: process.env.PATH ?? '', ...env }, timeout: 30_000 });
    return { code: 0, said: stdout };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, said: stdout + stderr };
  }
};

function makeRequest(id: string): string {
  const out = join(dir, `request-${Math.random()}.der`);
  execFileSync('openssl', ['req', '-new', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', `${out}.key`,
    '-subj', `/CN=${id}`, '-outform', 'DER', '-out', out], { stdio: 'pipe' });
  return readFileSync(out).toString('base64');
}

t.test('what keeps it from starting is said in words', async (t) => {
  for (const [why, env, args, code, words] of [
    ['nothing is set', {}, [], 78, /AUTHORITY_SOCKET is missing\n.*PKI_DIR is missing/],
    ['a path that no socket can have', { PKI_DIR: pkiDir, AUTHORITY_SOCKET: `/tmp/${'x'.repeat(110)}` }, [], 78, /longer than the 107/],
    ['no store', { PKI_DIR: join(dir, 'nowhere'), AUTHORITY_SOCKET: socket }, [], 1, /no store at .*nowhere.*make pki/],
    ['no folder for the socket', { PKI_DIR: pkiDir, AUTHORITY_SOCKET: join(dir, 'nowhere/s') }, [], 1, /Cannot listen at .*nowhere/],
    ['an unknown word', { PKI_DIR: pkiDir, AUTHORITY_SOCKET: socket }, ['serve'], 64, /usage/],
  ] as const) {
    const result = await run(env, ...args);
    t.match(result, { code, said: words }, why);
  }
});

t.test('it answers on its socket', async (t) => {
  const authority = await startAuthority({ pkiDir, socket, lifetimes: { PKI_BOARD_LIFETIME: '1h' }, brokerStatus, gateRefusals });
  t.teardown(() => authority.stop().catch(() => undefined));
  t.equal(statSync(socket).mode & 0o777, 0o600, 'who can open it can have certificates made: this user alone');
  t.match(await run({ PKI_DIR: pkiDir, AUTHORITY_SOCKET: socket }), { code: 1, said: /Another authority answers/ });

  const before = await inventory();
  t.match(before.certificates.find(({ id }) => id === hall.id), { kind: 'board', name: 'Hall board', state: 'valid' });
  t.same(before.faults, []);

  const asked = makeRequest(hall.id);
  const from = Math.floor(Date.now() / 1000) * 1000;
  const { status, json } = await call('POST', '/certificates', { id: hall.id, request: asked });
  t.equal(status, 200);
  const signed = Signed.parse(json);
  t.ok(signed.notAfter >= from + 3_600_000 && signed.notAfter <= Date.now() + 3_600_000, 'as long as the environment says');
  t.equal((await inventory()).certificates.filter(({ id }) => id === hall.id).length, 2, 'an inventory is no older than a change');

  for (const [why, path, body, wants, code] of [
    ['somebody else’s id', '/certificates', { id: attic.id, request: asked }, 422, 'wrong_name'],
    ['an id that nobody has', '/certificates', { id: 'f'.repeat(32), request: makeRequest('f'.repeat(32)) }, 422, 'unknown_id'],
    ['what is no request', '/certificates', { id: hall.id, request: 'AAAA' }, 422, 'malformed'],
    ['what is no id', '/certificates', { id: '../../etc', request: asked }, 400, 'malformed'],
    ['more than is asked', '/certificates', { id: hall.id, request: asked, days: 9999 }, 400, 'malformed'],
    ['no such call', '/keys', {}, 404, 'not_found'],
    ['the API’s certificate before its time', '/own', undefined, 409, 'not_due'],
  ] as const) {
    const answer = await call('POST', path, body);
    t.equal(answer.status, wants, why);
    t.match(answer.json as AuthorityProblem, { code, why: /\w{2}/ }, why);
  }
});

t.test('a revocation is reported when broker and gate have said that they go by it, or why that is not known', async (t) => {
  const authority = await startAuthority({ pkiDir, socket, brokerStatus, gateRefusals });
  t.teardown(() => authority.stop().catch(() => undefined));
  const silent = Revoked.parse((await call('POST', '/revocations', { id: attic.id })).json);
  t.match(silent, { certificates: 1, brokerMs: null, gateMs: null, why: /The broker has said nothing in .*applied.*The gate has said nothing/ });
  t.equal((await call('POST', '/certificates', { id: attic.id, request: makeRequest(attic.id) })).status, 422);
  t.match(await inventory(), { revoked: [{ id: attic.id }] });

  const another = await mintDevice(pkiDir, 'Cellar board');
  const answer = call('POST', '/revocations', { id: another.id });
  const revoked = join(pkiDir, 'trust/revoked');
  await until('the list', () => existsSync(revoked) && readFileSync(revoked, 'utf8').includes(another.id));
  const sums = join(pkiDir, 'trust/SHA256SUMS');
  // What broker and gate write, in their formats.
  const report = () => {
    const trust = createHash('sha256').update(readFileSync(sums)).digest('hex');
    writeFileSync(brokerStatus, `trust=${trust}\nat=1\nbeat=1\nfault=\n`);
    writeFileSync(gateRefusals, JSON.stringify({ at: 1, trust, open: 0, boards: 0, refusals: [] }));
    return false;
  };
  const done = await Promise.race([answer, until('the answer', report, 20_000).then(() => undefined)]);
  const taken = Revoked.parse(done?.json);
  t.ok(taken.brokerMs !== null && taken.gateMs !== null && taken.why === undefined, JSON.stringify(taken));
  t.match(Revoked.parse((await call('POST', '/revocations', { id: another.id })).json), { certificates: 0 }, 'twice is once');
});

t.test('an inventory is no older than a change on the command line, however soon it is asked for', async (t) => {
  const authority = await startAuthority({ pkiDir, socket });
  t.teardown(() => authority.stop().catch(() => undefined));
  const { id } = await mintDevice(pkiDir, 'Porch board');
  let done = false;
  const revoking = revokeDevice(pkiDir, id).finally(() => { done = true; });
  while (!done) await inventory();
  await revoking;
  t.ok((await inventory()).revoked.some((one) => one.id === id));
});

t.test('a script that strikes another board than was asked is not taken at its word', async (t) => {
  const folder = join(dir, 'scripts');
  mkdirSync(folder);
  writeFileSync(join(folder, 'revoke'), `#!/bin/sh\necho '{"id":"${attic.id}","certificates":1,"root":"done"}'\n`, { mode: 0o755 });
  const authority = new PkiAuthority(new Scripts(folder, { PATH: process.env.PATH ?? '' }), pkiDir);
  await t.rejects(authority.revoke(hall.id), new Failed(`pki/revoke struck ${attic.id} in place of ${hall.id}.`));
  t.match(await authority.revoke(attic.id), { certificates: 1 });
});

t.test('killed in the middle of its work, it starts again; asked to stop, it finishes what it signs', async (t) => {
  const killed = await startAuthority({ pkiDir, socket });
  void call('POST', '/certificates', { id: hall.id, request: makeRequest(hall.id) }).catch(() => undefined);
  await killed.kill();
  t.ok(existsSync(socket), 'its socket lies there still');
  const again = await startAuthority({ pkiDir, socket });
  const ids = [hall.id, hall.id, hall.id];
  const answers = Promise.all(ids.map((id) => call('POST', '/certificates', { id, request: makeRequest(id) })));
  await until('the first of them', async () => (await inventory()).certificates.filter(({ id }) => id === hall.id).length > 2, 60_000);
  await again.stop();
  const ended = await answers;
  for (const { status, json } of ended) t.match({ status, json }, status === 200 ? { json: { serial: String } } : { status: 503, json: { code: 'unavailable', why: /again/ } });
  t.ok(ended.some(({ status }) => status === 200));
});
