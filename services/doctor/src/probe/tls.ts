import { once } from 'node:events';
import { connect as connectTcp, isIP } from 'node:net';
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { X509Certificate } from 'node:crypto';
import { faultOf, type Party } from '@sconce/protocol/faults';
import type { Address } from '../config.ts';
import { within } from './within.ts';

/** Milliseconds for a handshake: a busy server takes one at most. */
const patienceMs = 4000;

export type Identity = { ca: string | Buffer; cert?: string | Buffer; key?: string | Buffer };
export type Dialled = { in: true } | { in: false; code: string; said: string };

/**
 * A handshake as a board makes it, and not a byte behind it: a CONNECT with the board's id would throw that one off.
 * TLS 1.2, which boards speak: there, who shows a certificate that is not liked hears so before the handshake is over.
 * @param name whom the certificate must be for
 */
export async function dial(to: Address, name: string, identity: Identity, party: Party): Promise<Dialled> {
  const about = { party, ...to, name, notAfter: Infinity, now: Date.now() };
  for (let attempt = 1; ; attempt += 1) {
    try {
      const socket = await handshake(to,
        { ...identity, ...nameFor(name), checkServerIdentity: checkName(name), maxVersion: 'TLSv1.2' });
      socket.destroy();
      return { in: true };
    } catch (error) {
      const { code } = faultOf(error, false, about);
      // The other side hangs up right behind its alert, which may then be lost on the way.
      if (code === 'closed_early' && attempt < 4) continue;
      return { in: false, code, said: error instanceof Error ? error.message : String(error) };
    }
  }
}

/**
 * What is shown there, trusted or not, so that it can be said what is wrong with it. Nothing is sent over this.
 * The first certificate is the server's own.
 * @throws what the connection says
 */
export async function look(at: Address, name: string): Promise<X509Certificate[]> {
  const shown: X509Certificate[] = [];
  // In TLS 1.3 the handshake is over before a server looks at the certificate that it wants of us, and turns us away.
  const socket = connectedTo(at, { ...nameFor(name), rejectUnauthorized: false });
  try {
    await within(patienceMs, once(socket, 'secureConnect'));
    const isNew = (one: X509Certificate) => !shown.some((had) => had.fingerprint256 === one.fingerprint256);
    for (let one = socket.getPeerX509Certificate(); one && isNew(one);
      one = one.issuerCertificate) shown.push(one);
  } finally {
    socket.destroy();
  }
  return shown;
}

async function handshake(to: Address, options: ConnectionOptions): Promise<TLSSocket> {
  const socket = connectedTo(to, options);
  try {
    await within(patienceMs, once(socket, 'secureConnect'));
    return socket;
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

function connectedTo(to: Address, options: ConnectionOptions): TLSSocket {
  const socket = connect({ ...to, ...options });
  // What comes after it was given up.
  socket.on('error', () => undefined);
  return socket;
}

const nameFor = (name: string): ConnectionOptions => (isIP(name) ? {} : { servername: name });

/** As firmware/lib/core does it: by the certificate's DNS names alone, an address among them. */
const checkName = (name: string): NonNullable<ConnectionOptions['checkServerIdentity']> => (_host, shown) =>
  (new X509Certificate(shown.raw).checkHost(name)
    ?? (isIP(name) ? new X509Certificate(shown.raw).checkIP(name) : undefined))
    ? undefined : Object.assign(new Error(`not for ${name}`), { code: 'ERR_TLS_CERT_ALTNAME_INVALID' });

/** Whether anybody listens. @returns undefined, or the socket's code */
export async function refusesTcp(at: Address): Promise<string | undefined> {
  const socket = connectTcp(at);
  socket.on('error', () => undefined);
  try {
    await within(patienceMs, once(socket, 'connect'));
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'unknown';
  } finally {
    socket.destroy();
  }
}
