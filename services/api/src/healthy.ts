/**
 * The container's health check, without a shell or curl: node api/src/healthy.ts [ready]
 *
 * Healthy is an API that answers (/healthz), not one that is ready for everything (/readyz). Whether its broker is there
 * is told by words, metrics and the dashboard itself; were it part of this, a broker that is away at start would keep
 * nginx from starting, and with it the page that says so. The database has been there when it began to answer: it
 * migrates first. With `ready`, for who has just upgraded: says what is missing, too.
 */
import { get } from 'node:http';

/** Milliseconds; as a healthy one answers within two. */
const patienceMs = 3000;

const { HOST = '', PORT = '' } = process.env;
const everywhere = ['', '0.0.0.0', '::'].includes(HOST);
const path = process.argv[2] === 'ready' ? '/readyz' : '/healthz';

const request = get({ host: everywhere ? '127.0.0.1' : HOST, port: PORT || '3000', path, timeout: patienceMs }, (response) => {
  let body = '';
  response.setEncoding('utf8').on('data', (text: string) => { body += text; }).on('end', () => {
    console.log(`${response.statusCode} ${body}`);
    process.exit(response.statusCode === 200 ? 0 : 1);
  });
});
request.on('timeout', () => request.destroy(new Error(`no answer within ${patienceMs} ms`)));
request.on('error', (error) => {
  console.error(error.message);
  process.exit(1);
});
