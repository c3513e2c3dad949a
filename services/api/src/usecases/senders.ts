import { randomUUID } from 'node:crypto';
import type { AuditDetail } from '@sconce/protocol/audit';
import type { Control } from '@sconce/protocol/http';
import { CommandId, type DeviceId } from '@sconce/protocol/ids';
import { limits } from '@sconce/protocol/limits';
import type { Db } from '../db/database.ts';
import { findDevice } from '../db/devices.ts';
import type { OutletRow } from '../db/outlets.ts';
import { actionFor } from '../domain/control.ts';
import type { Context } from './context.ts';
import { deliver, outcomeOf, type Delivered } from './deliver.ts';

type Sender = { id: DeviceId; name: string };

/** The outlet's own board first, then those that send its code again, as far as they are still in the household. */
export async function sendersOf(db: Db, { device_id: id, device_name: name, control }: OutletRow): Promise<Sender[]> {
  const senders = [{ id, name: name ?? id }];
  if (control.kind !== 'rf') return senders;
  for (const other of control.also ?? []) {
    const row = await findDevice(db, other);
    if (row && row.adopted_at !== null) senders.push({ id: other, name: row.name ?? other });
  }
  return senders;
}

/**
 * Has each board send it, one after the other, so that they do not drown one another out. That one of them did is
 * enough.
 * @param run `silent`: boards that are not asked, as they have not answered before; those that do not answer now are added
 * @returns `result`: that it was sent, or else how the outlet's own board fared; `answeredAt`: when the first had sent,
 *   in milliseconds as performance.now() tells it; `others`: for the audit log, what else there is to say
 */
export async function sendFromAll(context: Context, senders: readonly Sender[], id: CommandId, control: Control,
  on: boolean, run?: { silent: Set<DeviceId>; turnMs: number }): Promise<{ result: Delivered; answeredAt: number; others: AuditDetail }> {
  const ended: { name: string; result: Delivered; at: number }[] = [];
  for (const sender of senders) {
    const commandId = ended.length === 0 ? id : CommandId.parse(randomUUID());
    const deadline = new Date(context.now().getTime() + limits.commandDeadlineMs);
    const result: Delivered = run?.silent.has(sender.id) ? { outcome: 'expired' }
      : await deliver(context, sender.id, commandId, actionFor(control, on), deadline, run?.turnMs);
    if (result.outcome === 'expired') run?.silent.add(sender.id);
    ended.push({ name: sender.name, result, at: performance.now() });
  }
  const sent = ended.filter(({ result }) => result.outcome === 'transmitted');
  const first = sent[0] ?? ended[0];
  if (!first) throw new Error('an outlet without a board');
  return { result: first.result, answeredAt: first.at, others: ended.length === 1 ? {} : {
    ...sent.length > 0 && { sentBy: sent.map(({ name }) => name).join(', ') },
    ...sent.length < ended.length && { notSentBy: ended.filter((one) => !sent.includes(one))
      .map(({ name, result }) => `${name} (${outcomeOf(result)})`).join(', ') },
  } };
}
