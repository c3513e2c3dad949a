import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import httpProxy from '@fastify/http-proxy';
import files from '@fastify/static';
import Fastify from 'fastify';
import { repository } from '../pki.ts';
import { DemoError } from './settings.ts';

const dashboard = fileURLToPath(new URL('../../../dashboard/dist/', import.meta.url));

/** The policy that nginx sends, from its own configuration. */
function contentSecurityPolicy(): string {
  const policy = /^ *"" "(default-src [^"]+)";$/m.exec(readFileSync(join(repository, 'nginx/csp.conf'), 'utf8'))?.[1];
  if (policy === undefined) throw new Error('nginx/csp.conf does not say the policy as it used to');
  return policy;
}

/**
 * Serves the built dashboard and passes /api and /auth on, in the place of nginx: browsers treat localhost as
 * trustworthy without TLS (W3C Secure Contexts), so that the demo needs neither certificate nor warning.
 * @throws DemoError when the port is taken
 */
export async function startWeb(port: number, apiPort: number): Promise<{ url: string; stop(): Promise<void> }> {
  const app = Fastify({ forceCloseConnections: true });
  const upstream = `http://127.0.0.1:${apiPort}`;
  // By node:http: undici ends a body that is silent for five minutes, and event streams are.
  const proxy = {
    upstream, http: { requestOptions: { timeout: 0 } }, retryMethods: [],
    // As nginx/proxy.conf: what a client says of its own address is not handed on.
    replyOptions: { rewriteRequestHeaders: (request: { ip: string }, headers: object) =>
      ({ ...headers, 'x-forwarded-for': request.ip }) },
  };
  await app.register(httpProxy, { ...proxy, prefix: '/api', rewritePrefix: '/api' });
  await app.register(httpProxy, { ...proxy, prefix: '/auth', rewritePrefix: '/auth' });
  await app.register(async (pages) => {
    const policy = contentSecurityPolicy();
    pages.addHook('onSend', async (_request, reply) => {
      reply.header('content-security-policy', policy);
    });
    await pages.register(files, { root: dashboard });
    // The dashboard finds its own way from its address.
    pages.setNotFoundHandler((request, reply) => request.method === 'GET'
      ? reply.sendFile('index.html')
      : reply.code(404).send());
  });
  await app.listen({ port, host: 'localhost' }).catch((error: unknown) => {
    throw new DemoError(`The dashboard cannot be served: ${error instanceof Error ? error.message : String(error)}`);
  });
  return { url: `http://localhost:${port}`, stop: () => app.close() };
}
