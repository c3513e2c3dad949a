#include "radio_queue.h"

#include "timings.h"

namespace sconce {

bool RadioQueue::add(const RadioJob& job) {
  if (count_ == protocol::kCommandsQueued) return false;
  waiting_[(first_ + count_) % protocol::kCommandsQueued] = job;
  count_++;
  return true;
}

RadioQueue::Step RadioQueue::step(uint64_t now, RadioJob& job) {
  // Twice at most: start, and, for a radio that takes no time, be done.
  for (;;) {
    if (onAir_) {
      if (radio_.sending()) return Step::NOTHING;
      onAir_ = false;
      job = current_;
      return Step::SENT;
    }
    if (!pop(current_)) return Step::NOTHING;
    if (now >= current_.deadline) {
      job = current_;
      return Step::EXPIRED;
    }
    Frame frame;
    makeFrame(current_.code, frame);
    current_.began = now;
    onAir_ = true;
    radio_.start(frame, current_.repeat);
  }
}

bool RadioQueue::cut(RadioJob& job) {
  if (!onAir_) return pop(job);
  radio_.stop();
  onAir_ = false;
  job = current_;
  return true;
}

bool RadioQueue::pop(RadioJob& job) {
  if (count_ == 0) return false;
  job = waiting_[first_];
  first_ = (first_ + 1) % protocol::kCommandsQueued;
  count_--;
  return true;
}

}  // namespace sconce
