import { randomUUID } from 'node:crypto';
import { SignRefusal, type Signed } from '@sconce/protocol/authority';
import { CommandId, type DeviceId } from '@sconce/protocol/ids';
import { limits } from '@sconce/protocol/limits';
import type { Action } from '@sconce/protocol/messages';
import { AuthorityRefused, AuthorityUnreachable } from '../authority/client.ts';
import { findDevice } from '../db/devices.ts';
import { recordLater } from './audit.ts';
import type { Context } from './context.ts';
import { deliver, outcomeOf, type Delivered } from './deliver.ts';

/** What came of a board's request. `lifeMs`: of the certificate that it has taken into use. */
export type Renewal = { renewed: true; lifeMs: number } | { renewed: false };

/**
 * Has the authority answer a board's request, and gives the board what it was given. The id is the one of the topic, for
 * which the broker vouches: whatever else the request says, it is for that board or for nobody.
 * @param request PKCS #10 in base64
 */
export async function renew(context: Context, device: DeviceId, request: string): Promise<Renewal> {
  const signed = await sign(context, device, request);
  if (!signed) return { renewed: false };
  const delivered = await handOver(context, device, signed);
  const renewed = delivered.outcome === 'transmitted';
  const notAfter = new Date(signed.notAfter).toISOString();
  recordLater(context, { via: 'board' }, {
    action: 'device.renew', target: await targetOf(context, device), outcome: renewed ? 'done' : outcomeOf(delivered),
    detail: { serial: signed.serial, notAfter, ...'reason' in delivered && delivered.reason && { reason: delivered.reason } },
  });
  if (renewed) context.log.info({ device, serial: signed.serial, notAfter }, 'a board has renewed its certificate');
  else {
    context.log.warn({ device, serial: signed.serial, ...delivered },
      'a board did not take its new certificate; it goes on with the old one and will ask again');
  }
  context.feed.publish({ type: 'certificates' }, { to: 'admins' });
  return renewed ? { renewed, lifeMs: signed.notAfter - signed.notBefore } : { renewed };
}

async function sign(context: Context, device: DeviceId, request: string): Promise<Signed | undefined> {
  const { authority, log } = context;
  try {
    return await authority.sign(device, request);
  } catch (error) {
    if (error instanceof AuthorityRefused && SignRefusal.safeParse(error.code).success) {
      const { code, message: why } = error;
      log.warn({ device, code, why }, 'a board asked for a certificate that it may not have');
      recordLater(context, { via: 'board' }, {
        action: 'device.renew_refused', target: await targetOf(context, device), outcome: 'refused', detail: { code, why } });
      return undefined;
    }
    if (error instanceof AuthorityRefused || error instanceof AuthorityUnreachable) {
      log.error({ device, err: error }, `a board asks for a certificate, and cannot have one now: ${error.message}`);
      return undefined;
    }
    throw error;
  }
}

/** First who has signed, then what was signed: two commands, as one would be larger than a board can take. */
async function handOver(context: Context, device: DeviceId, { issuer, certificate }: Signed): Promise<Delivered> {
  const named = await tell(context, device, { do: 'certificate.issuer', certificate: issuer });
  return named.outcome === 'transmitted' ? tell(context, device, { do: 'certificate.install', certificate }) : named;
}

/** A command about certificates; nobody waits for it at a screen. */
export function tell(context: Context, device: DeviceId, action: Action): Promise<Delivered> {
  const deadline = new Date(context.now().getTime() + limits.commandDeadlineMs);
  return deliver(context, device, CommandId.parse(randomUUID()), action, deadline);
}

/** The name is for who reads the log later; a database that is away must not keep a board from its certificate. */
async function targetOf({ db }: Context, id: DeviceId): Promise<{ kind: 'device'; id: DeviceId; name: string | null }> {
  const row = await findDevice(db, id).catch(() => undefined);
  return { kind: 'device', id, name: row?.name ?? null };
}
