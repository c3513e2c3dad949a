import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { RfCode } from '@sconce/protocol/messages';
import { codesIn, type Interval } from '@sconce/protocol/frame-decoder';
import { limits } from '@sconce/protocol/limits';
import { frameOf, heardAs, radioProtocols, sameCode, type Frame } from '@sconce/protocol/radio';
import t, { type Test } from 'tap';
import { repository } from '../src/pki.ts';

/** What TypeScript makes of codes and edges against what the firmware's own code makes of them. */

const codesOfEach = 1000;
/** At most n - 1 of n equal frames are told, and an inverted one that begins in silence cannot be read. */
const framesSent = 4;
/** With the parts of each wavering by themselves, some frames are lost. */
const framesWavering = 6;
/** The same codes each time, unless told: where parts waver by 15 %, of 100,000 codes of 8 bits one is heard as another. */
const seed = Number(process.env.SEED ?? 433);

const program = join(repository, 'firmware/.build/codec');
if (!existsSync(program)) throw new Error(`${program} is not there. Build it: make -C firmware codec`);

/** The firmware's answers, one for each question. */
async function firmware(questions: readonly string[]): Promise<string[]> {
  const codec = spawn(program, { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(codec, 'exit');
  codec.stdin.end(`${questions.join('\n')}\n`);
  const answers: string[] = [];
  for await (const line of createInterface({ input: codec.stdout })) answers.push(line);
  const [status] = await ended as [number | null];
  if (status !== 0 || answers.length !== questions.length) {
    throw new Error(`codec ended with ${status} after ${answers.length} of ${questions.length} answers`);
  }
  return answers;
}

/** Mulberry32: chance that a seed brings back. From `least` to `most`. */
function chance(seed: number): (least: number, most: number) => number {
  let state = seed >>> 0;
  return (least, most) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return least + Math.floor(((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32 * (most - least + 1));
  };
}

const from = chance(seed);
const codes: RfCode[] = radioProtocols.flatMap((_, at) => Array.from({ length: codesOfEach }, () => {
  const bits = from(8, limits.rfBits.max);
  return { code: from(0, 2 ** bits - 1), bits, protocol: at + 1, pulse: from(100, 650) };
}));

const silence = { high: false, micros: 500_000 };
const onAir = ({ firstHigh, micros }: Frame, times: number): Interval[] => [silence,
  ...Array.from({ length: times }, () => micros.map((length, at) => ({ high: (at % 2 === 0) === firstHigh, micros: length }))).flat()];

/** As a receiver's pin shows it: levels alternate. */
function merged(intervals: readonly Interval[]): Interval[] {
  const parts: Interval[] = [];
  for (const { high, micros } of intervals) {
    const last = parts.at(-1);
    if (last?.high === high) last.micros += micros;
    else parts.push({ high, micros });
  }
  return parts;
}

const decodeQuestion = (parts: readonly Interval[]) =>
  `decode ${parts[0]?.high ? 'high' : 'low'} ${parts.map(({ micros }) => micros).join(' ')}`;
const inWords = ({ code, bits, protocol, pulse }: RfCode) => `${code}/${bits}/${protocol}/${pulse}`;

/** `at`: the first of many that is not as it should be, and -1 if there is none. */
function none(t: Test, what: string, at: number, words: () => string): void {
  if (at === -1) t.pass(what);
  else t.fail(`seed ${seed}: ${words()}`);
}

/** What both hear in each recording, after making sure that they hear the same. */
async function heardByBoth(t: Test, recordings: readonly (readonly Interval[])[]): Promise<RfCode[][]> {
  const answers = firmware(recordings.map(decodeQuestion));
  const heard = recordings.map(codesIn);
  const words = heard.map((codes) => codes.map(inWords).join(' '));
  const firmwares = await answers;
  const differ = words.findIndex((codes, at) => codes !== firmwares[at]);
  none(t, 'both hear the same', differ, () => `the firmware hears "${firmwares[differ]}", TypeScript "${words[differ]}"`);
  return heard;
}

/** Each of `codes` is heard in its recording, at least `least` times, and nothing else is. `as`: as what it should be heard. */
function heardRightly(t: Test, heard: readonly (readonly RfCode[])[], least: number, as: (heard: RfCode, sent: RfCode) => boolean): void {
  const wrong = heard.findIndex((all, at) => all.length < least || all.some((code) => !as(code, codes[at]!)));
  none(t, 'each code, and no other', wrong,
    () => `of ${inWords(codes[wrong]!)} is heard "${heard[wrong]!.map(inWords).join(' ')}"`);
}
const exactly = (heard: RfCode, sent: RfCode) => inWords(heard) === inWords(heardAs(sent));

t.test(`encoders: the same edges for ${codesOfEach} random codes of each protocol, and TypeScript hears them`, async (t) => {
  const answers = await firmware(codes.map(({ code, bits, protocol, pulse }) => `encode ${code} ${bits} ${protocol} ${pulse}`));
  const words = codes.map(frameOf).map(({ firstHigh, micros }) => [firstHigh ? 'high' : 'low', ...micros].join(' '));
  const differ = words.findIndex((edges, at) => edges !== answers[at]);
  none(t, 'the same edges', differ, () => `of ${inWords(codes[differ]!)} the firmware makes ${answers[differ]}, TypeScript ${words[differ]}`);

  // By the firmware's own edges, not by those that they have just been compared with.
  const heard = answers.map((answer) => {
    const [level, ...micros] = answer.split(' ');
    return codesIn(onAir({ firstHigh: level === 'high', micros: micros.map(Number) }, framesSent));
  });
  heardRightly(t, heard, framesSent - 2, exactly);
});

t.test('decoders: the firmware hears each code that TypeScript sends, as TypeScript does', async (t) => {
  heardRightly(t, await heardByBoth(t, codes.map((code) => merged(onAir(frameOf(code), framesSent)))), framesSent - 2, exactly);
});

t.test('decoders: with each part up to 15 % longer or shorter, the code is heard and no other', async (t) => {
  const heard = await heardByBoth(t, codes.map((code) => merged(onAir(frameOf(code), framesWavering))
    .map(({ high, micros }) => ({ high, micros: Math.floor(micros * from(85, 115) / 100) }))));
  // The pulse is what was measured, not what was sent.
  heardRightly(t, heard, 1, sameCode);
});

t.test('decoders: where parts waver more, edges are lost and glitches come, both hear the same, if anything', async (t) => {
  const heard = await heardByBoth(t, codes.filter((_, at) => at % 4 === 0).map((code) => {
    const percent = from(15, 40);
    const parts = onAir(frameOf(code), framesSent).map(({ high, micros }) => from(0, 199) === 0
      ? { high: !high, micros }
      : { high, micros: Math.floor(micros * from(100 - percent, 100 + percent) / 100) });
    return merged(parts.flatMap((part) => from(0, 19) > 0 ? [part]
      : [part, { high: !part.high, micros: from(5, 100) }, { high: part.high, micros: from(50, 600) }]));
  }));
  t.ok(heard.some((all) => all.length > 0), `seed ${seed}: some of it can be read`);
  t.ok(heard.some((all) => all.length === 0), `seed ${seed}: some cannot`);
});

t.test('decoders: both hear nothing in half a minute of noise', async (t) => {
  const heard = await heardByBoth(t, Array.from({ length: 30 }, (_, at) => Array.from({ length: 3000 }, (_, part) =>
    ({ high: (at + part) % 2 === 0, micros: from(10, from(0, 9) === 0 ? 6000 : 600) }))));
  t.equal(heard.flat().length, 0, `seed ${seed}`);
});
