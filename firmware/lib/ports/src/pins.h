#pragma once

#include <stdint.h>

namespace sconce {

struct Pins {
  /** In the words of the person: `on` is on, whatever the relay's polarity. `false`: the hardware did not obey. */
  virtual bool set(uint8_t pin, bool on) = 0;
  /** Begins to blink the board's own light for some seconds, and returns at once. */
  virtual void identify() = 0;

 protected:
  ~Pins() = default;
};

}  // namespace sconce
