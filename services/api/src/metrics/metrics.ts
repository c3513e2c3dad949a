import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import { AggregatorRegistry, collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';
import type { Meter } from '../domain/meter.ts';
import { countIn } from './counts.ts';

/** One process' metrics: what it counts, and how the process itself does. */
export function createMetrics(): { registry: Registry; meter: Meter } {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return { registry, meter: countIn(registry) };
}

/** The metrics of several processes as one text; each says of itself how it is to be summed up. */
export const summedUp = (parts: readonly object[][], own: Registry): Promise<string> =>
  Promise.all([AggregatorRegistry.aggregate([...parts]).metrics(), own.metrics()]).then((texts) => texts.join('\n'));

/**
 * What only ever grows of these processes' metrics, as those of one. It must not fall when a process ends: who reads it
 * would take that for a new start of them all, and all that the others had ever counted for new.
 */
export const lasting = (parts: readonly object[][]): object[] => AggregatorRegistry
  .aggregate(parts.map((metrics) => metrics.filter((metric) => 'type' in metric && growing.has(metric.type))))
  .getMetricsAsArray();

const growing = new Set<unknown>(['counter', 'histogram']);

/** What the first of several processes counts: those that serve, and those that died. */
export function createSupervision(primary: { serving: number; died: number }): Registry {
  const registry = new Registry();
  const registers = [registry];
  new Gauge({ name: 'sconce_workers', help: 'Processes of the API that serve.', registers,
    collect() { this.set(primary.serving); } });
  new Counter({ name: 'sconce_worker_deaths_total', help: 'Processes of the API that died and were replaced.', registers,
    collect() {
      this.reset();
      this.inc(primary.died);
    } });
  return registry;
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
