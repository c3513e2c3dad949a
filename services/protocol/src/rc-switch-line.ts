import { number, reading, type Reading } from './reading.ts';
import { triStateCode } from './switches.ts';

const fields = ['on', 'off', 'bits', 'protocol', 'pulse'] as const;
type Field = (typeof fields)[number];
const words: Record<string, Field> = {
  on: 'on', off: 'off', bit: 'bits', bits: 'bits', length: 'bits', protocol: 'protocol', proto: 'protocol', pulse: 'pulse',
  pulselength: 'pulse', delay: 'pulse',
};

const example = 'Write: Hall lamp; 5393; 5396';

/** A name and what comes after it: all before the first separator, the surer ones first, or what is in quotes. */
function split(line: string): [name: string, rest: string] {
  const quoted = /^\s*(["'])(.*?)\1\s*[;,=:|\t]?(.*)$/.exec(line);
  if (quoted) return [quoted[2] ?? '', quoted[3] ?? ''];
  const at = line.search(/[;|\t]/.test(line) ? /[;|\t]/ : /[,=:]/);
  return at < 0 ? [line, ''] : [line.slice(0, at), line.slice(at + 1)];
}

/** A code in one of its forms; its length only where the form has one. */
function codeOf(text: string): { code: number; bits?: number } {
  if (/^[01F]{4,16}$/i.test(text) && /F/i.test(text)) return triStateCode(text.toUpperCase());
  // As a decimal code so many digits would be more than 32 bits.
  if (/^[01]{11,32}$/.test(text)) return { code: Number.parseInt(text, 2), bits: text.length };
  return { code: number(text) };
}

/** The fields of a line, named ones and then the others in their order; or what is wrong with it. */
function fieldsOf(rest: string): Partial<Record<Field, string>> | string {
  const found: Partial<Record<Field, string>> = {};
  let next: Field | undefined;
  // "24 bits", where "bits" does not name the number after it.
  const joined = rest.replaceAll(/(?<=\d)\s+(?=(µs|us|bits?)\s*([;,|\t/]|$))/gi, '');
  for (const text of joined.split(/[\s;,=:|/"']+/).filter(Boolean)) {
    const word = words[text.toLowerCase()];
    if (word) {
      next = word;
      continue;
    }
    const value = text.replace(/(?<=\d)(µs|us|bits?)$/i, '');
    if (Number.isNaN(codeOf(value).code)) return `"${text.slice(0, 20)}" is no number. ${example}`;
    const field: Field | undefined = next ?? fields.find((name) => found[name] === undefined);
    if (!field) return `There is one number too many: after the name come on, off, bits, protocol and pulse. ${example}`;
    if (found[field] !== undefined) return `"${field}" stands there twice.`;
    found[field] = value;
    next = undefined;
  }
  return found;
}

/**
 * A line of the codes that rc-switch prints and sends:
 *
 *     name SEPARATOR on SEPARATOR off [SEPARATOR bits [SEPARATOR protocol [SEPARATOR pulse]]]
 *
 * The separator after the name is one of `;` `|` or a tab, or, where there is none of them, one of `,` `=` `:`. Between numbers,
 * spaces and `/` will do, too. A name in quotes may have any of them in it. Numbers may be named (`on`, `off`, `bits` or `length`,
 * `protocol`, `pulse` or `delay`, before the number), and come in any order then. Without `off`, it is half a pair. A code is
 * decimal (5393), hexadecimal (0x1511), binary (11 to 32 digits) or a tri-state
 * word (with an F in it), the last two with their own length. Left out: 24 bits, protocol 1, the protocol's usual pulse.
 */
export function readRcSwitchLine(line: string): { name: string; on: Reading; off?: Reading } | { reason: string } {
  const [name, rest] = split(line).map((part) => part.trim());
  if (!rest) return { reason: `Nothing stands after the name. ${example}` };
  if (!name || !Number.isNaN(number(name))) return { reason: `The line has no name. ${example}` };
  const found = fieldsOf(rest);
  if (typeof found === 'string') return { reason: found };
  if (found.on === undefined) return { reason: `There is no code for on. ${example}` };
  const value = (text: string | undefined) => text === undefined ? undefined : number(text);
  const read = (text: string): Reading => {
    const { code, bits = value(found.bits) } = codeOf(text);
    return reading({ code, bits, protocol: value(found.protocol), pulse: value(found.pulse) });
  };
  return { name, on: read(found.on), ...found.off !== undefined && { off: read(found.off) } };
}
