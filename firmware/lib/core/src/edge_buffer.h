#pragma once

#include <stddef.h>
#include <stdint.h>

namespace sconce {

/** For how many µs the receiver's pin stayed at one level. `lost`: before it, something is missing; the rest is not set. */
struct Interval {
  uint32_t micros;
  bool high;
  bool lost;
};

/**
 * Carries intervals from the receiver's interrupt to the loop: one writer, one reader, no lock. For one core only, where an
 * interrupt is over before the loop goes on.
 */
class EdgeBuffer {
 public:
  /** Half a second of silence or half a year: for a radio frame both are just long. */
  static constexpr uint32_t kLongest = 500000;
  /** Half a kilobyte. Noise of 100 µs fills it in 13 ms, a loop turns in one; a frame of 24 bits has 50 edges. */
  static constexpr uint32_t kSize = 128;

  /** For the interrupt: an edge came at `now` (µs, may wrap at 32 bits), after which the pin is `high`. */
  void edge(bool high, uint32_t now);
  /** For the loop; `false`: there is none. */
  bool next(Interval& interval);
  /** For the loop: forgets what is in it. */
  void clear();

 private:
  static constexpr uint32_t kMask = kSize - 1;
  static_assert((kSize & kMask) == 0, "the indices count on and wrap at 32 bits: a power of two");

  /** The interval in µs, shifted by one, the level in the lowest bit; 0: something is missing here. */
  uint32_t entries_[kSize] = {};
  /** How many were ever written (by the interrupt alone) and read (by the loop alone). */
  uint32_t written_ = 0;
  uint32_t read_ = 0;
  uint32_t last_ = 0;
  bool high_ = false;
  bool lost_ = true;
};

}  // namespace sconce
