import { execFile, execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { get } from 'node:https';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { foldersOf } from './nginx.ts';
import { repository } from './pki.ts';
import { freePorts, startProgram } from './process.ts';

/** Let's Encrypt's test server, and the DNS that it asks. */
export interface Authority {
  /** ACME_SERVER and ACME_CA_BUNDLE. */
  server: string;
  caBundle: string;
  /** What its certificates go back to, as PEM. */
  root: string;
  /** Lets a name resolve to an address of IPv4; unless it was told so, a name has none. */
  resolve(name: string, address: string): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Starts Pebble on 127.0.0.1, which asks names for its challenges at `httpPort`.
 * @param validSeconds how long its certificates hold
 * @param reachedAs the name by which containers reach it; it listens on all addresses then
 */
export async function startAuthority({ dir, httpPort, validSeconds, reachedAs }:
  { dir: string; httpPort: number; validSeconds: number; reachedAs?: string }): Promise<Authority> {
  const [port = 0, management = 0, dns = 0, dnsManagement = 0] = await freePorts(4);
  mkdirSync(dir, { recursive: true });
  const caBundle = join(dir, 'pebble.pem');
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2',
    '-subj', '/CN=localhost', '-addext', `subjectAltName=DNS:${reachedAs ?? 'localhost'},IP:127.0.0.1`,
    '-keyout', join(dir, 'pebble.key'), '-out', caBundle], { stdio: 'pipe' });
  const config = join(dir, 'pebble.json');
  writeFileSync(config, JSON.stringify({ pebble: {
    listenAddress: `${reachedAs === undefined ? '127.0.0.1' : '0.0.0.0'}:${port}`, managementListenAddress: `127.0.0.1:${management}`,
    certificate: caBundle, privateKey: join(dir, 'pebble.key'), httpPort, tlsPort: 1, ocspResponderURL: '',
    externalAccountBindingRequired: false, certificateValidityPeriod: validSeconds,
  } }));
  const env = {
    PATH: process.env.PATH ?? '',
    // It would wait, refuse and remember at random, to find faults in clients.
    PEBBLE_VA_NOSLEEP: '1', PEBBLE_WFE_NONCEREJECT: '0', PEBBLE_AUTHZREUSE: '0',
  };
  const names = await startProgram({
    name: 'the test DNS', command: 'pebble-challtestsrv', env, ready: /Starting management server/, args: [
      '-dns01', `127.0.0.1:${dns}`, '-management', `127.0.0.1:${dnsManagement}`, '-http01', '', '-https01', '',
      '-tlsalpn01', '', '-defaultIPv4', '', '-defaultIPv6', ''],
  });
  const pebble = await startProgram({
    name: 'Pebble', command: 'pebble', args: ['-config', config, '-dnsserver', `127.0.0.1:${dns}`], env,
    ready: /ACME directory available at/, deadlineMs: 30_000,
  });
  return {
    server: `https://${reachedAs ?? '127.0.0.1'}:${port}/dir`,
    caBundle,
    root: await rootOf(management, caBundle),
    async resolve(name, address) {
      const body = JSON.stringify({ host: name, addresses: [address] });
      const { ok } = await fetch(`http://127.0.0.1:${dnsManagement}/add-a`, { method: 'POST', body });
      if (!ok) throw new Error(`the test DNS does not take ${name}`);
    },
    stop: () => pebble.stop().finally(() => names.stop()),
  };
}

/** Pebble makes a new one at each start. */
async function rootOf(management: number, caBundle: string): Promise<string> {
  const asked = get(`https://127.0.0.1:${management}/roots/0`, { ca: readFileSync(caBundle) });
  const [answer] = await once(asked, 'response') as [IncomingMessage];
  return text(answer);
}

/** What nginx/acme/once and run are told, for a state that nginx shares. */
export function acmeEnvironment(stateDir: string, { domain, authority, email = 'olive@example.org' }:
  { domain: string; authority: Pick<Authority, 'server' | 'caBundle'>; email?: string }): Record<string, string> {
  const folders = foldersOf(stateDir);
  return {
    PATH: process.env.PATH ?? '', DOMAIN: domain, ACME_EMAIL: email,
    ACME_SERVER: authority.server, ACME_CA_BUNDLE: authority.caBundle,
    ACME_DIR: folders.acme, ACME_CERTIFICATES_DIR: folders.certificates, ACME_PUBLIC_DIR: folders.public,
    ACME_WEBROOT: folders.webroot, NGINX_SITES_DIR: folders.sites,
  };
}

/** Runs nginx/acme/once. Resolves to its exit code and what it said. */
export function acmeOnce(env: Record<string, string>, ...args: string[]): Promise<{ code: number; said: string }> {
  return new Promise((resolve) => {
    execFile(join(repository, 'nginx/acme/once'), args, { env, timeout: 60_000 }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : typeof error.code === 'number' ? error.code : -1, said: stdout + stderr });
    });
  });
}
