import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { z } from 'zod';
import { DeviceId } from '@sconce/protocol/ids';
import { Info } from '@sconce/protocol/messages';
import { readText } from './file.ts';

/** Milliseconds for the way to the database, and for a query. */
const patienceMs = 4000;

/** A board as the API has last heard of it. */
const Row = z.object({
  id: DeviceId, name: z.string().nullable(), online: z.boolean(), changed: z.coerce.date().nullable(),
  seen: z.coerce.date().nullable(), info: Info.nullable().catch(null),
});
export type KnownBoard = z.infer<typeof Row>;

/** @throws pg's error */
export async function boardsIn(url: string): Promise<KnownBoard[]> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: patienceMs, query_timeout: patienceMs,
    application_name: 'sconce doctor' });
  // What comes after it was given up.
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query(`select id, name, online, online_changed_at as changed, info,
      greatest(telemetry_at, case when online then null else online_changed_at end) as seen
      from devices order by name`);
    return z.array(Row).parse(rows);
  } finally {
    // With a server that is silent, the farewell would take as long as the way to it.
    void client.end().catch(() => undefined);
  }
}

const DeviceFile = z.object({ id: DeviceId, name: z.string().default(''),
  broker: z.object({ host: z.string(), port: z.int() }) });
export type Minted = z.infer<typeof DeviceFile> & { folder: string };

/** What pki/mint has made in this folder; undefined if it has not. */
export function mintedIn(folder: string): Minted | undefined {
  const read = readText(join(folder, 'device.json'));
  if ('fault' in read) return undefined;
  try {
    return { ...DeviceFile.parse(JSON.parse(read.text)), folder };
  } catch {
    return undefined;
  }
}

/** Every board that was minted in a store, as far as it may be looked at. */
export function mintedBoards(pkiDir: string | undefined): Minted[] {
  if (pkiDir === undefined) return [];
  let folders: string[];
  try {
    folders = readdirSync(join(pkiDir, 'devices'));
  } catch {
    return [];
  }
  return folders.map((name) => mintedIn(join(pkiDir, 'devices', name))).filter((one) => one !== undefined);
}
