import { execFile, execFileSync } from 'node:child_process';
import { copyFileSync, cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { readIdentity } from '../src/device/identity.ts';

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const mint = fileURLToPath(new URL('../../../pki/mint', import.meta.url));
const dir = mkdtempSync(join(tmpdir(), 'sconce-simulator-'));
t.teardown(() => rmSync(dir, { recursive: true }));

/** Runs the program to its end. */
const run = (args: string[], lines: string[] = []) => new Promise<{ code: unknown; stdout: string; stderr: string }>((resolve) => {
  const child = execFile(process.execPath, [main, ...args], { timeout: 10_000 }, (error, stdout, stderr) => {
    resolve({ code: error?.code ?? 0, stdout, stderr });
  });
  child.stdin?.end(lines.map((line) => `${line}\n`).join(''));
});

t.test('identity folders: read, or refused in words', async (t) => {
  for (const name of ['Hall', 'Attic']) execFileSync(mint, [name], { env: { PATH: process.env.PATH, PKI_DIR: dir }, stdio: 'pipe' });
  const [one, two] = readdirSync(join(dir, 'devices')).map((id) => join(dir, 'devices', id)) as [string, string];
  const minted = JSON.parse(execFileSync('cat', [join(one, 'device.json')], { encoding: 'utf8' })) as object;
  const { id, name, broker, notAfter } = readIdentity(one);
  t.same({ id, name, broker, certificateNotAfter: notAfter }, minted, 'the certificate itself says when it ends');

  const spoil = (folder: string, how: (folder: string) => void) => {
    const to = join(dir, folder);
    cpSync(one, to, { recursive: true });
    how(to);
    return to;
  };
  for (const [folder, words] of [
    [join(dir, 'nowhere'), /cannot be read.*pki\/mint/],
    [spoil('no-key', (to) => rmSync(join(to, 'key.pem'))), /key\.pem cannot be read/],
    [spoil('json', (to) => writeFileSync(join(to, 'device.json'), '{')), /device\.json is damaged/],
    [spoil('cert', (to) => { rmSync(join(to, 'cert.pem')); writeFileSync(join(to, 'cert.pem'), 'x'); }), /cert\.pem is damaged/],
    [spoil('other-key', (to) => { rmSync(join(to, 'key.pem')); copyFileSync(join(two, 'key.pem'), join(to, 'key.pem')); }),
      /not the key of cert\.pem/],
    [spoil('other-id', (to) => copyFileSync(join(two, 'device.json'), join(to, 'device.json'))), /certificate is for [0-9a-f]+, device\.json/],
  ] as const) t.throws(() => readIdentity(folder), { message: words }, folder);
});

const roomFile = (json: string) => {
  const file = join(mkdtempSync(join(dir, 'room-')), 'room.json');
  writeFileSync(file, json);
  return file;
};

t.test('arguments: refused in words', async (t) => {
  const cases: [string[], RegExp][] = [
    [[], /at least one board/],
    [['--identity', '/nowhere'], /nowhere.*cannot be read/],
    [['--colour', 'red'], /--colour/],
    [['--identity', 'x', '--airtime', 'fast'], /--airtime takes a factor.*"fast"/],
    [['--identity', 'x', '--pins', '4,17'], /--pins takes GPIO numbers/],
    [['--identity', 'x', '--broker', 'localhost'], /--broker takes a host and a port/],
    [['--identity', 'x', '--backoff', '9,1'], /--backoff takes two/],
    [['--room', '/nowhere'], /nowhere: ENOENT/],
    [['--room', roomFile('{"sockets":[{"name":""}]}')], /Too small.*\n.*sockets\[0\]\.name/],
    [['--room', roomFile('{"boards":["A"],"remotes":[{"name":"A","buttons":[{"name":"On","code":1,"bits":24,"protocol":1,"pulse":350}]}]}')],
      /two stations have the name "A"/],
  ];
  const results = await Promise.all(cases.map(([args]) => run(args)));
  for (const [index, { code, stderr }] of results.entries()) {
    const [args, words] = cases[index]!;
    t.equal(code, 2, args.join(' ') || 'nothing');
    t.match(stderr, words);
    t.notMatch(stderr, /\n +at /, 'no stack');
  }
  t.match(await run(['--help']), { code: 0, stdout: /--identity/ });
});

t.test('a room without boards: each line on stdin is answered in the record, or refused in words', async (t) => {
  const file = roomFile(JSON.stringify({
    boards: ['Hall board'], sockets: [{ name: 'Fan' }],
    remotes: [{ name: 'Remote', buttons: [{ name: 'On', code: 5393, bits: 24, protocol: 1, pulse: 350 }] }],
  }));
  const lines = [
    '{"touch":{"socket":"Fan","how":"hold"}}',
    '{"press":{"remote":"Remote","button":"On","frames":3}}',
    '{"sent":{"board":"Hall board","code":5393,"bits":24,"protocol":1,"pulse":350,"repeat":2}}',
    '{"ask":"room"}',
    '{"touch":{"socket":"Fann","how":"hold"}}',
    '{"press":{"code":-1}}',
    '{"noise":"much"}',
  ];
  const { code, stdout, stderr } = await run(['--room', file, '--airtime', '0'], lines);
  t.equal(code, 0, 'its stdin at an end and no board: nothing is left to do');
  const told = stdout.trim().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>);
  t.same(told.map(({ event, why, from, board }) => [event, why ?? from ?? board ?? ''].join(' ').trim()), [
    'room', 'socket held', 'pressed', 'heard Hall board', 'heard Hall board', 'socket learned', 'air Remote',
    'socket radio', 'air Hall board', 'room',
  ]);
  t.match(told.at(-1), { sockets: [{ socket: 'Fan', on: true, learning: false }], noisePerMinute: 0 });
  t.match(stderr, /no socket "Fann" here; there is: Fan/);
  t.equal(stderr.match(/was not understood/g)?.length, 3, 'each with what to write instead');
});
