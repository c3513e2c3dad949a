import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import {
  faults, memoryMegabytes, membersOf, publishedPorts, readCompose, type Compose, type Service,
} from '../src/compose.ts';
import { repository } from '../src/pki.ts';

/* What docker-compose.yml promises, read without Docker. The engine's own test is in ../engine. */
const settings = {
  COMPOSE_PROJECT_NAME: 'sconce', DOMAIN: 'lamps.example.org', OWNER_EMAIL: 'olive@example.org', SCONCE_UID: '1000',
  SCONCE_GID: '1000', OIDC_CLIENT_ID: 'sconce',
};
const read = (env: Record<string, string> = {}) => readCompose(repository, { ...settings, ...env });
const compose = read();

t.test('every container has as few rights as it can', async (t) => {
  t.strictSame(faults(compose), []);
});

t.test('whatever of that is missing is found', async (t) => {
  const cases: [service: string, change: Partial<Service>, words: string][] = [
    ['api', { read_only: false }, 'has no read_only'],
    ['api', { cap_drop: [] }, 'does not drop ALL capabilities'],
    ['nginx', { cap_add: ['NET_BIND_SERVICE'] }, 'adds capabilities: NET_BIND_SERVICE'],
    ['api', { security_opt: [] }, 'may gain privileges'],
    ['mosquitto', { user: '0:0' }, 'is root'],
    ['acme', { network_mode: 'host' }, 'has network_mode'],
    ['backup', { privileged: true }, 'has privileged'],
    ['api', { mem_limit: 0 }, 'has no mem_limit'],
    ['api', { pids_limit: 0 }, 'has no pids_limit'],
    ['api', { logging: { driver: 'local' } }, 'logs without end'],
    ['api', { restart: 'always' }, 'has restart: always'],
    ['nginx', { healthcheck: { disable: true } }, 'has no health check'],
    ['mosquitto', { image: 'eclipse-mosquitto' }, 'is not pinned: eclipse-mosquitto'],
    ['mosquitto', { image: 'eclipse-mosquitto:latest' }, 'is not pinned: eclipse-mosquitto:latest'],
    ['postgres', { environment: { POSTGRES_PASSWORD: 'a' } }, 'is given POSTGRES_PASSWORD itself'],
    ['api', { depends_on: { postgres: { condition: 'service_started' } } }, 'does not wait until postgres is healthy'],
    ['nginx', { volumes: ['./nginx/sites:/sconce/nginx/sites'] }, 'may write to ./nginx/sites'],
    ['gate', { volumes: ['./pki/store:/pki:ro'] }, 'sees the authorities\' keys'],
    ['api', { environment: { SMTP_URL: 'smtps://a:b@example.org' } }, 'is given SMTP_URL itself'],
    ['acme', { volumes: ['/var/run/docker.sock:/var/run/docker.sock:ro'] }, 'has the engine\'s socket'],
  ];
  for (const [name, change, words] of cases) {
    const spoilt: Compose = { ...compose, services: { ...compose.services, [name]: { ...compose.services[name], ...change } } };
    t.strictSame(faults(spoilt), [`${name}: ${words}`]);
  }
});

t.test('the internet reaches nginx and the boards\' listener, nothing else', async (t) => {
  t.strictSame(publishedPorts(compose), [
    '127.0.0.1:3001→grafana:3000/tcp', '443→nginx:8443/tcp', '443→nginx:8443/udp', '80→nginx:8080/tcp',
    '8883→gate:8883/tcp',
  ]);
});

t.test('who can reach whom', async (t) => {
  t.strictSame(membersOf(compose), {
    edge: ['api', 'nginx'],
    sites: ['doctor', 'nginx'],
    acme: ['acme', 'doctor'],
    devices: ['gate'],
    relay: ['doctor', 'gate', 'mosquitto'],
    bus: ['api', 'doctor', 'mosquitto'],
    data: ['api', 'backup', 'doctor', 'migrate', 'postgres'],
    metrics: ['api', 'grafana', 'prometheus'],
    screens: ['grafana'],
  });
  const inside = Object.entries(compose.networks).filter(([, network]) => network?.internal).map(([name]) => name);
  t.strictSame(inside, ['sites', 'relay', 'bus', 'data', 'metrics'], 'from these, nothing gets out');
  t.equal(compose.services.authority?.network_mode, 'none', 'who holds the keys of the authorities is in none');
});

t.test('secrets are files that make init writes, each given to whom it concerns', async (t) => {
  const given = Object.fromEntries(Object.keys(compose.secrets).map((secret) => [secret, Object.entries(compose.services)
    .filter(([, service]) => (service.secrets as string[] | undefined)?.includes(secret)).map(([name]) => name)]));
  t.strictSame(given, {
    oidc_client_secret: ['api'],
    session_keys: ['api'],
    postgres_password: ['postgres'],
    database_url: ['api', 'migrate', 'doctor'],
    migration_database_url: ['migrate'],
    warn_webhook_url: ['api'],
    smtp_url: ['api'],
  });
  for (const [name, { file }] of Object.entries(compose.secrets)) t.equal(file, `./secrets/${name}`);
});

t.test('all that runs on a server of 1 GB fits into it, were each to take the most that it may', async (t) => {
  t.ok(memoryMegabytes(compose) <= 960, `${memoryMegabytes(compose)} MB at most`);
});

t.test('each image has a version, which one variable replaces', async (t) => {
  const text = readFileSync(join(repository, 'docker-compose.yml'), 'utf8');
  const pins = [...text.matchAll(/^ {2}(\w+): &\w+ \$\{(\w+)_IMAGE:-(.+):(.+)\}$/gm)];
  t.strictSame(pins.map(([, name]) => name),
    ['node', 'nginx', 'postgres', 'mosquitto', 'certbot', 'prometheus', 'grafana']);
  for (const [, name = '', variable = '', , version = ''] of pins) {
    t.equal(variable, name.toUpperCase());
    t.match(version, /^v?\d+\.\d+(\.\d+)?(-|$)/, `${name} is pinned to the patch`);
    const elsewhere = JSON.stringify(read({ [`${variable}_IMAGE`]: 'registry.example.org/other:1.2' }).services);
    t.ok(elsewhere.includes('registry.example.org/other:1.2'), `${variable}_IMAGE is heard`);
  }
  const { devDependencies } = JSON.parse(readFileSync(join(repository, 'services/package.json'), 'utf8')) as
    { devDependencies: { node: string } };
  t.equal(pins[0]?.[4], `${devDependencies.node}-trixie-slim`, 'one Node for development, tests and the server');
});

t.test('without make init it says what to do', async (t) => {
  t.throws(() => readCompose(repository, {}), { message: /: run make init first$/ });
});

t.test('NODE_ENV has no meaning', async (t) => {
  t.notMatch(JSON.stringify(compose), /NODE_ENV/);
});
