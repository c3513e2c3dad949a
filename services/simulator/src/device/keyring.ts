import { createHash, createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Identity } from './identity.ts';

/** A certificate with its key; `chain`: its own, then the issuing authority's. PEM. */
export interface Certified { key: string; chain: string; leaf: X509Certificate }

/** Authorities that a board trusts at most: the one of before and the one to come. */
const mostTrusted = 2;

const blocks = /-----BEGIN ([A-Z ]+)-----[^-]+-----END \1-----\n?/g;
const certificates = (pem: string) => [...pem.matchAll(blocks)].filter(([, what]) => what === 'CERTIFICATE').map(([block]) => block);

/** As in `Info.trusts`. */
const fingerprintOf = (certificate: X509Certificate) => createHash('sha256').update(certificate.raw).digest('hex').slice(0, 16);

/**
 * What a board keeps in its folder beside what it was minted with. Each is one file that is replaced as a whole: whenever
 * the power fails, the old one is there or the new one.
 *
 * - renewed.pem: key, certificate and issuer of the newest, then those of the one before, for if the newest is not let in
 * - pending.pem: the key that a certificate has been asked for
 * - trusted.pem: authorities of the broker's certificate, once they are others than the minted ca.pem
 */
export class Keyring {
  /** What is wrong with what was kept, in words; the board goes on with what it has else. */
  readonly complaint: string | undefined;
  readonly #identity: Identity;
  /** The newest first; the last is the minted one. */
  #held: Certified[];
  #trusted: X509Certificate[];
  #pending: KeyObject | undefined;

  /** @param now ms since 1970 */
  constructor(identity: Identity, now: number) {
    this.#identity = identity;
    const complaints: string[] = [];
    const load = <T>(name: string, read: (pem: string) => T): T | undefined => {
      try {
        const pem = this.#read(name);
        return pem === undefined ? undefined : read(pem);
      } catch (error) {
        complaints.push(`${join(identity.folder, name)} is damaged (${(error as Error).message}), and left aside.`);
        return undefined;
      }
    };
    const minted: Certified = { key: identity.key, chain: identity.cert, leaf: new X509Certificate(identity.cert) };
    const held = [...load('renewed.pem', (pem) => this.#readCertified(pem)) ?? [], minted];
    const good = held.findIndex(({ leaf }) => leaf.validToDate.getTime() > now);
    this.#held = good === -1 ? held : held.slice(good);
    this.#trusted = load('trusted.pem', readAuthorities) ?? readAuthorities(identity.ca);
    const pending = load('pending.pem', createPrivateKey);
    // The power may have failed just after its certificate was taken into use.
    this.#pending = pending && this.current.leaf.checkPrivateKey(pending) ? undefined : pending;
    this.complaint = complaints.length > 0 ? complaints.join(' ') : undefined;
  }

  get current(): Certified {
    // The minted one is always there.
    return this.#held[0] as Certified;
  }

  /** Whose certificate a broker may show. PEM. */
  get ca(): string {
    return this.#trusted.map(String).join('');
  }

  get trusted(): readonly X509Certificate[] {
    return this.#trusted;
  }

  get fingerprints(): string[] {
    return this.#trusted.map(fingerprintOf);
  }

  /** The key that a certificate has been asked for. */
  get pending(): KeyObject | undefined {
    return this.#pending;
  }

  /** Keeps a key that a certificate is about to be asked for, in the place of the one before. */
  expect(key: KeyObject): void {
    this.#write('pending.pem', pemOf(key));
    this.#pending = key;
  }

  /** Takes the certificate that was asked for into use. */
  install(leaf: X509Certificate, issuer: X509Certificate): void {
    if (!this.#pending) throw new Error('no key waits for a certificate');
    const fresh = { key: pemOf(this.#pending), chain: `${String(leaf)}${String(issuer)}`, leaf };
    this.#keep([fresh, ...this.#held]);
    this.#pending = undefined;
    rmSync(join(this.#identity.folder, 'pending.pem'), { force: true });
  }

  /** Back to the one before, if it has not ended. @returns whether it could */
  goBack(now: number): boolean {
    const [, ...before] = this.#held;
    const good = before.findIndex(({ leaf }) => leaf.validToDate.getTime() > now);
    if (good === -1) return false;
    this.#keep(before.slice(good));
    return true;
  }

  /** Trusts this authority besides the one that vouches for it, or alone. */
  trust(authority: X509Certificate, { besides }: { besides: X509Certificate | undefined }): void {
    const others = besides && !same(besides, authority) ? [besides] : [];
    const trusted = [authority, ...others].slice(0, mostTrusted);
    this.#write('trusted.pem', trusted.map(String).join(''));
    this.#trusted = trusted;
  }

  /** Of those that were renewed the newest two stand in the file, the minted one never. */
  #keep(held: Certified[]): void {
    const minted = held.at(-1) as Certified;
    const renewed = held.slice(0, -1).slice(0, 2);
    if (renewed.length === 0) rmSync(join(this.#identity.folder, 'renewed.pem'), { force: true });
    else this.#write('renewed.pem', renewed.map(({ key, chain }) => key + chain).join(''));
    this.#held = [...renewed, minted];
  }

  #readCertified(pem: string): Certified[] {
    const parts = [...pem.matchAll(blocks)].map(([block]) => block);
    if (parts.length === 0 || parts.length % 3 !== 0) throw new Error('it does not hold key, certificate and issuer');
    return Array.from({ length: parts.length / 3 }, (_, at) => {
      const [key = '', own = '', issuer = ''] = parts.slice(at * 3, at * 3 + 3);
      const leaf = new X509Certificate(own);
      if (!leaf.checkPrivateKey(createPrivateKey(key))) throw new Error('the key is not that of the certificate');
      if (leaf.subject !== `CN=${this.#identity.id}`) throw new Error(`the certificate is for ${leaf.subject}`);
      return { key, chain: own + issuer, leaf };
    });
  }

  #read(name: string): string | undefined {
    try {
      return readFileSync(join(this.#identity.folder, name), 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  #write(name: string, text: string): void {
    const path = join(this.#identity.folder, name);
    const file = openSync(`${path}.new`, 'w', 0o600);
    try {
      writeSync(file, text);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(`${path}.new`, path);
  }
}

const pemOf = (key: KeyObject) => key.export({ type: 'pkcs8', format: 'pem' }).toString();

/** Whether two are the same certificate. */
export const same = (one: X509Certificate, other: X509Certificate) => one.raw.equals(other.raw);

function readAuthorities(pem: string): X509Certificate[] {
  const found = certificates(pem).map((block) => new X509Certificate(block));
  if (found.length === 0) throw new Error('it holds no certificate');
  return found;
}
