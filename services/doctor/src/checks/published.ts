import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Config } from '../config.ts';
import { findingsOf, span, type Finding } from '../finding.ts';
import { remediesFor } from '../finding/remedies.ts';
import { certificatesIn, isFinding } from './store.ts';

const make = findingsOf('web');

/** Certificates of the web as acme lays them out for all to read, for who cannot ask nginx itself. */
export function published({ watched, trustDir, web, view }: Config): Finding[] {
  if (web !== undefined) return [];
  return watched.filter((folder) => folder !== trustDir).flatMap((folder) => pemsIn(folder).map((path) => {
    const name = basename(path, '.pem');
    const remedy = `make certificates; if it stays so: ${remediesFor({ view }).logs('acme')}`;
    const read = certificatesIn({ config: { shown: (file) => file }, make, path, remedy });
    if (isFinding(read)) return read;
    const [from, to, now] = [read.leaf.validFromDate.getTime(), read.leaf.validToDate.getTime(), Date.now()];
    if (now >= to) {
      return make.problem('web_certificate_expired', name, {
        what: `The certificate of ${name} ended ${span(now - to)} ago.`,
        why: 'It should have been renewed by itself. Browsers warn people away.',
        do: remedy });
    }
    // Renewal is at a third of the lifetime.
    if (to - now < (to - from) / 4) {
      return make.warning('web_certificate_ends_soon', name, {
        what: `The certificate of ${name} ends in ${span(to - now)}.`,
        why: 'It should have been renewed by itself.',
        do: remedy });
    }
    return make.ok('web_certificate_good', name, `The certificate of ${name} is good for ${span(to - now)}.`);
  }));
}

function pemsIn(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => name.endsWith('.pem')).map((name) => join(folder, name));
  } catch {
    return [];
  }
}
