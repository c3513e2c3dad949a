import { readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

/** Where the doctor stands. `api`: beside the API, with its environment and files; `demo`: beside `make demo`. */
export type View = 'server' | 'api' | 'demo';

export type Address = { host: string; port: number };
export type IdentityFiles = { ca: string; cert: string; key: string };

/** What the doctor was told; the rest is undefined, and skipped with words. Holds secrets: never print it. */
export type Config = {
  view: View;
  /** The name under which people and boards find the server. */
  domain: string | undefined;
  publicUrl: string | undefined;
  /** The store that pki/init made, and of it the folder that all may read. */
  pkiDir: string | undefined;
  trustDir: string | undefined;
  /** How the owner calls a file of the store: in a container its path is another. */
  shown: (path: string) => string;
  /** The broker's listener for services, and what the API shows there. */
  services: Address | undefined;
  api: IdentityFiles | undefined;
  /** Where boards come in, as seen from here; and the port that the world knows. */
  devices: Address | undefined;
  publicDevicesPort: number;
  web: Address | undefined;
  database: string | undefined;
  issuers: string[];
  gateRefusals: string | undefined;
  brokerStatus: string | undefined;
  authoritySocket: string | undefined;
  /** With certificates/, public/, acme/: what nginx and acme share. */
  stateDir: string | undefined;
  /** Folders with certificates that all may read. */
  watched: string[];
  /** Folders whose disk must not run full. */
  folders: string[];
  /** Each container of Compose and how it stands: "running", "exited". */
  containers: Map<string, string> | undefined;
  /** Variables that cannot be used, each with the reason. */
  wrong: { name: string; why: string }[];
  /** Texts that must not be printed, wherever they turn up. */
  secrets: string[];
};

type Env = Record<string, string | undefined>;

export function readConfig(env: Env): Config {
  const wrong: Config['wrong'] = [];
  const told = (name: string) => env[name] === '' ? undefined : env[name];
  const list = (name: string) => (told(name) ?? '').split(',').map((one) => one.trim()).filter(Boolean);
  const fromFile = (name: string) => {
    const path = told(`${name}_FILE`);
    if (path === undefined) return told(name);
    try {
      return readFileSync(path, 'utf8').trim();
    } catch (error) {
      wrong.push({ name: `${name}_FILE`,
        why: `${path} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'})` });
      return undefined;
    }
  };
  const url = (name: string, value = told(name)) => {
    if (value === undefined || URL.canParse(value)) return value;
    // The value may be a secret.
    wrong.push({ name, why: 'it is no address' });
    return undefined;
  };
  const port = (name: string, standard: number) => {
    const value = told(name) ?? String(standard);
    if (/^\d{1,5}$/.test(value) && Number(value) >= 1 && Number(value) <= 65535) return Number(value);
    wrong.push({ name, why: `"${value}" is no port` });
    return standard;
  };
  const address = (name: string, standard: number): Address | undefined => {
    const host = told(`${name}_HOST`);
    return host === undefined ? undefined : { host, port: port(`${name}_PORT`, standard) };
  };

  const mqtt = url('MQTT_URL');
  const pkiDir = told('PKI_DIR');
  const watched = list('WATCHED_CERTIFICATES');
  const [ca, cert, key] = ['MQTT_CA_FILE', 'MQTT_CERT_FILE', 'MQTT_KEY_FILE'].map(told);
  const database = url('DATABASE_URL', fromFile('DATABASE_URL'));
  const stateDir = told('STATE_DIR');
  const trustDir = pkiDir === undefined ? watched.find((folder) => folder.endsWith('/trust')) : join(pkiDir, 'trust');
  return {
    view: viewOf(told('DOCTOR_VIEW')),
    domain: told('DOMAIN'),
    publicUrl: url('PUBLIC_URL'),
    pkiDir, trustDir,
    shown: shownAs(pkiDir ?? (trustDir && dirname(trustDir)), told('DOCTOR_PKI_PATH')),
    services: mqtt === undefined ? undefined : { host: hostOf(mqtt), port: Number(new URL(mqtt).port || 8883) },
    api: ca && cert && key ? { ca, cert, key } : undefined,
    devices: address('DEVICES', 8883),
    publicDevicesPort: port('DEVICES_PUBLIC_PORT', 8883),
    web: address('WEB', 443),
    database,
    issuers: issuersIn(told, url),
    gateRefusals: told('GATE_REFUSALS'),
    brokerStatus: told('BROKER_STATUS_FILE'),
    authoritySocket: told('AUTHORITY_SOCKET'),
    stateDir, watched,
    folders: [...new Set([...list('DOCTOR_FOLDERS'), stateDir, pkiDir, told('DATA_DIR'), ...watched]
      .filter((one) => one !== undefined))],
    containers: told('DOCTOR_CONTAINERS') === undefined ? undefined
      : new Map(list('DOCTOR_CONTAINERS').map((one) => [one.split('=')[0] ?? '', one.split('=')[1] ?? ''])),
    wrong,
    secrets: secretsIn(database),
  };
}

const viewOf = (told: string | undefined): View => told === 'api' || told === 'demo' ? told : 'server';

/** Without the brackets of IPv6. */
const hostOf = (url: string) => new URL(url).hostname.replace(/^\[(.*)\]$/, '$1');

/** Whoever has no issuer set has Google's (api/src/config/issuers.ts). */
function issuersIn(told: (name: string) => string | undefined, url: (name: string) => string | undefined): string[] {
  if (['OIDC_ISSUER', 'OIDC_CLIENT_ID', 'OIDC_CLIENT_ID_FILE'].every((name) => told(name) === undefined)) return [];
  const more = (told('OIDC_MORE') ?? '').split(/[\s,]+/).filter(Boolean);
  const names = ['OIDC_ISSUER', ...more.map((word) => `OIDC_${word.toUpperCase()}_ISSUER`)];
  const standard = (name: string) => name === 'OIDC_ISSUER' ? 'https://accounts.google.com' : undefined;
  return names.map((name) => (url(name) ?? standard(name))?.replace(/\/+$/, '')).filter((one) => one !== undefined);
}

function shownAs(folder: string | undefined, name: string | undefined): (path: string) => string {
  return (path) => folder === undefined || name === undefined || relative(folder, path).startsWith('..') ? path
    : join(name, relative(folder, path));
}

function secretsIn(database: string | undefined): string[] {
  if (database === undefined) return [];
  const { password } = new URL(database);
  return [database, password, decodeURIComponent(password)].filter((one) => one.length > 3);
}
