#pragma once

#include <stdint.h>

#include <clock.h>

namespace sconce {

/**
 * A clock that is not believed when it lies in the past. Time comes over the network unsigned; whoever could set it back
 * could let an old certificate of the broker pass.
 */
class CheckedClock final : public Clock {
 public:
  /** `floor`: ms since 1970; when the firmware was built, or when the time was last known for sure. */
  CheckedClock(Clock& clock, uint64_t floor) : clock_(clock), floor_(floor) {}

  uint64_t micros() override { return clock_.micros(); }
  bool epochMs(uint64_t& now) override { return clock_.epochMs(now) && now >= floor_; }

  /** Whether a time is known and not believed; `said` is that time. */
  bool disbelieves(uint64_t& said) { return clock_.epochMs(said) && said < floor_; }
  uint64_t floor() const { return floor_; }
  void raise(uint64_t floor) { floor_ = floor; }

 private:
  Clock& clock_;
  uint64_t floor_;
};

}  // namespace sconce
