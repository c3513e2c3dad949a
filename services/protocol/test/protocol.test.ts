import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import type { z } from 'zod';
import { DeviceId, ReplicaId } from '../src/ids.ts';
import { limits } from '../src/limits.ts';
import { Ack, CertificateRequest, Command, Info, parsePayload, Received, Status, Telemetry } from '../src/messages.ts';
import { NewOutlet, NewToken, SwitchRequest } from '../src/http.ts';
import { apiFilters, parseDeviceTopic, topics } from '../src/topics.ts';

const vectors = (name: string) => JSON.parse(readFileSync(new URL(`../vectors/${name}.json`, import.meta.url), 'utf8'));
const bytes = (text: string) => new TextEncoder().encode(text);

t.test('commands: every good sample is read, every bad one refused', async (t) => {
  for (const { why, payload, valid } of vectors('commands') as { why: string; payload: string; valid: boolean }[]) {
    const read = parsePayload(Command, bytes(payload), limits.commandBytes);
    t.equal(read.ok, valid, why);
    if (!read.ok) t.not(read.why, '', `${why}: says why`);
  }
});

t.test('messages from devices: every good sample is read, every bad one refused', async (t) => {
  const schemas: Record<string, z.ZodType> = { ack: Ack, status: Status, info: Info, telemetry: Telemetry, 'rf/received': Received,
    certificate: CertificateRequest };
  for (const { channel, why, payload, valid } of vectors('device-messages') as
    { channel: string; why: string; payload: string; valid: boolean }[]) {
    t.equal(parsePayload(schemas[channel]!, bytes(payload), limits.deviceMessageBytes).ok, valid, `${channel}: ${why}`);
  }
});

t.test('topics: read and refused', async (t) => {
  for (const { topic, parsed } of vectors('topics') as { topic: string; parsed: unknown }[]) {
    t.same(parseDeviceTopic(topic) ?? null, parsed, topic);
  }
});

t.test('topics: what is built is what is parsed and what the API listens to', async (t) => {
  const device = DeviceId.parse('0123456789abcdef0123456789abcdef');
  const replica = ReplicaId.parse('deadbeef');
  for (const topic of [topics.status(device), topics.info(device), topics.telemetry(device), topics.received(device),
    topics.certificate(device)]) {
    const parsed = parseDeviceTopic(topic);
    t.equal(parsed?.device, device);
    t.ok(apiFilters(replica).channels.includes(topic.replace(device, '+')), `${topic} is subscribed to`);
  }
  t.same(parseDeviceTopic(topics.ack(device, replica)), { channel: 'ack', device, replica });
  t.equal(apiFilters(replica).acks, topics.ack(device, replica).replace(device, '+'));
  t.equal(parseDeviceTopic(topics.command(device)), undefined, 'a device does not speak on its command topic');
});

t.test('payloads: bytes beyond the limit, not UTF-8, in words', async (t) => {
  t.match(parsePayload(Status, bytes(' '.repeat(2049)), limits.deviceMessageBytes), { ok: false, why: '2049 bytes, 2048 allowed' });
  t.match(parsePayload(Status, Uint8Array.of(0x22, 0xff, 0x22), 100), { ok: false, why: /encoded data was not valid/ });
});

t.test('the largest command fits the payload limit', async (t) => {
  const largest = Math.max(...(vectors('commands') as { payload: string }[]).map(({ payload }) => bytes(payload).length));
  t.ok(largest < limits.commandBytes, `${largest} bytes`);
});

t.test('HTTP bodies: unknown keys and wrong types are refused by name', async (t) => {
  const code = { code: 1, bits: 24, protocol: 1, pulse: 350 };
  const deviceId = '0123456789abcdef0123456789abcdef';
  for (const [why, schema, body, path] of [
    ['unknown key', SwitchRequest, { on: true, x: 1 }, /x/],
    ['string for a boolean', SwitchRequest, { on: 'true' }, /on/],
    ['missing', SwitchRequest, {}, /on/],
    ['blank name', NewOutlet, { deviceId, name: '  ', control: { kind: 'pin', pin: 4 } }, /name/],
    ['unknown control', NewOutlet, { deviceId, name: 'a', control: { kind: 'laser' } }, /kind/],
    ['code too large', NewOutlet, { deviceId, name: 'a', control: { kind: 'rf', on: { ...code, code: 2 ** 24 }, off: code } }, /code/],
    ['no such scope', NewToken, { name: 'a', scopes: ['root'] }, /scopes/],
    ['scope twice', NewToken, { name: 'a', scopes: ['read', 'read'] }, /scopes/],
    ['endless token', NewToken, { name: 'a', scopes: ['read'], days: 1e6 }, /days/],
  ] as const) {
    const result = schema.safeParse(body);
    t.equal(result.success, false, why);
    t.match(JSON.stringify(result.error?.issues), path, `${why}: named`);
  }
});

t.test('the firmware header is the one that this protocol makes', async (t) => {
  const tool = fileURLToPath(new URL('../tools/emit-header.ts', import.meta.url));
  t.match(execFileSync(process.execPath, [tool, '--check'], { encoding: 'utf8' }), '');
});
