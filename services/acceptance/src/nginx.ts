import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { repository } from './pki.ts';
import { startProgram, type Program, type Running } from './process.ts';

export interface NginxOptions {
  /** Holds what Compose mounts: certificates/, webroot/ and sites/; what is missing is made. */
  stateDir: string;
  httpPort: number;
  httpsPort: number;
  apiPort: number;
  /** The name that people open; localhost unless told. */
  domain?: string;
  /** The built dashboard, unless told. */
  dashboardDir?: string;
  /** Address to listen on; 127.0.0.1 unless told. */
  bind?: string;
  /** Whom it runs as, when that is somebody else (root can do that). */
  user?: Program['user'];
  /** Another copy of the folder nginx/. */
  shipped?: string;
}

/** Folders of a state that nginx and acme share. */
export const foldersOf = (stateDir: string) => ({
  certificates: join(stateDir, 'certificates'), public: join(stateDir, 'public'), webroot: join(stateDir, 'webroot'),
  sites: join(stateDir, 'sites'), acme: join(stateDir, 'acme'),
});

/**
 * A folder for a state, to be removed at the end. nginx's workers, who are another user where this runs as root, can reach
 * it: the clone, and with it `t.testdir()`, may lie where nobody else may look.
 */
export function makeStateDir(): string {
  const dir = mkdtempSync(join(tmpdir(), 'sconce-state-'));
  chmodSync(dir, 0o755);
  return dir;
}

/** The built dashboard, copied into the state for the same reason. */
function dashboardIn(stateDir: string): string {
  const dir = join(stateDir, 'dashboard');
  if (!existsSync(dir)) cpSync(join(repository, 'services/dashboard/dist'), dir, { recursive: true });
  return dir;
}

/** What nginx/start is told. Its public port is the one that it listens on here; it looks for changes all the time. */
export function nginxEnvironment(options: NginxOptions, runDir: string): Record<string, string> {
  const folders = foldersOf(options.stateDir);
  return {
    PATH: process.env.PATH ?? '',
    DOMAIN: options.domain ?? 'localhost',
    NGINX_API: `127.0.0.1:${options.apiPort}`,
    NGINX_RUN_DIR: runDir,
    NGINX_BIND: options.bind ?? '127.0.0.1',
    NGINX_HTTP_PORT: String(options.httpPort),
    NGINX_HTTPS_PORT: String(options.httpsPort),
    NGINX_PUBLIC_HTTPS_PORT: String(options.httpsPort),
    NGINX_DASHBOARD_DIR: options.dashboardDir ?? dashboardIn(options.stateDir),
    NGINX_CERTIFICATES_DIR: folders.certificates,
    NGINX_WEBROOT: folders.webroot,
    NGINX_SITES_DIR: folders.sites,
    NGINX_LOOK_SECONDS: '0.2',
  };
}

/** nginx opens its log by name, which Node's pipes, being sockets, do not allow: `cat` stands between. */
export const throughCat = ['-c', 'rm -f "$1" && mkfifo "$1" && { cat "$1" & } && exec "$0" >"$1"'];

/**
 * Starts the real nginx with the shipped configuration, through nginx/start; resolves once it listens.
 * Rejects with what it said: start's own complaints name what is wrong and the remedy.
 */
export async function startNginx(options: NginxOptions): Promise<Running> {
  const runDir = mkdtempSync(join(tmpdir(), 'sconce-nginx-'));
  const folders = foldersOf(options.stateDir);
  const { user, shipped = join(repository, 'nginx') } = options;
  if (user) chownSync(runDir, user.uid, user.gid);
  for (const folder of [folders.certificates, folders.webroot, folders.sites]) mkdirSync(folder, { recursive: true });
  const tidy = () => rmSync(runDir, { recursive: true, force: true });
  try {
    const nginx = await startProgram({
      name: 'nginx', command: 'sh', args: [...throughCat, join(shipped, 'start'), join(runDir, 'log')],
      env: nginxEnvironment(options, runDir), ready: /nginx \S+ is up/, ...user && { user },
    });
    return { ...nginx, stop: () => nginx.stop().finally(tidy), kill: () => nginx.kill().finally(tidy) };
  } catch (error) {
    tidy();
    throw error;
  }
}

/** A certificate for a name, where nginx looks for it, which vouches for itself. Returns its PEM's path. */
export function selfSign(stateDir: string, name: string, days = 2): string {
  const dir = join(foldersOf(stateDir).certificates, name);
  mkdirSync(dir, { recursive: true });
  const cert = join(dir, 'fullchain.pem');
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes',
    '-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name}`, '-days', String(days),
    '-keyout', join(dir, 'privkey.pem'), '-out', cert], { stdio: 'pipe' });
  return cert;
}
