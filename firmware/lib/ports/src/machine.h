#pragma once

#include <stddef.h>
#include <stdint.h>

namespace sconce {

/** What the board says of itself in telemetry. */
struct Vitals {
  int16_t rssi;
  uint32_t heapFree;
  uint32_t heapLargestBlock;
};

/** Why the chip started. */
struct Reset {
  enum class Cause : uint8_t { POWER_ON, PIN, RESTART, EXCEPTION, SOFTWARE_WATCHDOG, HARDWARE_WATCHDOG };
  Cause cause;
  /** Of EXCEPTION: the cause's number (29: a write to a forbidden address) and the program's address. */
  uint32_t exception;
  uint32_t address;
};

struct Machine {
  virtual Vitals vitals() = 0;
  virtual Reset lastReset() = 0;
  /**
   * A few bytes that outlive a reset, though not a power cut. Until something is retained they hold anything, and recall()
   * may give `false`.
   */
  virtual bool recall(void* data, size_t length) = 0;
  virtual void retain(const void* data, size_t length) = 0;
  /** The board gets on. Who does not hear this for a minute starts it anew. */
  virtual void alive() = 0;
  /** Starts the board anew; on the chip it does not return. */
  virtual void restart() = 0;

 protected:
  ~Machine() = default;
};

}  // namespace sconce
