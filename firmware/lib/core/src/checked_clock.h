#pragma once

#include <stdint.h>

#include <clock.h>
#include <store.h>

namespace sconce {

/**
 * A clock that is not believed when it lies in the past. Time comes over the network unsigned; whoever could set it back
 * could let an old certificate of the broker pass.
 */
class CheckedClock final : public Clock {
 public:
  /** `builtAt`: ms since 1970; of the firmware. */
  CheckedClock(Clock& clock, Store& store, uint64_t builtAt);

  uint64_t micros() override { return clock_.micros(); }
  bool epochMs(uint64_t& now) override { return clock_.epochMs(now) && now >= floor_; }
  void askAnew() override { clock_.askAnew(); }

  /** Whether a time is known and not believed; `said` is that time. */
  bool disbelieves(uint64_t& said) { return clock_.epochMs(said) && said < floor_; }
  /** Somebody whose clock is not ours has the same time: it is right. */
  void confirm();
  /** Keeps a confirmed time in the store, once a day. Writing stops everything for some 20 ms: not while a code is sent. */
  void keep();

 private:
  Clock& clock_;
  Store& store_;
  /** When the firmware was built, or the last time that was confirmed and kept. */
  uint64_t floor_;
  uint64_t confirmed_ = 0;
};

}  // namespace sconce
