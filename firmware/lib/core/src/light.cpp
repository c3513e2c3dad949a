#include "light.h"

namespace sconce {

namespace {

// A flash can be counted at this pace, and the pause between groups cannot be mistaken.
constexpr uint64_t kFlashMs = 150;
constexpr uint64_t kFlashEveryMs = 400;
constexpr uint64_t kGroupEveryMs = 3500;

constexpr uint64_t kIdentifyMs = 8000;
constexpr uint64_t kIdentifyHalfMs = 125;

bool burns(Signal signal, uint64_t ms) {
  const uint64_t inGroup = ms % kGroupEveryMs;
  return inGroup / kFlashEveryMs < static_cast<uint64_t>(signal) && inGroup % kFlashEveryMs < kFlashMs;
}

}  // namespace

void Light::identify() {
  identifyUntil_ = clock_.micros() / 1000 + kIdentifyMs;
}

void Light::step(Signal signal) {
  const uint64_t ms = clock_.micros() / 1000;
  const bool burning = ms < identifyUntil_ ? ms / kIdentifyHalfMs % 2 == 0 : burns(signal, ms);
  if (burning == burning_) return;
  burning_ = burning;
  pins_.light(burning);
}

}  // namespace sconce
