#pragma once

#include <stdint.h>

namespace sconce {

struct Pins {
  /** In the words of the person: `on` is on, whatever the relay's polarity. `false`: the hardware did not obey. */
  virtual bool set(uint8_t pin, bool on) = 0;
  /** The board's own light. */
  virtual void light(bool on) = 0;

 protected:
  ~Pins() = default;
};

}  // namespace sconce
