import { number, reading, rolling, type Reading } from './reading.ts';
import { fromBytes } from './rf-bridge.ts';

const optional = (value: unknown) => value === undefined || value === null ? undefined : number(value);

/**
 * A message of OpenMQTTGateway's, as it publishes and takes them (docs/use/rf.md): RF (`value`, `protocol`, `length`,
 * `delay`) and SRFB (`raw`, an RF Bridge's nine bytes). Its other radios speak no protocol of rc-switch. Undefined: it is
 * not one.
 */
export function fromGateway(message: Record<string, unknown>): Reading | undefined {
  const { value, protocol, length, delay, mhz, raw, model } = message;
  if (/keeloq|hcs\d{3}|rolling|hopping/i.test(JSON.stringify([model, protocol, message.type, message.brand]))) return rolling;
  if ('switchType' in message || 'groupBit' in message) {
    return {
      reason: 'This is the self-learning KlikAanKlikUit protocol, which no board of Sconce sends. Pair the socket with Sconce if it '
        + 'can learn others.',
    };
  }
  if (typeof protocol === 'string' && Number.isNaN(number(protocol)) || model !== undefined || 'pulsesString' in message) {
    return {
      reason: 'This is a message of Pilight or rtl_433, which name other protocols. Set the gateway\'s receiver to RF, press the button '
        + 'again and import that line.',
    };
  }
  const megahertz = optional(mhz);
  if (megahertz !== undefined && !(megahertz >= 433 && megahertz < 435)) {
    return { reason: `This remote is on ${String(mhz)} MHz, and Sconce's boards are on 433 MHz: they cannot reach its socket.` };
  }
  if (typeof raw === 'string' && /^[0-9A-F]{18}$/i.test(raw)) return fromBytes(`AAA4${raw}55`);
  if (value === undefined) return undefined;
  if ('val_Tlow' in message || 'Tlow' in message) {
    return { reason: 'The line has no "raw" with an RF Bridge\'s nine bytes: import it as the gateway published it.' };
  }
  return reading({ code: number(value), bits: optional(length), protocol: optional(protocol), pulse: optional(delay) });
}
