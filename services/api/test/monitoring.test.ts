import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { initPki } from '../../acceptance/src/pki.ts';
import { createMetrics, createSupervision, summedUp } from '../src/metrics/metrics.ts';
import { readState } from '../src/metrics/state.ts';
import { readExposition } from './exposition.ts';
import { databases, Household } from './household.ts';

const folder = fileURLToPath(new URL('../../monitoring/', import.meta.url));
const pki = await initPki(t.testdir() + '/pki');
const { db, stop } = await databases.PGlite!();
const household = await Household.on(db);
t.teardown(async () => {
  await household.close();
  await stop();
});
const { registry } = createMetrics();
// What the first of several processes tells beside it.
const supervision = createSupervision({ serving: 2, died: 0 });
readState(registry, household.context, { watchedCertificates: [],
  mqtt: { url: 'mqtts://localhost:1', ca: Buffer.of(), cert: readFileSync(pki.api.cert), key: Buffer.of() } });
const bySeveral = readExposition(await summedUp([await registry.getMetricsAsJSON()], supervision));
const byOne = readExposition(await registry.metrics());
const told = new Map([...byOne, ...bySeveral]);
/** Prometheus itself says so of each that it scrapes. */
const ofPrometheus: Record<string, string[]> = { up: ['job'] };

/** Words of PromQL that look like names. */
const words = new Set(['sum', 'by', 'min', 'max', 'increase', 'changes', 'rate', 'histogram_quantile', 'and', 'or', 'sort', 'unless', 'absent']);

/** Each metric that an expression names, with the labels that it is asked by. */
function* metricsIn(expression: string): Generator<{ name: string; labels: string[] }> {
  const bare = expression.replace(/by \([^)]*\)|\[[^\]]*\]/g, '');
  for (const [, name = '', selector = ''] of bare.matchAll(/([a-z_]\w*)(?:\{([^}]*)\})?(?![\w"(])/g)) {
    if (words.has(name) || bare.includes(`$${name}`)) continue;
    yield { name, labels: [...selector.matchAll(/(\w+)(?:=~|!~|!=|=)"/g)].map(([, label = '']) => label) };
  }
}

function labelsOf(name: string): string[] | undefined {
  const family = name.replace(/_(bucket|sum|count)$/, '');
  const metric = [registry, supervision].flatMap((one) => [one.getSingleMetric(name), one.getSingleMetric(family)]).find(Boolean);
  // prom-client does not declare it, and keeps to it.
  const { labelNames } = (metric ?? {}) as { labelNames?: string[] };
  if (!metric || !(told.has(name) || told.has(family))) return ofPrometheus[name];
  return ['job', 'instance', ...name.endsWith('_bucket') ? ['le'] : [], ...labelNames ?? []];
}

type Panel = { title: string; targets?: { expr: string }[] };
const dashboard = JSON.parse(readFileSync(`${folder}grafana/dashboards/sconce.json`, 'utf8')) as { panels: Panel[] };
const rules = readFileSync(`${folder}prometheus/rules/sconce.yml`, 'utf8');
// An expression ends where the next key of the rule begins.
const ofRules = [...rules.matchAll(/- alert: (\w+)\n\s+expr: ([\s\S]*?)\n\s+(?:for|labels):/g)]
  .map(([, title = '', expr = '']) => ({ title, expr }));

t.test('every metric that the dashboard or a rule names is one that the API tells of, by labels that it has', async (t) => {
  const all = [...ofRules, ...dashboard.panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => ({ title, expr })))];
  t.equal(ofRules.length, [...rules.matchAll(/- alert:/g)].length, 'all rules are read');
  t.ok(all.length > 30, `${all.length} expressions`);
  for (const { title, expr } of all) {
    const named = [...metricsIn(expr)];
    t.ok(named.length > 0, `${title}: ${expr}`);
    for (const { name, labels } of named) {
      const known = labelsOf(name);
      t.ok(known, `${title}: ${name}`);
      t.same(labels.filter((label) => !known?.includes(label)), [], `${title}: labels of ${name}`);
    }
  }
});

t.test('every rule has something to look at, whether one process serves or several', async (t) => {
  for (const { title, expr } of ofRules) {
    const named = [...metricsIn(expr)].map(({ name }) => name);
    for (const [how, metrics] of [['one', byOne], ['several', bySeveral]] as const) {
      t.ok(named.some((name) => metrics.has(name) || name in ofPrometheus), `${title}: by ${how}`);
    }
  }
});

t.test('what a rule waits for an increase of stands there with 0 from the start: the first time is one, too', async (t) => {
  const waited = ofRules.flatMap(({ expr }) => [...expr.matchAll(/increase\((\w+)(?:\{(\w+)=~?"([^"]*)"\})?/g)]);
  t.ok(waited.length >= 4, `${waited.length} of them`);
  for (const [what, name = '', label = '', value = ''] of waited) {
    const fits = new RegExp(`^(${value})$`);
    t.ok(told.get(name)?.samples.some(({ labels }) => label === '' || fits.test(labels[label] ?? '')), what);
  }
});

t.test('every metric of Sconce’s own is looked at', async (t) => {
  const looked = new Set([...ofRules, ...dashboard.panels.flatMap(({ targets = [] }) => targets)]
    .flatMap(({ expr }) => [...metricsIn(expr)].map(({ name }) => name.replace(/_(bucket|sum|count)$/, ''))));
  t.same([...told.keys()].filter((name) => name.startsWith('sconce_') && !looked.has(name)), []);
});

t.test('what would not be noticed elsewhere: each panel has a title and a place of its own', async (t) => {
  const places = (dashboard.panels as (Panel & { id: number; gridPos: { x: number; y: number; w: number; h: number } })[])
    .flatMap(({ gridPos: { x, y, w, h } }) => Array.from({ length: w * h }, (_, i) => `${x + i % w},${y + Math.floor(i / w)}`));
  t.equal(new Set(places).size, places.length, 'none lies upon another');
  t.ok(dashboard.panels.every(({ title }) => title.length > 0));
});
