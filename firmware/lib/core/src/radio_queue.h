#pragma once

#include <stddef.h>
#include <stdint.h>

#include <radio.h>

namespace sconce {

struct RadioJob {
  RfCode code;
  uint8_t repeat;
  /** Place in the memory of commands, for the one who answers. */
  uint8_t memory;
  /** ms since 1970; a job may wait past it, and is then not sent. */
  uint64_t deadline;
  /** When the first frame began, ms since 1970. */
  uint64_t began;
};

/** One code on the air at a time, in the order of asking. Never waits: the radio sends by itself, step() looks after it. */
class RadioQueue {
 public:
  enum class Step : uint8_t { NOTHING, SENT, EXPIRED };

  explicit RadioQueue(Radio& radio) : radio_(radio) {}

  /** `false`: as many wait already as may. */
  bool add(const RadioJob& job);
  /** What has become of the next job, at `now` (ms since 1970); call again until NOTHING. */
  Step step(uint64_t now, RadioJob& job);
  /** Falls silent and gives back one job that will not be sent; `false`: none is left. */
  bool cut(RadioJob& job);
  bool sending() const { return onAir_; }

 private:
  bool pop(RadioJob& job);

  Radio& radio_;
  RadioJob current_ = {};
  bool onAir_ = false;
  RadioJob waiting_[protocol::kCommandsQueued] = {};
  size_t first_ = 0;
  size_t count_ = 0;
};

}  // namespace sconce
