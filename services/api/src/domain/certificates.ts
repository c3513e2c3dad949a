import type { X509Certificate } from 'node:crypto';
import type { Inventory, KnownCertificate, KnownCrl } from '@sconce/protocol/authority';
import type { CertificateView } from '@sconce/protocol/certificates-api';
import type { DeviceId } from '@sconce/protocol/ids';
import { daysUntil, levelOf } from './warnings.ts';

/** What the API knows of a board, beside what the authority does. */
export type KnownBoard = { name: string | null; renews: boolean; online: boolean };
type Boards = ReadonlyMap<DeviceId, KnownBoard>;

/** All that the authority knows of, the first to end first. */
export function viewsOf(inventory: Inventory, boards: Boards, now: Date): CertificateView[] {
  const counting = countingOf(inventory);
  return byEnd([
    ...inventory.certificates.map((one) => certificateView(one, boards, counting.has(one), now)),
    ...inventory.crls.map((one) => crlView(one, now)),
  ]);
}

export const byEnd = (views: CertificateView[]): CertificateView[] =>
  views.sort((a, b) => a.notAfter < b.notAfter ? -1 : a.notAfter > b.notAfter ? 1 : a.name.localeCompare(b.name));

/**
 * Those whose end matters: what is revoked or superseded keeps nobody waiting, and of a board only the one that it has,
 * which is the one it has named, or else the last that was made for it.
 */
function countingOf({ certificates, revoked }: Inventory): ReadonlySet<KnownCertificate> {
  const out = new Set(revoked.map(({ id }) => id));
  const living = certificates.filter(({ state, id }) =>
    state !== 'revoked' && state !== 'superseded' && !(id !== undefined && out.has(id)));
  const ofBoards = new Map<DeviceId, KnownCertificate>();
  for (const one of living) {
    if (one.id === undefined) continue;
    const other = ofBoards.get(one.id);
    if (!other || rank(one) > rank(other) || (rank(one) === rank(other) && one.notAfter > other.notAfter)) {
      ofBoards.set(one.id, one);
    }
  }
  return new Set([...living.filter(({ id }) => id === undefined), ...ofBoards.values()]);
}

const rank = ({ inUse }: KnownCertificate): number => inUse === true ? 1 : 0;

const iso = (ms: number): string => new Date(ms).toISOString();

function certificateView(one: KnownCertificate, boards: Boards, counts: boolean, now: Date): CertificateView {
  const board = one.id === undefined ? undefined : boards.get(one.id);
  const byItself = renewsByItself(one, board);
  const end = new Date(one.notAfter);
  const warning = counts ? levelOf(end, byItself ? new Date(one.renewAt) : null, now) : null;
  return {
    kind: one.kind,
    name: board?.name ?? one.name,
    device: one.id ?? null,
    serial: one.serial,
    notBefore: iso(one.notBefore),
    notAfter: iso(one.notAfter),
    renewAt: iso(one.renewAt),
    issuer: one.issuer,
    state: one.state,
    daysLeft: daysUntil(end, now),
    warning,
    advice: warning === null ? null : adviceOf(one, board, warning === 0),
  };
}

/** The authority's timer sees to what is on the server; a board to its own, if its firmware can. Authorities need people. */
function renewsByItself({ kind }: KnownCertificate, board: KnownBoard | undefined): boolean {
  return kind === 'board' ? board?.renews === true : kind === 'broker' || kind === 'api' || kind === 'metrics';
}

const timerAdvice = 'The authority on the server should have renewed it by now: “make logs SERVICE=authority” says why it '
  + 'has not, and “make doctor” what to do.';

function adviceOf({ kind, name, id }: KnownCertificate, board: KnownBoard | undefined, ended: boolean): string {
  switch (kind) {
    case 'root':
    case 'issuing': return 'Change to a new one on the server with “make pki-rotate”; it leads through the steps, and no board is lost.';
    case 'services': return 'Change to a new one on the server with “make pki-rotate AUTHORITY=services”; it leads through the steps.';
    case 'broker':
    case 'api':
    case 'metrics': return timerAdvice;
    case 'board': return boardAdvice(board?.name ?? name, id ?? '', board, ended);
  }
}

/** For a board that cannot get a new certificate by itself. */
export const anew = 'Mint it anew under another name with “make pki DEVICE="…"”, put that onto its chip with “make flash”, and '
  + 'adopt it.';

function boardAdvice(name: string, id: string, board: KnownBoard | undefined, ended: boolean): string {
  const gone = 'If the board is gone, revoke it, and nothing more is said of it.';
  if (ended) return `The broker does not let it in any more, so that it cannot renew it either. ${anew} ${gone}`;
  if (board?.renews !== true) {
    return 'Its firmware cannot renew it by itself. Bring it up to date with '
      + `“make update DEVICE="${name === '' ? id : name}"”, or mint it anew. ${gone}`;
  }
  return board.online
    ? `It is online and should have renewed it by now. “make doctor DEVICE="${name}"” on the server says why it has not.`
    : `It is offline: switch it on and let it reach the server, and it renews it by itself. ${gone}`;
}

function crlView({ name, thisUpdate, nextUpdate }: KnownCrl, now: Date): CertificateView {
  const end = new Date(nextUpdate);
  // pki/refresh makes the next one when a third of its life has passed. A root's own lasts as long as the root.
  const renewAt = new Date(thisUpdate + (nextUpdate - thisUpdate) / 3);
  const warning = levelOf(end, renewAt, now);
  return {
    kind: 'crl', name, device: null, serial: null,
    notBefore: iso(thisUpdate), notAfter: iso(nextUpdate), renewAt: renewAt.toISOString(), issuer: name,
    state: end <= now ? 'expired' : 'valid', daysLeft: daysUntil(end, now), warning,
    advice: warning === null ? null : `${timerAdvice} Once it has ended, the broker lets nobody in.`,
  };
}

/** What the web is shown: made anew by ACME when two thirds of its life have passed. */
export function webView(certificate: X509Certificate, now: Date): CertificateView {
  const [begin, end] = [new Date(certificate.validFrom), new Date(certificate.validTo)];
  const renewAt = new Date(begin.getTime() + (end.getTime() - begin.getTime()) * 2 / 3);
  const warning = levelOf(end, renewAt, now);
  return {
    kind: 'web', name: webName(certificate), device: null, serial: certificate.serialNumber.toLowerCase(),
    notBefore: begin.toISOString(), notAfter: end.toISOString(), renewAt: renewAt.toISOString(),
    issuer: nameIn(certificate.issuer, 'O') ?? nameIn(certificate.issuer, 'CN') ?? null,
    state: end <= now ? 'expired' : begin > now ? 'not_yet_valid' : 'valid',
    daysLeft: daysUntil(end, now), warning,
    advice: warning === null ? null : 'It should have been renewed by now: “make logs SERVICE=acme” says why it has not, “make '
      + 'certificates” tries again.',
  };
}

const nameIn = (subject: string, key: string): string | undefined =>
  subject.split('\n').find((line) => line.startsWith(`${key}=`))?.slice(key.length + 1);

function webName({ subjectAltName, subject }: X509Certificate): string {
  const names = (subjectAltName ?? '').split(', ').flatMap((one) => one.startsWith('DNS:') ? [one.slice(4)] : []);
  return names.join(', ').slice(0, 200) || (nameIn(subject, 'CN') ?? 'the web');
}
