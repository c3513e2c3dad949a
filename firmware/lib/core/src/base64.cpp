#include "base64.h"

namespace sconce {

namespace {

/** -1: no letter of base64. */
int valueOf(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+') return 62;
  return c == '/' ? 63 : -1;
}

char letterOf(uint32_t value) {
  if (value < 26) return static_cast<char>('A' + value);
  if (value < 52) return static_cast<char>('a' + value - 26);
  if (value < 62) return static_cast<char>('0' + value - 52);
  return value == 62 ? '+' : '/';
}

}  // namespace

bool Base64::read(const char* text, size_t length) {
  if (length == 0 || length % 4 != 0 || length > UINT16_MAX) return false;
  const size_t padding = text[length - 1] != '=' ? 0 : text[length - 2] != '=' ? 1 : 2;
  for (size_t i = 0; i < length - padding; i++) {
    if (valueOf(text[i]) < 0) return false;
  }
  // The last letter before the padding: its 2 or 4 lowest bits belong to no byte.
  if (padding > 0 && valueOf(text[length - padding - 1]) % (padding == 1 ? 4 : 16) != 0) return false;
  text_ = text;
  length_ = static_cast<uint16_t>(length);
  padding_ = static_cast<uint8_t>(padding);
  return true;
}

size_t Base64::decode(size_t offset, uint8_t* bytes, size_t capacity) const {
  size_t count = 0;
  while (count < capacity && offset + count < size()) {
    const char* quartet = text_ + (offset + count) / 3 * 4;
    uint32_t bits = 0;
    for (size_t i = 0; i < 4; i++) bits = bits << 6 | static_cast<uint32_t>(quartet[i] == '=' ? 0 : valueOf(quartet[i]));
    for (int shift = 16; shift >= 0 && offset + count < size(); shift -= 8) bytes[count++] = static_cast<uint8_t>(bits >> shift);
  }
  return count;
}

void encodeBase64(const uint8_t* bytes, size_t length, char* text) {
  for (size_t i = 0; i < length; i += 3) {
    uint32_t bits = 0;
    for (size_t j = 0; j < 3; j++) bits = bits << 8 | (i + j < length ? bytes[i + j] : 0u);
    for (size_t j = 0; j < 4; j++) *text++ = i + j > length ? '=' : letterOf(bits >> (18 - 6 * j) & 63);
  }
}

}  // namespace sconce
