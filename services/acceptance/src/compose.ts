import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

/** One service of docker-compose.yml, as far as the rules below look at it. */
export type Service = {
  image?: string;
  build?: unknown;
  user?: string;
  restart?: string;
  read_only?: boolean;
  privileged?: boolean;
  cap_drop?: string[];
  cap_add?: string[];
  security_opt?: string[];
  pids_limit?: number;
  mem_limit?: string | number;
  profiles?: string[];
  logging?: { driver?: string; options?: Record<string, string> };
  healthcheck?: { test?: unknown; disable?: boolean };
  environment?: Record<string, string | number | null>;
  depends_on?: Record<string, { condition: string }>;
  ports?: (string | { published: string; target: number; protocol?: string; host_ip?: string })[];
  networks?: string[] | Record<string, unknown>;
  volumes?: (string | { type: string; source: string; target: string; read_only?: boolean })[];
  [other: string]: unknown;
};

/** docker-compose.yml as written, or as `docker compose config --format json` gives it: both are understood. */
export type Compose = {
  services: Record<string, Service>;
  networks: Record<string, { internal?: boolean } | null>;
  secrets: Record<string, { file?: string }>;
};

/** Reads the file, anchors resolved, variables filled in from `env` as Compose does. */
export function readCompose(repository: string, env: Record<string, string>): Compose {
  const text = readFileSync(join(repository, 'docker-compose.yml'), 'utf8');
  return fill(parse(text, { merge: true }), env) as Compose;
}

/** Every piece of text in a value, with its variables filled in. */
function fill(value: unknown, env: Record<string, string>): unknown {
  if (typeof value === 'string') return interpolate(value, env);
  if (Array.isArray(value)) return value.map((item) => fill(item, env));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fill(item, env)]));
}

/** `${NAME}`, `${NAME:-otherwise}`, `${NAME:?complaint}`; in what stands behind there may be more of them. */
function interpolate(text: string, env: Record<string, string>): string {
  const at = text.indexOf('${');
  if (at < 0) return text;
  let depth = 0;
  let end = at + 1;
  do {
    if (text[end] === '{') depth += 1;
    if (text[end] === '}') depth -= 1;
    end += 1;
  } while (depth > 0);
  const { name = '', kind, more = '' } = /^(?<name>\w+)(?::(?<kind>[-?])(?<more>.*))?$/.exec(text.slice(at + 2, end - 1))?.groups ?? {};
  const value = env[name] || (kind === '-' ? interpolate(more, env) : '');
  if (value === '' && kind === '?') throw new Error(`${name}: ${more}`);
  return text.slice(0, at) + value + interpolate(text.slice(end), env);
}

/** What it says of one service, or of all: in words, nothing when it is content. */
type Rule = (service: Service, name: string) => string | false | undefined;

/** Ends by itself, and is not started again. */
const isTask = (service: Service) => service.restart === 'no';

/** The image starts as root to prepare its volume, and needs exactly this to become somebody else. */
const asRoot: Record<string, readonly string[]> = { postgres: ['CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'SETGID', 'SETUID'] };

const sameWords = (a: readonly string[] = [], b: readonly string[] = []) => [...a].sort().join() === [...b].sort().join();

/** What of the disk may be written to. */
const writable = new Set(['database', './state/acme', './state/authority', './state/broker', './state/certificates', './state/gate',
  './state/public', './state/webroot', './state/prometheus', './backups', './pki/store']);

/** Who may read keys that could make a board or a broker. What strangers reach is not among them. */
const seesAuthorities = new Set(['authority', 'backup', 'doctor']);

const rules: Record<string, Rule> = {
  'a file system that cannot be written to': ({ read_only }) => read_only !== true && 'has no read_only',
  'no capabilities': ({ cap_drop }) => !sameWords(cap_drop, ['ALL']) && 'does not drop ALL capabilities',
  'none added': ({ cap_add }, name) => !sameWords(cap_add, asRoot[name]) && `adds capabilities: ${cap_add?.join()}`,
  'no new privileges': ({ security_opt }) => !security_opt?.includes('no-new-privileges:true') && 'may gain privileges',
  'not root': ({ user = '0' }, name) => /^0(:|$)|^root/.test(user) && !(name in asRoot) && 'is root',
  'not the host': (service) => ['privileged', 'network_mode', 'pid', 'ipc', 'devices', 'userns_mode', 'cgroup_parent']
    .filter((key) => service[key] !== undefined && `${key}: ${String(service[key])}` !== 'network_mode: none')
    .map((key) => `has ${key}`).join(),
  'the authorities to few': ({ volumes = [] }, name) => !seesAuthorities.has(name)
    && volumes.some((volume) => ['.', './pki', './pki/store'].includes(mountOf(volume).source)) && 'sees the authorities\' keys',
  'a bound on memory': ({ mem_limit }) => !mem_limit && 'has no mem_limit',
  'a bound on processes': ({ pids_limit = 0 }) => !(pids_limit > 0) && 'has no pids_limit',
  'a log that ends': ({ logging }) => !(logging?.options?.['max-size'] && logging.options['max-file']) && 'logs without end',
  'comes back': ({ restart }) => !['unless-stopped', 'no'].includes(restart ?? '') && `has restart: ${restart}`,
  'says how it is': (service) => !isTask(service) && (!service.healthcheck?.test || service.healthcheck.disable)
    && 'has no health check',
  'a version': ({ image = '' }) => !/:[^:/]*[\w.]+$/.test(image) || /:latest$/.test(image) ? `is not pinned: ${image}` : undefined,
  'secrets as files': ({ environment = {} }) => Object.keys(environment)
    .filter((key) => /(SECRET|PASSWORD|TOKEN|KEY|KEYS|DATABASE_URL|WEBHOOK_URL|SMTP_URL)$/.test(key)).map((key) => `is given ${key} itself`).join(),
  'waits for health': ({ depends_on = {} }) => Object.entries(depends_on)
    .filter(([, { condition }]) => !['service_healthy', 'service_completed_successfully'].includes(condition))
    .map(([other]) => `does not wait until ${other} is healthy`).join(),
  'writes to what is meant only': ({ volumes = [] }) => volumes.map(mountOf)
    .filter(({ readOnly, source }) => !readOnly && !writable.has(source)).map(({ source }) => `may write to ${source}`).join(),
  'no socket of the engine': ({ volumes = [] }) => volumes.some((volume) => mountOf(volume).source.includes('docker.sock'))
    && 'has the engine\'s socket',
};

function mountOf(volume: NonNullable<Service['volumes']>[number]): { source: string; readOnly: boolean } {
  if (typeof volume !== 'string') return { source: volume.source, readOnly: volume.read_only === true };
  const [source = '', , mode = ''] = volume.split(':');
  return { source, readOnly: mode.split(',').includes('ro') };
}

/** Everything that a rule finds, as "service: words". */
export function faults({ services }: Compose): string[] {
  return Object.entries(services).flatMap(([name, service]) => Object.values(rules)
    .map((rule) => rule(service, name)).filter(Boolean).map((words) => `${name}: ${words}`));
}

/** "80→nginx:8080/tcp", sorted; with an address where it is not published on all. */
export function publishedPorts({ services }: Compose): string[] {
  return Object.entries(services).flatMap(([name, { ports = [] }]) => ports.map((port) => {
    if (typeof port !== 'string') {
      return `${port.host_ip ? `${port.host_ip}:` : ''}${port.published}→${name}:${port.target}/${port.protocol ?? 'tcp'}`;
    }
    const { from, to, kind = 'tcp' } = /^(?<from>.*):(?<to>\d+)(?:\/(?<kind>\w+))?$/.exec(port)?.groups ?? {};
    return `${from}→${name}:${to}/${kind}`;
  })).sort();
}

/** Who is in which network. */
export function membersOf({ services, networks }: Compose): Record<string, string[]> {
  return Object.fromEntries(Object.keys(networks).map((network) => [network, Object.entries(services)
    .filter(([, service]) => namesOf(service.networks).includes(network)).map(([name]) => name).sort()]));
}

const namesOf = (networks: Service['networks']): string[] => Array.isArray(networks) ? networks : Object.keys(networks ?? {});

/** Megabytes that all containers together may take, which are started without a profile and go on. */
export function memoryMegabytes({ services }: Compose): number {
  const bytes = (limit: string | number = 0): number => {
    const { number = '0', unit = '' } = /^(?<number>\d+)(?<unit>[kmg]?)/.exec(String(limit))?.groups ?? {};
    return Number(number) * 1024 ** ['', 'k', 'm', 'g'].indexOf(unit);
  };
  const total = Object.values(services).filter((service) => !service.profiles && !isTask(service))
    .reduce((sum, { mem_limit }) => sum + bytes(mem_limit), 0);
  return total / 1024 ** 2;
}
