#pragma once

#include <stddef.h>

#include <sconce_protocol.h>

namespace sconce {

/** Ended by a zero. */
struct CommandId {
  char text[protocol::kCommandIdLength + 1];
};
struct ReplicaId {
  char text[protocol::kReplicaIdLength + 1];
};

bool same(const CommandId& a, const CommandId& b);
bool same(const ReplicaId& a, const ReplicaId& b);

/** These read `length` characters, strictly, and write only if they are an id. */
bool readCommandId(const char* text, size_t length, CommandId& id);
bool readReplicaId(const char* text, size_t length, ReplicaId& id);
bool isDeviceId(const char* text, size_t length);

}  // namespace sconce
