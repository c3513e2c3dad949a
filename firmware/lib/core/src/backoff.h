#pragma once

#include <stdint.h>

namespace sconce {

struct BackoffBounds {
  uint32_t minMs;
  uint32_t maxMs;
};

/**
 * The wait before the next try, in ms: twice as long each time, and the upper half of it by chance. Without the chance, all
 * boards of a street would come back in step after a power cut, and the broker's one thread would choke on handshakes.
 * `tries`: how many have failed in a row, from 1. `random`: any number.
 */
inline uint32_t backoffMs(BackoffBounds bounds, uint32_t tries, uint32_t random) {
  const uint32_t doublings = tries > 32 ? 31 : tries - 1;
  const uint64_t grown = static_cast<uint64_t>(bounds.minMs) << doublings;
  const uint32_t ceiling = grown > bounds.maxMs ? bounds.maxMs : static_cast<uint32_t>(grown);
  const uint32_t half = ceiling / 2;
  return half + random % (ceiling - half + 1);
}

}  // namespace sconce
