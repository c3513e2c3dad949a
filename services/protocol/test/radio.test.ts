import { readFileSync } from 'node:fs';
import t from 'tap';
import { codesIn, FrameDecoder, type Interval } from '../src/frame-decoder.ts';
import { freshCodes } from '../src/fresh-codes.ts';
import { limits } from '../src/limits.ts';
import { RfCode } from '../src/messages.ts';
import { airMicros, frameOf, heardAs, radioProtocols, sameCode, type Frame } from '../src/radio.ts';

type Numbers = [code: number, bits: number, protocol: number, pulse: number];
/** `times`: how often the edges come in a row, after silence. */
interface Vector { why: string; sent: Numbers | null; firstHigh: boolean; edges: number[]; times: number; heard: Numbers | null }
const vectors: Vector[] = JSON.parse(readFileSync(new URL('../vectors/radio.json', import.meta.url), 'utf8'));

const rfCode = ([code, bits, protocol, pulse]: Numbers): RfCode => ({ code, bits, protocol, pulse });
const silence = { high: false, micros: 500_000 };
const onAir = ({ firstHigh, micros }: Frame, times: number): Interval[] => [silence,
  ...Array.from({ length: times }, () => micros.map((length, at) => ({ high: (at % 2 === 0) === firstHigh, micros: length }))).flat()];
const numbered = radioProtocols.map((row, at) => ({ ...row, number: at + 1 }));

t.test('the table has as many protocols as a code may name, with pulses that a code may have', async (t) => {
  t.equal(radioProtocols.length, limits.rfProtocol.max);
  for (const { number, usualPulse } of numbered) {
    t.ok(RfCode.safeParse({ code: 5393, bits: 24, protocol: number, pulse: usualPulse }).success, `protocol ${number}`);
  }
});

t.test('encoder: each code of the vectors has its edges', async (t) => {
  for (const { why, sent, firstHigh, edges } of vectors) {
    if (sent) t.same(frameOf(rfCode(sent)), { firstHigh, micros: edges }, why);
  }
});

t.test('decoder: hears each code of the vectors and nothing in their noise', async (t) => {
  for (const { why, firstHigh, edges, times, heard } of vectors) {
    const codes = codesIn(onAir({ firstHigh, micros: edges }, times));
    if (heard) t.ok(codes.length >= times - 2, `${why}: heard again and again`);
    t.strictSame(codes, codes.map(() => heard && rfCode(heard)), why);
  }
});

t.test('decoder: frames are told as they end, one fewer than there are', async (t) => {
  const decoder = new FrameDecoder();
  const heard = onAir(frameOf({ code: 5393, bits: 24, protocol: 1, pulse: 350 }), 3).map((interval) => decoder.take(interval)?.code);
  t.strictSame(heard.flatMap((code, at) => code === undefined ? [] : [[code, at]]), [[5393, 101]]);
  t.equal(decoder.take({ high: true, micros: 350 })?.code, 5393, 'the third, by the edge after its pause');
});

t.test('heard as: frames that are the same on the air go by one name', async (t) => {
  for (const [why, sent, as] of [
    ['12 has 11\'s timings', [5393, 24, 12, 320], [5393, 24, 11, 320]],
    ['9 that ends in a 1 is 8', [5393, 24, 9, 200], [2696, 24, 8, 200]],
    ['32 bits of it', [2 ** 32 - 1, 32, 9, 200], [2 ** 31 - 1, 32, 8, 200]],
    ['9 that ends in a 0 is itself', [5392, 24, 9, 200], [5392, 24, 9, 200]],
    ['11', [5393, 24, 11, 320], [5393, 24, 11, 320]],
    ['8', [5393, 24, 8, 200], [5393, 24, 8, 200]],
    ['1', [5393, 24, 1, 350], [5393, 24, 1, 350]],
  ] as [string, Numbers, Numbers][]) t.same(heardAs(rfCode(sent)), rfCode(as), why);
});

t.test('same code: by what is heard, whatever the pulse', async (t) => {
  for (const [why, a, b, same] of [
    ['itself', [5393, 24, 1, 350], [5393, 24, 1, 350], true],
    ['another pulse', [5393, 24, 1, 350], [5393, 24, 1, 317], true],
    ['another code', [5393, 24, 1, 350], [5396, 24, 1, 350], false],
    ['more bits', [5393, 24, 1, 350], [5393, 25, 1, 350], false],
    ['another protocol', [5393, 24, 1, 350], [5393, 24, 4, 350], false],
    ['12 and 11', [5393, 24, 12, 320], [5393, 24, 11, 270], true],
    ['9 and 8', [5393, 24, 9, 200], [2696, 24, 8, 200], true],
    ['9 and 9', [5393, 24, 9, 200], [5392, 24, 9, 200], false],
  ] as [string, Numbers, Numbers, boolean][]) {
    t.equal(sameCode(rfCode(a), rfCode(b)), same, why);
    t.equal(sameCode(rfCode(b), rfCode(a)), same, `${why}, the other way round`);
  }
});

t.test('air time: rc-switch 2.6.4, frame by frame', async (t) => {
  for (const [why, code, ms] of [
    ['24 bits at 350 µs, the usual socket', { code: 5393, bits: 24, protocol: 1, pulse: 350 }, 44.8],
    ['one bit', { code: 0, bits: 1, protocol: 1, pulse: 100 }, 3.6],
    ['32 ones', { code: 2 ** 32 - 1, bits: 32, protocol: 1, pulse: 100 }, 16],
    ['protocol 2', { code: 5393, bits: 24, protocol: 2, pulse: 650 }, 53.95],
    ['protocol 3', { code: 5393, bits: 24, protocol: 3, pulse: 100 }, 46.1],
    ['protocol 4', { code: 5393, bits: 24, protocol: 4, pulse: 380 }, 39.14],
    ['protocol 5', { code: 5393, bits: 24, protocol: 5, pulse: 500 }, 46],
    ['protocol 6', { code: 5393, bits: 24, protocol: 6, pulse: 450 }, 43.2],
    ['protocol 7', { code: 5393, bits: 24, protocol: 7, pulse: 150 }, 34.8],
    ['protocol 8: noughts are longer', { code: 0, bits: 24, protocol: 8, pulse: 200 }, 137],
    ['protocol 8: than ones', { code: 2 ** 24 - 1, bits: 24, protocol: 8, pulse: 200 }, 117.8],
    ['protocol 9', { code: 1, bits: 24, protocol: 9, pulse: 200 }, 137],
    ['protocol 10', { code: 5393, bits: 24, protocol: 10, pulse: 365 }, 41.975],
    ['protocol 11', { code: 5393, bits: 24, protocol: 11, pulse: 270 }, 29.43],
    ['protocol 12', { code: 5393, bits: 24, protocol: 12, pulse: 320 }, 34.88],
  ] as const) t.equal(airMicros(code), ms * 1000, why);
  t.throws(() => airMicros({ code: 1, bits: 1, protocol: 13, pulse: 1 }), /no protocol 13/);
});

t.test('fresh codes: a pair that no code in use has, nor its address', async (t) => {
  const at = (address: number) => () => address / 2 ** 20;
  const used = (address: number, button: number) => ({ code: address * 16 + button, bits: 24, protocol: 1, pulse: 350 });
  for (const [why, inUse, random, address] of [
    ['chance decides', [], at(0x12345), 0x12345],
    ['another button of a remote in use', [used(0x12345, 15)], at(0x12345), 0x12346],
    ['two in a row', [used(0x12345, 1), used(0x12346, 2)], at(0x12345), 0x12347],
    ['the same bits by another protocol', [{ ...used(0x12345, 1), protocol: 4 }], at(0x12345), 0x12346],
    ['other bits are no neighbours', [{ ...used(0x12345, 1), bits: 28 }], at(0x12345), 0x12345],
    ['no address of noughts', [], at(0), 1],
    ['none of ones', [], at(0xfffff), 1],
    ['round the end', [used(0xffffe, 1)], at(0xffffe), 1],
  ] as [string, RfCode[], () => number, number][]) {
    const { on, off } = freshCodes(inUse, random);
    t.equal(on.code >>> 4, address, why);
    t.equal(off.code >>> 4, address, `${why}: off has the same address`);
    t.notOk(sameCode(on, off), `${why}: on is not off`);
    for (const code of [on, off]) {
      t.match(code, { bits: 24, protocol: 1, pulse: 350 }, why);
      t.notOk(inUse.some((other) => sameCode(code, other)), `${why}: not in use`);
    }
  }
});
