#pragma once

#include <stddef.h>
#include <stdint.h>

#include <credentials.h>

namespace sconce {

/** The tags (X.690) of what certificates are made of. */
enum DerTag : uint8_t {
  kDerBoolean = 0x01,
  kDerInteger = 0x02,
  kDerBitString = 0x03,
  kDerOctetString = 0x04,
  kDerObject = 0x06,
  kDerUtf8 = 0x0c,
  kDerPrintable = 0x13,
  kDerUtcTime = 0x17,
  kDerTime = 0x18,
  kDerSequence = 0x30,
  kDerSet = 0x31,
  kDerFirst = 0xa0,
  kDerFourth = 0xa3,
};

/** Reads DER where it lies: one value after the other of what `bytes` holds. */
class Der {
 public:
  explicit Der(Bytes bytes) : at_(bytes.data), end_(bytes.data + bytes.length) {}

  bool done() const { return at_ == end_; }
  /** The next one's tag; 0 at the end. */
  uint8_t tag() const { return done() ? 0 : *at_; }
  /** What the next one holds, and passes over it. `false`: it has another tag, or is damaged; nothing is passed over. */
  bool take(uint8_t tag, Bytes& content);
  /** The same, with tag and length. */
  bool takeWhole(uint8_t tag, Bytes& whole);

 private:
  const uint8_t* at_;
  const uint8_t* end_;
};

inline bool same(Bytes a, Bytes b) {
  if (a.length != b.length) return false;
  for (size_t i = 0; i < a.length; i++) {
    if (a.data[i] != b.data[i]) return false;
  }
  return true;
}

}  // namespace sconce
