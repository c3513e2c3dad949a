import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT, type JWTPayload } from 'jose';

/** How an ID token is signed: by the published key, by one that is not published, with the client's secret, or not. */
export type Signed = 'well' | 'by another key' | 'with the client secret' | 'not at all';

/** What the issuer answers when the code is traded in: this token, or something else altogether. */
export type Answer =
  | { claims: JWTPayload; signed?: Signed; endsIn?: number }
  | { body: string; status?: number }
  | 'silence';

/**
 * An issuer that is told what to say: for ID tokens that an honest provider never makes. Discovery and keys are as they
 * must be.
 */
export async function startEvilIssuer(clientSecret: string) {
  const ours = await generateKeyPair('ES256');
  const foreign = await generateKeyPair('ES256');
  const jwks = { keys: [{ ...await exportJWK(ours.publicKey), kid: 'one', alg: 'ES256', use: 'sig' }] };
  let answer: Answer = 'silence';
  let metadata: object = {};
  const traded: URLSearchParams[] = [];

  async function idToken({ claims, signed = 'well', endsIn = 60 }: Extract<Answer, { claims: unknown }>):
    Promise<string> {
    const now = Math.floor(Date.now() / 1000);
    const all = { iat: now, exp: now + endsIn, ...claims };
    if (signed === 'not at all') return new UnsecuredJWT(all).encode();
    if (signed === 'with the client secret') {
      return new SignJWT(all).setProtectedHeader({ alg: 'HS256' }).sign(new TextEncoder().encode(clientSecret));
    }
    return new SignJWT(all).setProtectedHeader({ alg: 'ES256', kid: 'one' })
      .sign(signed === 'well' ? ours.privateKey : foreign.privateKey);
  }

  const server = createServer((request, response) => {
    const json = (body: unknown) => response.setHeader('content-type', 'application/json').end(JSON.stringify(body));
    if (request.url === '/.well-known/openid-configuration') return json(metadata);
    if (request.url === '/jwks') return json(jwks);
    let body = '';
    return request.on('data', (chunk) => body += String(chunk)).on('end', () => {
      traded.push(new URLSearchParams(body));
      if (answer === 'silence') return;
      if ('body' in answer) {
        response.writeHead(answer.status ?? 200, { 'content-type': 'application/json' }).end(answer.body);
        return;
      }
      void idToken(answer).then((id_token) =>
        json({ access_token: randomBytes(8).toString('hex'), token_type: 'Bearer', expires_in: 60, id_token }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  const url = `http://localhost:${(server.address() as AddressInfo).port}`;
  metadata = {
    issuer: url, authorization_endpoint: `${url}/authorize`, token_endpoint: `${url}/token`, jwks_uri: `${url}/jwks`,
  };
  return {
    url,
    /** What was sent to the token endpoint. */
    traded,
    says(next: Answer): void {
      answer = next;
    },
    describesItself(as: object): void {
      metadata = { ...metadata, ...as };
    },
    stop: () => new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    }),
  };
}
