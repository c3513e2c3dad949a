import { fromGateway } from './openmqttgateway.ts';
import { lone, paired, pairInOrder, pairNamed, type Draft, type Half, type Refused } from './pairs.ts';
import { readRcSwitchLine } from './rc-switch-line.ts';
import { noCode, type Reading } from './reading.ts';
import { fromTasmotaCommands, fromTasmotaMessage, isTasmota, type Labelled } from './tasmota.ts';

/** Lines, but a JSON object that goes over several is one, and begins where it begins. */
function records(text: string): { line: number; text: string }[] {
  const found: { line: number; text: string }[] = [];
  let open = 0;
  for (const [at, line] of text.replace(/^\uFEFF/, '').split(/\r\n|\r|\n/).entries()) {
    const depth = [...line.replaceAll(/"(\\.|[^"\\])*"/g, '')].reduce((sum, c) => sum + (c === '{' ? 1 : c === '}' ? -1 : 0), 0);
    const last = found.at(-1);
    // Whatever goes on in an object begins so: an object that is never closed must not swallow the lines after it.
    if (open > 0 && last && /^\s*["}\],]/.test(line)) {
      last.text += `\n${line}`;
      open += depth;
    } else {
      found.push({ line: at + 1, text: line });
      open = depth;
    }
  }
  return found;
}

/** Blank, a comment (`//`, or `#` and a space), an array's brackets, or the heads of a table's columns. */
const saysNothing = (text: string, first: boolean) => /^[\s[\],]*$|^\s*(\/\/|#(\s|$|[#!]))/.test(text)
  || first && !/[\d{]/.test(text) && /\bon\b.*\boff\b/i.test(text);

/** What a log, a topic or a command puts before a message is no name. */
const clutter = [
  /^.*\b(MQT|RSL|RUL|CMD|SRC|mosquitto_pub)\b.*$/is, /^\s*[[(]?(\d{4}-\d\d-\d\d[T\s]*)?(\d{1,2}:\d\d(:\d\d)?([.,]\d+)?Z?)?[\])]?/,
  /\S+\/\S+\/\S*/g, /\b(Backlog\d?|RfSend|RfReceived|RfRaw|RESULT)\b/gi,
];

/** "Hall lamp on" is named Hall lamp, and on. */
function called(words: string): Pick<Half, 'name' | 'state'> {
  const bare = (text: string) => text.replaceAll(/^[\s"'[\],;:=|-]+|[\s"'[\],;:=|-]+$/g, '');
  // No name is so long, and patterns that go back and forth stay quick.
  const label = bare(clutter.reduce((text, pattern) => text.replace(pattern, ''), words.slice(-300)));
  const [, name, state] = /^(.*?)(?:^|[\s_.,;:=|(-]+)(on|off)\)?$/is.exec(label) ?? [];
  return state === undefined || name === undefined ? { name: label, state: undefined }
    : { name: bare(name), state: state.toLowerCase() === 'on' ? 'on' : 'off' };
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The objects in a text, each with the words before it. */
function objectsIn(text: string): { label: string; json: string }[] {
  const found: { label: string; json: string }[] = [];
  let [depth, start, end, quoted] = [0, 0, 0, false];
  for (let at = 0; at < text.length; at++) {
    const c = text[at];
    if (depth > 0 && quoted) {
      if (c === '\\') at++;
      else if (c === '"') quoted = false;
    } else if (depth > 0 && c === '"') quoted = true;
    else if (c === '{' && depth++ === 0) start = at;
    else if (c === '}' && depth > 0 && --depth === 0) {
      found.push({ label: text.slice(end, start), json: text.slice(start, at + 1) });
      end = at + 1;
    }
  }
  // Never closed: what is there is told as not readable.
  if (depth > 0) found.push({ label: text.slice(end, start), json: text.slice(start) });
  return found;
}

const notJson: Reading = { reason: 'This is not whole: copy the message from its first { to its last }.' };

/** The codes of one message: one, or two under `on` and `off`; its `name` and `state` count more than the words before it. */
function fromMessage(label: string, json: string): { label: string; reading: Reading }[] {
  let message: unknown;
  try {
    message = JSON.parse(json);
  } catch {
    return [{ label, reading: notJson }];
  }
  if (!isObject(message)) return [{ label, reading: noCode }];
  const name = typeof message.name === 'string' ? message.name : label;
  const { on, off } = message;
  if (isObject(on) && isObject(off)) {
    const half = (of: Record<string, unknown>, state: string) => ({ label: `${name} ${state}`, reading: readMessage(of) ?? noCode });
    return [half(on, 'on'), half(off, 'off')];
  }
  const read = readMessage(message);
  return read ? [{ label: typeof message.state === 'string' ? `${name} ${message.state}` : name, reading: read }] : [];
}

/** Undefined: an answer of Tasmota's that has no code to tell. */
function readMessage(message: Record<string, unknown>): Reading | undefined {
  const tasmota = fromTasmotaMessage(message);
  if (tasmota === 'silent') return undefined;
  return tasmota === 'other' ? fromGateway(message) ?? noCode : tasmota;
}

/** The halves on one line; those without a name of their own have the first one's. */
function halvesOf(line: number, found: readonly Labelled[]): Half[] {
  const halves = found.map(({ label, reading }) => ({ line, ...called(label), reading }));
  return halves.map((half) => ({ ...half, name: half.name || (halves[0]?.name ?? '') }));
}

/**
 * Reads codes that people have, in three formats, which are told apart line by line:
 * - rc-switch's codes, a name and both codes on a line: rc-switch-line.ts has the grammar;
 * - Tasmota's commands and messages: tasmota.ts;
 * - OpenMQTTGateway's messages, one on a line or in an array: openmqttgateway.ts.
 *
 * The last two have one code each, so that two make an outlet. They belong together by name, which is what stands before the
 * code, or the message's `name`: `Hall lamp on: RfCode #1511`, and `Hall lamp off: ...` anywhere in the text. Without on and
 * off, the first is on. Those without any name (a log as it is) belong together in their order, first on, then off, and are
 * called Socket 1, Socket 2, ...; a code that comes again at once is the same press.
 *
 * Never throws. An outlet is told at its first line; a line that is refused says why and what to do; blank lines, comments, and
 * answers without a code are passed over. In the order of the lines.
 */
export function readImport(text: string): (Draft | Refused)[] {
  const results: (Draft | Refused)[] = [];
  const halves: Half[] = [];
  let first = true;
  for (const { line, text: words } of records(text)) {
    if (saysNothing(words, first)) continue;
    first = false;
    if (words.includes('{')) {
      halves.push(...halvesOf(line, objectsIn(words).flatMap(({ label, json }) => fromMessage(label, json))));
    } else if (isTasmota(words)) halves.push(...halvesOf(line, fromTasmotaCommands(words)));
    else {
      const read = readRcSwitchLine(words);
      if ('reason' in read) results.push({ line, ...read });
      else if (read.off) results.push(...paired(read.name, { line, reading: read.on }, { line, reading: read.off }));
      else if (called(read.name).state) halves.push(...halvesOf(line, [{ label: read.name, reading: read.on }]));
      else results.push({ line, reason: 'reason' in read.on ? read.on.reason : lone('one button') });
    }
  }
  results.push(...pairInOrder(halves.filter(({ name }) => name === '')));
  const named = Map.groupBy(halves.filter(({ name }) => name !== ''), ({ name }) => name.toLowerCase());
  for (const group of named.values()) results.push(...pairNamed(group));
  const told = new Set<string>();
  return results.sort((a, b) => a.line - b.line).filter((result) => {
    const key = JSON.stringify(result);
    return !('reason' in result) || !told.has(key) && told.add(key);
  });
}
