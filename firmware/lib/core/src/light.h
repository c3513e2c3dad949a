#pragma once

#include <stdint.h>

#include <clock.h>
#include <pins.h>

namespace sconce {

/** What the board's light says, by the number of flashes in a row; README has the table. */
enum class Signal : uint8_t {
  /** Dark: the board may stand in a bedroom. */
  SERVING = 0,
  NO_WIFI = 1,
  NO_TIME = 2,
  NO_BROKER = 3,
  SAFE_MODE = 4,
  NO_IDENTITY = 5,
};

/** The board's own light. */
class Light {
 public:
  Light(Clock& clock, Pins& pins) : clock_(clock), pins_(pins) {}

  /** "Here I am": even blinking for some seconds, whatever else there is to say. */
  void identify();
  void step(Signal signal);

 private:
  Clock& clock_;
  Pins& pins_;
  uint64_t identifyUntil_ = 0;
  bool burning_ = false;
};

}  // namespace sconce
