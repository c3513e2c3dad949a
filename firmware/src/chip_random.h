#pragma once

#include <esp8266_peri.h>
#include <random.h>

namespace sconce {

/** The chip's noise, fed by the radio receiver. */
struct ChipRandom final : Random {
  uint32_t next() override { return RANDOM_REG32; }
};

}  // namespace sconce
