#pragma once

#include <clock.h>

namespace sconce {

/** The time comes from SNTP servers; the chip has no battery. */
class ChipClock final : public Clock {
 public:
  /** Begins to ask for the time, and goes on asking each hour, whenever there is a network. */
  void begin();
  uint64_t micros() override;
  bool epochMs(uint64_t& now) override;
  void askAnew() override;
};

}  // namespace sconce
