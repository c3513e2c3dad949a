#pragma once

#include <edge_player.h>
#include <listener.h>
#include <pin_map.h>
#include <radio.h>

namespace sconce {

/** A 433 MHz transmitter and receiver on two pins: the one is driven by timer 1's interrupt, the other by its edges'. */
class TimerRadio final : public Radio {
 public:
  explicit TimerRadio(const PinMap& pins) : pins_(pins) {}
  /** The transmitter is silent from here on. `listening`: the receiver's interrupts, too. Once. */
  void begin(bool listening);

  void start(const Frame& frame, uint8_t repeat) override;
  bool sending() override;
  void stop() override;
  bool heard(RfCode& code) override;

 private:
  const PinMap& pins_;
};

}  // namespace sconce
