#pragma once

#include <pin_map.h>
#include <pins.h>

namespace sconce {

class ChipPins final : public Pins {
 public:
  explicit ChipPins(const PinMap& map) : map_(map) {}
  /** Everything off; before that, pins are inputs and relays as their board wants it. */
  void begin();

  bool set(uint8_t pin, bool on) override;
  void light(bool on) override;

 private:
  const PinMap& map_;
};

}  // namespace sconce
