import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance, LightMyRequestResponse } from 'fastify';
import { pino, type Logger } from 'pino';
import type { DeviceId } from '@sconce/protocol/ids';
import type { Action } from '@sconce/protocol/messages';
import type { Outlet } from '@sconce/protocol/http';
import { startPostgres } from '../../acceptance/src/postgres.ts';
import { prepareDatabase } from '../../acceptance/src/prepared-database.ts';
import { buildApp } from '../src/app.ts';
import { createAuthority, type Authority } from '../src/authority/client.ts';
import type { Config } from '../src/config.ts';
import { migrate, openDatabase, type Db } from '../src/db/database.ts';
import { Air } from '../src/domain/air.ts';
import { Feed } from '../src/domain/feed.ts';
import { alone } from '../src/domain/peers.ts';
import { Presence } from '../src/domain/presence.ts';
import { RevokedBoards } from '../src/domain/revoked.ts';
import type { Person } from '../src/domain/viewer.ts';
import { createMetrics } from '../src/metrics/metrics.ts';
import type { Bus, BusListener, Delivery } from '../src/mqtt/bus.ts';
import { AuditLog } from '../src/usecases/audit-log.ts';
import type { Context } from '../src/usecases/context.ts';
import { followDevices } from '../src/usecases/follow-devices.ts';
import { openSession } from '../src/usecases/sessions.ts';
import { signIn } from '../src/usecases/sign-in.ts';

export const publicUrl = 'https://lamps.example.org';
export const board = '0123456789abcdef0123456789abcdef' as DeviceId;

/** The databases that Sconce runs on, each started when it is asked for. */
export const databases: Record<string, () => Promise<{ db: Db; stop(): Promise<void> }>> = {
  async PGlite() {
    const folder = await mkdtemp(join(tmpdir(), 'sconce-pglite-'));
    await prepareDatabase(folder);
    const db = openDatabase({ folder }, () => undefined);
    return { db, stop: () => db.destroy().finally(() => rm(folder, { recursive: true, force: true })) };
  },
  async PostgreSQL() {
    const server = await startPostgres();
    const db = openDatabase({ url: server.url }, () => undefined);
    return { db, stop: () => db.destroy().then(server.stop) };
  },
};

/**
 * The one that people run. PGlite speaks the same SQL, for two to three times the processor's time: http.test and
 * migrations.test hold both against one another.
 */
export const { PostgreSQL: startServer } = databases as { PostgreSQL: () => Promise<{ db: Db; stop(): Promise<void> }> };

/** A bus whose boards answer as the test says; the real one is tested with the real broker, elsewhere. */
export class ScriptedBus implements Bus {
  connected = true;
  readonly brokerCertificateEnds = undefined;
  readonly ownCertificateEnds = undefined;
  listener: BusListener | undefined;
  readonly sent: { device: DeviceId; action: Action; deadline: Date }[] = [];
  readonly cleared: DeviceId[] = [];
  answer: (device: DeviceId, action: Action) => Promise<Delivery> = async () => ({ outcome: 'transmitted' });

  start(listener: BusListener): void {
    this.listener = listener;
  }
  send(device: DeviceId, _id: unknown, action: Action, deadline: Date): Promise<Delivery> {
    this.sent.push({ device, action, deadline });
    return this.answer(device, action);
  }
  use(): void { /* it shows nobody a certificate */ }
  askAgain(): void { /* the test says what a board says */ }
  clearRetained(device: DeviceId): void {
    this.cleared.push(device);
  }
  async close(): Promise<void> { /* nothing is open */ }
}

export const config: Config = {
  host: '127.0.0.1', port: 0, logLevel: 'silent', trustedProxies: ['loopback'], publicUrl, ownerEmail: 'olive@example.org',
  issuers: [{
    id: 'first', name: 'Issuer', url: 'https://issuer.invalid', clientId: 'sconce', clientSecret: 'secret', prefix: 'OIDC_',
  }],
  sessionKeys: [randomBytes(32)],
  database: { folder: 'memory://' }, ownersDatabase: undefined,
  mqtt: { url: 'mqtts://localhost:1', ca: Buffer.of(), cert: Buffer.of(), key: Buffer.of(), files: { ca: '', cert: '', key: '' } },
  authoritySocket: undefined, 
  doctor: { command: process.execPath, args: ['-e', 'console.log(\'{"at":0,"worst":"ok","findings":[]}\')'], env: {} },
  refusalsFile: undefined, warn: { webhook: undefined, email: undefined },
  metrics: undefined, watchedCertificates: [], workers: 1,
};

export type Client = (method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', url: string, body?: unknown,
  headers?: Record<string, string>) =>
  Promise<LightMyRequestResponse>;

/** A household on a database: the app, the bus, and people who can knock. */
export class Household {
  readonly bus = new ScriptedBus();
  readonly context: Context;
  readonly app: FastifyInstance;
  readonly #clock: { aheadMs: number };
  readonly #following: ReturnType<typeof followDevices>;

  private constructor(context: Context, app: FastifyInstance, bus: ScriptedBus, sweepMs: number | undefined,
    clock: { aheadMs: number }) {
    this.#clock = clock;
    this.context = context;
    this.app = app;
    this.bus = bus;
    this.#following = followDevices(context, sweepMs);
  }

  static async on(db: Db, { sweepMs, log = pino({ level: 'silent' }), authority = createAuthority(undefined) }:
    { sweepMs?: number; log?: Logger; authority?: Authority } = {}):
    Promise<Household> {
    await migrate(db);
    const bus = new ScriptedBus();
    const clock = { aheadMs: 0 };
    const peers = alone('test');
    const feed = new Feed(peers);
    const audit = new AuditLog({ db, feed, log, peers });
    const context = {
      db, bus, authority, log, feed, audit, meter: createMetrics().meter, presence: new Presence(), revoked: new RevokedBoards(peers), air: new Air(peers), peers,
      now: () => new Date(Date.now() + clock.aheadMs),
    };
    return new Household(context, await buildApp(context, config, log), bus, sweepMs, clock);
  }

  /**
   * Signs somebody in whom the issuer has proved; the browser part is tested with a real issuer, elsewhere. `client`
   * takes the cookies that it is given, as a browser does; `cookie` is the first.
   * @param invitation the secret of its link, if they were shown one
   */
  async person(subject: string, verified = true, userAgent = 'test', invitation?: string):
    Promise<{ person: Person; client: Client; cookie: string }> {
    const email = `${subject}@example.org`;
    const identity = { issuer: 'https://issuer.invalid', subject, email, name: subject, picture: null };
    const person = await signIn(this.context, identity, {
      verified, ownerEmail: config.ownerEmail,
      ...invitation !== undefined && { invited: { secret: invitation, address: '127.0.0.1' } },
    });
    const secret = await openSession(this.context, person, { userAgent, address: '127.0.0.1' });
    const session = this.app.createSecureSession({ secret, __ts: Math.round(Date.now() / 1000) });
    const cookie = `__Host-session=${encodeURIComponent(this.app.encodeSecureSession(session))}`;
    let held = cookie;
    const client: Client = async (...ask) => {
      const answer = await this.as({ cookie: held, origin: publicUrl, 'sec-fetch-site': 'same-origin' })(...ask);
      const given = [answer.headers['set-cookie'] ?? []].flat().find((line) => line.startsWith('__Host-session='));
      if (given !== undefined) held = given.split(';')[0] ?? '';
      return answer;
    };
    return { person, cookie, client };
  }

  as(standing: Record<string, string>): Client {
    return (method, url, body, headers = {}) => this.app.inject({
      method, url,
      headers: { ...standing, ...headers },
      // What has no end is answered as soon as it has begun.
      payloadAsStream: headers.accept === 'text/event-stream',
      ...body !== undefined && { payload: body as object },
    });
  }

  /** The board comes online, an admin adopts it and adds an outlet. */
  async withOutlet(admin: Client, name = 'Hall lamp'): Promise<Outlet> {
    await this.boardSays({ channel: 'status', value: { online: true, since: Date.now() } });
    await this.boardSays({ channel: 'info', value: {
      firmware: '1.0.0', hardware: 'test', capabilities: ['rf.send', 'rf.receive', 'rf.learn', 'pin.set', 'identify'], pins: [5],
      resetReason: 'power on',
      certificateNotAfter: Date.now() + 1e9 } });
    await admin('POST', `/api/v1/devices/${board}/adopt`, { name: 'Hall board' });
    const code = { bits: 24, protocol: 1, pulse: 350 };
    const made = await admin('POST', '/api/v1/outlets', {
      deviceId: board, name, room: 'Hall',
      control: { kind: 'rf', on: { code: 5393, ...code }, off: { code: 5396, ...code } } });
    if (made.statusCode !== 201) throw new Error(made.body);
    return made.json<Outlet>();
  }

  /** Hands a message of a board to the API, and waits until it has been taken. */
  async boardSays(message: { channel: string; value: unknown }, device = board): Promise<void> {
    this.bus.listener?.onMessage({ device, ...message } as Parameters<BusListener['onMessage']>[0]);
    await this.settled();
  }

  /** Lets time pass, in milliseconds, for all that asks the clock of the API. */
  later(ms: number): void {
    this.#clock.aheadMs += ms;
  }

  /** Waits until all that the boards have said is stored. */
  settled(): Promise<void> {
    return this.#following.idle();
  }

  async close(): Promise<void> {
    await this.#following.stop();
    await this.app.close();
    await this.context.audit.close();
  }
}
