import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Inventory, Signed } from '@sconce/protocol/authority';
import { DeviceId } from '@sconce/protocol/ids';

export const repository = fileURLToPath(new URL('../../../', import.meta.url));

/** Paths of what one party connects with. `ca` is what it checks the broker against. */
export interface Identity {
  dir: string;
  ca: string;
  cert: string;
  key: string;
}

export interface Pki {
  dir: string;
  api: Identity;
  metrics: Identity;
  /** What the script printed. */
  said: string;
}

export interface MintedDevice extends Identity {
  id: DeviceId;
  name: string;
  /** Path of device.json. */
  json: string;
  said: string;
}

export interface PkiOptions {
  /** BROKER_HOST: names that devices connect to; `localhost` unless told. Several with a space between. */
  brokerHost?: string;
  /** BROKER_PORT: written into device.json; 8883 unless told. */
  brokerPort?: number;
  /** Such as `730d`, `12h`, `5m`, `90s`; pki/issue.sh has the defaults and says why. */
  rootLifetime?: string;
  issuingLifetime?: string;
  boardLifetime?: string;
  serviceLifetime?: string;
  crlLifetime?: string;
  /** As if it were done so many days ago; by the `faketime` command. */
  daysAgo?: number;
}

/** The files of one party in a folder of the store, be it `api` or `devices/<id>`. */
export function identityIn(dir: string): Identity {
  return { dir, ca: join(dir, 'ca.pem'), cert: join(dir, 'cert.pem'), key: join(dir, 'key.pem') };
}

/** The contents of an identity, in the words of Node's `tls.connect` and mqtt.js. */
export function credentials({ ca, cert, key }: Identity): { ca: Buffer; cert: Buffer; key: Buffer } {
  return { ca: readFileSync(ca), cert: readFileSync(cert), key: readFileSync(key) };
}

/** Runs pki/init: makes what is missing in the store `dir`. Rejects with the script's complaint. */
export async function initPki(dir: string, options: PkiOptions = {}): Promise<Pki> {
  const said = await run('init', [], dir, options);
  return { dir, api: identityIn(join(dir, 'api')), metrics: identityIn(join(dir, 'metrics')), said };
}

/** Runs pki/mint: makes a device in the store `dir`, and the store if there is none. Rejects with its complaint. */
export async function mintDevice(dir: string, name: string, options: PkiOptions & { id?: string } = {}):
  Promise<MintedDevice> {
  const said = await run('mint', [name], dir, options);
  const folder = /^Minted .* in (.*)$/m.exec(said)?.[1];
  if (folder === undefined) throw new Error(`pki/mint did not say what it made: ${said}`);
  const json = join(folder, 'device.json');
  const made = JSON.parse(readFileSync(json, 'utf8')) as { id: string; name: string };
  return { ...identityIn(folder), id: DeviceId.parse(made.id), name: made.name, json, said };
}

export interface ScriptResult {
  code: number;
  stdout: string;
  stderr: string;
}

/**
 * Runs a script of pki/ on the store `dir`; resolves however it ends. `input`: what it reads. The environment is made anew,
 * so that a BROKER_HOST in the shell of whoever runs this changes nothing; `env` adds to it.
 */
export function runPki(script: string, args: string[], dir: string,
  { input, env = {}, ...options }: PkiOptions & { id?: string; input?: Uint8Array; env?: Record<string, string> } = {}):
  Promise<ScriptResult> {
  const given = {
    BROKER_HOST: options.brokerHost,
    BROKER_PORT: options.brokerPort,
    PKI_ROOT_LIFETIME: options.rootLifetime,
    PKI_ISSUING_LIFETIME: options.issuingLifetime,
    PKI_BOARD_LIFETIME: options.boardLifetime,
    PKI_SERVICE_LIFETIME: options.serviceLifetime,
    PKI_CRL_LIFETIME: options.crlLifetime,
    ID: options.id,
  };
  const whole: Record<string, string> = { PATH: process.env.PATH ?? '', PKI_DIR: dir, ...env };
  for (const [name, value] of Object.entries(given)) if (value !== undefined) whole[name] = String(value);
  const program = join(repository, 'pki', script);
  const [command, words] = options.daysAgo === undefined ? [program, args]
    : ['faketime', ['-f', `-${options.daysAgo}d`, program, ...args]];
  return new Promise((resolve) => {
    const child = execFile(command, words, { env: whole, cwd: '/', maxBuffer: 64 * 2 ** 20 }, (_, stdout, stderr) => {
      resolve({ code: child.exitCode ?? -1, stdout, stderr });
    });
    // A script that has refused already does not read on.
    child.stdin?.on('error', () => undefined).end(input);
  });
}

/** What a script printed; rejects with its complaint. */
async function run(...how: Parameters<typeof runPki>): Promise<string> {
  const { code, stdout, stderr } = await runPki(...how);
  if (code !== 0) throw new Error(stderr.trim() || `pki/${how[0]} ended with ${code}`);
  return stdout;
}

/** Runs pki/sign-request with a PKCS #10 in DER. Rejects with `code: words` if it is refused. */
export async function signRequest(dir: string, id: string, request: Uint8Array, options: PkiOptions = {}): Promise<Signed> {
  return Signed.parse(JSON.parse(await run('sign-request', [id], dir, { ...options, input: request })));
}

/** Runs pki/revoke on a board's name or id. */
export async function revokeDevice(dir: string, nameOrId: string, options: PkiOptions = {}):
  Promise<{ id: string; certificates: number; root: 'done' | 'away' }> {
  return JSON.parse(await run('revoke', ['--json', nameOrId], dir, options)) as
    { id: string; certificates: number; root: 'done' | 'away' };
}

/** Runs pki/list. */
export async function listPki(dir: string): Promise<Inventory> {
  return Inventory.parse(JSON.parse(await run('list', ['--json'], dir)));
}

/**
 * Writes trust/SHA256SUMS anew, for a test that has spoiled a file of the set on purpose: else whoever reads the set sees
 * only that it is not whole.
 */
export function sumTrust(dir: string): void {
  const trust = join(dir, 'trust');
  const names = ['devices.pem', 'services.pem', 'issuing.pem', 'devices.crl.pem', 'services.crl.pem', 'revoked'];
  const lines = names.filter((name) => existsSync(join(trust, name))).map((name) =>
    `${createHash('sha256').update(readFileSync(join(trust, name))).digest('hex')}  ${name}\n`);
  writeFileSync(join(trust, 'SHA256SUMS.new'), lines.join(''));
  renameSync(join(trust, 'SHA256SUMS.new'), join(trust, 'SHA256SUMS'));
}

/** The version of the trust set, as the broker's watcher and the gate name it. */
export function trustVersion(dir: string): string {
  return createHash('sha256').update(readFileSync(join(dir, 'trust/SHA256SUMS'))).digest('hex');
}
