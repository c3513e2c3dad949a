import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { clockOff } from '../../src/clock-off.ts';
import { rewrite, type Fault } from './fault.ts';
import type { World } from './world.ts';

const logs = (service: string) => `docker compose up -d ${service} && make logs SERVICE=${service}`;
const tenYears = 10 * 365.25 * 86_400;
const clockRemedy = 'timedatectl set-ntp true, and look with timedatectl whether it says "synchronized: yes"';

/** A server that says hello to whoever comes, and knows nothing of TLS. */
async function plainServer(port: number): Promise<{ stop(): Promise<void> }> {
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket.on('error', () => undefined));
    socket.resume().end('220 hello\r\n');
  });
  await new Promise<void>((resolve) => { server.listen(port, '127.0.0.1', resolve); });
  return { stop: () => new Promise((resolve) => {
    server.close(() => resolve());
    for (const socket of open) socket.destroy();
  }) };
}

/** The program that looks after the trust set beside the broker. */
function watcherOf(world: World): number {
  const found = readdirSync('/proc').find((pid) => /^\d+$/.test(pid) && commandOf(pid).includes(`mosquitto/watch\0${world.broker.pid}\0`));
  if (found === undefined) throw new Error('there is no mosquitto/watch');
  return Number(found);
}

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

/** A small disk that is full. */
function fullDisk(world: World): { folder: string; undo(): void } {
  const folder = join(world.dir, 'small');
  mkdirSync(folder, { recursive: true });
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder]);
  try {
    writeFileSync(join(folder, 'large'), Buffer.alloc(4_000_000));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  }
  return { folder, undo: () => { execFileSync('umount', [folder]); } };
}

/** Parts that are down, or not where one looks for them. */
export const parts: Fault[] = [
  {
    name: 'the broker is down',
    break: async (world) => {
      await world.broker.stop();
      return { undo: async () => {
        await world.startBroker();
        await world.boardOnline();
      } };
    },
    finds: ({ ports }) => ({ code: 'broker_down', subject: `localhost:${ports.services}`, do: logs('mosquitto') }),
  },
  {
    name: 'the gate is down',
    break: async (world) => {
      await world.gate.stop();
      return { undo: async () => {
        await world.startGate();
        await world.boardOnline();
      } };
    },
    finds: ({ ports }) => ({ code: 'gate_down', subject: `localhost:${ports.gate}`, do: logs('gate') }),
  },
  {
    name: 'plain TCP where boards expect TLS',
    break: async (world) => {
      await world.gate.stop();
      const server = await plainServer(world.ports.gate);
      return { undo: async () => {
        await server.stop();
        await world.startGate();
        await world.boardOnline();
      } };
    },
    finds: ({ ports }) => ({ code: 'not_tls', subject: `localhost:${ports.gate}`,
      do: `correct the port in DEVICES_PORT, or end the other program: ss -ltnp 'sport = :${ports.gate}'` }),
  },
  {
    name: 'the API is told the port of something else',
    break: ({ ports }) => ({ env: { MQTT_URL: `mqtts://localhost:${ports.issuer}` } }),
    finds: ({ ports }) => ({ code: 'not_tls', subject: `localhost:${ports.issuer}`,
      do: `correct the port in MQTT_URL, or end the other program: ss -ltnp 'sport = :${ports.issuer}'` }),
  },
  {
    name: 'the API is told a port where nobody listens',
    break: ({ ports }) => ({ env: { MQTT_URL: `mqtts://localhost:${ports.nobody}` } }),
    finds: ({ ports }) => ({ code: 'broker_down', subject: `localhost:${ports.nobody}`, do: logs('mosquitto') }),
  },
  {
    name: 'what watches the certificates beside the broker has died',
    break: (world) => {
      process.kill(watcherOf(world), 'SIGKILL');
      // It is a minute later.
      const undo = rewrite(world, join(world.state, 'broker/applied'), (text) => text.replace(/^beat=(\d+)$/m, (_, beat) => `beat=${Number(beat) - 60}`));
      return { undo: async () => {
        undo();
        await world.broker.stop();
        await world.startBroker();
        await world.boardOnline();
      } };
    },
    finds: () => ({ code: 'watcher_dead', subject: 'mosquitto', do: 'docker compose restart mosquitto' }),
  },
  {
    name: 'the authority is down',
    break: async (world) => {
      await world.authority.stop();
      return { undo: () => world.startAuthority() };
    },
    finds: () => ({ code: 'authority_down', subject: 'authority', do: logs('authority') }),
  },
  {
    name: 'the database is down',
    break: async (world) => {
      await world.database.away();
      return { undo: () => world.database.back() };
    },
    finds: ({ database }) => ({ code: 'database_down', subject: new URL(database.url).host, do: logs('postgres') }),
  },
  {
    name: 'the database has another name',
    break: ({ database }) => ({ env: { DATABASE_URL: `${database.url}2` } }),
    finds: ({ database }) => ({ code: 'database_missing', subject: new URL(database.url).host,
      do: 'make restore FILE=backups/sconce-….tar.age FORCE=yes, or docker compose up migrate' }),
  },
  {
    name: 'the sign-in service is down',
    break: async (world) => {
      await world.issuer.stop();
      return { undo: () => world.startIssuer() };
    },
    finds: ({ ports, issuer }) => ({ code: 'issuer_down', subject: `localhost:${ports.issuer}`,
      do: `start it, if it is yours; then curl ${issuer.url}/.well-known/openid-configuration` }),
  },
  {
    name: 'OIDC_ISSUER is no sign-in service',
    break: ({ url }) => ({ env: { OIDC_ISSUER: url } }),
    finds: ({ url, ports }) => ({ code: 'issuer_not_openid', subject: `localhost:${ports.api}`,
      do: `curl ${url}/.well-known/openid-configuration, and correct OIDC_ISSUER in .env` }),
  },
  {
    name: 'the API is down',
    break: async (world) => {
      await world.api.kill();
      return { undo: async () => {
        await world.startApi();
        await world.boardOnline();
      } };
    },
    finds: () => ({ code: 'api_down', subject: 'api', do: logs('api') }),
  },
  {
    name: 'nginx is down',
    break: async (world) => {
      await world.nginx.stop();
      return { undo: () => world.startNginx() };
    },
    finds: ({ ports }) => ({ code: 'web_down', subject: `localhost:${ports.https}`, do: logs('nginx') }),
  },
  {
    name: 'the domain has no DNS record',
    break: () => ({ env: { DOMAIN: 'lamps.invalid' } }),
    finds: () => ({ code: 'name_unknown', subject: 'lamps.invalid',
      do: 'make an A record for lamps.invalid (and AAAA, if this machine has IPv6) that points to this machine; dig +short lamps.invalid shows what there is' }),
  },
  {
    name: 'the clock is ten years behind',
    break: () => ({ env: clockOff(-tenYears) }),
    finds: () => ({ code: 'clock_wrong', subject: 'clock', do: clockRemedy }),
  },
  {
    name: 'the clock is ten years ahead',
    break: () => ({ env: clockOff(tenYears) }),
    finds: () => ({ code: 'clock_wrong', subject: 'clock', do: clockRemedy }),
  },
  {
    name: 'the disk is full',
    break: (world) => {
      const { folder, undo } = fullDisk(world);
      return { env: { DOCTOR_FOLDERS: folder }, undo };
    },
    finds: (world) => ({ code: 'disk_full', subject: join(world.dir, 'small'),
      do: 'docker system prune, and look what is large: du -xh --max-depth=2 / | sort -h | tail' }),
  },
  {
    name: 'a container does not run',
    break: async (world) => {
      await world.gate.stop();
      return { env: { DOCTOR_CONTAINERS: 'mosquitto=running,gate=exited' }, undo: async () => {
        await world.startGate();
        await world.boardOnline();
      } };
    },
    finds: () => ({ code: 'container_down', subject: 'gate', do: logs('gate') }),
  },
];
