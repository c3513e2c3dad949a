import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { repository } from './pki.ts';
import { startProgram, type Running } from './process.ts';

/** Starts the real nginx before an API, with the shipped nginx/proxy.conf; resolves once it listens on 127.0.0.1. */
export async function startNginx({ port, apiPort }: { port: number; apiPort: number }): Promise<Running> {
  const dir = await mkdtemp(join(tmpdir(), 'sconce-nginx-'));
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `${kind}_temp_path ${dir}/${kind};`);
  await writeFile(join(dir, 'nginx.conf'), `
    daemon off;
    pid ${dir}/pid;
    error_log stderr notice;
    events {}
    http {
      access_log off;
      ${temporary.join('\n      ')}
      server {
        listen 127.0.0.1:${port};
        location / {
          include ${repository}/nginx/proxy.conf;
          proxy_pass http://127.0.0.1:${apiPort};
        }
      }
    }`);
  const nginx = await startProgram({
    name: 'nginx', command: 'nginx', args: ['-c', join(dir, 'nginx.conf')],
    env: { PATH: `${process.env.PATH ?? ''}:/usr/sbin` }, ready: /start worker process/,
  });
  const tidy = () => rm(dir, { recursive: true, force: true });
  return { ...nginx, stop: () => nginx.stop().finally(tidy), kill: () => nginx.kill().finally(tidy) };
}
