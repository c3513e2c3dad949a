#pragma once

#include <stddef.h>
#include <stdint.h>

#include <radio.h>

namespace sconce {

/**
 * Plays a frame on the transmitter's pin, one edge a time. The loop calls start(), stop() and playing(); a timer's
 * interrupt calls next(), sets the pin and arms itself:
 *
 *     player.start(frame, repeat, micros());   // then run the interrupt once
 *
 *     bool high; uint32_t wait;
 *     const bool more = player.next(micros(), high, wait);
 *     set the pin to `high`; if (more) come again in `wait` µs
 *
 * The levels are rc-switch 2.6.4's: nothing lies between two frames, a frame of an inverted protocol begins low, and after
 * the last part of the last frame the pin is low. A wait is 260 ms at most (130 pulses of 2 ms), which the ESP8266's timer
 * can count: 23 bits, 5 ticks a µs.
 */
class EdgePlayer {
 public:
  /** Not while it plays. `repeat`: at least 1. `now`, here and below: µs by a clock that may wrap at 32 bits. */
  void start(const Frame& frame, uint8_t repeat, uint32_t now);
  /**
   * For the interrupt. The level that the pin takes now, and after how many µs, at least 1, to call again. Waits are counted
   * from when the edge was due, not from `now`, so that the interrupt's lateness does not add up. `false`: everything has
   * been played, or stopped; the level is low.
   */
  bool next(uint32_t now, bool& high, uint32_t& wait);
  /** At once: next() plays nothing more. The caller sets the pin low. */
  void stop() { playing_ = false; }
  /** Until the last part of the last frame is over. */
  bool playing() const { return playing_; }

 private:
  static constexpr size_t kParts = 2 * (protocol::kRfBitsMax + 1);

  uint32_t parts_[kParts] = {};
  size_t count_ = 0;
  size_t part_ = 0;
  uint8_t framesLeft_ = 0;
  bool high_ = false;
  /** When the next edge is due. */
  uint32_t due_ = 0;
  volatile bool playing_ = false;
};

}  // namespace sconce
