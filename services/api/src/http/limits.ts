import rateLimit, { normalizeIP } from '@fastify/rate-limit';
import type { FastifyRateLimitStoreCtor } from '@fastify/rate-limit';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Identity } from '../db/people.ts';
import { Failure } from '../domain/failure.ts';
import type { Meter } from '../domain/meter.ts';
import type { Counted, Peers } from '../domain/peers.ts';

/** So many within so many seconds, which begin with the first. */
type Bound = { times: number; seconds: number };

const within = (seconds: number) => (times: number): Bound => ({ times, seconds });
const aMinute = within(60);
const tenMinutes = within(600);
const anHour = within(3600);

/**
 * How often one person, and one network address, may do what costs others something or could be tried out. Far above
 * what a household does, and below what a broken script can. An address of IPv6 counts as its network of 64 bits, since
 * whoever has one has them all (RFC 6177).
 */
const bounds = {
  /** Each way to an issuer and each way back: it costs the issuer's time and ours. */
  signIn: { what: 'sign-ins', address: tenMinutes(60), person: anHour(20) },
  /** Links are 256 random bits, which nobody guesses; asking about them costs the database's time. */
  openInvitation: { what: 'invitations', address: tenMinutes(30) },
  invite: { what: 'new invitations', address: anHour(120), person: anHour(60) },
  makeToken: { what: 'new tokens', address: anHour(40), person: anHour(20) },
  /** What is no token. Good tokens are let through, whoever else tries from there. */
  badToken: { what: 'tokens that are not valid', address: aMinute(60) },
  /**
   * A radio sends about two codes a second, and a household has several boards. A scene counts once: it sets
   * `limits.sceneSteps` outlets at most, and asks a board for the next when the one before has ended.
   */
  switching: { what: 'commands', address: aMinute(300), person: aMinute(120) },
} satisfies Record<string, { what: string; address: Bound; person?: Bound }>;

type Name = keyof typeof bounds;

/**
 * Each counts one, as a hook (`preHandler: app.limit.switching`, after the guard) or where it is called.
 * @throws Failure `too_many_requests`, with the seconds to wait
 */
export type Limits = Readonly<Record<Name, (request: FastifyRequest) => Promise<void>>> & {
  /** A sign-in counts for its person, too, once the issuer has said who it is. @throws Failure `too_many_requests` */
  signInAs: (request: FastifyRequest, who: Pick<Identity, 'issuer' | 'subject'>) => Promise<void>;
};

declare module 'fastify' {
  interface FastifyInstance {
    limit: Limits;
  }
}

/** Makes `app.limit`. Of several processes, all count together. */
export async function countRequests(app: FastifyInstance, { meter, peers }: { meter: Pick<Meter, 'limited'>;
  peers: Pick<Peers, 'count'>; }): Promise<void> {
  await app.register(rateLimit, { global: false, store: countsOf(peers) });
  const persons = new WeakMap<FastifyRequest, string>();

  const counter = (name: Name, whose: 'you' | 'your network', { times, seconds }: Bound,
    key?: (request: FastifyRequest) => string) => {
    const { what } = bounds[name];
    const keyGenerator = (request: FastifyRequest) => `${name} ${whose} ${key?.(request) ?? normalizeIP(request.ip)}`;
    const count = app.createRateLimit({ max: times, timeWindow: seconds * 1000, keyGenerator });
    return async (request: FastifyRequest): Promise<void> => {
      const counted = await count(request);
      if (counted.isAllowed || !counted.isExceeded) return;
      const wait = Math.max(1, counted.ttlInSeconds);
      meter.limited(name, whose === 'you' ? 'person' : 'address');
      throw new Failure('too_many_requests', `These were too many ${what} from ${whose} in a short time. `
        + `Wait ${inWords(wait)}, then try again.`, { retryAfter: wait });
    };
  };
  const byPerson = (name: Name, bound: Bound) => counter(name, 'you', bound,
    (request) => persons.get(request) ?? request.viewer.person.id);

  const limit = (name: Name) => {
    const { address, person }: { address: Bound; person?: Bound } = bounds[name];
    const ofAddress = counter(name, 'your network', address);
    const ofPerson = person && name !== 'signIn' ? byPerson(name, person) : undefined;
    return async (request: FastifyRequest): Promise<void> => {
      await ofAddress(request);
      await ofPerson?.(request);
    };
  };
  const signInAs = byPerson('signIn', bounds.signIn.person);

  app.decorate('limit', {
    signIn: limit('signIn'),
    openInvitation: limit('openInvitation'),
    invite: limit('invite'),
    makeToken: limit('makeToken'),
    badToken: limit('badToken'),
    switching: limit('switching'),
    signInAs: async (request, { issuer, subject }) => {
      persons.set(request, `${issuer} ${subject}`);
      await signInAs(request);
    },
  });
}

/** A store as the plugin wants it. Each key names its limit, so that one serves them all. */
function countsOf(peers: Pick<Peers, 'count'>): FastifyRateLimitStoreCtor {
  return class Counts {
    incr(key: string, done: (error: Error | null, counted?: Counted) => void, windowMs: number): void {
      peers.count(key, windowMs).then((counted) => done(null, counted), done);
    }
    child(): Counts {
      return this;
    }
  };
}

const inWords = (seconds: number): string => {
  const [count, unit] = seconds < 100 ? [seconds, 'second'] : [Math.ceil(seconds / 60), 'minute'];
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
};
