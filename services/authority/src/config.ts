import { fileURLToPath } from 'node:url';
import { z } from 'zod';

const Environment = z.object({
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  /** As long as a socket's path may be (unix(7)); Node would cut it without a word. */
  AUTHORITY_SOCKET: z.string().min(1).max(107, 'is longer than the 107 characters that a socket’s path may have'),
  PKI_DIR: z.string().min(1),
  PKI_SCRIPTS: z.string().min(1).default(fileURLToPath(new URL('../../../pki', import.meta.url))),
  BROKER_STATUS_FILE: z.string().min(1).optional(),
  GATE_REFUSALS: z.string().min(1).optional(),
});

export type Config = {
  logLevel: z.infer<typeof Environment>['LOG_LEVEL'];
  socket: string;
  /** The store. */
  pkiDir: string;
  /** The folder of the pki scripts. */
  scripts: string;
  /** All that the scripts are given of the environment. */
  scriptEnvironment: Record<string, string>;
  /** Files in which broker and gate say what they go by; undefined: nobody says. */
  brokerStatus: string | undefined;
  gateRefusals: string | undefined;
};

/** All that is wrong, one line each. */
export class ConfigError extends Error {}

/** What the scripts ask for: where their tools are, how long things last, and which names the broker has. */
const forScripts = (name: string) => ['PATH', 'BROKER_HOST', 'BROKER_PORT'].includes(name) || /^PKI_[A-Z]+_LIFETIME$/.test(name);

/** @throws ConfigError naming every problem */
export function readConfig(env: Record<string, string | undefined>): Config {
  const set = Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== '');
  const read = Environment.safeParse(Object.fromEntries(set));
  if (!read.success) {
    throw new ConfigError(['The configuration cannot be used:', ...read.error.issues.map(({ path: [name], message, code }) =>
      `  - ${String(name)}${code === 'invalid_type' ? ' is missing' : `: ${message}`}`)].join('\n'));
  }
  const { LOG_LEVEL, AUTHORITY_SOCKET, PKI_DIR, PKI_SCRIPTS, BROKER_STATUS_FILE, GATE_REFUSALS } = read.data;
  return {
    logLevel: LOG_LEVEL, socket: AUTHORITY_SOCKET, pkiDir: PKI_DIR, scripts: PKI_SCRIPTS,
    scriptEnvironment: { ...Object.fromEntries(set.filter(([name]) => forScripts(name))), PKI_DIR },
    brokerStatus: BROKER_STATUS_FILE, gateRefusals: GATE_REFUSALS,
  };
}
