#pragma once

#include <Arduino.h>

namespace sconce {

/**
 * Sets a pin by its register. digitalWrite() would first end any PWM on it, in code that lies in the flash, where no
 * interrupt may go, and brings along the interrupt of PWM, 570 bytes of IRAM. Always inlined, for interrupts of ours.
 */
__attribute__((always_inline)) inline void setLevel(uint8_t pin, bool high) {
  if (pin == 16) GP16O = high ? 1 : 0;
  else if (high) GPOS = 1u << pin;
  else GPOC = 1u << pin;
}

}  // namespace sconce
