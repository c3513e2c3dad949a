#include "checked_clock.h"

#include "safekeeping.h"

namespace sconce {

namespace {

constexpr const char* kFile = "clock.txt";
constexpr uint64_t kDayMs = 86400000;

}  // namespace

CheckedClock::CheckedClock(Clock& clock, Store& store, uint64_t builtAt) : clock_(clock), store_(store), floor_(builtAt) {
  uint64_t kept = 0;
  if (loadNumber(store_, kFile, kept) && kept > floor_) floor_ = kept;
}

void CheckedClock::confirm() {
  clock_.epochMs(confirmed_);
}

void CheckedClock::keep() {
  if (confirmed_ < floor_ + kDayMs) return;
  // Also if it cannot be written: tried again tomorrow, not at each turn.
  floor_ = confirmed_;
  keepNumber(store_, kFile, confirmed_);
}

}  // namespace sconce
