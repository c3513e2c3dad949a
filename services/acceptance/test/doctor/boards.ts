import { copyFileSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect as connectTcp, type Socket } from 'node:net';
import { join } from 'node:path';
import { connect, type ConnectionOptions } from 'node:tls';
import { credentials, identityIn, initPki, mintDevice, runPki, type Identity } from '../../src/pki.ts';
import { forge } from '../openssl.ts';
import { future, past, type Fault } from './fault.ts';
import type { World } from './world.ts';

const mintAnew = (name: string) => `make pki-revoke DEVICE="${name}", then make pki DEVICE="${name} 2" and make flash DEVICE="${name} 2"`;
const porch = 'Porch board';
const flash = `make flash DEVICE="${porch}"`;

/** A copy of the porch board's files, of which something is spoiled. @returns how the doctor is asked about it */
async function porchWith(world: World, spoil: (files: Identity) => unknown): Promise<{ board: string; undo(): void }> {
  const folder = mkdtempSync(join(world.dir, 'porch-'));
  cpSync(world.porch.dir, folder, { recursive: true });
  await spoil(identityIn(folder));
  return { board: folder, undo: () => { rmSync(folder, { recursive: true }); } };
}

/** A certificate for a board's id, as the pki scripts would never make it, along with the issuing authority's. */
function forgedFor(world: World, id: string, what: Omit<Parameters<typeof forge>[2], 'name'>): Identity {
  const made = forge(world.pki.dir, mkdtempSync(join(world.dir, 'forged-')), { name: id, authority: 'issuing', ...what });
  writeFileSync(made.cert, readFileSync(made.cert, 'utf8') + readFileSync(join(world.pki.dir, 'trust/issuing.pem'), 'utf8'));
  return made;
}

/** Puts a forged certificate and its key among a board's files. */
function wear({ cert, key }: Identity, made: Identity): void {
  for (const [to, from] of [[cert, made.cert], [key, made.key]] as const) {
    rmSync(to);
    copyFileSync(from, to);
  }
}

/** Connects as a board would, at TLS 1.2, from another address than the doctor's; until it is turned away. */
async function tryToConnect(world: World, as: ConnectionOptions): Promise<void> {
  const way = connectTcp({ host: '127.0.0.1', port: world.ports.gate, localAddress: '127.0.0.5' });
  const socket = connect({ socket: way, servername: 'localhost', maxVersion: 'TLSv1.2', ...as });
  way.on('error', () => undefined);
  await closeOf(socket);
}

/** Whatever was said before it, an error included. */
const closeOf = (socket: Socket) => new Promise<void>((resolve) => { socket.on('error', () => undefined).once('close', () => resolve()); });

const about = (id: string) => ({ certificate }: { certificate?: { id?: string | undefined } | undefined }) => certificate?.id === id;

/** Boards that will not connect: by their files, and by what the gate saw of them. */
export const boards: Fault[] = [
  {
    name: "a board's certificate has ended",
    break: (world) => porchWith(world, (files) => wear(files, forgedFor(world, world.porch.id, past))),
    finds: () => ({ code: 'certificate_expired', subject: porch, do: mintAnew(porch) }),
  },
  {
    name: "a board's certificate is not yet valid",
    break: (world) => porchWith(world, (files) => wear(files, forgedFor(world, world.porch.id, future))),
    finds: () => ({ code: 'certificate_not_yet_valid', subject: porch, do: `timedatectl; if the clock is right, ${mintAnew(porch)}` }),
  },
  {
    name: "a board's certificate is of another household",
    break: (world) => porchWith(world, async (files) => {
      const stranger = join(world.dir, 'stranger');
      const { id } = world.porch;
      wear(files, await mintDevice(stranger, `Porch ${Date.now()}`, { id: `${id.slice(0, 16)}${Date.now().toString(16).padStart(16, '0')}` }));
    }),
    finds: () => ({ code: 'certificate_wrong_authority', subject: porch, do: mintAnew(porch) }),
  },
  {
    name: "a board's certificate comes without the issuing authority's",
    break: (world) => porchWith(world, ({ cert }) => {
      const whole = readFileSync(cert, 'utf8');
      writeFileSync(cert, whole.slice(0, whole.indexOf('-----BEGIN', 10)));
    }),
    finds: (world) => ({ code: 'chain_incomplete', subject: porch, do: new RegExp(`^cat pki/store/trust/issuing.pem >> ${world.dir}/porch-\\w+/cert.pem && ${flash}$`) }),
  },
  {
    name: "a service's certificate is used as a board's",
    break: (world) => porchWith(world, (files) => wear(files, world.pki.api)),
    finds: () => ({ code: 'certificate_of_service', subject: porch, do: mintAnew(porch) }),
  },
  {
    name: "a board's certificate is made for a server",
    break: (world) => porchWith(world, (files) => wear(files, forgedFor(world, world.porch.id, { profile: 'service_server' }))),
    finds: () => ({ code: 'certificate_wrong_use', subject: porch, do: mintAnew(porch) }),
  },
  {
    name: "a board's key is not that of its certificate",
    break: (world) => porchWith(world, ({ key }) => {
      rmSync(key);
      copyFileSync(world.attic.key, key);
    }),
    finds: () => ({ code: 'key_mismatch', subject: porch, do: mintAnew(porch) }),
  },
  {
    name: 'a board has no certificate',
    break: (world) => porchWith(world, ({ cert }) => rmSync(cert)),
    finds: (world) => ({ code: 'file_missing', subject: new RegExp(`^${world.dir}/porch-\\w+/cert.pem$`), do: mintAnew(porch) }),
  },
  {
    name: 'a board trusts another household’s broker',
    break: (world) => porchWith(world, async ({ ca }) => {
      const stranger = await initPki(join(world.dir, 'stranger'));
      copyFileSync(stranger.api.ca, ca);
    }),
    finds: (world) => ({ code: 'board_distrusts_broker', subject: porch, do: new RegExp(`^cp pki/store/trust/services.pem ${world.dir}/porch-\\w+/ca.pem && ${flash}$`) }),
  },
  {
    name: 'a board was told a name that does not exist',
    break: (world) => porchWith(world, ({ dir }) => rewriteDevice(dir, '"host": "localhost"', '"host": "lamps.invalid"')),
    finds: (world) => ({ code: 'board_host_unknown', subject: porch,
      do: new RegExp(`^make an A record for lamps.invalid; or set "host" in ${world.dir}/porch-\\w+/device.json, then ${flash}$`) }),
  },
  {
    name: 'a board was told another port',
    break: (world) => porchWith(world, ({ dir }) => rewriteDevice(dir, `"port": ${world.ports.gate}`, '"port": 1883')),
    finds: (world) => ({ code: 'board_wrong_port', subject: porch, do: new RegExp(`^set "port": ${world.ports.gate} in ${world.dir}/porch-\\w+/device.json, then ${flash}$`) }),
  },
  {
    name: 'there is no such board',
    break: () => ({ board: 'Porch bord' }),
    finds: () => ({ code: 'board_unknown', subject: 'Porch bord', do: 'make pki-list names those that there are' }),
  },
  {
    name: 'a board that is revoked tries',
    break: async (world) => {
      const { code, stderr } = await runPki('revoke', ['Cellar board'], world.pki.dir);
      if (code !== 0) throw new Error(stderr);
      await tryToConnect(world, credentials(world.cellar));
      return { board: 'Cellar board' };
    },
    finds: () => ({ code: 'board_revoked', subject: 'Cellar board',
      do: 'nothing, if that was meant; if not, make pki DEVICE="Cellar board 2" and make flash DEVICE="Cellar board 2"' }),
  },
  {
    name: 'what takes the place of a revoked board, by its name, was told another port',
    break: async (world) => {
      const { dir } = await mintDevice(world.pki.dir, 'Cellar board', { id: 'f'.repeat(32), brokerPort: 1883 });
      return { board: 'Cellar board', undo: () => { rmSync(dir, { recursive: true }); } };
    },
    finds: (world) => ({ code: 'board_wrong_port', subject: 'Cellar board',
      do: `set "port": ${world.ports.gate} in pki/store/devices/${'f'.repeat(32)}/device.json, then make flash DEVICE="Cellar board"` }),
  },
  {
    name: 'the gate has seen a board with a certificate that has ended',
    break: async (world) => {
      const made = forgedFor(world, world.attic.id, past);
      await tryToConnect(world, credentials(made));
      await world.gate.refusal('of the ended certificate', about(world.attic.id));
      return { board: 'Attic board' };
    },
    finds: () => ({ code: 'refused_expired', subject: 'Attic board', do: mintAnew('Attic board') }),
  },
  {
    name: 'the gate has seen a board of another household with the id of ours',
    break: async (world) => {
      const made = await mintDevice(join(world.dir, 'impostors'), 'Loft board', { id: world.loft.id });
      await tryToConnect(world, credentials(made));
      await world.gate.refusal('of the impostor', about(world.loft.id));
      return { board: 'Loft board' };
    },
    finds: () => ({ code: 'refused_unknown_authority', subject: 'Loft board',
      do: 'make pki DEVICE="Loft board 2" and make flash DEVICE="Loft board 2"' }),
  },
  {
    name: 'somebody shows no certificate',
    break: async (world) => {
      await tryToConnect(world, { ca: readFileSync(world.porch.ca) });
      await world.gate.refusal('without a certificate', ({ reason, address }) => reason === 'no_certificate' && address === '127.0.0.5');
      return { board: porch };
    },
    finds: () => ({ code: 'refused_no_certificate', subject: '127.0.0.5', do: flash }),
  },
  {
    name: 'somebody speaks plain MQTT to the gate',
    break: async (world) => {
      const socket = connectTcp({ host: '127.0.0.1', port: world.ports.gate, localAddress: '127.0.0.6' });
      // MQTT 3.1.1, 3.1: CONNECT, as a client without TLS would begin.
      socket.write(Buffer.from('100c00044d5154540402003c0000', 'hex'));
      await closeOf(socket.resume());
      await world.gate.refusal('of plain MQTT', ({ reason }) => reason === 'not_tls');
      return { board: porch };
    },
    finds: () => ({ code: 'refused_not_tls', subject: '127.0.0.6', do: 'set it to TLS (mqtts://), with the certificate that make pki has made' }),
  },
];

function rewriteDevice(dir: string, from: string, to: string): void {
  const file = join(dir, 'device.json');
  const text = readFileSync(file, 'utf8');
  if (!text.includes(from)) throw new Error(`${file} does not say ${from}`);
  writeFileSync(file, text.replace(from, to));
}
