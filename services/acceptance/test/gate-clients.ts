import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect as connectTcp, createServer, type AddressInfo, type Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from 'node:tls';

/** MQTT's CONNECT. */
export const connectPacket = Buffer.from('100d00044d5154540402000f000161', 'hex');

/** A TLS client's end: `in` once the broker has had time to refuse and has not, or the error's code, or `closed`. */
export function handshake(port: number, options: ConnectionOptions): Promise<string> {
  return new Promise((resolve) => {
    const socket: TLSSocket = connectTls({ host: '127.0.0.1', port, servername: 'localhost', maxVersion: 'TLSv1.2', ...options });
    const end = (how: string) => {
      socket.destroy();
      resolve(how);
    };
    // At TLS 1.3 a refusal comes after the client's own end of the handshake: MQTT's CONNECT is answered or it is not.
    socket.once('secureConnect', () => socket.write(connectPacket));
    socket.once('data', () => {
      // Who hangs up without a word (close_notify) makes OpenSSL forget the session.
      socket.end();
      resolve('in');
    });
    socket.once('error', (error: NodeJS.ErrnoException) => end(error.code ?? error.message));
    socket.once('close', () => end('closed'));
  });
}

/** What the openssl command's client says, all of it. */
export async function sClient(port: number, args: string[]): Promise<string> {
  const child = spawn('openssl', ['s_client', '-connect', `127.0.0.1:${port}`, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => { said += text; });
  await once(child, 'close');
  return said;
}

/** Connects, sends, and resolves with what came until the other side hung up; with 'leave', hangs up itself. */
export function sendRaw(port: number, bytes?: Buffer, then?: 'leave'): Promise<Buffer> {
  return new Promise((resolve) => {
    const heard: Buffer[] = [];
    const socket = connectTcp(port, '127.0.0.1', () => {
      if (bytes) socket.write(bytes);
      if (then === 'leave') socket.end();
    });
    socket.on('data', (data) => heard.push(data)).on('error', () => {}).on('close', () => resolve(Buffer.concat(heard)));
  });
}

/** What happens to bytes on their way: each chunk becomes pieces, sent one after the other. */
type Change = (chunk: Buffer) => Buffer[];
const unchanged: Change = (chunk) => [chunk];
export const byteByByte: Change = (chunk) => Array.from({ length: chunk.length }, (_, at) => chunk.subarray(at, at + 1));

/** A line to a port of this machine that changes what passes. */
export async function startLine(port: number, change: { there?: Change; back?: Change }):
  Promise<{ port: number; stop(): void }> {
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connectTcp({ port, host: '127.0.0.1', noDelay: true });
    near.setNoDelay(true);
    for (const [from, to, how] of [[near, far, change.there ?? unchanged], [far, near, change.back ?? unchanged]] as const) {
      sockets.add(from);
      from.on('error', () => {}).on('close', () => to.destroySoon());
      void carry(from, to, how);
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    stop: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

async function carry(from: Socket, to: Socket, change: Change): Promise<void> {
  try {
    for await (const chunk of from) {
      for (const piece of change(chunk as Buffer)) {
        to.write(piece);
        // Each piece is a read of its own for the other side.
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
    to.end();
  } catch {
    to.destroy();
  }
}
