#include "ids.h"

#include <string.h>

namespace sconce {

namespace {

bool isHex(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

bool allHex(const char* text, size_t length) {
  for (size_t i = 0; i < length; i++) {
    if (!isHex(text[i])) return false;
  }
  return true;
}

/** A lowercase UUID of RFC 9562: version 1 to 8 and its variant, or the nil or max UUID. */
bool isUuid(const char* text) {
  for (size_t i = 0; i < protocol::kCommandIdLength; i++) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : !isHex(text[i])) return false;
  }
  const bool versioned = text[14] >= '1' && text[14] <= '8' && strchr("89ab", text[19]) != nullptr;
  return versioned || strncmp(text, "00000000-0000-0000-0000-000000000000", protocol::kCommandIdLength) == 0 ||
         strncmp(text, "ffffffff-ffff-ffff-ffff-ffffffffffff", protocol::kCommandIdLength) == 0;
}

}  // namespace

bool same(const CommandId& a, const CommandId& b) {
  return strcmp(a.text, b.text) == 0;
}

bool same(const ReplicaId& a, const ReplicaId& b) {
  return strcmp(a.text, b.text) == 0;
}

bool readCommandId(const char* text, size_t length, CommandId& id) {
  if (length != protocol::kCommandIdLength || !isUuid(text)) return false;
  memcpy(id.text, text, length);
  id.text[length] = '\0';
  return true;
}

bool readReplicaId(const char* text, size_t length, ReplicaId& id) {
  if (length != protocol::kReplicaIdLength || !allHex(text, length)) return false;
  memcpy(id.text, text, length);
  id.text[length] = '\0';
  return true;
}

bool isDeviceId(const char* text, size_t length) {
  return length == protocol::kDeviceIdLength && allHex(text, length);
}

}  // namespace sconce
