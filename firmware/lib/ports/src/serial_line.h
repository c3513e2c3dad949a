#pragma once

#include <stddef.h>
#include <stdint.h>

namespace sconce {

/** The way out over USB; on the chip UART 0, which the log shares. */
struct SerialLine {
  virtual void write(const uint8_t* bytes, size_t length) = 0;

 protected:
  ~SerialLine() = default;
};

}  // namespace sconce
