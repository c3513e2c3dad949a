#pragma once

#include <stddef.h>
#include <stdint.h>

#include <radio.h>

namespace sconce {

/** Passes on what people press on a hand remote, each press once, and nothing of what the board itself sends. */
class Receiver {
 public:
  /** A frame was heard at `now` (µs). Whether it is to be reported. */
  bool frame(const RfCode& heard, uint64_t now);
  /** The board itself has just sent this code. */
  void sent(const RfCode& code, uint64_t now);

 private:
  /**
   * Until `until` (µs) this code is not reported, by whichever name it is heard (heardAs()). The pulse is left out: it is
   * measured anew each time and wavers.
   */
  struct Quiet {
    uint32_t code;
    uint8_t bits;
    uint8_t protocol;
    uint64_t until;
  };
  static constexpr size_t kQuiet = 8;

  Quiet* find(const RfCode& code);
  void keepQuiet(const RfCode& code, uint64_t until);

  Quiet quiet_[kQuiet] = {};
};

}  // namespace sconce
