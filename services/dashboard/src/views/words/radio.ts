import { limits } from '@sconce/protocol/limits';
import type { RfCode } from '@sconce/protocol/messages';
import { sameCode } from '@sconce/protocol/radio';
import type { HeardFrame } from '@sconce/protocol/radio-api';
import { type Candidate, framesNeeded, type Learning } from '../../state/learning.ts';
import { count } from './times.ts';

export type Which = 'on' | 'off';

/** "24 bits · protocol 1 · 350 µs": for the curious. */
export const codeDetails = ({ bits, protocol, pulse }: RfCode) =>
  `${count(bits, 'bit')} · protocol ${protocol} · ${pulse} µs`;

/** "Heard 7 times". */
export const timesHeard = (times: number) => `Heard ${times === 1 ? 'once' : times === 2 ? 'twice' : `${times} times`}`;

/** "Hall lamp, on"; of a toggle's one button "Hall lamp, on and off". Undefined if no outlet here has it. */
export function belongsTo(outlets: HeardFrame['outlets']): string | undefined {
  const names = new Map<string, { name: string; turns: string[] }>();
  for (const { id, name, on } of outlets) {
    const before = names.get(id);
    names.set(id, { name, turns: [...before?.turns ?? [], on === null ? 'on and off' : on ? 'on' : 'off'] });
  }
  return [...names.values()].map(({ name, turns }) => `${name}, ${turns.join(' and ')}`).join('; ') || undefined;
}

/** Whose a code may be that was heard beside the one that is meant. */
export const whose = ({ outlets }: Candidate) => belongsTo(outlets) ?? 'Perhaps a neighbour’s remote, or a weather sensor';

/** What the page says while it listens. `before`: the code for on, while it is off that is asked for. */
export function listeningWords({ found, others, noise }: Learning, which: Which, before?: RfCode): string {
  if (found && before && sameCode(found.code, before)) {
    return 'That is the same code as for on. Either ON was pressed again, or the remote has one button for both.';
  }
  if (found) return 'Got it. If you pressed the button just now, go on.';
  if (others.some(({ outlets }) => outlets.length > 0)) {
    return `This button switches an outlet that is here already. Press ${which.toUpperCase()} on the other remote.`;
  }
  if (others.length + noise > 0) return 'Something is coming. Keep the button down a little longer…';
  return 'Hold the remote near the board and keep the button down for two seconds.';
}

/** What to try when the time is over and nothing was learned; the likeliest first. */
export function advice({ others, noise }: Learning, board: string): { title: string; tips: string[] } {
  const closer = `Hold the remote within a metre of ${board}, and keep the button down for two seconds.`;
  const battery = 'Does the remote’s own light come on? If not or only faintly, change its battery.';
  const other = `Is it the right board? The remote must be near ${board}.`;
  const receiver = `Does ${board} have a radio receiver, and is it wired? Boards can send without one, but not hear.`;
  const band = 'Remotes for 868 MHz, Bluetooth or infra-red cannot be heard. Look for “433” on the remote’s back.';
  if (others.some(({ outlets }) => outlets.length > 0)) {
    return { title: 'Only remotes that are here already were heard', tips: [closer, 'Check that it is the new socket’s remote.', battery] };
  }
  if (others.length + noise > 0) {
    return {
      title: 'Something was heard, but nothing clear',
      tips: [`The same code must come ${framesNeeded} times. ${closer}`, battery, 'Keep the board away from chargers and screens: they disturb it.'],
    };
  }
  return { title: 'Nothing was heard', tips: [closer, battery, other, receiver, band] };
}

/** A code in an address: "5393.24.1.350". */
export const codeText = ({ code, bits, protocol, pulse }: RfCode) => [code, bits, protocol, pulse].join('.');

/** Reads it back; undefined if it is none, since anybody can write into the address bar. */
export function readCode(text: string | undefined): RfCode | undefined {
  if (!/^\d{1,10}(\.\d{1,4}){3}$/.test(text ?? '')) return undefined;
  const [code, bits, protocol, pulse] = (text ?? '').split('.').map(Number) as [number, number, number, number];
  const within = (value: number, { min, max }: { min: number; max: number }) => value >= min && value <= max;
  const fits = within(bits, limits.rfBits) && within(protocol, limits.rfProtocol) && within(pulse, limits.rfPulse)
    && code < 2 ** bits;
  return fits ? { code, bits, protocol, pulse } : undefined;
}
