#pragma once

#include <stddef.h>
#include <stdint.h>

#include <radio.h>

namespace sconce {

/**
 * Passes on what people press on a hand remote, and nothing of what the board itself sends: each press once, and during a
 * learning window each frame.
 */
class Receiver {
 public:
  /** How a frame is to be reported. */
  enum class Report : uint8_t { NOT, PRESS, LEARNING };

  /** A frame was heard at `now` (µs). */
  Report frame(const RfCode& heard, uint64_t now);
  /** The board itself has just sent this code. */
  void sent(const RfCode& code, uint64_t now);
  /** From `now` (µs) on each frame is reported, for so long. Takes the place of the window before. */
  void learn(uint32_t seconds, uint64_t now);

 private:
  /**
   * Until `until` (µs) this code is the same press, and until `echoUntil` it is our own echo, by whichever name it is heard
   * (heardAs()). The pulse is left out: it is measured anew each time and wavers.
   */
  struct Quiet {
    uint32_t code;
    uint8_t bits;
    uint8_t protocol;
    uint64_t until;
    uint64_t echoUntil;
  };
  static constexpr size_t kQuiet = 8;

  Quiet* find(const RfCode& code);
  Quiet& keepQuiet(const RfCode& code, uint64_t until);

  Quiet quiet_[kQuiet] = {};
  uint64_t learnUntil_ = 0;
  /** When the next frame would be due, if those reported while learning had come evenly, µs. */
  uint64_t learnNext_ = 0;
};

}  // namespace sconce
