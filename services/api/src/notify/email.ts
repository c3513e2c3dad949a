import { createTransport } from 'nodemailer';
import { warningWords, type Warning } from '../domain/warnings.ts';
import type { Way } from './way.ts';

/** Milliseconds for each of: a connection, a greeting, an answer. */
const patienceMs = 10_000;

const loopback = new Set(['localhost', '127.0.0.1', '[::1]']);

/**
 * Sends an e-mail. What goes over a network is encrypted, by STARTTLS for smtp://, and goes to nobody whose certificate
 * does not hold: a server on this machine alone is spoken to as it can be.
 * @param smtp smtp:// or smtps://, with name and password if it wants them: neither logs nor errors hold them
 * @param publicUrl where the household's dashboard is
 */
export function emailWay({ smtp, to }: { smtp: string; to: string }, publicUrl: string): Way {
  const url = new URL(smtp);
  const [user, pass] = [url.username, url.password].map(decodeURIComponent) as [string, string];
  const secure = url.protocol === 'smtps:';
  const transport = createTransport({
    host: url.hostname.replace(/^\[|\]$/g, ''), port: Number(url.port) || (secure ? 465 : 587), secure,
    requireTLS: !secure && !loopback.has(url.hostname), ignoreTLS: loopback.has(url.hostname) && !secure,
    ...user !== '' && { auth: { user, pass } },
    connectionTimeout: patienceMs, greetingTimeout: patienceMs, socketTimeout: patienceMs,
    disableFileAccess: true, disableUrlAccess: true,
  });
  // Most servers want to be asked in the name of who signs in.
  const from = { name: 'Sconce', address: user.includes('@') ? user : `sconce@${new URL(publicUrl).hostname}` };
  return {
    name: 'email',
    async tell(warnings) {
      try {
        await transport.sendMail({ from, to, subject: subjectOf(warnings), text: textOf(warnings, publicUrl) });
      } catch (error) {
        throw new Error(`The mail server ${url.host} did not take an e-mail: ${causeOf(error, [user, pass])}. Look at SMTP_URL `
          + 'and WARN_EMAIL.', { cause: undefined });
      }
    },
  };
}

/** What the server said, which may repeat what it was told. */
function causeOf(error: unknown, secrets: readonly string[]): string {
  const { message, code } = error as { message?: string; code?: string };
  const text = `${code ?? ''} ${message ?? ''}`.trim().replaceAll(/\s+/g, ' ').slice(0, 200);
  return secrets.filter((one) => one !== '').reduce((said, secret) => said.replaceAll(secret, '…'), text);
}

function subjectOf(warnings: readonly Warning[]): string {
  const [first] = warnings;
  if (warnings.length !== 1 || !first) return `Sconce: ${warnings.length} certificates end soon`;
  const { kind, name, daysLeft } = first;
  const thing = kind === 'board' ? `the certificate of “${name}”` : kind === 'crl' ? `the revocation list of the ${name}`
    : `the certificate of the ${name}`;
  return `Sconce: ${thing} ${daysLeft < 0 ? 'has ended' : `ends in ${daysLeft} day${daysLeft === 1 ? '' : 's'}`}`;
}

const textOf = (warnings: readonly Warning[], publicUrl: string): string => [
  ...warnings.map((one) => `- ${warningWords(one)}`), '', `All certificates: ${publicUrl}`,
  '', 'Each is told of 60, 30 and 7 days before, and when it has ended; once each.',
].join('\n');
