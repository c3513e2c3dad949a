#pragma once

#include <deque>

#include <clock.h>
#include <radio.h>

namespace sconce {

/** A radio without an antenna: takes as long as a real one, and hears what is pressed and its own last frame. */
class RecordingRadio final : public Radio {
 public:
  /** `airtime`: 1 takes as long as a real radio, 0 no time at all. */
  RecordingRadio(Clock& clock, double airtime) : clock_(clock), airtime_(airtime) {}

  void start(const Frame& frame, uint8_t repeat) override {
    until_ = clock_.micros() + static_cast<uint64_t>(airMicros(frame) * airtime_ * repeat);
  }
  bool sending() override { return clock_.micros() < until_; }
  void stop() override { until_ = 0; }
  bool heard(RfCode& code) override {
    if (heard_.empty()) return false;
    code = heard_.front();
    heard_.pop_front();
    return true;
  }
  /** Somebody presses a button of a hand remote near the board; or the board's own frame, a little late. */
  void hear(const RfCode& code) { heard_.push_back(code); }

 private:
  Clock& clock_;
  double airtime_;
  uint64_t until_ = 0;
  std::deque<RfCode> heard_;
};

}  // namespace sconce
