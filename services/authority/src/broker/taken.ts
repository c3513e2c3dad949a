import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Refusals } from '@sconce/protocol/gate';

/** Milliseconds that broker and gate have to say that they go by what is new, and between two looks. */
const patienceMs = 4000;
const lookMs = 40;

/** What one of the two says: the trust set that it goes by (SHA-256 of trust/SHA256SUMS), and what is wrong, if anything. */
type Standing = { trust: string | undefined; fault: string | undefined };
export type Taken = { ms: number } | { why: string };

/** Waits until broker and gate go by the trust set that stands in the store now. @param began as performance.now() */
export async function untilTaken({ pkiDir, brokerStatus, gateRefusals }: {
  pkiDir: string; brokerStatus: string | undefined; gateRefusals: string | undefined;
}, began: number): Promise<{ broker: Taken; gate: Taken }> {
  const [broker, gate] = await Promise.all([
    until('broker', 'BROKER_STATUS_FILE', brokerStatus, readBroker),
    until('gate', 'GATE_REFUSALS', gateRefusals, readGate),
  ]);
  return { broker, gate };

  async function until(who: 'broker' | 'gate', variable: string, file: string | undefined,
    read: (text: string) => Standing): Promise<Taken> {
    if (file === undefined) return { why: `Whether the ${who} has taken it is not known: ${variable} is not set.` };
    const late = performance.now() + patienceMs;
    for (;;) {
      const standing = await look(file, read);
      if (standing.trust !== undefined && standing.trust === await trustOf(pkiDir)) return { ms: performance.now() - began };
      if (performance.now() > late) return { why: wordsOf(who, file, standing) };
      await pause(lookMs);
    }
  }
}

/** The name of the set that stands in the store. */
async function trustOf(pkiDir: string): Promise<string> {
  return createHash('sha256').update(await readFile(join(pkiDir, 'trust/SHA256SUMS'))).digest('hex');
}

async function look(file: string, read: (text: string) => Standing): Promise<Standing> {
  try {
    return read(await readFile(file, 'utf8'));
  } catch {
    // Not there yet, or not to be read: either way it has said nothing.
    return { trust: undefined, fault: undefined };
  }
}

/** `trust=…`, `at=…`, `beat=…`, `fault=…`, a line each (mosquitto/watch). */
function readBroker(text: string): Standing {
  const value = (name: string) => new RegExp(`^${name}=(.*)$`, 'm').exec(text)?.[1];
  return { trust: value('trust'), fault: value('fault') || undefined };
}

const readGate = (text: string): Standing => ({ trust: Refusals.parse(JSON.parse(text)).trust, fault: undefined });

function wordsOf(who: 'broker' | 'gate', file: string, { trust, fault }: Standing): string {
  if (trust === undefined) return `The ${who} has said nothing in ${file}. Is it running? It takes the revocation when it starts.`;
  if (fault !== undefined) return `The ${who} keeps what it had: ${fault}`;
  return `The ${who} has not taken it within ${patienceMs / 1000} s. Its log says why; restarting it makes it read everything anew.`;
}
