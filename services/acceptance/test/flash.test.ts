import { execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  chmodSync, chownSync, cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync,
  writeFileSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { mintDevice, repository } from '../src/pki.ts';
import { forge } from './openssl.ts';

/*
 * What firmware/flash sends to a chip, and what it refuses. There is no chip here, so that PlatformIO is a stand-in: it
 * writes down what it was called with and keeps a copy of the folder that it was to make the image of.
 */
const dir = mkdtempSync(join(tmpdir(), 'sconce-flash-'));
t.teardown(() => rmSync(dir, { recursive: true, force: true }));
const store = join(dir, 'store');
const hall = await mintDevice(store, 'Hall lamp board', { brokerHost: 'lamps.example.org', brokerPort: 18883 });
const odd = await mintDevice(store, 'Tom\'s "old" \\ board', { brokerHost: 'lamps.example.org' });
const stage = join(repository, 'firmware/.build/flash');
const staged = join(dir, 'staged');
const calls = join(dir, 'calls');
const bin = join(dir, 'bin');
mkdirSync(bin);
writeFileSync(join(bin, 'pio'), `#!/bin/sh
echo "$*" >>${calls}
case $* in
  *uploadfs*)
    cp -rp "$PLATFORMIO_DATA_DIR" ${staged}
    mkdir -p "$PLATFORMIO_BUILD_DIR" && cat "$PLATFORMIO_DATA_DIR"/* >"$PLATFORMIO_BUILD_DIR/littlefs.bin"
    env >${dir}/environment
    tr '\\0' ' ' </proc/$PPID/cmdline >${dir}/parent
    cat >${dir}/input ;;
esac
! [ -e ${dir}/fails ] || case $* in *$(cat ${dir}/fails)*) exit 1 ;; esac
`, { mode: 0o755 });

interface Run {
  name?: string;
  args?: string[];
  env?: Record<string, string>;
  /** What comes on standard input. */
  input?: string;
  as?: { uid?: number; gid?: number };
  program?: string;
}

/** Runs firmware/flash in an environment given whole, after sweeping what the run before left of the stand-in. */
function flash({ name = 'Hall lamp board', args = [name], env = {}, input = '', as = {}, program }: Run = {}) {
  for (const path of [staged, calls]) rmSync(path, { recursive: true, force: true });
  return new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) => {
    const child = spawn(program ?? join(repository, 'firmware/flash'), args, {
      env: { PATH: `${bin}:${process.env.PATH}`, PKI_DIR: store, PORT: '/dev/null', ...env }, cwd: '/', ...as,
    });
    const said = { stdout: '', stderr: '' };
    for (const stream of ['stdout', 'stderr'] as const) {
      child[stream].setEncoding('utf8').on('data', (text: string) => { said[stream] += text; });
    }
    child.stdin.on('error', () => { /* it has refused before it read */ });
    child.stdin.end(input);
    child.once('close', (code) => resolve({ code, ...said }));
  });
}

const read = (file: string) => readFileSync(join(staged, file), 'utf8');
const board = join(repository, 'firmware/.build/sconce-board');

/** Runs the part of flash that makes one file: whether it did, and its complaint. */
function stageOne(part: 'stage_pins' | 'stage_wifi', folder: string, env: Record<string, string>, input = '') {
  const { status, stderr } = spawnSync('bash', ['-c', '. "$0/pki/lib.sh" && . "$0/firmware/settings.sh" && "$1" "$2"',
    repository, part, folder], { env: { PATH: process.env.PATH, ...env }, input, encoding: 'utf8' });
  return { code: status, stderr };
}

/** What the firmware's own readers say of a folder: nothing if it is good. */
function judged(folder: string): Promise<string> {
  return new Promise((resolve) => {
    const child = spawn(board, ['--identity', folder, '--broker', '127.0.0.1:1'], { env: {}, stdio: ['ignore', 'pipe', 'pipe'] });
    let words = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => { words += text; });
    // A board that runs writes that nobody listens there.
    child.stdout.once('data', () => child.kill('SIGKILL'));
    child.once('close', (_, signal) => resolve(signal === 'SIGKILL' ? '' : words));
  });
}

t.test('what a board gets, and what is left of it', async (t) => {
  const password = 'correct horse "battery" $HOME \\n #~';
  const run = await flash({ env: { WIFI: 'Küche #1', PINS: 'relay 5, relay 4 active-low' }, input: `${password}\n` });
  t.equal(run.stderr, '');
  t.equal(run.code, 0);
  const common = `run -d ${join(repository, 'firmware')} -e nodemcuv2 -t`;
  t.equal(readFileSync(calls, 'utf8'), `${common} upload --upload-port /dev/null\n${common} uploadfs --upload-port /dev/null\n`);
  t.same(readdirSync(staged).sort(), ['ca.pem', 'cert.pem', 'device.json', 'key.pem', 'pins.txt', 'wifi.txt']);
  for (const file of ['ca.pem', 'cert.pem', 'device.json', 'key.pem']) {
    t.equal(read(file), readFileSync(join(hall.dir, file), 'utf8'), file);
  }
  t.equal(read('wifi.txt'), `Küche #1\n${password}\n`);
  t.equal(read('pins.txt'), 'relay 5\n relay 4 active-low\n');
  t.equal(statSync(staged).mode & 0o777, 0o700);
  for (const file of readdirSync(staged)) t.equal(statSync(join(staged, file)).mode & 0o077, 0, `${file} is for its owner alone`);
  t.notOk(existsSync(stage), 'nothing of it is left');
  t.equal(await judged(staged), '', 'the firmware\'s own readers take it');

  const seen = ['environment', 'parent', 'input'].map((file) => readFileSync(join(dir, file), 'utf8')).join('\n')
    + readFileSync(calls, 'utf8') + run.stdout;
  t.match(seen, 'firmware/flash', 'the process list was read');
  t.notMatch(seen, 'correct horse');
  t.match(run.stdout, `"Hall lamp board" is on the board at /dev/null and looks for the broker at lamps.example.org.\n`);
});

t.test('a board is found by what people call it', async (t) => {
  for (const name of ['hall LAMP board', hall.id, hall.id.toUpperCase()]) {
    t.match(await flash({ name }), { code: 0, stderr: '' }, name);
    t.match(read('device.json'), hall.id);
    t.notOk(existsSync(join(staged, 'wifi.txt')), 'the Wi-Fi can wait');
  }
  const run = await flash({ name: odd.name, env: { BOARD: 'd1_mini' } });
  t.match(run.stdout, 'It knows no Wi-Fi yet: set it up over the same cable with Improv-Wi-Fi.');
  t.match(read('device.json'), odd.id);
  t.match(readFileSync(calls, 'utf8'), '-e d1_mini');
  t.notOk(existsSync(join(repository, 'firmware/data')));
});

t.test('what is wrong with the board\'s identity is said before anything is sent', async (t) => {
  const other = join(dir, 'other');
  const folder = join(other, 'devices', hall.id);
  const put = (file: string, text: string) => {
    rmSync(join(folder, file));
    writeFileSync(join(folder, file), text);
  };
  const spoilJson = (was: string | RegExp, by: string) => () =>
    put('device.json', readFileSync(hall.json, 'utf8').replace(was, by));
  const past = { start: '20200101000000Z', end: '20210101000000Z' };
  const ended = forge(store, join(dir, 'ended'), { name: hall.id, ...past });
  const damaged = `${folder}/device.json is damaged; restore it from a backup, or mint the board anew`;
  const localhost = (name: string) => `this board would look for the broker at ${name}, which is the board itself; move ${folder} `
    + 'away and mint it anew, with the name that boards find the server by: BROKER_HOST=lamps.example.org';
  const cases: [why: string, spoil: () => void, words: string][] = [
    ['no key', () => rmSync(join(folder, 'key.pem')),
      `${folder}/key.pem is missing; restore it from a backup, or move the folder away`],
    ['another board\'s key', () => put('key.pem', readFileSync(odd.key, 'utf8')),
      `${folder}/key.pem is not the key of cert.pem; restore both from one backup, or mint the board anew`],
    ['no key in it', () => put('key.pem', 'nothing'),
      `${folder}/key.pem is not the key of cert.pem; restore both from one backup, or mint the board anew`],
    ['another board\'s certificate', () => {
      for (const file of ['cert', 'key'] as const) put(`${file}.pem`, readFileSync(odd[file], 'utf8'));
    }, `${folder}/cert.pem is for another board; restore the folder from a backup, or mint the board anew`],
    ['a certificate that has ended', () => {
      for (const file of ['cert', 'key'] as const) put(`${file}.pem`, readFileSync(ended[file], 'utf8'));
    }, `${folder}/cert.pem ended on 2021-01-01; mint the board anew`],
    ['a certificate cut short', () => put('cert.pem', readFileSync(hall.cert, 'utf8').slice(0, 300)),
      `${folder}/cert.pem is damaged; restore it from a backup`],
    ['an authority cut short', () => put('ca.pem', 'nothing'), `${folder}/ca.pem is damaged; restore it from a backup`],
    ['an authority too long', () => put('ca.pem', readFileSync(hall.ca, 'utf8').repeat(9)),
      `${folder}/ca.pem has more than 2048 bytes; a board reads no more`],
    ['localhost', spoilJson('lamps.example.org', 'localhost'), localhost('localhost')],
    ['an address of this machine', spoilJson('lamps.example.org', '127.0.0.1'), localhost('127.0.0.1')],
    ['no broker', spoilJson('"host"', '"hose"'), damaged],
    ['no port', spoilJson('18883', '0'), damaged],
    ['a port too large', spoilJson('18883', '65536'), damaged],
    ['no end', spoilJson('certificateNotAfter', 'end'), damaged],
    ['another board\'s id', spoilJson(hall.id, odd.id), damaged],
    ['a file too long', spoilJson('{', `{${' '.repeat(1024)}`), damaged],
  ];
  for (const [why, spoil, words] of cases) {
    rmSync(other, { recursive: true, force: true });
    cpSync(hall.dir, folder, { recursive: true });
    spoil();
    t.same(await flash({ env: { PKI_DIR: other } }), { code: 1, stdout: '', stderr: `firmware/flash: ${words}\n` }, why);
    t.notOk(existsSync(calls), `${why}: nothing was sent`);
  }
});

t.test('so is what is wrong around it', async (t) => {
  const twins = join(dir, 'twins');
  cpSync(hall.dir, join(twins, 'devices', hall.id), { recursive: true });
  cpSync(odd.dir, join(twins, 'devices', odd.id), { recursive: true });
  rmSync(join(twins, 'devices', odd.id, 'device.json'));
  writeFileSync(join(twins, 'devices', odd.id, 'device.json'), readFileSync(hall.json, 'utf8').replace(hall.id, odd.id));
  const both = ['Hall lamp board', 'Tom\'s "old" \\ board'];
  const names = (hall.id < odd.id ? both : both.reverse()).map((name) => JSON.stringify(name)).join(', ');
  const ids = [hall.id, odd.id].sort().join(' ');
  const wifi = (WIFI: string, input = 'password\n') => ({ env: { WIFI }, input });
  const notPassword = 'that cannot be the Wi-Fi password: it has 8 to 63 letters (a to z), digits, signs and spaces, '
    + 'or 64 hexadecimal digits';
  const cases: [why: string, run: Run, words: string | RegExp][] = [
    ['two names', { args: ['Hall', 'lamp'] }, 'takes one name; put it in quotes: firmware/flash "Hall lamp board"'],
    ['no name', { name: '' }, `say which board, DEVICE="Hall lamp board"; there are: ${names}`],
    ['a board that is not there', { name: 'Hall' }, `there is no board "Hall" in ${store}; there are: ${names}`],
    ['no board at all', { env: { PKI_DIR: bin } },
      `no board has been minted in ${bin}; mint one: make pki DEVICE="Hall lamp board" BROKER_HOST=lamps.example.org`],
    ['two of one name', { env: { PKI_DIR: twins } },
      `these boards are all called "Hall lamp board": ${ids}; choose one by its id`],
    ['no port', { env: { PORT: '' } }, /^say where the board is plugged in, PORT=\/dev\/ttyUSB0; there is: /],
    ['a port that is not there', { env: { PORT: '/dev/ttyUSB99' } }, /^there is no port \/dev\/ttyUSB99; there is: /],
    ['a file for a port', { env: { PORT: '/etc/passwd' } }, /^\/etc\/passwd is no serial port; there is: /],
    ['a network\'s name too long', wifi('ü'.repeat(17)), 'WIFI has 34 bytes; a network\'s name has 32 at most'],
    ['a network\'s name of two lines', wifi('a\nb'), 'WIFI has a control character (a tab or a new line, perhaps); leave it out'],
    ['a password too short', wifi('Hall', '1234567\n'), notPassword],
    ['a password too long', wifi('Hall', `${'x'.repeat(64)}\n`), notPassword],
    ['a password beyond ASCII', wifi('Hall', 'passwörter\n'), notPassword],
    ['no password', wifi('Hall', ''), 'the Wi-Fi password did not come; type it, or give standard input one line'],
  ];
  for (const [why, run, words] of cases) {
    const { code, stdout, stderr } = await flash(run);
    t.match({ code, stdout }, { code: 1, stdout: '' }, why);
    if (typeof words === 'string') t.equal(stderr, `firmware/flash: ${words}\n`, why);
    else t.match(stderr.replace(/^firmware\/flash: /, ''), words, why);
    t.notOk(existsSync(calls), `${why}: nothing was sent`);
    t.notOk(existsSync(stage), `${why}: nothing is left`);
  }
});

t.test('PINS and WIFI: flash and the firmware\'s own readers take the same', async (t) => {
  const pins: [pins: string, words: RegExp | undefined][] = [
    ['relay 5', undefined],
    ['relay 05,,relay 4 active-low , led 16', undefined],
    ['transmitter 12, receiver 14', undefined],
    ['receiver 13, relay 12', undefined],
    ['relay 0, relay 4, relay 5, relay 13, relay 15, relay 16', undefined],
    ['relais 5', /PINS has "relais 5"; write relay, transmitter, receiver or led and a GPIO number/],
    ['relay', /PINS has "relay"; write relay/],
    ['relay D1', /PINS has "relay D1"; write relay/],
    ['relay 5 active-high', /PINS has "relay 5 active-high"; only active-low may follow/],
    ['relay 5 active-low low', /PINS has "relay 5"; write/],
    ['transmitter 14 active-low', /only for a relay or a led/],
    ...[1, 3, 6, 7, 8, 9, 10, 11, 17, 99].map((pin): typeof pins[number] =>
      [`relay ${pin}`, new RegExp(`GPIO ${pin} is the flash chip's or the serial line's, or none; take one of`)]),
    ['receiver 16', /GPIO 16 has no interrupt/],
    ['relay 5, relay 5', /GPIO 5 is there twice/],
    ['led 4, led 5', /two pins for the led/],
    ['relay 14', /GPIO 14 is the transmitter's, unless you give the transmitter another/],
    ['relay 12', /GPIO 12 is the receiver's, unless/],
    ['relay 2', /GPIO 2 is the led's, unless/],
  ];
  const [folder, made] = [join(dir, 'judged'), join(dir, 'made')];
  mkdirSync(made);
  cpSync(hall.dir, folder, { recursive: true });
  for (const [PINS, words] of pins) {
    const run = stageOne('stage_pins', made, { PINS });
    const file = `${PINS.replaceAll(',', '\n')}\n`;
    writeFileSync(join(folder, 'pins.txt'), file);
    t.equal(run.code, words ? 1 : 0, `${PINS}: ${run.stderr}`);
    if (words) t.match(run.stderr, words);
    else t.equal(readFileSync(join(made, 'pins.txt'), 'utf8'), file);
    t.match(await judged(folder), words ? /pins\.txt, line/ : /^$/, PINS);
  }
  rmSync(join(folder, 'pins.txt'));
  for (const [name, password, good] of [
    ['n', '', true], [' n ', '12345678', true], ['ü'.repeat(16), '~'.repeat(63), true], ['#', 'aF09'.repeat(16), true],
    ['"\\\'', ' "\\\' $x `id` ', true], ['n', '1234567', false], ['n', 'x'.repeat(64), false], ['n', 'a'.repeat(65), false],
    ['n', 'tab\tinside', false], ['n', 'passwörter', false], ['ü'.repeat(17), '12345678', false], ['t\tb', '12345678', false],
  ] as const) {
    const run = stageOne('stage_wifi', made, { WIFI: name }, `${password}\n`);
    const file = `${name}\n${password}\n`;
    writeFileSync(join(folder, 'wifi.txt'), file);
    t.equal(run.code === 0, good, `"${name}" "${password}": ${run.stderr}`);
    t.equal(await judged(folder) === '', good, `"${name}" "${password}" in the firmware`);
    if (good) t.equal(readFileSync(join(made, 'wifi.txt'), 'utf8'), file);
  }
});

t.test('a key is left nowhere when PlatformIO fails, is missing, or flash is killed', async (t) => {
  for (const [fails, words] of [
    ['-t upload ', 'the firmware did not get onto the board (pio says why above); the board\'s identity has not been sent'],
    ['-t uploadfs', 'the firmware is on the board, its identity is not (pio says why above); try again'],
  ] as const) {
    writeFileSync(join(dir, 'fails'), fails);
    t.match(await flash(), { code: 1, stderr: `firmware/flash: ${words}\n` });
    t.notOk(existsSync(stage));
    rmSync(join(dir, 'fails'));
  }

  // Left by one that was killed.
  mkdirSync(join(stage, 'data'), { recursive: true });
  writeFileSync(join(stage, 'data/old-key.pem'), '');
  t.match(await flash(), { code: 0 });
  t.notOk(readdirSync(staged).includes('old-key.pem'));
  t.notOk(existsSync(stage));

  const tools = join(dir, 'tools');
  mkdirSync(tools);
  for (const tool of ['bash', 'basename', 'dirname', 'grep', 'sed', 'openssl', 'flock', 'date', 'wc', 'ls', 'awk']) {
    const where = (process.env.PATH ?? '').split(':').map((path) => join(path, tool)).find((path) => existsSync(path));
    symlinkSync(where ?? tool, join(tools, tool));
  }
  const missing = await flash({ env: { PATH: tools } });
  t.equal(missing.stderr, 'firmware/flash: PlatformIO (pio) is not installed; type: pipx install platformio, or: '
    + 'python3 -m pip install --user platformio\n');
});

t.test('two at a time would mix two boards up', async (t) => {
  const gate = join(dir, 'gate');
  execFileSync('mkfifo', [gate]);
  const slow = join(dir, 'slow');
  mkdirSync(slow);
  // Its first call waits until somebody has opened the gate and closed it.
  writeFileSync(join(slow, 'pio'), `#!/bin/sh\ncase $* in *uploadfs*) ;; *) cat ${gate} ;; esac\n`, { mode: 0o755 });
  const first = flash({ env: { PATH: `${slow}:${process.env.PATH}` } });
  const uploading = await open(gate, 'w');
  t.equal((await flash()).stderr, 'firmware/flash: another firmware/flash is running; wait for it to end\n');
  await uploading.close();
  t.match(await first, { code: 0 });
});

// Only root becomes another user.
if (process.getuid?.() === 0) t.test('needs no root, and says what to do about a port that is closed to its user', async (t) => {
  const as = { uid: 65534, gid: 65534 };
  const home = mkdtempSync(join(tmpdir(), 'sconce-flash-home-'));
  t.teardown(() => rmSync(home, { recursive: true, force: true }));
  chmodSync(home, 0o755);
  for (const part of ['pki/lib.sh', 'firmware/flash', 'firmware/settings.sh']) cpSync(join(repository, part), join(home, part));
  cpSync(hall.dir, join(home, 'store/devices', hall.id), { recursive: true });
  for (const path of ['store', ...readdirSync(join(home, 'store'), { recursive: true, encoding: 'utf8' }).map((file) =>
    join('store', file)), 'firmware']) chownSync(join(home, path), as.uid, as.gid);
  cpSync(bin, join(home, 'bin'), { recursive: true });
  writeFileSync(join(home, 'bin/pio'), '#!/bin/sh\n', { mode: 0o755 });
  const common = { as, program: join(home, 'firmware/flash') };
  const env = { PKI_DIR: join(home, 'store'), PATH: `${join(home, 'bin')}:${process.env.PATH}` };
  t.match(await flash({ ...common, env }), { code: 0, stderr: '' });
  const closed = ['/dev/console', '/dev/tty0', '/dev/loop-control', '/dev/mem'].find((path) => existsSync(path)
    && statSync(path).isCharacterDevice() && (statSync(path).mode & 0o006) === 0);
  if (closed === undefined) return;
  t.match((await flash({ ...common, env: { ...env, PORT: closed } })).stderr,
    new RegExp(`^firmware/flash: you may not use ${closed}; type: sudo usermod -aG \\S+ nobody, then log in anew\n$`));
});
