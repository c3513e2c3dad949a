#pragma once

#include <stddef.h>
#include <stdint.h>

#include <machine.h>

namespace sconce {

/** Why the board itself restarts. */
enum class Restart : uint8_t { UNPLANNED, COMMAND, NO_WIFI, STUCK, SAFE_MODE_OVER, UPDATE };

/**
 * Why the board started, in words; and how often in a row it has crashed: after kCrashes it does no more than it must to be
 * mended. The count outlives resets, and ends with a power cut or after kSteadyMinutes without a crash.
 */
class Boots {
 public:
  static constexpr uint8_t kCrashes = 4;
  static constexpr uint32_t kSteadyMinutes = 10;
  /** Then it tries once more to do everything; one more crash brings safe mode back. */
  static constexpr uint32_t kSafeModeMinutes = 60;

  /** Counts this start. Once for each start of the chip. */
  explicit Boots(Machine& machine);

  bool safeMode() const { return record_.crashes >= kCrashes; }
  /** At most 80 characters, as Info.resetReason. */
  const char* reason() const { return reason_; }
  /** The board has run for so long (µs) since this start. `true`: it should restart, out of safe mode. */
  bool step(uint64_t uptime);
  /** Before the board restarts: why. */
  void plan(Restart why);

 private:
  struct Record {
    uint32_t mark;
    uint8_t crashes;
    Restart planned;
    uint16_t unused;
    uint32_t check;
  };
  static uint32_t checkOf(const Record& record);
  void keep();
  void explain(const Reset& reset, Restart planned, bool remembered);

  Machine& machine_;
  Record record_ = {};
  char reason_[81];
};

}  // namespace sconce
