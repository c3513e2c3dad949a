#include "chip_pins.h"

#include "gpio.h"

namespace sconce {

void ChipPins::begin() {
  const auto output = [&](uint8_t pin) {
    // The level first, so that no relay clicks on the way.
    set(pin, false);
    pinMode(pin, OUTPUT);
    set(pin, false);
  };
  for (size_t i = 0; i < map_.relayCount; i++) output(map_.relays[i]);
  output(map_.led);
}

bool ChipPins::set(uint8_t pin, bool on) {
  setLevel(pin, on != map_.isActiveLow(pin));
  return true;
}

void ChipPins::light(bool on) {
  set(map_.led, on);
}

}  // namespace sconce
