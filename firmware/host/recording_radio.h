#pragma once

#include <inttypes.h>
#include <stdio.h>

#include <deque>

#include <clock.h>
#include <radio.h>

#include "edge_player.h"
#include "listener.h"
#include "timings.h"

namespace sconce {

/**
 * A radio without an antenna. As on the chip, the edges of what is sent come from EdgePlayer and a timer, and what the
 * receiver's pin does, its own sending and hand remotes, goes edge by edge to Listener.
 */
class RecordingRadio final : public Radio {
 public:
  /**
   * `airtime`: 1 takes as long as a real radio, 0 no time at all. `trace`: where each edge of the transmitter's pin is
   * written, "<µs on the air in all> <level>" a line; or null.
   */
  RecordingRadio(Clock& clock, double airtime, FILE* trace) : clock_(clock), airtime_(airtime), trace_(trace) {}

  void start(const Frame& frame, uint8_t repeat) override {
    listener_.deafen();
    startedAt_ = clock_.micros();
    onAirBefore_ += played_;
    played_ = 0;
    player_.start(frame, repeat, 0);
  }
  bool sending() override {
    // The timer's interrupts whose moment has come.
    while (player_.playing() && static_cast<double>(played_) * airtime_ <= static_cast<double>(clock_.micros() - startedAt_)) {
      bool high;
      uint32_t wait;
      player_.next(static_cast<uint32_t>(played_), high, wait);
      pin(high);
      listener_.edge(high, ear_);
      played_ += wait;
      ear_ += wait;
    }
    return player_.playing();
  }
  void stop() override {
    player_.stop();
    pin(false);
  }
  bool heard(RfCode& code) override {
    RfCode fresh;
    while (listener_.heard(sending(), fresh)) heard_.push_back(fresh);
    if (heard_.empty()) return false;
    code = heard_.front();
    heard_.pop_front();
    return true;
  }
  /** Somebody presses a button of a hand remote near the board, for a moment that takes no time here. */
  void press(const RfCode& code) {
    Frame frame;
    makeFrame(code, frame);
    EdgePlayer remote;
    ear_ += kSilence;
    remote.start(frame, kFrames, ear_);
    bool high;
    RfCode fresh;
    for (uint32_t wait; remote.next(ear_, high, wait); ear_ += wait) {
      listener_.edge(high, ear_);
      while (listener_.heard(sending(), fresh)) heard_.push_back(fresh);
    }
    listener_.edge(false, ear_);
  }

 private:
  /** µs between two presses. */
  static constexpr uint32_t kSilence = 300000;
  /** A short press of a usual remote. */
  static constexpr uint8_t kFrames = 6;

  void pin(bool high) {
    if (trace_ && high != high_) fprintf(trace_, "%" PRIu64 " %d\n", onAirBefore_ + played_, high ? 1 : 0);
    high_ = high;
  }

  Clock& clock_;
  double airtime_;
  FILE* trace_;
  EdgePlayer player_;
  Listener listener_;
  uint64_t startedAt_ = 0;
  /** µs on the air, since startedAt_ and before it. */
  uint64_t played_ = 0;
  uint64_t onAirBefore_ = 0;
  bool high_ = false;
  /** The receiver's time, µs: only edges move it on, its own transmitter's and the remotes'. */
  uint32_t ear_ = 0;
  std::deque<RfCode> heard_;
};

}  // namespace sconce
