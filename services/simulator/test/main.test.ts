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
const run = (args: string[]) => new Promise<{ code: unknown; stdout: string; stderr: string }>((resolve) => {
  execFile(process.execPath, [main, ...args], { timeout: 60_000 }, (error, stdout, stderr) => {
    resolve({ code: error?.code ?? 0, stdout, stderr });
  });
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

t.test('arguments: refused in words', async (t) => {
  const cases: [string[], RegExp][] = [
    [[], /at least one board/],
    [['--identity', '/nowhere'], /nowhere.*cannot be read/],
    [['--colour', 'red'], /--colour/],
    [['--identity', 'x', '--airtime', 'fast'], /--airtime takes a factor.*"fast"/],
    [['--identity', 'x', '--pins', '4,17'], /--pins takes GPIO numbers/],
    [['--identity', 'x', '--broker', 'localhost'], /--broker takes a host and a port/],
    [['--identity', 'x', '--backoff', '9,1'], /--backoff takes two/],
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
