import { freePorts, startProgram } from './process.ts';

/** One e-mail as it arrived. */
export type Mail = { from: string; to: string; subject: string; text: string };

/**
 * A real mail server (Debian's aiosmtpd) on loopback, which keeps what it is given.
 * @param tls PEM files: `starttls` offers STARTTLS and takes nothing without, `smtps` speaks TLS from the start
 */
export async function startMailServer({ host = '127.0.0.1', port, tls }: { host?: string; port?: number;
  tls?: { how: 'starttls' | 'smtps'; cert: string; key: string }; } = {}): Promise<{ port: number; mails(): Mail[]; stop(): Promise<void> }> {
  const [free = 0] = await freePorts(1);
  const at = port ?? free;
  const [cert, key] = tls?.how === 'smtps' ? ['--smtpscert', '--smtpskey'] : ['--tlscert', '--tlskey'];
  const lines: string[] = [];
  const server = await startProgram({
    name: 'aiosmtpd', command: 'aiosmtpd', env: { PATH: process.env.PATH ?? '', PYTHONUNBUFFERED: '1' }, ready: /Server is listening/,
    args: ['--nosetuid', '--debug', '--listen', `${host}:${at}`, ...tls ? [cert, tls.cert, key, tls.key] : [],
      '--class', 'aiosmtpd.handlers.Debugging', 'stdout'],
    // Beside them it complains on stderr.
    onLine: (line) => void lines.push(line),
    deadlineMs: 15_000,
  });
  return { port: at, mails: () => [...lines.join('\n').matchAll(/-+ MESSAGE FOLLOWS -+\n([\s\S]*?)\n-+ END MESSAGE -+/g)].map(([, mail = '']) => read(mail)),
    stop: () => server.stop() };
}

function read(mail: string): Mail {
  const [head = '', ...body] = mail.split('\n\n');
  const field = (name: string) => decoded(new RegExp(`^${name}: (.*(?:\\n[ \\t].*)*)`, 'im').exec(head)?.[1] ?? '');
  const text = body.join('\n\n');
  const base64 = /^content-transfer-encoding: base64/im.test(head);
  return { from: field('From'), to: field('To'), subject: field('Subject'),
    text: base64 ? Buffer.from(text, 'base64').toString() : quoted(text) };
}

/** RFC 2045, 6.7. */
const quoted = (text: string): string => {
  const joined = text.replace(/=\n/g, '');
  return Buffer.from(joined.replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16))), 'latin1').toString();
};

/** RFC 2047. */
const decoded = (text: string): string => text.replace(/\?=\s+=\?/g, '?==?').replace(/=\?utf-8\?([qb])\?(.*?)\?=/gi, (_, how: string, word: string) =>
  how.toLowerCase() === 'b' ? Buffer.from(word, 'base64').toString() : quoted(word.replaceAll('_', ' '))).replace(/\n\s+/g, ' ');
