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

uint8_t valueOf(char digit) {
  return static_cast<uint8_t>(digit <= '9' ? digit - '0' : digit - 'a' + 10);
}

/** Lowercase digits, two a byte; dashes are passed over. */
void parseHex(const char* text, uint8_t* bytes, size_t count) {
  for (size_t i = 0; i < count; i++, text += 2) {
    if (*text == '-') text++;
    bytes[i] = static_cast<uint8_t>(valueOf(text[0]) << 4 | valueOf(text[1]));
  }
}

char digitOf(int value) {
  return static_cast<char>(value < 10 ? '0' + value : 'a' + value - 10);
}

/** Where the next character would stand. */
char* writeHex(char* text, const uint8_t* bytes, size_t count) {
  for (size_t i = 0; i < count; i++) {
    *text++ = digitOf(bytes[i] >> 4);
    *text++ = digitOf(bytes[i] & 15);
  }
  *text = '\0';
  return text;
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

CommandIdText::CommandIdText(const CommandId& id) {
  // 8-4-4-4-12 digits
  char* end = writeHex(text, id.bytes, 4);
  for (size_t at = 4; at < 10; at += 2) {
    *end++ = '-';
    end = writeHex(end, id.bytes + at, 2);
  }
  *end++ = '-';
  writeHex(end, id.bytes + 10, 6);
}

ReplicaIdText::ReplicaIdText(const ReplicaId& id) {
  writeHex(text, id.bytes, sizeof id.bytes);
}

bool same(const CommandId& a, const CommandId& b) {
  return memcmp(a.bytes, b.bytes, sizeof a.bytes) == 0;
}

bool same(const ReplicaId& a, const ReplicaId& b) {
  return memcmp(a.bytes, b.bytes, sizeof a.bytes) == 0;
}

bool readHex(const char* text, size_t length, uint8_t* bytes, size_t count) {
  if (length != 2 * count || !allHex(text, length)) return false;
  parseHex(text, bytes, count);
  return true;
}

bool readCommandId(const char* text, size_t length, CommandId& id) {
  if (length != protocol::kCommandIdLength || !isUuid(text)) return false;
  parseHex(text, id.bytes, sizeof id.bytes);
  return true;
}

bool readReplicaId(const char* text, size_t length, ReplicaId& id) {
  return readHex(text, length, id.bytes, sizeof id.bytes);
}

bool isDeviceId(const char* text, size_t length) {
  return length == protocol::kDeviceIdLength && allHex(text, length);
}

}  // namespace sconce
