import { Me } from '@sconce/protocol/http';

/** Redirects before it is taken for a loop; a sign-in has six. */
const mostRedirects = 15;

/** Where a sign-in begins, and what befalls it: each address on the way, before it is asked, may become another. */
export type Way = { from?: string; onTheWay?: (url: URL) => URL | Promise<URL> };

/**
 * Somebody with a browser, as far as HTTP goes: keeps cookies and follows redirects. Signs in exactly as a person does,
 * through the issuer: there is no other way in.
 */
export class Visitor {
  readonly url: string;
  /** Cookies know hosts, not ports (RFC 6265, 8.5): one jar for everything on localhost, as in a browser. */
  readonly cookies = new Map<string, string>();

  constructor(url: string) {
    this.url = url;
  }

  /** A request to Sconce, the way its own page makes it. */
  async request(path: string, init: { method?: string; body?: unknown; headers?: Record<string, string> } = {}):
    Promise<Response> {
    const { method = 'GET', body, headers } = init;
    return this.#fetch(new URL(path, this.url), {
      method,
      headers: {
        'sec-fetch-site': 'same-origin', origin: this.url,
        ...body !== undefined && { 'content-type': 'application/json' }, ...headers,
      },
      ...body !== undefined && { body: JSON.stringify(body) },
    });
  }

  /** A request that must succeed; its body as JSON. @throws with the problem's words */
  async json<T>(path: string, init: { method?: string; body?: unknown } = {}): Promise<T> {
    const response = await this.request(path, init);
    if (!response.ok) throw new Error(`${init.method ?? 'GET'} ${path}: ${response.status} ${await response.text()}`);
    return (response.status === 204 ? undefined : await response.json()) as T;
  }

  /** Through login, issuer and callback. @throws when the way ends anywhere but signed in */
  async signIn(sub: string, way: Way = {}): Promise<Me> {
    const end = await this.walk(sub, way);
    if (end.origin !== new URL(this.url).origin || end.searchParams.has('problem')) {
      throw new Error(`the sign-in ended at ${end.href}`);
    }
    return Me.parse(await this.json('/api/v1/me'));
  }

  /** As `signIn`, wherever it ends. @returns the address of the last page */
  async walk(sub: string, { from = '/auth/login', onTheWay = (url) => url }: Way = {}): Promise<URL> {
    const asked = await this.#follow(new URL(from, this.url), onTheWay);
    if (!asked.pathname.startsWith('/interaction/')) return asked;
    const answer = await this.#fetch(new URL(`${asked.href}?as=${sub}`), { method: 'POST' });
    return this.#follow(new URL(answer.headers.get('location') ?? '', asked), onTheWay);
  }

  async #follow(from: URL, onTheWay: NonNullable<Way['onTheWay']>): Promise<URL> {
    let url = from;
    for (let hops = 0; hops < mostRedirects; hops += 1) {
      url = await onTheWay(url);
      const response = await this.#fetch(url, {});
      const location = response.headers.get('location');
      await response.body?.cancel();
      if (location === null) return url;
      url = new URL(location, url);
    }
    throw new Error(`too many redirects, the last to ${url.href}`);
  }

  async #fetch(url: URL, init: RequestInit): Promise<Response> {
    const headers = new Headers(init.headers);
    headers.set('cookie', [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; '));
    const response = await fetch(url, { ...init, headers, redirect: 'manual' });
    for (const line of response.headers.getSetCookie()) this.#keep(line);
    return response;
  }

  #keep(line: string): void {
    const [pair = '', ...attributes] = line.split(';');
    const at = pair.indexOf('=');
    const name = pair.slice(0, at).trim();
    const gone = attributes.some((a) => /^\s*(max-age=0|expires=Thu, 01 Jan 1970)/i.test(a));
    if (gone) this.cookies.delete(name);
    else this.cookies.set(name, pair.slice(at + 1).trim());
  }
}
