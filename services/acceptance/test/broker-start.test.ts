import { execFile } from 'node:child_process';
import {
  appendFileSync, cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { startMosquitto } from '../src/mosquitto.ts';
import { identityIn, initPki, listPki, repository, runPki, sumTrust } from '../src/pki.ts';
import { freePorts } from '../src/process.ts';
import { forge, makeCrl, openssl, profiles } from './openssl.ts';

/* What mosquitto/start says when something is wrong, and what it lays out when nothing is. */
const dir = mkdtempSync(join(tmpdir(), 'sconce-start-'));
t.teardown(() => rmSync(dir, { recursive: true, force: true }));
const sound = join(dir, 'sound');
await initPki(sound);
await initPki(join(dir, 'other'));
const [devicesPort = 0, servicesPort = 0, busyPort = 0] = await freePorts(3);

/** Runs start, which must fail within 20 s; the first line of its stderr without the program's name. */
function complaint(env: Record<string, string>, folder = join(repository, 'mosquitto')): Promise<string> {
  const defaults = {
    PATH: process.env.PATH ?? '', PKI_DIR: sound, MOSQUITTO_RUN_DIR: join(dir, 'run'), MOSQUITTO_BIND: '127.0.0.1',
    MOSQUITTO_DEVICES_PORT: String(devicesPort), MOSQUITTO_SERVICES_PORT: String(servicesPort),
  };
  return new Promise((resolve) => {
    execFile(join(folder, 'start'), [], { env: { ...defaults, ...env }, timeout: 20_000 }, (error, _, stderr) => {
      resolve(error?.code === 1 ? stderr.trim().replace(/^mosquitto\/start: /, '') : `${error?.code}: ${stderr}`);
    });
  });
}

const cut = (file: string) => { writeFileSync(file, readFileSync(file).subarray(0, 150)); };
const replace = (file: string, by: string) => {
  rmSync(file);
  cpSync(by, file);
};

t.test('what is wrong in the store is said in words, with the remedy', async (t) => {
  const pki = join(dir, 'store');
  const remedy = 'run make pki, or restore it from a backup';
  const anew = 'run make pki, which makes it anew';
  const trust = (file: string) => join(pki, 'trust', file);
  const needed = [
    'trust/devices.pem', 'trust/devices.crl.pem', 'trust/services.pem', 'trust/services.crl.pem', 'trust/issuing.pem',
    'trust/revoked', 'trust/SHA256SUMS', 'broker/cert.pem', 'broker/key.pem',
  ];
  const damaged = 'is damaged, or was being written when its writer ended (SHA256SUMS has another sum); run make pki, or ' +
    'restore the folder trust/ from a backup';
  // As if the store's own scripts had made it so: the sums fit.
  const summed = (spoil: () => void) => () => {
    spoil();
    sumTrust(pki);
  };
  const cases: [spoil: (() => void), file: string, words: string][] = [
    ...needed.map((file): typeof cases[number] => [() => rmSync(join(pki, file)), file, `is missing; ${remedy}`]),
    [() => cut(trust('devices.crl.pem')), 'trust/devices.crl.pem', damaged],
    [() => appendFileSync(trust('revoked'), 'x\n'), 'trust/revoked', damaged],
    [() => writeFileSync(trust('SHA256SUMS'), readFileSync(trust('SHA256SUMS'), 'utf8').replace(/^.* revoked\n/m, '')),
      'trust/SHA256SUMS', 'does not name revoked; run make pki, which writes it anew'],
    [summed(() => appendFileSync(trust('revoked'), 'x y\n')), 'trust/revoked',
      'has a line that is no board\'s id: "x y"; restore it from a backup'],
    [summed(() => writeFileSync(trust('devices.crl.pem'), '')), 'trust/devices.crl.pem', `is empty; ${remedy}`],
    [summed(() => cut(trust('devices.crl.pem'))), 'trust/devices.crl.pem',
      'is damaged or cut short (no END X509 CRL); restore it from a backup'],
    [summed(() => cut(trust('services.pem'))), 'trust/services.pem',
      'is damaged or cut short (no END CERTIFICATE); restore it from a backup'],
    [() => makeCrl(pki, ['-crl_lastupdate', '20200101000000Z', '-crl_nextupdate', '20210101000000Z']),
      'trust/devices.crl.pem', `is past its nextUpdate, which locks every devices certificate out; ${anew}`],
    [summed(() => replace(trust('devices.crl.pem'), trust('services.crl.pem'))), 'trust/devices.crl.pem',
      `is not from ${pki}/trust/devices.pem; ${anew}`],
    [summed(() => appendFileSync(trust('devices.crl.pem'), readFileSync(join(dir, 'other/trust/devices.crl.pem')))),
      'trust/devices.crl.pem', `is not from ${pki}/trust/devices.pem; ${anew}`],
    [() => replace(join(pki, 'broker/key.pem'), join(pki, 'api/key.pem')), 'broker/key.pem',
      `is not the key of ${pki}/broker/cert.pem; restore both from one backup`],
    [() => replace(join(pki, 'broker/cert.pem'), join(dir, 'other/broker/cert.pem')), 'broker/cert.pem',
      'is not from the services authority; restore both from one backup'],
  ];
  for (const [spoil, file, words] of cases) {
    rmSync(pki, { recursive: true, force: true });
    cpSync(sound, pki, { recursive: true });
    spoil();
    t.equal(await complaint({ PKI_DIR: pki }), `${join(pki, file)} ${words}`);
  }
  const past = { start: '20200101000000Z', end: '20210101000000Z' };
  const ended = forge(pki, join(dir, 'ended'),
    { name: 'broker', authority: 'services', profile: 'service_server', ...past });
  rmSync(pki, { recursive: true });
  cpSync(sound, pki, { recursive: true });
  for (const file of ['cert', 'key'] as const) replace(identityIn(join(pki, 'broker'))[file], ended[file]);
  t.equal(await complaint({ PKI_DIR: pki }),
    `the broker's certificate, ${pki}/broker/cert.pem, has ended; run make pki`);
  rmSync(pki, { recursive: true });
  cpSync(sound, pki, { recursive: true });
  openssl(['ca', '-config', profiles, '-revoke', join(pki, 'broker/cert.pem')], join(pki, 'authorities/services'));
  t.match(await runPki('refresh', [], pki), { code: 0, stderr: '' });
  t.equal(await complaint({ PKI_DIR: pki }),
    `the broker's certificate, ${pki}/broker/cert.pem, is revoked; move ${pki}/broker away and run make pki`);
  rmSync(join(pki, 'broker'), { recursive: true });
  await initPki(pki);
  await (await startMosquitto({ pkiDir: pki, devicesPort, servicesPort })).stop();
});

t.test('an authority that has ended is replaced, as start says, and the broker starts', async (t) => {
  const cases: [name: string, lifetimes: Parameters<typeof initPki>[1], remedies: [file: string, authority: string][]][] = [
    ['issuing', { issuingLifetime: '1d' }, [['issuing.pem', 'devices']]],
    ['roots', { rootLifetime: '1d' }, [['devices.pem', 'devices'], ['services.pem', 'services']]],
  ];
  for (const [name, lifetimes, remedies] of cases) {
    const pki = join(dir, `ended-${name}`);
    await initPki(pki, { ...lifetimes, daysAgo: 2 });
    // As the broker that has not been able to start has left it.
    const env = { BROKER_STATUS_FILE: join(dir, 'left') };
    writeFileSync(env.BROKER_STATUS_FILE, 'trust=none\n');
    for (const [file, authority] of remedies) {
      t.equal(await complaint({ PKI_DIR: pki }), `${pki}/trust/${file} is damaged or has ended; restore it from a backup, or ` +
        `make a new one: make pki-rotate AUTHORITY=${authority}`);
      const steps = authority === 'devices' ? 3 : 2;
      for (let step = 0; step < steps; step += 1) t.match(await runPki('rotate', [authority], pki, { env }), { code: 0, stderr: '' });
      t.equal((await listPki(pki)).rotation, null);
    }
    t.match(await runPki('refresh', [], pki), { code: 0, stderr: '' });
    await (await startMosquitto({ pkiDir: pki, devicesPort, servicesPort })).stop();
  }
  // At once, too: what is old is not in the set while the rotation goes on.
  const pki = join(dir, 'ended-amid');
  await initPki(pki, { issuingLifetime: '1d', daysAgo: 2 });
  t.match(await runPki('rotate', [], pki), { code: 0, stderr: '' });
  await (await startMosquitto({ pkiDir: pki, devicesPort, servicesPort })).stop();
});

t.test('so is what is wrong around it', async (t) => {
  const busy = createServer().listen(busyPort, '127.0.0.1');
  t.teardown(() => { busy.close(); });
  const taken = `port ${busyPort} is taken by another program; stop that one, or choose another port with`;
  const port = (name: string, value: string) => `${name} is "${value}"; it must be a port, 1 to 65535`;
  const cases: [env: Record<string, string>, words: string][] = [
    [{ MOSQUITTO_DEVICES_PORT: String(busyPort) }, `${taken} MOSQUITTO_DEVICES_PORT`],
    [{ MOSQUITTO_SERVICES_PORT: String(busyPort) }, `${taken} MOSQUITTO_SERVICES_PORT`],
    [{ MOSQUITTO_SERVICES_PORT: String(busyPort), MOSQUITTO_BIND: '' }, `${taken} MOSQUITTO_SERVICES_PORT`],
    [{ MOSQUITTO_DEVICES_PORT: '0' }, port('MOSQUITTO_DEVICES_PORT', '0')],
    [{ MOSQUITTO_DEVICES_PORT: '65536' }, port('MOSQUITTO_DEVICES_PORT', '65536')],
    [{ MOSQUITTO_SERVICES_PORT: 'mqtt' }, port('MOSQUITTO_SERVICES_PORT', 'mqtt')],
    [{ MOSQUITTO_SERVICES_PORT: String(devicesPort) }, 'both listeners have port ' +
      `${devicesPort}; give MOSQUITTO_DEVICES_PORT and MOSQUITTO_SERVICES_PORT different ones`],
    [{ MOSQUITTO_BIND: '0.0.0.0\nallow_anonymous true' },
      'MOSQUITTO_BIND is "0.0.0.0\nallow_anonymous true"; it must be an address, or empty for all of them'],
    [{ MOSQUITTO_BIN: 'mosquito' }, 'mosquito is not installed; on Debian: apt-get install mosquitto'],
    [{ MOSQUITTO_RUN_DIR: '/dev/null/run' },
      'cannot make the folder /dev/null/run; choose another with MOSQUITTO_RUN_DIR'],
  ];
  for (const [env, words] of cases) t.equal(await complaint(env), words);
});

t.test('so is an access list that would not be understood', async (t) => {
  const folder = join(dir, 'mosquitto');
  const cases: [line: string, quoted: string][] = [
    ['pattern raed sconce/v1/%u/command', 'pattern raed sconce/v1/%u/command'],
    ['topic deny', 'topic deny'],
    [' user api', ' user api'],
  ];
  for (const [line, quoted] of cases) {
    cpSync(join(repository, 'mosquitto'), folder, { recursive: true });
    appendFileSync(join(folder, 'acl/devices'), `${line}\n`);
    t.equal(await complaint({}, folder),
      `${folder}/acl/devices has a line that is no rule: "${quoted}"; write: user NAME, or: pattern read|write TOPIC`);
  }
  rmSync(join(folder, 'acl/services'));
  cpSync(join(repository, 'mosquitto/acl/devices'), join(folder, 'acl/devices'));
  t.equal(await complaint({}, folder), `${folder}/acl/services is missing; restore it from the repository`);
});

// Only root becomes another user.
if (process.getuid?.() === 0) t.test('the user that the broker becomes must be able to read', async (t) => {
  const run = join(mkdtempSync(join(dir, 'closed-')), 'run');
  t.match(await complaint({ MOSQUITTO_RUN_DIR: run }), new RegExp(`^the user (mosquitto|nobody) cannot reach ${run}; ` +
    'let others enter \\(chmod o\\+x\\) the folders above it, or choose another with MOSQUITTO_RUN_DIR$'));
});

t.test('what it lays out is for the broker alone, and fits the ports that were asked for', async (t) => {
  const runDir = mkdtempSync(join(tmpdir(), 'sconce-run-'));
  t.teardown(() => rmSync(runDir, { recursive: true, force: true }));
  const options = { pkiDir: sound, devicesPort, servicesPort, runDir };
  for (const again of ['first', 'second']) {
    const broker = await startMosquitto(options);
    const files = readdirSync(runDir, { recursive: true, withFileTypes: true });
    const count = files.filter((file) => file.isFile()).length;
    t.equal(count, 11, `nothing is left over, the ${again} time`);
    for (const file of files) {
      // What it goes by is no secret, and changes each second.
      const mode = file.isDirectory() ? 0o700 : file.name === 'applied' ? 0o644 : 0o400;
      t.equal(statSync(join(file.parentPath, file.name)).mode & 0o777, mode, file.name);
    }
    await broker.stop();
    await t.resolves(broker.ended, 'SIGTERM reaches Mosquitto itself');
  }
  t.equal(statSync(runDir).mode & 0o777, 0o700);
  const conf = readFileSync(join(runDir, 'mosquitto.conf'), 'utf8');
  t.same(conf.match(/^listener .*$/gm), [`listener ${devicesPort} 127.0.0.1`, `listener ${servicesPort} 127.0.0.1`]);
  t.notMatch(conf, /^[^#].*@/m);
});

t.test('a broker that cannot start says why', async (t) => {
  const running = await startMosquitto({ pkiDir: sound, devicesPort, servicesPort });
  t.teardown(() => running.kill());
  const message = `Mosquitto ended before it was ready. It said:\nmosquitto/start: port ${devicesPort} is taken by ` +
    'another program; stop that one, or choose another port with MOSQUITTO_DEVICES_PORT';
  await t.rejects(startMosquitto({ pkiDir: sound, devicesPort, servicesPort }), { message });
});
