#pragma once

#include <stddef.h>
#include <stdint.h>

#include <sconce_protocol.h>

namespace sconce {

// As numbers, not as they are written: the board remembers 32 commands and what to answer, and has 80 kB of memory.
struct CommandId {
  uint8_t bytes[16];
};
struct ReplicaId {
  uint8_t bytes[4];
};

/** As it is written; ended by a zero. */
struct CommandIdText {
  explicit CommandIdText(const CommandId& id);
  char text[protocol::kCommandIdLength + 1];
};
struct ReplicaIdText {
  explicit ReplicaIdText(const ReplicaId& id);
  char text[protocol::kReplicaIdLength + 1];
};

bool same(const CommandId& a, const CommandId& b);
bool same(const ReplicaId& a, const ReplicaId& b);

/** These read `length` characters, strictly, and write only if they are an id. */
bool readCommandId(const char* text, size_t length, CommandId& id);
bool readReplicaId(const char* text, size_t length, ReplicaId& id);
/** `count` bytes, as lowercase hexadecimal digits. */
bool readHex(const char* text, size_t length, uint8_t* bytes, size_t count);
bool isDeviceId(const char* text, size_t length);

}  // namespace sconce
