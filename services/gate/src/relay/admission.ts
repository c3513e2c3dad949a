import { isIPv6 } from 'node:net';

export interface Bounds {
  /** Connections at a time, as many as the broker's listener takes. */
  connections: number;
  /** New ones a second from one address, and how many may come at once. Boards behind one router share an address. */
  perSecond: number;
  burst: number;
}

/** Addresses that are remembered; who is quiet for as long as it takes to have the whole burst again is forgotten. */
const mostAddresses = 10_000;

/** Says who may come in: a bucket for each address (for IPv6 each /64, which one customer has), and a bound on all. */
export class Admission {
  readonly #bounds: Bounds;
  readonly #buckets = new Map<string, { left: number; at: number }>();

  constructor(bounds: Bounds) {
    this.#bounds = bounds;
  }

  /** @param now milliseconds of a clock that never goes back */
  admits(address: string, open: number, now: number): boolean {
    if (open >= this.#bounds.connections) return false;
    const { perSecond, burst } = this.#bounds;
    const key = isIPv6(address) ? network(address) : address;
    const bucket = this.#buckets.get(key) ?? { left: burst, at: now };
    bucket.left = Math.min(burst, bucket.left + (now - bucket.at) / 1000 * perSecond);
    bucket.at = now;
    // Back to the end: the first in the map is the one that has been quiet for longest.
    this.#buckets.delete(key);
    this.#buckets.set(key, bucket);
    if (this.#buckets.size > mostAddresses) this.#buckets.delete(this.#buckets.keys().next().value ?? '');
    if (bucket.left < 1) return false;
    bucket.left -= 1;
    return true;
  }
}

/** The first 64 bits of an IPv6 address. */
function network(address: string): string {
  const [head = '', tail] = address.split('%')[0]?.split('::') ?? [];
  const groups = head.split(':').filter(Boolean);
  if (tail !== undefined) {
    const rest = tail.split(':').filter(Boolean);
    groups.push(...Array.from({ length: Math.max(0, 8 - groups.length - rest.length) }, () => '0'), ...rest);
  }
  return groups.slice(0, 4).map((group) => parseInt(group, 16).toString(16)).join(':');
}
