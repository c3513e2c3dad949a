#pragma once

#include <stdint.h>

namespace sconce {

/** What the board says of itself in telemetry. */
struct Vitals {
  int16_t rssi;
  uint32_t heapFree;
  uint32_t heapLargestBlock;
};

/** The chip and its network. */
struct Machine {
  /** Whether there is an address to speak from. */
  virtual bool networkUp() = 0;
  virtual Vitals vitals() = 0;
  /** Starts the board anew; on the chip it does not return. */
  virtual void restart() = 0;

 protected:
  ~Machine() = default;
};

}  // namespace sconce
