import { once } from 'node:events';
import { request as plain, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import { request as secure } from 'node:https';
import { connect, type DetailedPeerCertificate, type TLSSocket } from 'node:tls';

export interface Asked {
  /** The name in the handshake and in the request. */
  name: string;
  port: number;
  path?: string;
  method?: string;
  headers?: OutgoingHttpHeaders;
  body?: string | Buffer;
  /** The address that it comes from; any of 127.0.0.0/8. */
  from?: string;
  /** Whom it trusts; without, the request goes without TLS. */
  ca?: string | Buffer;
}

export interface Answer { status: number; headers: IncomingMessage['headers']; body: Buffer; text: string }

/** One request to 127.0.0.1, with a connection of its own. Rejects if it is not answered. */
export async function ask({ name, port, path = '/', method = 'GET', headers, body, from, ca }: Asked): Promise<Answer> {
  const common = {
    host: '127.0.0.1', port, path, method, headers: { host: `${name}:${port}`, ...headers }, agent: false as const,
    ...from !== undefined && { localAddress: from },
  };
  const asked = ca === undefined ? plain(common) : secure({ ...common, ca, servername: name });
  asked.end(body);
  const [answer] = await once(asked, 'response') as [IncomingMessage];
  const parts: Buffer[] = [];
  for await (const part of answer) parts.push(part as Buffer);
  const whole = Buffer.concat(parts);
  return { status: answer.statusCode ?? 0, headers: answer.headers, body: whole, text: whole.toString() };
}

/** What is shown to who asks for this name, trusted or not. Rejects if the handshake is refused. */
export async function shownTo(name: string, port: number): Promise<{ certificate: DetailedPeerCertificate; protocol: string | null;
  alpn: string | false | null }> {
  const socket: TLSSocket = connect({ host: '127.0.0.1', port, servername: name, rejectUnauthorized: false,
    ALPNProtocols: ['h2', 'http/1.1'] });
  await once(socket, 'secureConnect');
  const shown = { certificate: socket.getPeerCertificate(true), protocol: socket.getProtocol(), alpn: socket.alpnProtocol };
  socket.destroy();
  return shown;
}
