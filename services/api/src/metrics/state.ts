import { X509Certificate } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Gauge, type Registry } from 'prom-client';
import { warnDays, type CertificateView } from '@sconce/protocol/certificates-api';
import type { Config } from '../config.ts';
import { connectionsOf } from '../db/database.ts';
import { listDevices } from '../db/devices.ts';
import type { Context } from '../usecases/context.ts';
import { endOf, type End } from './end-of.ts';

/** Boards that have a line of their own, at most; a household has a handful. */
const mostBoards = 500;

/** Files that are looked at in one folder, at most, and characters of each: a chain of certificates has a few thousand. */
const mostFiles = 200;
const mostCharacters = 1_000_000;

/** Those whose file no folder need hold; of the others each is told of already. */
const authorities: ReadonlySet<CertificateView['kind']> = new Set(['root', 'issuing', 'services']);

/**
 * Milliseconds that the database has to answer: who reads the metrics must hear that it does not, before they give up
 * themselves (cluster/primary.ts, 3 s; Prometheus, 10 s).
 */
const databaseMs = 2000;

/**
 * What is as it is at the moment somebody looks: read when the metrics are.
 * @param config the API's own certificate, and the folders whose certificates are watched
 * @param certificates what the process that leads has last seen of them all
 */
export function readState(registry: Registry, context: Context, config: Pick<Config, 'watchedCertificates'> & { mqtt: Omit<Config['mqtt'], 'files'> },
  certificates: () => readonly CertificateView[] = () => []):
  void {
  const { db, bus, presence, audit } = context;
  const registers = [registry];
  // Each of several processes sees the same: the largest is as good as any.
  const gauge = <L extends string>(name: string, help: string, labelNames: readonly L[] = [],
    aggregator: 'max' | 'min' | 'sum' = 'max') => new Gauge<L>({ name, help, labelNames, registers, aggregator, collect: read });

  const boards = gauge('sconce_boards', 'Boards: known, adopted into the household, adopted and online.', ['state']);
  const boardOnline = gauge('sconce_board_online', 'Whether an adopted board is connected.', ['board']);
  const databaseUp = gauge('sconce_database_up', 'Whether the database answers.', [], 'min');
  const connections = gauge('sconce_database_connections', 'Connections to PostgreSQL, and requests that wait for one.',
    ['state'], 'sum');
  const waiting = gauge('sconce_audit_entries_waiting', 'Entries of the audit log that are not written yet.', [], 'sum');
  const remaining = gauge('sconce_certificate_remaining_seconds',
    'Seconds until a certificate ends, or a revocation list must have been renewed; negative once that is past.',
    ['kind', 'name']);
  const warnings = gauge('sconce_certificate_warning',
    'Certificates and revocation lists that end within so many days (0: have ended) and should have been renewed, each '
      + 'counted at the smallest.', ['level']);
  const unreadable = gauge('sconce_certificate_files_unreadable',
    'Files in the watched folders that cannot be read, and folders that cannot.');

  const ownEnds = Date.parse(new X509Certificate(config.mqtt.cert).validTo);
  const broker = new URL(config.mqtt.url).hostname;

  /** All of them at once: whichever is asked first begins, the others wait for the same. */
  let reading: Promise<void> | undefined;
  function read(): Promise<void> {
    reading ??= readAll().finally(() => { reading = undefined; });
    return reading;
  }

  /** One question at a time: a database that hangs must not be asked once more by each look, on one more connection. */
  let asking: Promise<Awaited<ReturnType<typeof listDevices>> | undefined> | undefined;
  function askDatabase(): typeof asking {
    asking ??= listDevices(db).catch(() => undefined).finally(() => { asking = undefined; });
    return Promise.race([asking, pause(databaseMs, undefined, { ref: false })]);
  }

  async function readAll(): Promise<void> {
    const now = context.now().getTime();
    const ends = (kind: 'api' | 'broker' | 'board' | 'authority' | 'file' | 'crl', name: string, at: number) =>
      remaining.set({ kind, name }, Math.round((at - now) / 1000));
    const rows = await askDatabase();
    const files = await Promise.all(config.watchedCertificates.map(readFolder));

    databaseUp.set(rows ? 1 : 0);
    for (const [state, count] of Object.entries(connectionsOf(db))) connections.set({ state }, count);
    waiting.set(audit.waiting);
    remaining.reset();
    ends('api', 'api', bus.ownCertificateEnds?.getTime() ?? ownEnds);
    if (bus.brokerCertificateEnds) ends('broker', broker, bus.brokerCertificateEnds.getTime());
    for (const { path, end } of files.flatMap(({ ends }) => ends)) {
      ends(end.kind === 'crl' ? 'crl' : 'file', path, end.at.getTime());
    }
    for (const level of [...warnDays, 0]) {
      warnings.set({ level }, certificates().filter(({ warning }) => warning === level).length);
    }
    for (const { kind, name, notAfter } of certificates()) if (authorities.has(kind)) ends('authority', name, Date.parse(notAfter));
    unreadable.set(files.reduce((sum, { broken }) => sum + broken, 0));
    if (!rows) return;

    const adopted = rows.filter(({ adopted_at }) => adopted_at !== null);
    const isOnline = ({ id }: (typeof rows)[number]) => presence.isOnline(id);
    boards.set({ state: 'known' }, rows.length);
    boards.set({ state: 'adopted' }, adopted.length);
    boards.set({ state: 'online' }, adopted.filter(isOnline).length);
    boardOnline.reset();
    for (const row of adopted.slice(0, mostBoards)) {
      boardOnline.set({ board: row.id }, isOnline(row) ? 1 : 0);
      if (row.info) ends('board', row.id, row.info.certificateNotAfter);
    }
  }
}

/** @returns when each certificate and revocation list in the folder ends, and how many files could not be read */
async function readFolder(folder: string): Promise<{ ends: { path: string; end: End }[]; broken: number }> {
  const names = await readdir(folder).catch(() => undefined);
  const read = { ends: [] as { path: string; end: End }[], broken: names ? 0 : 1 };
  for (const name of (names ?? []).filter((one) => one.endsWith('.pem')).sort().slice(0, mostFiles)) {
    const path = join(folder, name);
    try {
      const end = endOf((await readFile(path, 'utf8')).slice(0, mostCharacters));
      if (end) read.ends.push({ path, end });
    } catch {
      read.broken += 1;
    }
  }
  return read;
}
