import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { readFileSync, rmSync } from 'node:fs';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import t from 'tap';
import type { AuditPage } from '@sconce/protocol/audit';
import type { Session } from '@sconce/protocol/http';
import { startApi } from '../src/api.ts';
import { makeStateDir, selfSign, startNginx } from '../src/nginx.ts';
import { freePorts } from '../src/process.ts';
import { Visitor } from '../src/visitor.ts';

/** The API behind the real nginx as it ships. Every address of 127.0.0.0/8 can be a client's. */
const dir = makeStateDir();
t.teardown(() => rmSync(dir, { recursive: true, force: true }));
const [httpPort = 0, port = 0, apiPort = 0] = await freePorts(3);
const url = `https://localhost:${port}`;
setDefaultCACertificates([...getCACertificates(), readFileSync(selfSign(dir, 'localhost'), 'utf8')]);
const [api, nginx] = await Promise.all([
  startApi({ dir, port: apiPort, publicUrl: url }), startNginx({ stateDir: dir, httpPort, httpsPort: port, apiPort }),
]);
t.teardown(async () => {
  await nginx.stop();
  await api.stop();
});
const olive = new Visitor(url);
await olive.signIn('olive');

/** A request that comes from this address, with these headers. */
async function ask(path: string, localAddress: string, headers: Record<string, string> = {}) {
  const asked = request({ host: 'localhost', family: 4, port, path, localAddress, headers }).end();
  const [answer] = await once(asked, 'response') as [IncomingMessage];
  answer.resume();
  return answer;
}

/** All that somebody could try to say about where they are. */
const forged = (address: string) => ({
  'x-forwarded-for': address, 'forwarded': `for=${address}`, 'x-real-ip': address, 'x-client-ip': address,
});

t.test('the audit log and the list of sessions have the real address, whatever the client says', async (t) => {
  await ask('/auth/callback?code=a&state=b', '127.0.0.2', forged('203.0.113.9'));
  const { entries } = await olive.json<AuditPage>('/api/v1/audit?action=sign_in.refused');
  t.match(entries, [{ address: '127.0.0.2' }]);
  t.match(await olive.json<Session[]>('/api/v1/sessions'), [{ address: '127.0.0.1' }]);
});

t.test('what the API answers says once what nginx adds, and a page of its own keeps its own policy', async (t) => {
  t.match((await ask('/api/v1/me', '127.0.0.1')), { statusCode: 401, headers: {
    'content-type': 'application/problem+json', 'cache-control': 'no-store', 'x-frame-options': 'DENY',
    'content-security-policy': /^default-src 'none'; [^,]*$/, 'strict-transport-security': /^max-age=\d+$/,
    'retry-after': undefined,
  } });
  t.match((await ask('/api/v1/docs/', '127.0.0.1')), { statusCode: 200, headers: {
    'content-security-policy': /^default-src 'self'; [^,]*$/, 'x-content-type-options': 'nosniff',
  } });
  t.equal((await ask('/readyz', '127.0.0.1')).statusCode, 503, 'the broker is not there: that is the API’s own answer');
});

t.test('a limit is not dodged by another header each time, and holds for that address alone', async (t) => {
  const statuses: (number | undefined)[] = [];
  for (let n = 0; n < 62; n += 1) {
    const { statusCode } = await ask('/api/v1/me', '127.0.0.3', { authorization: 'Bearer none', ...forged(`203.0.113.${n}`) });
    statuses.push(statusCode);
  }
  t.strictSame(statuses, [...Array.from({ length: 60 }, () => 401), 429, 429]);
  const late = await ask('/api/v1/me', '127.0.0.3', { authorization: 'Bearer none' });
  t.match(late.headers['retry-after'], /^\d+$/, 'Retry-After comes through nginx');
  t.equal((await ask('/api/v1/me', '127.0.0.4', { authorization: 'Bearer none' })).statusCode, 401);
});

t.test('events come through nginx when they happen', async (t) => {
  const stream = await olive.request('/api/v1/events', { headers: { accept: 'text/event-stream' } });
  const reader = stream.body?.pipeThrough(new TextDecoderStream()).getReader();
  let heard = '';
  const until = async (words: RegExp) => {
    while (!words.test(heard)) {
      const part = await reader?.read();
      if (!part || part.done) throw new Error(`the stream ended after: ${heard}`);
      heard += part.value;
    }
  };
  await until(/event: reset/);
  await new Visitor(url).signIn('ned');
  await until(/event: person/);
  await reader?.cancel();
  t.pass('somebody new was told of while the stream was open');
});
