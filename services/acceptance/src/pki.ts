import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
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
  /** Days; pki/issue.sh has the defaults and says why. */
  authorityDays?: number;
  leafDays?: number;
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

async function run(script: 'init' | 'mint', args: string[], dir: string, options: PkiOptions & { id?: string }) {
  const { brokerHost, brokerPort, authorityDays, leafDays, daysAgo, id } = options;
  const given = {
    BROKER_HOST: brokerHost,
    BROKER_PORT: brokerPort,
    PKI_AUTHORITY_DAYS: authorityDays,
    PKI_LEAF_DAYS: leafDays,
    ID: id,
  };
  // The environment is made anew, so that a BROKER_HOST in the shell of whoever runs this changes nothing.
  const env: Record<string, string> = { PATH: process.env.PATH ?? '', PKI_DIR: dir };
  for (const [name, value] of Object.entries(given)) if (value !== undefined) env[name] = String(value);
  const program = join(repository, 'pki', script);
  const [command, words] = daysAgo === undefined ? [program, args] : ['faketime', ['-f', `-${daysAgo}d`, program, ...args]];
  try {
    return (await promisify(execFile)(command, words, { env })).stdout;
  } catch (error) {
    const stderr = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : '';
    throw stderr === '' ? error : new Error(stderr, { cause: error });
  }
}
