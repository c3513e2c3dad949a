import { execFile, spawn } from 'node:child_process';
import { createHash, X509Certificate } from 'node:crypto';
import {
  appendFileSync, chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import t from 'tap';
import { repository } from '../src/pki.ts';
import { freePorts } from '../src/process.ts';
import { until } from '../src/until.ts';

/*
 * What `make init` writes, keeps and says. The commands that tell it what kind of machine this is (docker, getent, ip) are
 * stand-ins, so that there can be several kinds; what it does is done for real.
 */
const dir = mkdtempSync(join(tmpdir(), 'sconce-init-'));
t.teardown(() => rmSync(dir, { recursive: true, force: true }));

/** The sign-in service, with whose clock ours is compared. `hours` tells how far off it seems to be. */
let hours = 0;
const issuer: Server = createServer((_, response) => {
  response.setHeader('date', new Date(Date.now() + hours * 3600_000).toUTCString()).end();
}).listen(0, 'localhost');
await new Promise((resolve) => { issuer.once('listening', resolve); });
t.teardown(() => { issuer.close(); });
const issuerPort = (issuer.address() as AddressInfo).port;
const [httpPort = 0, httpsPort = 0, devicesPort = 0] = await freePorts(3);

const answers = {
  DOMAIN: 'lamps.example.org', OWNER_EMAIL: 'olive@example.org', OIDC_CLIENT_ID: 'sconce', OIDC_CLIENT_SECRET: 'hush-hush',
  TZ: 'Europe/London', OIDC_ISSUER: `http://localhost:${issuerPort}`,
};
const settled = {
  ...answers, BACKUP_RECIPIENT: 'age1test', HTTP_PORT: String(httpPort), HTTPS_PORT: String(httpsPort),
  DEVICES_PORT: String(devicesPort),
};

/** What the machine says of itself, by command. */
const machine = {
  docker: `case "$*" in
    "compose version --short") echo 2.40.3 ;;
    version*) echo 28.5.2 ;;
    info*) echo / ;;
    "volume inspect"*) exit 1 ;;
  esac`,
  getent: 'echo "203.0.113.7 STREAM $2"',
  ip: 'echo "2: eth0    inet 203.0.113.7/24 brd 203.0.113.255 scope global eth0"',
};

/** A fresh clone, as far as init goes, on a machine of this kind. */
function clone(commands: Partial<typeof machine> = {}): string {
  const root = mkdtempSync(join(dir, 'clone-'));
  cpSync(join(repository, 'pki'), join(root, 'pki'), { recursive: true, filter: (path) => !path.endsWith('/pki/store') });
  for (const folder of ['mosquitto', 'nginx', 'services/deploy', 'services/monitoring']) {
    cpSync(join(repository, folder), join(root, folder), { recursive: true });
  }
  for (const folder of ['api', 'authority', 'dashboard', 'doctor', 'gate', 'protocol']) mkdirSync(join(root, 'services', folder));
  // As a strict umask leaves it.
  writeFileSync(join(root, 'services/api/main.ts'), '', { mode: 0o600 });
  chmodSync(join(root, 'pki/lib.sh'), 0o600);
  mkdirSync(join(root, 'bin'));
  for (const [name, words] of Object.entries({ ...machine, ...commands })) {
    writeFileSync(join(root, 'bin', name), `#!/bin/bash\n${words}\n`);
    chmodSync(join(root, 'bin', name), 0o755);
  }
  return root;
}

function init(root: string, env: Record<string, string>, program = 'init') {
  return new Promise<{ code: number | null; said: string }>((resolve) => {
    const child = execFile(join(root, 'services/deploy', program), [],
      { env: { PATH: `${join(root, 'bin')}:${process.env.PATH ?? ''}`, HOME: dir, ...env }, cwd: '/' },
      (_, stdout, stderr) => resolve({ code: child.exitCode, said: stdout + stderr }));
    child.stdin?.end();
  });
}

const contents = (root: string, ...path: string[]) => readFileSync(join(root, ...path), 'utf8');

/** Every file below, with its mode and a digest. */
function snapshot(root: string): Record<string, string> {
  return Object.fromEntries(readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name)).sort().map((path) => [relative(root, path),
      `${(statSync(path).mode & 0o777).toString(8)} ${createHash('sha256').update(readFileSync(path)).digest('hex')}`]));
}

t.test('from the environment alone: settings, secrets, certificates, folders', async (t) => {
  const root = clone();
  const { code, said } = await init(root, settled);
  t.equal(code, 0, said);
  const id = process.getuid?.() === 0 ? [10883, 10883] : [process.getuid?.(), process.getgid?.()];
  t.equal(contents(root, '.env').replace(/^#.*\n/, ''), `DOMAIN=lamps.example.org
OWNER_EMAIL=olive@example.org
OIDC_CLIENT_ID=sconce
TZ=Europe/London
SCONCE_UID=${id[0]}
SCONCE_GID=${id[1]}
PUBLIC_URL=https://lamps.example.org:${httpsPort}
OIDC_ISSUER=http://localhost:${issuerPort}
HTTP_PORT=${httpPort}
HTTPS_PORT=${httpsPort}
DEVICES_PORT=${devicesPort}
BACKUP_RECIPIENT=age1test
`);
  const secret = (name: string) => contents(root, 'secrets', name).trim();
  t.equal(secret('oidc_client_secret'), 'hush-hush');
  t.match(secret('session_keys'), /^[0-9a-f]{64}$/);
  t.match(secret('database_url'), /^postgres:\/\/sconce_api:[0-9a-f]{48}@postgres\/sconce$/);
  t.equal(secret('migration_database_url'), `postgres://sconce_owner:${secret('postgres_password')}@postgres/sconce`);
  const broker = new X509Certificate(contents(root, 'pki/store/broker/cert.pem'));
  t.match(broker.subjectAltName, /DNS:lamps\.example\.org/);
  for (const folder of [...['acme', 'authority', 'broker', 'certificates', 'gate', 'public', 'webroot'].map((name) => `state/${name}`),
    'backups']) {
    const { mode, uid, gid } = statSync(join(root, folder));
    t.strictSame([mode & 0o777, uid, gid], [0o700, ...id], folder);
  }
  const mine = ['.env', ...readdirSync(join(root, 'secrets')).map((name) => `secrets/${name}`)];
  for (const file of mine) {
    const { mode, uid, gid } = statSync(join(root, file));
    t.strictSame([mode & 0o777, uid, gid], [0o600, ...id], file);
  }
  t.equal(statSync(join(root, 'pki/store/broker/key.pem')).uid, id[0], 'the broker\'s container can read its key');
  for (const file of ['services/api/main.ts', 'pki/lib.sh']) {
    t.equal(statSync(join(root, file)).mode & 0o777, 0o644, `${file} goes into an image, and can be read in it`);
  }
  t.equal(statSync(join(root, 'pki/store')).mode & 0o777, 0o700, 'nobody else sees the store');
  t.match(said, `redirect address: https://lamps.example.org:${httpsPort}/auth/callback`);
  for (const name of readdirSync(join(root, 'secrets'))) {
    if (secret(name) !== '') t.notMatch(said, secret(name), `${name} is not shown`);
  }
});

t.test('by whom the owner is warned is kept secret, and stays', async (t) => {
  const root = clone();
  t.match(await init(root, settled), { code: 0 });
  for (const name of ['warn_webhook_url', 'smtp_url']) t.equal(contents(root, 'secrets', name), '\n', `${name}: a file, which Compose wants`);
  const told = { WARN_EMAIL: 'olive@example.org', SMTP_URL: 'smtps://olive:hush-mail@mail.example.org', WARN_WEBHOOK_URL: 'https://ntfy.example.org/hush-hook' };
  const { code, said } = await init(root, told);
  t.equal(code, 0, said);
  t.notMatch(`${said}${contents(root, '.env')}`, /hush-(mail|hook)/);
  t.match(contents(root, '.env'), 'WARN_EMAIL=olive@example.org\n');
  t.match(await init(root, {}), { code: 0 });
  t.equal(contents(root, 'secrets/smtp_url'), `${told.SMTP_URL}\n`);
  t.equal(contents(root, 'secrets/warn_webhook_url'), `${told.WARN_WEBHOOK_URL}\n`);
});

t.test('again: nothing changes but what is said anew', async (t) => {
  const root = clone();
  await init(root, settled);
  appendFileSync(join(root, '.env'), '\n# mine\nLOG_LEVEL=debug\n');
  const before = snapshot(root);
  t.equal((await init(root, {})).code, 0, 'it knows all the answers');
  t.strictSame(snapshot(root), before);

  await init(root, { OWNER_EMAIL: 'otto@example.org', OIDC_CLIENT_SECRET: 'new-hush', DOMAIN: 'light.example.org' });
  const after = snapshot(root);
  t.strictSame(Object.keys(after).filter((name) => after[name] !== before[name] && !/\/(issued|authorities)\//.test(name)),
    ['.env', 'pki/store/broker/cert.pem', 'secrets/oidc_client_secret']);
  t.equal(contents(root, 'secrets/oidc_client_secret'), 'new-hush\n');
  t.match(contents(root, '.env'), /^OWNER_EMAIL=otto@example\.org$[^]*\n# mine\nLOG_LEVEL=debug\n$/m);
  const broker = new X509Certificate(contents(root, 'pki/store/broker/cert.pem'));
  t.match(broker.subjectAltName, /lamps\.example\.org.*light\.example\.org/, 'boards of before still find it');
});

t.test('the address goes with name and port, unless somebody gave it', async (t) => {
  const root = clone();
  const wanted = async (env: Record<string, string>, line: string | undefined) => {
    t.match(await init(root, env), { code: 0 });
    t.equal(/^PUBLIC_URL=(.*)$/m.exec(contents(root, '.env'))?.[1], line);
  };
  await wanted(settled, `https://lamps.example.org:${httpsPort}`);
  await wanted({ DOMAIN: 'light.example.org' }, `https://light.example.org:${httpsPort}`);
  await wanted({ PUBLIC_URL: 'https://light.example.org' }, 'https://light.example.org');
  await wanted({ OWNER_EMAIL: 'otto@example.org' }, 'https://light.example.org');
});

t.test('who opens backups: keys of several kinds, and never a new one over one that is there', async (t) => {
  const root = clone();
  const recipient = () => /^BACKUP_RECIPIENT=(.*)$/m.exec(contents(root, '.env'))?.[1];
  await init(root, { ...settled, BACKUP_RECIPIENT: '' });
  const made = contents(root, 'backup-identity');
  t.match(made, `public key: ${recipient()}\nAGE-SECRET-KEY-1`);
  rmSync(join(root, '.env'));
  t.match(await init(root, { ...settled, BACKUP_RECIPIENT: '' }), { code: 0 });
  t.equal(contents(root, 'backup-identity'), made);
  t.match(made, `public key: ${recipient()}\n`);
  const both = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA,age1test';
  writeFileSync(join(root, '.env'), contents(root, '.env').replace(/^BACKUP_RECIPIENT=.*$/m, `BACKUP_RECIPIENT=${both}`));
  t.match(await init(root, {}), { code: 0 });
  t.equal(recipient(), both);
});

t.test('an answer that will not do is refused in words, all of them at once, and nothing is written', async (t) => {
  const domain = 'a name like lamps.example.org, in lowercase; certificates are not given to addresses or bare words';
  const cases: [env: Record<string, string>, ...lines: string[]][] = [
    [{ DOMAIN: '', OWNER_EMAIL: '', OIDC_CLIENT_ID: '', OIDC_CLIENT_SECRET: '', TZ: '' },
      'DOMAIN is missing: the name under which people and boards find this server',
      'OWNER_EMAIL is missing: your e-mail address, with which you will sign in; you become the first admin',
      'OIDC_CLIENT_ID is missing: client ID', 'OIDC_CLIENT_SECRET is missing: client secret (it does not show)'],
    [{ DOMAIN: 'https://lamps.example.org/' },
      'DOMAIN is "https://lamps.example.org/"; it must be the name alone, like lamps.example.org: no https://, no slash'],
    [{ DOMAIN: 'localhost' }, `DOMAIN is "localhost"; it must be ${domain}`],
    [{ DOMAIN: '203.0.113.7' }, `DOMAIN is "203.0.113.7"; it must be ${domain}`],
    [{ DOMAIN: 'lamps.example.org\nX=1' }, `DOMAIN is "lamps.example.org\nX=1"; it must be ${domain}`],
    [{ DOMAIN: `${'a'.repeat(60)}.example.org` },
      `DOMAIN is "${'a'.repeat(60)}.example.org"; it must be at most 64 characters long: a board keeps no longer one`],
    [{ OWNER_EMAIL: 'olive', TZ: 'Mars/Olympus' }, 'OWNER_EMAIL is "olive"; it must be an e-mail address, like olive@example.org',
      'TZ is "Mars/Olympus"; it must be a name like Europe/London; this machine knows no such zone'],
    [{ OIDC_ISSUER: '' }, 'OIDC_CLIENT_ID is "sconce"; it must be Google\'s, which ends in .apps.googleusercontent.com'],
    [{ OIDC_CLIENT_SECRET: 'two words' }, 'OIDC_CLIENT_SECRET must be one word without spaces'],
    [{ OIDC_ISSUER: 'http://id.example.org' }, 'OIDC_ISSUER is "http://id.example.org"; it must be an https:// address'],
    [{ HTTPS_PORT: '65536', DEVICES_PORT: 'mqtt' }, 'HTTPS_PORT is "65536"; it must be a port, 1 to 65535',
      'DEVICES_PORT is "mqtt"; it must be a port, 1 to 65535'],
    [{ WARN_EMAIL: 'olive', PKI_BOARD_LIFETIME: '2 years', WARN_WEBHOOK_URL: 'ntfy/hush', SMTP_URL: 'olive:hush@mail.example.org' },
      'WARN_EMAIL is "olive"; it must be an e-mail address, like olive@example.org',
      'PKI_BOARD_LIFETIME is "2 years"; it must be a time in days, hours, minutes or seconds, like 730d',
      'WARN_WEBHOOK_URL must be an https:// address',
      'SMTP_URL must be an address like smtps://name:password@mail.example.org'],
    [{ NGINX_IMAGE: 'nginx:1.30 # mine' },
      'NGINX_IMAGE is "nginx:1.30 # mine"; it must be letters, digits and ._:/@+,=- only'],
    [{ BACKUP_RECIPIENT: 'AGE-SECRET-KEY-1ABC' }, 'BACKUP_RECIPIENT must be public keys of age (age1…) or ssh-ed25519 …, commas between'],
    [{ WARN_EMAIL: 'olive@example.org' },
      'SMTP_URL is missing: the mail server by which WARN_EMAIL is told, like smtps://name:password@mail.example.org'],
    [{ SMTP_URL: 'smtp://mail.example.org' }, 'WARN_EMAIL is missing: who is told by the mail server in SMTP_URL'],
    [{ PUBLIC_URL: 'https://light.example.org' },
      'PUBLIC_URL is "https://light.example.org"; it must be an address at lamps.example.org (DOMAIN)'],
  ];
  const root = clone();
  const before = snapshot(root);
  for (const [env, ...lines] of cases) {
    const { code, said } = await init(root, { ...settled, ...env });
    t.equal(said, `Nothing was changed:\n${lines.map((line) => `  - ${line}\n`).join('')}`);
    t.equal(code, 1);
    t.strictSame(snapshot(root), before);
  }
});

t.test('it asks, asks again, and takes Enter for what it knows', async (t) => {
  const root = clone();
  // `script` gives it a terminal.
  const talk = async (env: Record<string, string>, lines: readonly [wait: string, answer: string][]) => {
    const child = spawn('script', ['-qec', join(root, 'services/deploy/init'), '/dev/null'],
      { env: { PATH: `${join(root, 'bin')}:${process.env.PATH ?? ''}`, HOME: dir, TERM: 'dumb', ...env } });
    t.teardown(() => { child.kill('SIGKILL'); });
    let said = '';
    let heard = 0;
    child.stdout.setEncoding('utf8').on('data', (text: string) => { said += text; });
    const ended = new Promise<number | null>((resolve) => { child.once('close', resolve); });
    for (const [wait, answer] of lines) {
      await until(`"${wait}" in ${said}`, () => said.indexOf(wait, heard) >= 0);
      heard = said.indexOf(wait, heard) + wait.length;
      child.stdin.write(`${answer}\n`);
    }
    return { code: await ended, said };
  };
  const { OIDC_ISSUER, BACKUP_RECIPIENT, HTTP_PORT, HTTPS_PORT, DEVICES_PORT } = settled;
  const first = await talk({ OIDC_ISSUER, BACKUP_RECIPIENT, HTTP_PORT, HTTPS_PORT, DEVICES_PORT }, [
    ['find this server:', 'lamps'],
    ['It must be a name like lamps.example.org', ''],
    ['find this server:', ' lamps.example.org '],
    ['the first admin:', 'olive@example.org'],
    [`https://lamps.example.org:${httpsPort}/auth/callback`, ''],
    ['Client ID:', 'sconce'],
    ['does not show):', 'hush-hush'],
    ['Time zone [', ''],
  ]);
  t.equal(first.code, 0, first.said);
  t.match(contents(root, '.env'), /^DOMAIN=lamps\.example\.org\nOWNER_EMAIL=olive@example\.org\nOIDC_CLIENT_ID=sconce\n/m);
  t.equal(contents(root, 'secrets/oidc_client_secret'), 'hush-hush\n');
  t.notMatch(first.said, 'hush-hush', 'the secret does not show');

  const before = snapshot(root);
  const second = await talk({}, [
    ['[lamps.example.org]:', ''], ['[olive@example.org]:', 'otto@example.org'], ['[sconce]:', ''], ['[keep]:', ''], ['Time zone [', ''],
  ]);
  t.equal(second.code, 0, second.said);
  const after = snapshot(root);
  t.strictSame(Object.keys(after).filter((name) => after[name] !== before[name]), ['.env']);
  t.match(contents(root, '.env'), 'OWNER_EMAIL=otto@example.org');
});

t.test('a machine with IPv6 has it in the published networks', async (t) => {
  const ip = 'echo "2: eth0    inet6 2001:db8::7/64 scope global"';
  const old = machine.docker.replace('28.5.2', '26.1.5');
  for (const [commands, line] of [[{ ip }, 'true'], [{ ip, docker: old }, undefined], [{}, undefined]] as const) {
    const root = clone(commands);
    await init(root, settled);
    t.equal(/^SCONCE_IPV6=(.*)$/m.exec(contents(root, '.env'))?.[1], line);
  }
});

t.test('how to make it known to Google, and the exact address', async (t) => {
  const { said } = await init(clone(), { ...settled, OIDC_ISSUER: '', OIDC_CLIENT_ID: '1-a.apps.googleusercontent.com' });
  t.match(said, 'https://console.cloud.google.com/');
  t.match(said, `\n       https://lamps.example.org:${httpsPort}/auth/callback\n`);
});

t.test('what it says of the machine', async (t) => {
  const docker = (words: string) => ({ docker: words });
  const dns = (address: string) => ({ getent: `echo "${address} STREAM $2"` });
  const away = 'change it at whoever runs your domain\'s DNS, or no certificate will be given. Let\'s Encrypt tries IPv6 first';
  const cases: [commands: Partial<typeof machine>, env: Record<string, string>, word: 'ok' | 'warning' | 'problem', line: string | RegExp][] = [
    [{}, {}, 'ok', 'Docker 28.5.2 with Compose 2.40.3'],
    [docker('exit 1'), {}, 'problem', /Docker's Compose \(v2\) is not installed/],
    [docker('echo 2.17.2'), {}, 'problem', /Docker Compose is 2\.17\.2; 2\.24 is the oldest/],
    [docker('[[ $1 == compose ]] && echo v2.40.0'), {}, 'problem', /Docker's engine does not answer .*systemctl start docker/],
    [docker('if [[ $1 == compose ]]; then echo 2.40.0; else echo 20.10.24; fi'), {}, 'problem', /engine is 20\.10\.24; 25 is/],
    [docker('case "$*" in "compose version"*) echo 2.40.0 ;; buildx*) exit 1 ;; *) echo 28.5.2 ;; esac'), {}, 'problem',
      /Docker's Buildx is not installed/],
    [{}, {}, 'ok', `ports ${httpPort}, ${httpsPort} (tcp, udp) and ${devicesPort} are free`],
    [{}, { HTTP_PORT: String(issuerPort) }, 'problem',
      new RegExp(`port ${issuerPort} \\(tcp\\) is taken by .+: stop it, or give another in HTTP_PORT`)],
    [docker('case "$*" in *"ps --status running"*) echo 1f2e ;; *) echo 28.0 ;; esac'), { HTTP_PORT: String(issuerPort) }, 'ok',
      'ports: Sconce is running, and has them'],
    [{}, {}, 'ok', 'lamps.example.org is at 203.0.113.7, which is this machine'],
    [{ getent: 'exit 2' }, {}, 'warning', /^lamps\.example\.org has no address yet; .* make an A record/],
    [dns('198.51.100.1'), {}, 'warning',
      `lamps.example.org is at 198.51.100.1, which is not this machine (203.0.113.7); ${away}`],
    [{ ip: 'echo "2: eth0    inet 10.0.0.5/24 scope global eth0"' }, {}, 'warning', 'lamps.example.org is at 203.0.113.7; '
      + 'this machine has private addresses only, so compare that with what your provider shows'],
    [{}, {}, 'ok', `the clock agrees with http://localhost:${issuerPort}`],
    [{ timedatectl: 'echo yes' } as object, { OIDC_ISSUER: 'http://localhost:9' }, 'warning',
      'the clock is kept by NTP, but http://localhost:9, where people sign in, did not answer'],
    [{ timedatectl: 'exit 1' } as object, { OIDC_ISSUER: 'http://localhost:9' }, 'warning',
      'the clock could not be checked: http://localhost:9, where people sign in, did not answer'],
    [{ awk: 'if [[ $* == */proc/meminfo ]]; then echo 480; else exec /usr/bin/awk "$@"; fi' } as object, {}, 'problem',
      '480 MB of memory; Sconce needs a machine with 1 GB'],
    [{ df: 'printf "\\n/dev/vda1 9 9 1500 9%% /\\n"' } as object, {}, 'problem', '1500 MB are free in /; make it 4000'],
    [{ df: 'printf "\\n/dev/vda1 9 9 3000 9%% /\\n"' } as object, {}, 'warning',
      '3000 MB are free in /; images, the database and backups want 4000'],
  ];
  for (const [commands, env, word, line] of cases) {
    const root = clone(commands);
    writeFileSync(join(root, '.env'), Object.entries({ ...settled, ...env }).map((pair) => `${pair.join('=')}\n`).join(''));
    const { code, said } = await init(root, {}, 'checks');
    const lines = said.split('\n').filter((one) => one.startsWith(`  ${word} `)).map((one) => one.slice(11));
    t.ok(lines.some((one) => typeof line === 'string' ? one === line : line.test(one)), `${line}\n${said}`);
    t.equal(code, word === 'problem' ? 1 : 0, 'a problem ends it with 1');
  }
});

t.test('a clock that is wrong is a problem', async (t) => {
  for (const [off, words] of [[2, 'behind'], [-2, 'ahead of']] as const) {
    hours = off;
    const { code, said } = await init(clone(), settled);
    t.match(said, 'Mend the problems, then run make init again; all that is written stays.');
    t.match(said, new RegExp(`problem  the clock is 7(199|200|201) s ${words} http://localhost:${issuerPort}; set it`));
    t.equal(code, 1);
  }
  hours = 0;
});

t.test('a database whose password is gone is not given another', async (t) => {
  const root = clone({ docker: machine.docker.replace('exit 1', '[[ $3 == sconce_database ]]') });
  const { code, said } = await init(root, settled);
  t.equal(code, 1);
  t.match(said, 'The database of an earlier installation is here (Docker\'s volume sconce_database), but its password is not.');
  t.notOk(existsSync(join(root, '.env')));
});

// Only root makes things for somebody else.
if (process.getuid?.() === 0) t.test('what root mints later belongs to the containers, too', async (t) => {
  const root = clone();
  await init(root, settled);
  await new Promise((resolve) => { execFile(join(root, 'pki/mint'), ['Hall board'], resolve); });
  const owners = new Set(readdirSync(join(root, 'pki/store'), { recursive: true, withFileTypes: true })
    .map((entry) => statSync(join(entry.parentPath, entry.name)).uid));
  t.strictSame([...owners], [10883]);
});
