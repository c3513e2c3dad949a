import { setTimeout as pause } from 'node:timers/promises';
import { limits } from '@sconce/protocol/limits';
import type { Ack } from '@sconce/protocol/messages';
import type { Offer } from './firmware.ts';
import type { Line } from './line.ts';
import { Problem } from './problem.ts';

/** Pieces on their way at once, so that the line is not idle while the board writes: about what its TCP window holds. */
const inFlightMax = 4;
/** Until the radio has sent, or whatever else has come between. */
const pauseMs = 200;

/**
 * Sends firmware until the board has all of it and restarts with it. Whatever is lost on the way, it offers the firmware
 * again, and the board says from where to go on.
 * @param told called with the bytes that the board has
 * @throws Problem if the board refuses, or has got no further for as long as it keeps a part of an update
 */
export async function sendFirmware(line: Line, firmware: Uint8Array, offer: Offer, told: (bytes: number) => void): Promise<void> {
  let has = -1;
  let furtherAt = Date.now();
  const tell = (bytes: number) => {
    if (bytes !== has) furtherAt = Date.now();
    has = bytes;
    told(bytes);
  };
  const beganSince = line.status?.since;
  while (Date.now() - furtherAt < limits.updateSilenceMs) {
    const begun = await line.ask({ do: 'update.begin', ...offer });
    if (goesOn(begun) && begun.at !== undefined) {
      tell(begun.at);
      if (await sendPieces(line, firmware, begun.at, tell)) {
        const ended = await line.ask({ do: 'update.end' });
        // Its answer may be lost where its restart is not.
        if (goesOn(ended) || line.status?.since !== beganSince && line.info?.resetReason === 'restart: new firmware') return;
      }
    }
    await pause(pauseMs);
  }
  throw new Problem('The board has got no further for two minutes. It keeps its old firmware. Is it online? Then try again.');
}

/** `false`: some of it did not arrive, or not in its order. */
async function sendPieces(line: Line, firmware: Uint8Array, from: number, tell: (bytes: number) => void): Promise<boolean> {
  const inFlight: Promise<Ack | undefined>[] = [];
  let next = from;
  while (next < firmware.length || inFlight.length > 0) {
    while (next < firmware.length && inFlight.length < inFlightMax) {
      const piece = firmware.subarray(next, next + limits.updateChunkBytes.max);
      inFlight.push(line.ask({ do: 'update.data', at: next, data: Buffer.from(piece).toString('base64') }));
      next += piece.length;
    }
    const ack = await inFlight.shift();
    if (!goesOn(ack)) {
      // The board refuses those behind it, too: without their answers they would mix with what comes next.
      await Promise.all(inFlight);
      return false;
    }
    if (ack.at !== undefined) tell(ack.at);
  }
  return true;
}

/** `false`: try again. @throws Problem where that is no use */
function goesOn(ack: Ack | undefined): ack is Ack {
  if (ack === undefined || ack.outcome === 'expired') return false;
  if (ack.outcome === 'transmitted') return true;
  if (ack.reason === 'queue_full' || ack.reason === 'out_of_order') return false;
  const why = ack.reason && (words[ack.reason] ?? `${ack.reason}. Are its firmware and this program of one version?`);
  throw new Problem(`The board ${ack.outcome}: ${why ?? 'it gave no reason.'} It keeps its old firmware.`);
}

const words: Partial<Record<NonNullable<Ack['reason']>, string>> = {
  not_signed: 'this firmware does not bear the signature of its household, or an old one. Sign it in the store that the '
    + 'board was minted in (PKI_DIR), on a machine whose clock is right.',
  update_failed: 'what arrived is not what was signed, or its flash has no room. Try again.',
  clock_not_set: 'it does not know the time yet. Try again in a minute.',
  deadline_too_far: 'its clock and this machine’s differ. Check the time here.',
};
