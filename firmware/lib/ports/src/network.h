#pragma once

#include "fault.h"

namespace sconce {

/** The way to the broker: Wi-Fi, on the chip. */
struct Network {
  /** Begins to join, anew if need be; nothing if there is an address already. Does not wait. */
  virtual void join() = 0;
  /** Whether there is an address to speak from. */
  virtual bool up() = 0;
  /** Why there is none, one of the WIFI_… faults; asked only when there has been time enough. */
  virtual Fault fault() = 0;

 protected:
  ~Network() = default;
};

}  // namespace sconce
