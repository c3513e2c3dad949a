#pragma once

#include <stdint.h>

namespace sconce {

struct Clock {
  /** Microseconds since some moment; never jumps, never wraps (64 bits). Durations are measured with this. */
  virtual uint64_t micros() = 0;
  /** Milliseconds since 1970; `false` while the time is not known. Deadlines are compared with this. */
  virtual bool epochMs(uint64_t& now) = 0;
  /** Whoever tells the time is to be asked anew, soon: what was said is not believed. */
  virtual void askAnew() = 0;

 protected:
  ~Clock() = default;
};

}  // namespace sconce
