import { X509Certificate } from 'node:crypto';

const blocks = /-----BEGIN (CERTIFICATE|X509 CRL)-----([A-Za-z0-9+/=\s]+)-----END \1-----/g;

export type End = { kind: 'certificate' | 'crl'; at: Date };

/**
 * When a PEM file's certificates end, the first of them to do so, or when its revocation list must have been renewed.
 * @returns undefined if it holds neither, as a file with a key
 * @throws when it cannot be read
 */
export function endOf(pem: string): End | undefined {
  let first: End | undefined;
  for (const [block, what, body = ''] of pem.matchAll(blocks)) {
    const end: End = what === 'CERTIFICATE' ? { kind: 'certificate', at: new Date(new X509Certificate(block).validTo) }
      : { kind: 'crl', at: nextUpdate(Buffer.from(body, 'base64')) };
    if (!first || end.at < first.at) first = end;
  }
  return first;
}

const [sequence, integer, utcTime, generalizedTime] = [0x30, 0x02, 0x17, 0x18];

/**
 * Of a revocation list (RFC 5280, 5.1), which Node does not read: CertificateList { TBSCertList { version?, signature,
 * issuer, thisUpdate, nextUpdate? …
 */
function nextUpdate(der: Buffer): Date {
  const list = element(der, 0);
  const inner = element(der, list.from);
  if (list.tag !== sequence || inner.tag !== sequence) throw new Error('not a revocation list');
  const fields: ReturnType<typeof element>[] = [];
  for (let at = inner.from; at < inner.to && fields.length < 5;) {
    const field = element(der, at);
    if (!(fields.length === 0 && field.tag === integer)) fields.push(field);
    at = field.to;
  }
  const [, , , next] = fields;
  if (!next || (next.tag !== utcTime && next.tag !== generalizedTime)) throw new Error('it does not say when the next one comes');
  const text = der.toString('latin1', next.from, next.to);
  // 4.1.2.5: UTCTime YYMMDDHHMMSSZ until 2049, GeneralizedTime YYYYMMDDHHMMSSZ from then on.
  const [, year = '', month, day, hour, minute, second] = /^(\d{2}|\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(text) ?? [];
  const whole = year.length === 2 ? (Number(year) < 50 ? `20${year}` : `19${year}`) : year;
  const at = new Date(`${whole}-${month}-${day}T${hour}:${minute}:${second}Z`);
  if (Number.isNaN(at.getTime())) throw new Error('its time cannot be read');
  return at;
}

/** Tag and bounds of the content of the DER element at `at` (X.690, 8.1). */
function element(der: Buffer, at: number): { tag: number; from: number; to: number } {
  const tag = der[at];
  const short = der[at + 1];
  if (tag === undefined || short === undefined) throw new Error('it is cut short');
  const bytes = short < 0x80 ? 0 : short & 0x7f;
  if (bytes > 4 || at + 2 + bytes > der.length) throw new Error('it is cut short');
  const from = at + 2 + bytes;
  const to = from + (bytes === 0 ? short : der.readUIntBE(at + 2, bytes));
  if (to > der.length) throw new Error('it is cut short');
  return { tag, from, to };
}
