#pragma once

#include <stddef.h>
#include <stdint.h>

#include "messages.h"

namespace sconce {

/** What the board knows of a command: its answer, or who waits for it. */
struct Remembered {
  static constexpr size_t kWaiting = 4;

  /** The lower half of the clock's micros: it wraps after 71 minutes, and a command ends within one. */
  uint32_t arrived;
  uint32_t order;
  /** The id is valid from the beginning, the rest once `answered`. */
  Ack ack;
  ReplicaId waiting[kWaiting];
  uint8_t waitingCount;
  bool used;
  bool answered;

  /** One more who is to be told; the same one twice is told once. */
  void wait(const ReplicaId& replica);
};

/** The last commands, so that the same id twice is carried out once. */
class Memory {
 public:
  /** `nullptr`: not seen before, or too long ago. */
  Remembered* find(const CommandId& id);
  /**
   * Makes room by forgetting the oldest that is answered. One is always: at most 9 of 32 places wait for the radio, and
   * one of those forgotten could be sent twice.
   */
  Remembered& add(const CommandId& id, uint32_t arrived);
  uint8_t indexOf(const Remembered& entry) const { return static_cast<uint8_t>(&entry - entries_); }
  Remembered& operator[](size_t index) { return entries_[index]; }

 private:
  Remembered entries_[protocol::kCommandsRemembered] = {};
  uint32_t next_ = 1;
};

}  // namespace sconce
