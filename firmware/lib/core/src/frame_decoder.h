#pragma once

#include <stddef.h>
#include <stdint.h>

#include <radio.h>

#include "edge_buffer.h"

namespace sconce {

/**
 * Finds rc-switch's frames in what a 433 MHz receiver hears, noise for the most part.
 *
 * Unlike rc-switch, which takes the first protocol that fits and a fixed 4.3 ms for the gap between frames, it takes the
 * protocol that fits best, and a gap is what is longer than everything between two gaps. So it hears protocols 4 and 8 at
 * any pulse, and does not mistake 5 for 2 or 7 for 1.
 *
 * Some frames are the same on the air; the lower protocol is reported, as heardAs() says.
 */
class FrameDecoder {
 public:
  /** What is shorter is a glitch, and taken for a part of what it interrupts; µs. */
  static constexpr uint32_t kGlitch = 50;
  /** Fewer bits are too easily noise. */
  static constexpr uint8_t kBitsMin = 8;

  /**
   * Takes one interval; bounded work, some 10,000 instructions at most. `true`: with it came the end of a frame that is
   * equal to the one just before it, which is in `code`: of n frames in a row, at most n - 1 are given.
   */
  bool take(const Interval& interval, RfCode& code);
  /** Forgets everything. */
  void reset();

 private:
  /** What lies between two gaps: high, low, ..., high; an odd number of parts. */
  struct Packet {
    uint8_t bits;
    /** The shorter of the two. */
    uint32_t gap;
  };
  static constexpr size_t kPartsMax = 2 * protocol::kRfBitsMax + 1;
  static constexpr uint32_t kHistory = 128;
  static_assert(kHistory >= kPartsMax + 2, "a frame and the gaps around it");

  bool add(const Interval& interval, RfCode& code);
  bool findPacket(Packet& packet) const;
  bool readPacket(const Packet& packet, RfCode& code) const;
  bool fits(const Packet& packet, const protocol::RadioProtocol& row, RfCode& code, uint32_t& error) const;
  uint32_t back(size_t distance) const { return history_[(count_ - 1 - distance) % kHistory]; }
  uint32_t part(const Packet& packet, size_t index) const { return back(2 * packet.bits + size_t{1} - index); }

  /** It may go on after a glitch. */
  Interval current_ = {0, false, true};
  /** Levels alternate. */
  uint32_t history_[kHistory] = {};
  uint32_t count_ = 0;
  uint32_t filled_ = 0;
  RfCode last_ = {};
  /** `count_` when last_ was complete. */
  uint32_t lastAt_ = 0;
};

/** As what a frame is heard: 12 as 11, whose timings are the same, and some of 9 as 8 (the code differs, too). */
RfCode heardAs(const RfCode& code);

}  // namespace sconce
