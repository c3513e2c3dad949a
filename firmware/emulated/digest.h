#pragma once

#include <stdint.h>

namespace scenario {

/** FNV-1a with 32 bits: where it differs, something said before it did. */
class Digest {
 public:
  void add(const char* text) {
    for (; *text; text++) add(static_cast<unsigned char>(*text));
    add('\n');
  }
  uint32_t value() const { return value_; }

 private:
  void add(unsigned char byte) { value_ = (value_ ^ byte) * 16777619u; }

  uint32_t value_ = 2166136261u;
};

}  // namespace scenario
