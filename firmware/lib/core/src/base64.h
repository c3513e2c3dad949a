#pragma once

#include <stddef.h>
#include <stdint.h>

namespace sconce {

/** Base64 (RFC 4648, 4) that lies in a message: read where it is, for as long as the message does. */
class Base64 {
 public:
  /** `false`: not its one canonical form, padded and with zeros where no byte needs the bits; or of no bytes. */
  bool read(const char* text, size_t length);
  /** How many bytes it stands for. */
  size_t size() const { return length_ / 4 * 3 - padding_; }
  /** Gives the next bytes from `offset`, a multiple of 3, up to `capacity`, another; how many: 0 at the end. */
  size_t decode(size_t offset, uint8_t* bytes, size_t capacity) const;
  const char* text() const { return text_; }
  size_t length() const { return length_; }

 private:
  const char* text_;
  uint16_t length_;
  uint8_t padding_;
};

/** How many characters stand for so many bytes. */
constexpr size_t base64Length(size_t bytes) {
  return (bytes + 2) / 3 * 4;
}
/** Writes base64Length(length) characters, and no zero behind them. */
void encodeBase64(const uint8_t* bytes, size_t length, char* text);

}  // namespace sconce
