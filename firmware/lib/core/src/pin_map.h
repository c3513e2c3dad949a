#pragma once

#include <stddef.h>
#include <stdint.h>

#include "writer.h"

namespace sconce {

/** Of pins.txt. */
constexpr size_t kPinFileBytes = 1024;
/** GPIO 0 to 16 without the flash chip's six and the serial line's two. */
constexpr size_t kRelaysMax = 9;

/** What hangs on which GPIO. */
struct PinMap {
  uint8_t transmitter = 14;
  uint8_t receiver = 12;
  uint8_t led = 2;
  uint8_t relays[kRelaysMax] = {};
  size_t relayCount = 0;
  /** Bit n: what hangs on GPIO n is on when the pin is low, as the light on an ESP-12 module. */
  uint32_t activeLow = 1u << 2;

  bool isActiveLow(uint8_t pin) const { return (activeLow >> pin) & 1; }
};

/**
 * Reads pins.txt, a job and a GPIO number on each line, `active-low` after it or not, `#` before a comment:
 *
 *     relay 5
 *     relay 4 active-low
 *     transmitter 14
 *     receiver 12
 *     led 2 active-low
 *
 * The last three are what a board has that says nothing else. GPIO 0, 2 and 15 decide at reset how the chip boots (0 and
 * 2 must be high, 15 low), so that nothing on them may pull the wrong way then; they are allowed.
 * `false`: `complaint` names the line, what is wrong, and what to do.
 */
bool readPinMap(const char* text, size_t length, PinMap& map, Writer& complaint);

}  // namespace sconce
