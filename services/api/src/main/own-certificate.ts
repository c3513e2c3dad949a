import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Config } from '../config.ts';
import type { Credentials } from '../mqtt/bus.ts';
import type { Context } from '../usecases/context.ts';

/** Milliseconds between two looks at the files. */
const lookMs = 5000;
/** Milliseconds between two times that the authority is asked, while it is time and nothing has come of it. */
const askMs = 600_000;

/**
 * Keeps the API's own certificate alive: takes files that have been made anew into use without a restart, and has the
 * authority make them from two thirds of the certificate's life on. Each of several processes has its own connection;
 * the one that leads asks.
 */
export function keepOwnCertificate({ files, ...first }: Config['mqtt'],
  { bus, authority, peers, log, now }: Pick<Context, 'bus' | 'authority' | 'peers' | 'log' | 'now'>): { stop(): void } {
  let used: Credentials = { ca: first.ca, cert: first.cert, key: first.key };
  let complaint = '';
  let askedAt = -Infinity;
  let looking = false;

  async function look(): Promise<void> {
    const [ca, cert, key] = await Promise.all([readFile(files.ca), readFile(files.cert), readFile(files.key)]);
    const read = { ca, cert, key };
    if (!isOther(read, used)) return askIfDue();
    // Between the writing of the one and of the other they do not fit; the next look finds both.
    if (!new X509Certificate(cert).checkPrivateKey(createPrivateKey(key))) throw new Error('key and certificate do not belong together');
    for (const block of ca.toString().match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? ['']) new X509Certificate(block);
    used = read;
    bus.use(read);
  }

  async function askIfDue(): Promise<void> {
    const { validFromDate: from, validToDate: to } = new X509Certificate(used.cert);
    const due = from.getTime() + (to.getTime() - from.getTime()) * 2 / 3;
    if (!authority.present || !peers.leads || now().getTime() < due || performance.now() - askedAt < askMs) return;
    askedAt = performance.now();
    if (await authority.renewOwn()) log.info({}, 'the API’s own certificate has been made anew');
  }

  const timer = setInterval(() => {
    if (looking) return;
    looking = true;
    look().then(() => { complaint = ''; }, (error: unknown) => {
      const words = error instanceof Error ? error.message : String(error);
      if (words !== complaint) log.warn({ err: error }, `the API’s own certificate is not renewed: ${words}`);
      complaint = words;
    }).finally(() => { looking = false; });
  }, lookMs);
  timer.unref();
  return { stop: () => clearInterval(timer) };
}

const isOther = (one: Credentials, other: Credentials) =>
  !one.ca.equals(other.ca) || !one.cert.equals(other.cert) || !one.key.equals(other.key);
