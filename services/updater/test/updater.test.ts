import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CommandId } from '@sconce/protocol/ids';
import { limits } from '@sconce/protocol/limits';
import type { Ack, Action } from '@sconce/protocol/messages';
import t from 'tap';
import { readFirmware, sign, type Offer } from '../src/firmware.ts';
import type { Line } from '../src/line.ts';
import { progressWords } from '../src/progress.ts';
import { sendFirmware } from '../src/send.ts';
import { findBoard, readCredentials } from '../src/store.ts';

const dir = mkdtempSync(join(tmpdir(), 'sconce-updater-'));
t.teardown(() => { rmSync(dir, { recursive: true }); });
const offer: Offer = { size: 2000, sha256: '0'.repeat(64), signedAt: 0, signature: 'MAYCAQECAQE=' };
const firmware = Uint8Array.from({ length: offer.size }, (_, i) => i % 251);
const id = CommandId.parse('0b5b2ad3-6f5e-4b43-9f0e-1c9a5d0e7a11');

/** A board that takes pieces in their order. `trouble`: what it gives instead of its answer to the nth command. */
class Board implements Line {
  readonly got: number[] = [];
  readonly asked: string[] = [];
  ended = false;
  status = { online: true, since: 1 };
  info = undefined;
  readonly #trouble: Record<number, Partial<Ack> | 'lost' | 'answer lost'>;
  constructor(trouble: Record<number, Partial<Ack> | 'lost' | 'answer lost'> = {}) { this.#trouble = trouble; }

  async ask(action: Action): Promise<Ack | undefined> {
    this.asked.push(action.do);
    const trouble = this.#trouble[this.asked.length];
    if (trouble === 'lost') return undefined;
    if (trouble === 'answer lost') this.#take(action);
    if (trouble === 'answer lost') return undefined;
    if (trouble) return { id, outcome: 'refused', ms: 0, at: this.got.length, ...trouble };
    const taken = this.#take(action);
    return { id, outcome: taken ? 'transmitted' : 'refused', ms: 0, ...!taken && { reason: 'out_of_order' }, at: this.got.length };
  }
  #take(action: Action): boolean {
    if (action.do === 'update.end') this.ended = this.got.length === offer.size;
    if (action.do !== 'update.data') return true;
    const data = Buffer.from(action.data, 'base64');
    if (action.at + data.length <= this.got.length) return true;
    if (action.at !== this.got.length) return false;
    this.got.push(...data);
    return true;
  }
  until = async () => true;
  close = async () => undefined;
}

t.test('every byte arrives once, whatever is lost on the way', async (t) => {
  for (const [why, trouble] of [
    ['nothing', {}],
    ['the offer', { 1: 'lost' }],
    ['the first piece', { 2: 'lost' }],
    ['the last piece', { 5: 'lost' }],
    ['an answer', { 3: 'answer lost' }],
    ['the end', { 6: 'lost' }],
    ['too late', { 3: { outcome: 'expired' } }],
    ['the radio is sending', { 1: { reason: 'queue_full' }, 3: { reason: 'queue_full' } }],
    ['several, one after the other', { 2: 'lost', 7: { reason: 'queue_full' }, 13: 'answer lost' }],
  ] as const) {
    const board = new Board(trouble);
    const told: number[] = [];
    await sendFirmware(board, firmware, offer, (bytes) => { told.push(bytes); });
    t.ok(board.ended, `${why}: it has ended`);
    t.same(Uint8Array.from(board.got), firmware, why);
    t.same(told, [...told].sort((a, b) => a - b), `${why}: it never goes back`);
  }
});

t.test('what cannot be mended by trying again is said', async (t) => {
  for (const [trouble, words] of [
    [{ 1: { reason: 'not_signed' } }, /refused: this firmware does not bear the signature of its household/],
    [{ 3: { outcome: 'failed', reason: 'update_failed' } }, /failed: what arrived is not what was signed/],
    [{ 6: { outcome: 'failed', reason: 'update_failed' } }, /It keeps its old firmware/],
    [{ 1: { reason: 'unknown_command' } }, /unknown_command\. Are its firmware and this program of one version/],
  ] as const) {
    await t.rejects(sendFirmware(new Board(trouble), firmware, offer, () => undefined), { message: words });
  }
});

t.test('files and boards that are not what they should be are named', async (t) => {
  const write = (name: string, bytes: Uint8Array | string) => {
    writeFileSync(join(dir, name), bytes);
    return join(dir, name);
  };
  const good = write('good.bin', Uint8Array.of(0xe9, 1, 2));
  t.same([...readFirmware(good)], [0xe9, 1, 2]);
  for (const [why, call, words] of [
    ['an .elf', () => readFirmware(write('a.elf', '\x7fELF')), /no firmware for an ESP8266: its first byte is not 0xE9/],
    ['empty', () => readFirmware(write('empty', '')), /no firmware/],
    ['too large', () => readFirmware(write('large', Buffer.alloc(limits.updateBytes.max + 1, 0xe9))), /1044465 bytes; there is room for 1044464/],
    ['none', () => readFirmware(join(dir, 'none')), /none cannot be read \(ENOENT\)/],
    ['no key to sign with', () => sign(good, dir), /^pki\/sign-firmware: .*key\.pem cannot be read; run this where/],
    ['no certificate', () => readCredentials(dir), /The API's certificate cannot be read/],
    ['no boards', () => findBoard(dir, 'Hall'), /No board has been minted/],
  ] as const) {
    t.throws(call, { message: words }, why);
  }
  const hall = { id: '0123456789abcdef0123456789abcdef', name: 'Hall' };
  mkdirSync(join(dir, 'devices', hall.id), { recursive: true });
  write(join('devices', hall.id, 'device.json'), JSON.stringify(hall));
  for (const wanted of ['Hall', 'hALL', hall.id]) t.same(findBoard(dir, wanted), hall, wanted);
  t.throws(() => findBoard(dir, 'Cellar'), { message: /no board "Cellar".*There are: "Hall"/ });
  t.throws(() => findBoard(dir, ''), { message: /Say which board: DEVICE=/ });
});

t.test('progress, in words', async (t) => {
  for (const [bytes, first, ms, words] of [
    [0, 0, 0, '  0 %'], [500, 0, 100, ' 25 %, 5.0 kB/s, 1 s to go'], [1000, 1000, 5000, ' 50 %'],
    [1500, 1000, 1000, ' 75 %, 0.5 kB/s, 1 s to go'], [2000, 0, 1000, '100 %, 2.0 kB/s, 0 s to go'], [1999, 0, 1000, ' 99 %, 2.0 kB/s, 1 s to go'],
  ] as const) t.equal(progressWords(bytes, first, 2000, ms), words);
});
