export interface Config {
  /** Undefined: all addresses. */
  host: string | undefined;
  port: number;
  broker: { host: string; port: number };
  /** The folder `trust` of the store that the pki scripts keep. */
  trustDir: string;
  /** File that tells what was turned away. */
  refusals: string;
  handshakeMs: number;
  bounds: { connections: number; perSecond: number; burst: number };
}

/** What is wrong with the environment, all of it at once. */
export class ConfigError extends Error {}

/** @throws ConfigError */
export function readConfig(env: Record<string, string | undefined>): Config {
  const wrong: string[] = [];
  const number = (name: string, unlessTold: number, most: number) => {
    const value = Number(env[name] || unlessTold);
    if (!Number.isInteger(value) || value < 1 || value > most) wrong.push(`${name} is "${env[name]}"; it must be from 1 to ${most}`);
    return value;
  };
  const broker = env.GATE_BROKER || 'mosquitto:8883';
  const { host = '', port = '' } = /^\[?(?<host>[^[\]]+?)\]?:(?<port>\d{1,5})$/.exec(broker)?.groups ?? {};
  if (host === '' || Number(port) < 1 || Number(port) > 65535) {
    wrong.push(`GATE_BROKER is "${broker}"; it must be host:port of Mosquitto's listener for boards`);
  }
  const config: Config = {
    host: env.GATE_HOST || undefined,
    port: number('GATE_PORT', 8883, 65535),
    broker: { host, port: Number(port) },
    trustDir: env.GATE_TRUST_DIR || '/pki/trust',
    refusals: env.GATE_REFUSALS || '/state/gate/refusals.json',
    // A board at 80 MHz takes 2 s, and much longer on a bad line.
    handshakeMs: number('GATE_HANDSHAKE_MS', 15_000, 600_000),
    bounds: {
      // As in mosquitto.conf.
      connections: number('GATE_CONNECTIONS', 2000, 100_000),
      perSecond: number('GATE_RATE', 20, 100_000),
      burst: number('GATE_BURST', 100, 100_000),
    },
  };
  if (wrong.length > 0) throw new ConfigError(wrong.join('\n'));
  return config;
}
