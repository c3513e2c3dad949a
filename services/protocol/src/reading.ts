import { limits } from './limits.ts';
import type { RfCode } from './messages.ts';
import { radioProtocols } from './radio.ts';

/** A code as another program wrote it, or why it is refused and what to do. */
export type Reading = { code: RfCode } | { reason: string };

const pair = 'If the socket can learn, pair it with Sconce.';
const instead = 'Learn the socket from its remote instead.';
export const unknownFrame = {
  reason: `These pulses are no frame of rc-switch's protocols. ${instead}`,
};
export const rolling = {
  reason: `This is a rolling code: another one at each press, so that it cannot be copied. ${pair}`,
};
export const noCode = {
  reason: 'There is no code in this line that Sconce can read. Delete it, or write: Hall lamp; 5393; 5396',
};

/** Numbers as programs write them: 5393, "5393", "0x1511". NaN if it is none. */
export const number = (value: unknown): number => typeof value === 'number' ? value
  : typeof value === 'string' && /^\s*(0x[0-9a-f]+|\d+)\s*$/i.test(value) ? Number(value) : Number.NaN;

/** Holds numbers against what a board can send. Left out: 24 bits, protocol 1, and the protocol's usual pulse. */
export function reading({ code, bits = 24, protocol = 1, pulse }: {
  code: number; bits?: number | undefined; protocol?: number | undefined; pulse?: number | undefined;
}): Reading {
  if (!Number.isInteger(code) || code < 0) return { reason: 'The code is no whole number.' };
  if (bits > limits.rfBits.max || code >= 2 ** limits.rfBits.max) {
    return {
      reason: `The code has more than ${limits.rfBits.max} bits, which no board of Sconce sends. It may be a rolling code, which cannot `
        + `be copied. ${pair}`,
    };
  }
  const row = radioProtocols[protocol - 1];
  if (!row) return { reason: `Protocol ${protocol} is none of rc-switch's 1 to ${radioProtocols.length}. ${instead}` };
  if (!Number.isInteger(bits) || bits < limits.rfBits.min) {
    return { reason: `The number of bits is not from ${limits.rfBits.min} to ${limits.rfBits.max}: usual sockets have 24.` };
  }
  if (code >= 2 ** bits) return { reason: `${code} is too large for ${bits} bits: say how many it has.` };
  const micros = pulse ?? row.usualPulse;
  if (!Number.isInteger(micros) || micros < limits.rfPulse.min || micros > limits.rfPulse.max) {
    const { min, max } = limits.rfPulse;
    return { reason: `The pulse is not from ${min} to ${max} µs: leave it out, and the protocol's usual one is taken.` };
  }
  return { code: { code, bits, protocol, pulse: micros } };
}
