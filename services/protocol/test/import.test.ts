import { readdirSync, readFileSync } from 'node:fs';
import t from 'tap';
import { Name } from '../src/http.ts';
import { readImport } from '../src/import.ts';
import { limits } from '../src/limits.ts';
import { RfCode } from '../src/messages.ts';

const folder = new URL('../vectors/import/', import.meta.url);
const read = (name: string) => readFileSync(new URL(name, folder), 'utf8');
const files = readdirSync(folder).filter((name) => name.endsWith('.txt'));

const numbers = ({ code, bits, protocol, pulse }: RfCode) => [code, bits, protocol, pulse];
/** As the vectors have it: `reason` is a part of what is said. */
type Expected = { line: number; name: string; on: number[]; off: number[] } | { line: number; reason: string };

for (const file of files) {
  t.test(`import: ${file}, line by line`, async (t) => {
    const expected: Expected[] = JSON.parse(read(file.replace('.txt', '.json')));
    const results = readImport(read(file));
    t.same(results.map(({ line }) => line), expected.map(({ line }) => line), 'the lines that are told of');
    for (const [at, result] of results.entries()) {
      const wanted = expected[at]!;
      if ('reason' in wanted) {
        const reason = 'reason' in result ? result.reason : 'accepted';
        t.ok(reason.includes(wanted.reason), `line ${wanted.line}: ${reason}`);
      } else {
        t.same('reason' in result ? result : { ...result, on: numbers(result.on), off: numbers(result.off) }, wanted, `line ${wanted.line}`);
      }
    }
  });
}

t.test('import: a text of several formats, Windows\' line ends and a mark of byte order', async (t) => {
  const text = `\uFEFF${['rc-switch.txt', 'openmqttgateway.txt'].map(read).join('').replaceAll('\n', '\r\n')}`;
  const results = readImport(text);
  t.equal(results.filter((result) => 'on' in result).length, results.length);
  t.equal(results.length, 19);
});

t.test('import: names', async (t) => {
  for (const [words, name] of [
    ['Lamp (kitchen) on', 'Lamp (kitchen)'], ['Lamp (on)', 'Lamp'], ['lamp_ON', 'lamp'], ['"Lamp" on =', 'Lamp'], ['Salon on', 'Salon'],
    ['18:59:06.123 Lamp on', 'Lamp'], ['2026-11-02T18:59:06Z Lamp on:', 'Lamp'], ['Lamp on; tele/bridge/RESULT =', 'Lamp'],
    ['Bed/left on', 'Bed/left'], ['18:59:06 MQT: stat/lamp/RESULT =', 'Socket 1'], ['on', 'Socket 1'], ['', 'Socket 1'],
  ] as const) {
    const off = name === 'Socket 1' ? 'off' : `${name} off`;
    t.match(readImport(`${words} {"value":5393}\n${off} {"value":5396}`), [{ line: 1, name }], words);
  }
  t.match(readImport('Salon; 5393; 5396'), [{ name: 'Salon' }]);
});

t.test('import: never throws, and what it accepts can be sent, whatever becomes of a text', async (t) => {
  const seed = Number(process.env.SEED ?? Date.now() % 2 ** 31);
  let state = seed;
  // Park and Miller's: chance that a seed brings back.
  const from = (count: number) => (state = (state * 48_271) % (2 ** 31 - 1)) % count;
  const texts = files.map(read);
  const scraps = ['{', '}', '"', '[', ';', ',', '\n', 'null', '-1', '1e400', '0x', 'on', 'off', 'RfRaw', 'AA', '55', '\\', '\u0000', 'ü', '{"on":{},"off":{}}'];
  for (let i = 0; i < 400; i++) {
    const whole = texts[from(texts.length)]!;
    const start = from(whole.length);
    let text = whole.slice(start, start + from(600));
    for (let cut = from(6); cut > 0; cut--) {
      const at = from(text.length + 1);
      text = text.slice(0, at) + scraps[from(scraps.length)]! + text.slice(at + from(4));
    }
    for (const result of readImport(text)) {
      const sound = 'reason' in result ? result.reason.length > 10
        : [result.on, result.off].every((code) => RfCode.safeParse(code).success) && Name.safeParse(result.name).data === result.name;
      if (!sound) t.fail(`seed ${seed}: ${JSON.stringify(result)} of ${JSON.stringify(text)}`);
    }
  }
  t.pass('400 texts');
});

t.test('import: the longest text that a request may hold takes no time to speak of', async (t) => {
  for (const scrap of ['a', '{', '"', 'a/', '[{', 'AAA5', 'RfRaw AA', 'RfCode #1;', '1;', 'on off ', '{"a":', '\n', 'AAB10' , '}"\n', '  ', '{}']) {
    const text = scrap.repeat(limits.requestBytes / scrap.length);
    const started = performance.now();
    readImport(text);
    t.ok(performance.now() - started < 2000, `${JSON.stringify(scrap)}: ${Math.round(performance.now() - started)} ms`);
  }
});

t.test('import: four hundred codes by one name are refused in few words each', async (t) => {
  const results = readImport(Array.from({ length: limits.importLines }, (_, n) => `Lamp on: RfCode ${n + 1}`).join('\n'));
  t.equal(results.length, limits.importLines);
  for (const result of results) t.match(result, { reason: /in lines 1, 2, 3, 4, 5 and 395 more\./ });
});
