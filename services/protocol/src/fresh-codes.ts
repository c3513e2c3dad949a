import type { RfCode } from './messages.ts';
import { radioProtocol, type CodePair } from './radio.ts';

/** EV1527's 24 bits: 20 of the remote's address, which a socket learns with the button, then 4 for its buttons. */
const addresses = 2 ** 20;
const buttonBits = 4;
/**
 * One button each: 0F and F0 in PT2262's words. Sockets that are taught On alone, as most are, know what its Off is by this.
 */
const [onButton, offButton] = [0b0001, 0b0100];

const addressOf = ({ code }: RfCode) => code >>> buttonBits;

/**
 * A pair for a socket that learns its remote. Its address is none that a code in `used` has: a socket may take every
 * button of an address that it has learned. `random`: from 0 up to, not including, 1.
 * @throws RangeError if each of a million addresses is in use
 */
export function freshCodes(used: readonly RfCode[], random: () => number): CodePair {
  // By whatever protocol: the same 24 bits at other lengths are nothing that a cheap socket surely tells apart.
  const taken = new Set(used.filter(({ bits }) => bits === 24).map(addressOf));
  // What a receiver without a remote might make of noise.
  taken.add(0).add(addresses - 1);
  const first = Math.floor(random() * addresses);
  for (let step = 0; step < addresses; step++) {
    const address = (first + step) % addresses;
    if (taken.has(address)) continue;
    const code = (button: number) =>
      ({ code: address * 2 ** buttonBits + button, bits: 24, protocol: 1, pulse: radioProtocol(1).usualPulse });
    return { on: code(onButton), off: code(offButton) };
  }
  throw new RangeError('every address is in use');
}
