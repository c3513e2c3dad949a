/** One sample of Prometheus' text format; labels in the order of their names. */
export type Sample = { name: string; labels: Record<string, string>; value: number };
export type Family = { name: string; type: string; help: string; samples: Sample[] };

// Prometheus reads numbers as Go does, "NaN" in any case.
const line = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? ([Nn]a[Nn]|[+-]Inf|[-+]?[0-9.]+(?:e[-+]?[0-9]+)?)$/;
const label = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\\\|\\"|\\n)*)"(?:,|$)/y;

/**
 * Reads Prometheus' text format 0.0.4, strictly (https://prometheus.io/docs/instrumenting/exposition_formats/).
 * @throws where anything is not as the format or the conventions of naming want it
 */
export function readExposition(text: string): Map<string, Family> {
  const families = new Map<string, Family>();
  const seen = new Set<string>();
  let current: Family | undefined;
  if (!text.endsWith('\n')) throw new Error('the last line has no end');
  for (const one of text.slice(0, -1).split('\n')) {
    if (one === '') continue;
    const help = /^# HELP (\S+) (.+)$/.exec(one);
    if (help) {
      const [, name = '', words = ''] = help;
      if (families.has(name)) throw new Error(`${name} comes twice`);
      current = { name, help: words, type: '', samples: [] };
      families.set(name, current);
      continue;
    }
    const type = /^# TYPE (\S+) (counter|gauge|histogram|summary)$/.exec(one);
    if (type) {
      if (!current || current.name !== type[1] || current.type !== '') throw new Error(`out of place: ${one}`);
      current.type = type[2] ?? '';
      continue;
    }
    const sample = line.exec(one);
    if (!sample || !current?.type) throw new Error(`not a sample: ${one}`);
    const [, name = '', inside = '', value = ''] = sample;
    const suffixes = current.type === 'histogram' ? ['_bucket', '_sum', '_count'] : [''];
    if (!suffixes.some((suffix) => name === current?.name + suffix)) throw new Error(`${name} is not of ${current.name}`);
    const labels = readLabels(inside);
    const whole = `${name} ${JSON.stringify(labels)}`;
    if (seen.has(whole)) throw new Error(`twice: ${one}`);
    seen.add(whole);
    current.samples.push({ name, labels, value: value.endsWith('Inf') ? Number(`${value}inity`) : Number(value) });
  }
  for (const family of families.values()) checkFamily(family);
  return families;
}

function readLabels(text: string): Record<string, string> {
  const labels: [string, string][] = [];
  label.lastIndex = 0;
  while (label.lastIndex < text.length) {
    const found = label.exec(text);
    if (!found) throw new Error(`labels that cannot be read: ${text}`);
    labels.push([found[1] ?? '', found[2] ?? '']);
  }
  const sorted = labels.sort(([a], [b]) => (a < b ? -1 : 1));
  if (new Set(sorted.map(([name]) => name)).size < sorted.length) throw new Error(`a label twice: ${text}`);
  return Object.fromEntries(sorted);
}

function checkFamily({ name, type, samples }: Family): void {
  if (type === '') throw new Error(`${name} has no type`);
  // The library's own names are its own affair.
  if (name.startsWith('sconce_') && (type === 'counter') !== name.endsWith('_total')) throw new Error(`${name} is a ${type}`);
  if (type !== 'histogram') return;
  const buckets = samples.filter((one) => one.name.endsWith('_bucket'));
  const counts = samples.filter((one) => one.name.endsWith('_count'));
  const series = Map.groupBy(buckets, ({ labels: { le: _, ...rest } }) => JSON.stringify(rest));
  for (const [labels, steps] of series) {
    const bounds = steps.map((step) => Number(step.labels.le?.replace('+Inf', 'Infinity')));
    const rising = steps.every((step, i) => i === 0 || (step.value >= (steps[i - 1]?.value ?? 0) && (bounds[i] ?? 0) > (bounds[i - 1] ?? 0)));
    const count = counts.find((one) => JSON.stringify(one.labels) === labels);
    if (!rising || bounds.at(-1) !== Infinity || count?.value !== steps.at(-1)?.value) throw new Error(`${name} ${labels} does not add up`);
  }
}
