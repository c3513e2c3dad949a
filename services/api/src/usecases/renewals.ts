import { setTimeout as pause } from 'node:timers/promises';
import type { Inventory, TrustNotice } from '@sconce/protocol/authority';
import type { DeviceId } from '@sconce/protocol/ids';
import type { Info } from '@sconce/protocol/messages';
import { AuthorityRefused, AuthorityUnreachable } from '../authority/client.ts';
import { RenewalPace } from '../domain/renewal-pace.ts';
import { Seldom } from '../domain/seldom.ts';
import type { Context } from './context.ts';
import { renew, tell } from './renew.ts';

/** Milliseconds between two looks at what the authority wants of the boards, and for which one look is as good as another. */
const roundMs = 10_000;
const freshMs = 5000;
/** Milliseconds before a board is asked for the same again. */
const askAgainMs = 60_000;
/** Milliseconds that what is under way has when the process ends: the authority may be busy, and boards ask again. */
const stopMs = 1000;
/** Milliseconds in which boards that come at once gather. */
const gatherMs = 200;

/**
 * The boards' certificates, as far as the API has to do with them: hands requests to the authority, tells it what the
 * boards use, and leads them through a rotation: asks those to renew that have not moved, and names to all the authority
 * that they are to trust. Of several processes the one that leads does this.
 */
export class Renewals {
  readonly #context: Context;
  readonly #pace = new RenewalPace<DeviceId>();
  readonly #notes = new Seldom();
  readonly #infos = new Map<DeviceId, Info>();
  /** What the authority knows of each board: serial and what it trusts. */
  readonly #told = new Map<DeviceId, string>();
  readonly #underWay = new Map<DeviceId, Promise<void>>();
  /** When each was asked for something last, milliseconds since 1970. */
  readonly #asked = new Map<string, number>();
  readonly #timer: NodeJS.Timeout;
  #latest: { at: number; inventory: Inventory } | undefined;
  #soon: NodeJS.Timeout | undefined;
  #round: Promise<void> | undefined;
  #stopped = false;

  constructor(context: Context) {
    this.#context = context;
    this.#timer = setInterval(() => this.#begin(), roundMs);
  }

  /** A board asks for a certificate. */
  request(device: DeviceId, request: string): void {
    const { meter, log, now } = this.#context;
    const at = now().getTime();
    if (this.#stopped) return;
    // Its answer is on the way.
    if (this.#underWay.has(device)) return;
    if (!this.#pace.isDue(device, at)) {
      meter.dropped('certificate', 'flood');
      if (this.#notes.isDue(`flood ${device}`, at)) {
        log.warn({ device }, 'a board asks for certificates faster than it could need them; it is heard more seldom');
      }
      return;
    }
    const work = this.#renew(device, request).finally(() => this.#underWay.delete(device));
    this.#underWay.set(device, work);
  }

  /** A board has said who it is: it has just connected, or something about it has changed. */
  info(device: DeviceId, info: Info): void {
    if (this.#stopped) return;
    this.#infos.set(device, info);
    // Many come at once after a restart of the broker.
    this.#soon ??= setTimeout(() => {
      this.#soon = undefined;
      this.#begin(freshMs);
    }, gatherMs);
  }

  /** Waits until what was begun has ended. */
  async idle(): Promise<void> {
    while (this.#underWay.size > 0 || this.#round) await Promise.all([...this.#underWay.values(), this.#round]);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#timer);
    clearTimeout(this.#soon);
    await Promise.race([this.idle(), pause(stopMs, undefined, { ref: false })]);
  }

  async #renew(device: DeviceId, request: string): Promise<void> {
    const { log, now } = this.#context;
    try {
      const result = await renew(this.#context, device, request);
      if (result.renewed) this.#pace.renewed(device, result.lifeMs, now().getTime());
      else this.#pace.inVain(device, now().getTime());
    } catch (error) {
      log.error({ err: error, device }, 'could not renew a board’s certificate');
      this.#pace.inVain(device, now().getTime());
    }
  }

  /** One at a time; who comes while one is under way is in the next, ten seconds later at most. */
  #begin(freshEnoughMs = 0): void {
    const { authority, peers, bus, log, now } = this.#context;
    if (this.#stopped || this.#round || !authority.present || !peers.leads || !bus.connected) return;
    this.#round = this.#goRound(freshEnoughMs).catch((error: unknown) => {
      const known = error instanceof AuthorityUnreachable || error instanceof AuthorityRefused;
      const words = known ? error.message : 'could not look after the boards’ certificates';
      if (this.#notes.isDue(words, now().getTime())) log.error({ err: error }, words);
    }).finally(() => { this.#round = undefined; });
  }

  async #goRound(freshEnoughMs: number): Promise<void> {
    await Promise.all([...this.#infos].map(([device, info]) => this.#tellInUse(device, info)));
    const { rotation, trust } = await this.#inventory(freshEnoughMs);
    if (rotation?.authority === 'devices' && rotation.step === 'moving') {
      await Promise.all(rotation.waiting.map((device) => this.#askToRenew(device)));
    }
    if (trust) await Promise.all([...this.#infos.keys()].map((device) => this.#nameAuthority(device, trust)));
  }

  async #inventory(freshEnoughMs: number): Promise<Inventory> {
    const at = performance.now();
    if (!this.#latest || at - this.#latest.at >= freshEnoughMs) {
      this.#latest = { at, inventory: await this.#context.authority.inventory() };
    }
    return this.#latest.inventory;
  }

  async #tellInUse(device: DeviceId, { certificateSerial: serial, trusts = [] }: Info): Promise<void> {
    const { authority, log, now } = this.#context;
    const news = [serial, ...trusts].join(' ');
    if (serial === undefined || this.#told.get(device) === news) return;
    try {
      await authority.tellInUse({ id: device, serial, trusts });
    } catch (error) {
      if (!(error instanceof AuthorityRefused)) throw error;
      // One board's affair must not keep the others waiting; it is told again in the next round.
      if (this.#notes.isDue(`in use ${device}`, now().getTime())) {
        log.warn({ device, serial, err: error }, `the authority could not note what a board says it uses: ${error.message}`);
      }
      return;
    }
    this.#told.set(device, news);
  }

  async #askToRenew(device: DeviceId): Promise<void> {
    if (!this.#mayAsk(device, 'renew')) return;
    this.#pace.asked(device);
    await this.#ask(device, { do: 'certificate.renew' }, 'to renew its certificate');
  }

  async #nameAuthority(device: DeviceId, { certificate, signature, alone, fingerprint }: TrustNotice): Promise<void> {
    const { trusts = [] } = this.#infos.get(device) ?? {};
    if (trusts.includes(fingerprint) && (!alone || trusts.length === 1)) return;
    if (!this.#mayAsk(device, `trust ${fingerprint} ${alone}`)) return;
    await this.#ask(device, { do: 'authority.trust', certificate, signature, alone }, 'to trust another authority');
  }

  /** Whether it is there, can do it, and has not just been asked. */
  #mayAsk(device: DeviceId, what: string): boolean {
    const { presence, log, now } = this.#context;
    const info = this.#infos.get(device);
    const at = now().getTime();
    if (!info || !presence.isOnline(device)) return false;
    if (!info.capabilities.includes('renew')) {
      if (this.#notes.isDue(`old ${device}`, at)) {
        log.warn({ device, firmware: info.firmware }, 'this board’s firmware cannot renew its certificate, nor trust another '
          + 'authority: update it (make update), or the rotation waits for it');
      }
      return false;
    }
    const key = `${device} ${what}`;
    if (at - (this.#asked.get(key) ?? -Infinity) < askAgainMs) return false;
    this.#asked.set(key, at);
    return true;
  }

  async #ask(device: DeviceId, action: Parameters<typeof tell>[2], what: string): Promise<void> {
    const delivered = await tell(this.#context, device, action);
    if (delivered.outcome === 'transmitted') return this.#context.log.info({ device }, `a board was asked ${what}`);
    this.#context.log.warn({ device, ...delivered }, `a board was asked ${what}, and did not say that it will`);
  }
}
