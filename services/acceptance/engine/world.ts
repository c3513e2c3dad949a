import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Agent, setGlobalDispatcher } from 'undici';
import { startAuthority, type Authority } from '../src/acme.ts';
import { startIssuer, type Issuer } from '../src/issuer.ts';
import { freePorts } from '../src/process.ts';
import { until } from '../src/until.ts';

/** This machine, for containers. */
const host = 'host.docker.internal';

/**
 * What stands around a server: the names by which it is found, Pebble in Let's Encrypt's place and oidc-provider in
 * Google's. The latter is one of the owner's other sites, known to the world through the server's own nginx. It stays when
 * the server's machine is lost.
 */
export class World {
  readonly url: string;
  readonly devicesPort: number;
  /** The name of the owner's other site. */
  readonly other: string;
  /** Images that stand in another's place, by their variable. */
  readonly images: Record<string, string>;
  /** What `make init` is told. */
  readonly answers: Record<string, string>;
  readonly #authority: Authority;
  readonly #issuer: Issuer;
  readonly #issuerPort: number;

  private constructor(given: { url: string; devicesPort: number; other: string; images: Record<string, string>;
    answers: Record<string, string>; authority: Authority; issuer: Issuer; issuerPort: number; }) {
    this.url = given.url;
    this.devicesPort = given.devicesPort;
    this.other = given.other;
    this.images = given.images;
    this.answers = given.answers;
    this.#authority = given.authority;
    this.#issuer = given.issuer;
    this.#issuerPort = given.issuerPort;
  }

  /** @param dir a folder for keys; `fetch` believes Pebble from then on, and finds every name on this machine */
  static async around({ dir, domain, validSeconds }: { dir: string; domain: string; validSeconds: number }): Promise<World> {
    const [httpPort = 0, httpsPort = 0, devicesPort = 0, issuerPort = 0] = await freePorts(4);
    const url = `https://${domain}:${httpsPort}`;
    const other = `id.${domain}`;
    const authority = await startAuthority({ dir: join(dir, 'acme'), httpPort, validSeconds, reachedAs: host });
    for (const name of [domain, other]) await authority.resolve(name, '127.0.0.1');
    const issuer = await startIssuer({
      port: issuerPort, dir, redirectUris: [`${url}/auth/callback`],
      behind: { url: `https://${other}:${httpsPort}`, host: '0.0.0.0' },
    });
    // A connection for each request: nginx ends idle ones when it takes over a new certificate, and a program, unlike a
    // browser, would not ask again.
    setGlobalDispatcher(new Agent({ pipelining: 0, connect: {
      ca: authority.root,
      lookup: (_name, { all }, done) => all ? done(null, [{ address: '127.0.0.1', family: 4 }]) : done(null, '127.0.0.1', 4),
    } }));
    const images = Object.fromEntries(Object.entries(process.env).flatMap(([name, image]) =>
      /^(NODE|NGINX|POSTGRES|MOSQUITTO|CERTBOT)_IMAGE$/.test(name) && image !== undefined ? [[name, image] as const] : []));
    const answers = {
      DOMAIN: domain, OWNER_EMAIL: 'olive@example.org', OIDC_ISSUER: `https://${other}:${httpsPort}`, OIDC_CLIENT_ID: issuer.clientId,
      OIDC_CLIENT_SECRET: issuer.clientSecret, TZ: 'Europe/London', PUBLIC_URL: url, ACME_SERVER: authority.server,
      ACME_CA_BUNDLE: '/test/pebble.pem', HTTP_PORT: String(httpPort), HTTPS_PORT: String(httpsPort),
      DEVICES_PORT: String(devicesPort), ...images,
    };
    return new World({ url, devicesPort, other, images, answers, authority, issuer, issuerPort });
  }

  /**
   * Prepares a clone in `dir` for this world, in the places that are meant for it: an override, a site.
   * @param before whether it is of the time before there was a doctor
   */
  adapt(dir: string, { before = false } = {}): void {
    const test = join(dir, 'test');
    mkdirSync(test, { recursive: true });
    writeFileSync(join(test, 'pebble.pem'), readFileSync(this.#authority.caBundle), { mode: 0o644 });
    writeFileSync(join(test, 'root.pem'), this.#authority.root, { mode: 0o644 });
    writeFileSync(join(dir, 'docker-compose.override.yml'), `
services:
  nginx: { environment: { NGINX_LOOK_SECONDS: 1 }, extra_hosts: ["${host}:host-gateway"] }
  acme: { environment: { ACME_LOOK_SECONDS: 5 }, volumes: ["./test:/test:ro"], extra_hosts: ["${host}:host-gateway"] }
  api:
    environment: { NODE_EXTRA_CA_CERTS: /test/root.pem }
    volumes: ["./test:/test:ro"]
    extra_hosts: ["${this.other}:host-gateway", "${new URL(this.url).hostname}:host-gateway"]
${before ? '' : `  doctor:
    environment: { NODE_EXTRA_CA_CERTS: /test/root.pem }
    volumes: ["./test:/test:ro"]
    extra_hosts: ["${this.other}:host-gateway", "${new URL(this.url).hostname}:host-gateway"]
`}`);
    writeFileSync(join(dir, 'nginx/sites', `${this.other}.conf`), `
location / {
  proxy_pass http://${host}:${this.#issuerPort};
  proxy_set_header Host $http_host;
  proxy_set_header X-Forwarded-Proto https;
}
`, { mode: 0o644 });
  }

  /** Resolves when both names have a certificate: signing in takes the two. */
  async hasCertificates(): Promise<void> {
    for (const url of [this.url, this.answers.OIDC_ISSUER ?? '']) {
      await until(`a certificate for ${url}`, async () => (await fetch(`${url}/robots.txt`)).body !== null, 60_000);
    }
  }

  async end(): Promise<void> {
    await this.#issuer.stop();
    await this.#authority.stop();
  }
}
