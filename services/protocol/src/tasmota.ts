import { number, reading, type Reading } from './reading.ts';
import { fromBytes, fromTimings, type Timings } from './rf-bridge.ts';

/** A code with the words before it, which may be its name. */
export interface Labelled { label: string; reading: Reading }

/** µs that an RF Bridge sends RfCode with until told otherwise by RfSync, RfLow and RfHigh (Tasmota's documentation). */
const usual: Timings = { sync: 8470, short: 270, long: 840 };

const rfKey: Reading = {
  reason: 'RfKey is a place in the bridge\'s own memory. Press the remote\'s button while you watch its console, and import the line '
    + 'with RfReceived.',
};

/** "#1511" or "1511" are hexadecimal, 5393 is decimal: SetOption28. */
const bridgeCode = (data: unknown) => typeof data === 'string' ? number(`0x${data.replace(/^(#|0x)/i, '')}`) : number(data);
/** "0x1511" is hexadecimal, "5393" and 5393 are decimal. */
const sensorCode = (data: unknown) => typeof data === 'string' && /[a-f]/i.test(data) ? bridgeCode(data) : number(data);
const optional = (value: unknown) => value === undefined ? undefined : number(value);

/** Keys as Tasmota's; `Data` without timings is from a board with rc-switch, not from an RF Bridge. */
function fromData(data: Record<string, unknown>): Reading | undefined {
  const { Data, Sync, Low, High, Bits, Protocol, Pulse } = data;
  if (typeof Data === 'string' && /^\s*AA\s*(A0|A[3-9A-F]|B[01])[0-9A-F\s]*55\s*$/i.test(Data)) return fromBytes(Data);
  if (Sync !== undefined) return fromTimings({ sync: number(Sync), short: number(Low), long: number(High), code: bridgeCode(Data) });
  return reading({ code: sensorCode(Data), bits: optional(Bits), protocol: optional(Protocol), pulse: optional(Pulse) });
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

/**
 * A message of Tasmota's: `{"RfReceived":{...}}` of an RF Bridge (Sync, Low, High, Data) or of a board with rc-switch (Data,
 * Bits, Protocol, Pulse), `{"RfRaw":{"Data":"AA ..."}}`, `{"RfCode":"#001511"}`, or RfSend's own `{"Data":...}`.
 * `other`: it is not Tasmota's; `silent`: it is, and says nothing of a code.
 */
export function fromTasmotaMessage(message: Record<string, unknown>): Reading | 'other' | 'silent' {
  if ('RfCode' in message) return fromTimings({ ...usual, code: bridgeCode(message.RfCode) });
  const inner = message.RfReceived ?? message.RfRaw ?? message.RfSend ?? ('Data' in message ? message : undefined);
  if (inner === undefined) return 'other';
  return isObject(inner) && 'Data' in inner ? fromData(inner) ?? 'silent' : 'silent';
}

const commands = /\bRf(Code|Raw|Sync|Low|High|Host|Send|Key\d*)\b/gi;
const values = {
  number: /^\s*[:=]?\s*(#[0-9a-f]+|\d+)/i,
  bytes: /^\s*[:=]?\s*(AA[0-9A-F\s]*55\b|\d+)/i,
  list: /^\s*[:=]?\s*((?:0x[0-9a-f]+|\d+)(?:\s*,\s*\d+)*)/i,
};
const bareBytes = /\bAA\s*(?=(?:A[03-9A-F]|B[01])[0-9A-F\s]*55\b)/gi;

/** Whether a line without braces is Tasmota's: its commands, or a bridge's bytes alone. */
export const isTasmota = (line: string): boolean => line.search(commands) >= 0 || line.search(bareBytes) >= 0;

/**
 * Commands as one enters them: `RfCode #1511` or `RfCode 5393`, after RfSync, RfLow and RfHigh if they are there;
 * `RfRaw AA ... 55`, also without the word; `RfSend data, bits, protocol, repeat, pulse`.
 */
export function fromTasmotaCommands(line: string): Labelled[] {
  const text = /\bRfRaw\b/i.test(line) ? line : line.replaceAll(bareBytes, 'RfRaw AA');
  const timings = { ...usual };
  const found: Labelled[] = [];
  let label = '';
  let end = 0;
  for (const match of text.matchAll(commands)) {
    label += text.slice(end, match.index);
    const command = (match[1] ?? '').toLowerCase();
    const rest = text.slice(match.index + match[0].length);
    const form = command === 'raw' ? values.bytes : command === 'send' ? values.list : values.number;
    const [whole, value = ''] = form.exec(rest) ?? [''];
    end = match.index + match[0].length + whole.length;
    const read = fromCommand(command, value, timings);
    if (!read) continue;
    found.push({ label, reading: read });
    label = '';
  }
  return found;
}

/** `timings` are set by those that set them, for those that come after. */
function fromCommand(command: string, value: string, timings: Timings): Reading | undefined {
  const decimalOrHex = value.startsWith('#') ? bridgeCode(value) : number(value);
  switch (command) {
    case 'sync': timings.sync = decimalOrHex; return undefined;
    case 'low': timings.short = decimalOrHex; return undefined;
    case 'high': timings.long = decimalOrHex; return undefined;
    case 'host': return undefined;
    case 'code': return fromTimings({ ...timings, code: decimalOrHex });
    // A number sets how the bridge listens.
    case 'raw': return /^\d{1,3}$/.test(value) ? undefined : fromBytes(value);
    case 'send': {
      const [code = Number.NaN, bits, protocol, , pulse] = value.split(',').map(number);
      return reading({ code, bits, protocol, pulse });
    }
    default: return rfKey;
  }
}
