#pragma once

#include <stdint.h>

#include <random>
#include <vector>

#include "edge_player.h"
#include "timings.h"

namespace sconce {

/** What a pin does: a level, and for how long, µs. */
struct Part {
  bool high;
  uint32_t micros;
  bool operator==(const Part& other) const { return high == other.high && micros == other.micros; }
};
using Parts = std::vector<Part>;

/** What the player does with its pin when each interrupt comes on time. */
inline Parts play(const RfCode& code, uint8_t repeat, uint32_t now = 0) {
  Frame frame;
  makeFrame(code, frame);
  EdgePlayer player;
  player.start(frame, repeat, now);
  Parts parts;
  bool high;
  for (uint32_t wait; player.next(now, high, wait); now += wait) parts.push_back({high, wait});
  return parts;
}

/** Chance that is the same on every machine: the distributions of <random> are not. */
struct Chance {
  explicit Chance(uint32_t seed) : engine(seed) {}
  uint32_t from(uint32_t least, uint32_t most) {
    const uint64_t range = uint64_t{most} - least + 1;
    return least + static_cast<uint32_t>(engine() * range >> 32);
  }
  RfCode code(uint8_t protocol) {
    const uint8_t bits = static_cast<uint8_t>(from(8, 32));
    return {from(0, UINT32_MAX) >> (32 - bits), bits, protocol, static_cast<uint16_t>(from(100, 650))};
  }
  std::mt19937 engine;
};

}  // namespace sconce
