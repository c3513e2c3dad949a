import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import { collectDefaultMetrics, Registry } from 'prom-client';
import type { Meter } from '../domain/meter.ts';
import { countIn } from './counts.ts';

/** One process' metrics: what it counts, and how the process itself does. */
export function createMetrics(): { registry: Registry; meter: Meter } {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return { registry, meter: countIn(registry) };
}

/**
 * Serves `GET /metrics`, and nothing else, to whoever can reach the port: it is for an internal network.
 * @param read the metrics as text
 * @throws when it cannot listen there
 */
export async function serveMetrics(where: { host: string; port: number }, read: () => Promise<string>): Promise<Server> {
  const server = createServer((request, response) => {
    if (request.method !== 'GET' || request.url !== '/metrics') {
      response.writeHead(404).end();
      return;
    }
    read().then(
      (text) => void response.writeHead(200, { 'content-type': Registry.PROMETHEUS_CONTENT_TYPE }).end(text),
      // Prometheus notes that it got none; what broke is told where it broke.
      () => void response.writeHead(500).end());
  });
  server.listen(where);
  await once(server, 'listening');
  return server;
}
