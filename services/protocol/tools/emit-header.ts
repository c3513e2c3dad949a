/**
 * Writes the protocol as a C++ header for the firmware, so that no bound, topic or word is typed twice.
 *
 *   node protocol/tools/emit-header.ts           writes it
 *   node protocol/tools/emit-header.ts --check   fails if the committed one is stale
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { limits } from '../src/limits.ts';
import { Ack, ackReasons, capabilities, Command } from '../src/messages.ts';
import { radioProtocols, type Pulses } from '../src/radio.ts';
import { topics, topicRoot } from '../src/topics.ts';
import { DeviceId, ReplicaId } from '../src/ids.ts';

const target = resolve(import.meta.dirname, '../../../firmware/lib/protocol/src/sconce_protocol.h');

const macro = (name: string) => name.replace(/[a-z][A-Z]/g, (pair) => `${pair[0]}_${pair[1]}`).replaceAll(/[^a-zA-Z0-9]/g, '_');
const constant = (name: string) => `k${name[0]?.toUpperCase()}${name.slice(1)}`;
const enumerator = (word: string) => macro(word).toUpperCase();

const bounds = Object.entries(limits).flatMap(([name, value]): [string, number][] => typeof value === 'number'
  ? [[constant(name), value]]
  : [[`${constant(name)}Min`, value.min], [`${constant(name)}Max`, value.max]]);

/** An enumeration with its words in the same order; the last enumerator counts them. */
function enumeration(name: string, words: readonly string[]): string {
  return [
    `enum class ${name} : uint8_t { ${words.map(enumerator).join(', ')} };`,
    `constexpr size_t k${name}Count = ${words.length};`,
    `inline constexpr const char* k${name}Words[k${name}Count] = {${words.map((word) => `"${word}"`).join(', ')}};`,
  ].join('\n');
}

/** `%s` stands for the device id and, in `ack`, then for the replica. */
function topicFormats(): string {
  const device = DeviceId.parse('0'.repeat(32));
  const replica = ReplicaId.parse('0'.repeat(8));
  return Object.entries(topics).map(([name, build]) => {
    const format = build(device, replica).replace(device, '%s').replace(replica, '%s');
    return `constexpr const char* kTopic${name[0]?.toUpperCase()}${name.slice(1)} = "${format}";`;
  }).join('\n');
}

const pair = (pulses: Pulses) => `{${pulses.join(', ')}}`;
const protocolRow = ({ sync, zero, one, inverted, of }: (typeof radioProtocols)[number]) =>
  `    {${pair(sync)}, ${pair(zero)}, ${pair(one)}, ${inverted}},${of === undefined ? '' : `  // ${of}`}`;

const header = `// Generated from services/protocol by "make generate". Do not edit: "make check" compares.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace sconce {
namespace protocol {

// limits.ts says what each means, and where it comes from.
${bounds.map(([name, value]) => `constexpr uint32_t ${name} = ${value}u;`).join('\n')}

constexpr size_t kDeviceIdLength = 32;
constexpr size_t kReplicaIdLength = 8;
constexpr size_t kCommandIdLength = 36;

constexpr const char* kTopicRoot = "${topicRoot}";
${topicFormats()}

${enumeration('Do', Command.options.map((option) => option.shape.do.value))}

${enumeration('AckOutcome', Ack.shape.outcome.options)}

${enumeration('AckReason', ackReasons)}

${enumeration('Capability', capabilities)}

/** Lengths in pulses: first the carrier's one state, then the other. */
struct Pulses {
  uint8_t first;
  uint8_t second;
};

/** A row of rc-switch's table. \`inverted\`: the first part of each pair is low. */
struct RadioProtocol {
  Pulses sync;
  Pulses zero;
  Pulses one;
  bool inverted;
};

/** rc-switch 2.6.4's protocols; [0] is number 1. radio.ts has them, and the pulse with which each is usually sent. */
inline constexpr RadioProtocol kRadioProtocols[kRfProtocolMax] = {
${radioProtocols.map(protocolRow).join('\n')}
};

}  // namespace protocol
}  // namespace sconce
`;

if (process.argv.includes('--check')) {
  let committed = '';
  try { committed = readFileSync(target, 'utf8'); } catch { /* missing is stale */ }
  if (committed !== header) {
    console.error(`${relative(process.cwd(), target)} is stale: run "make generate" and commit it.`);
    process.exit(1);
  }
} else {
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, header);
  console.log(`wrote ${relative(process.cwd(), target)}`);
}
